//! What a client does, as a listener is told: no key, token, text or number is ever in it.

use crate::api::Call;

/// One thing that happened. Attempts are counted from 1, those of a login apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A POST is about to leave.
    Request {
        /// Which.
        call: Call,
        /// Which attempt of it.
        attempt: u32,
        /// Of a send: how many.
        messages: Option<usize>,
    },
    /// A whole answer came.
    Response {
        /// To which call.
        call: Call,
        /// To which attempt of it.
        attempt: u32,
        /// HTTP.
        status: u16,
        /// `00` or a documented code, where the answer has one.
        code: Option<&'static str>,
        /// Milliseconds since the request.
        ms: u64,
    },
    /// An attempt failed, and another follows.
    Retry {
        /// Of which call.
        call: Call,
        /// Which attempt failed.
        attempt: u32,
        /// Milliseconds until the next one.
        in_ms: u32,
        /// A few words of a closed set: see [`because`](crate::retry::because).
        because: &'static str,
    },
}
