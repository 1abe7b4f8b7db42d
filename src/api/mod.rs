//! The three calls of the API document: what each one asks, and how its answer is read.

pub mod login;
pub mod send;
pub mod stats;

mod envelope;
pub(crate) mod json;

use self::json::push_string;
use crate::credentials::Secret;

pub use envelope::{Data, Reply, Success};

/// Which call a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Keys for a token.
    Login,
    /// 1 to 50 messages.
    Send,
    /// What was sent to some receivers.
    Stats,
}

impl Call {
    /// Its place under the base URL.
    pub const fn path(self) -> &'static str {
        match self {
            Call::Login => "/auth/login",
            Call::Send => "/sms/send",
            Call::Stats => "/sms/stats",
        }
    }

    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Call::Login => "login",
            Call::Send => "send",
            Call::Stats => "stats",
        }
    }
}

/// The beginning of a body that names the account, with room for so many bytes: all of them go on with a member.
fn body(name: &str, app_key: &Secret, room: usize) -> String {
    let mut body = String::with_capacity(room);
    body.push_str("{\"");
    body.push_str(name);
    // The only `type` that the API document knows.
    body.push_str("\":{\"type\":\"application\",\"app_key\":");
    push_string(&mut body, app_key.expose());
    body
}

/// Whether the API means the number that was asked: it writes them with and without `+`.
fn same_number(answered: &str, asked: &str) -> bool {
    answered.trim().trim_start_matches('+') == asked.trim_start_matches('+')
}
