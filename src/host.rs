//! The outside world as the crate sees it: something that posts, sleeps and knows the time.
//!
//! `src/js/` has the one of JavaScript; the tests have one that follows a script.

use std::fmt;

use crate::api::Call;
use crate::api::login::Token;
use crate::credentials::Secret;
use crate::event::Event;

/// The outside world.
// Everything runs on the one thread of a JavaScript realm, so no future has to be `Send`.
#[expect(async_fn_in_trait, reason = "no future has to be Send")]
pub trait Host {
    /// What the world gives as the reason of a failure; kept as it came, for the caller's eyes only.
    type Cause: Clone;
    /// What a caller aborts a call with.
    type Signal;

    /// Posts once, follows no redirect, and reads the whole answer, all within `timeout` ms.
    async fn send(
        &self,
        request: &Request<'_>,
        timeout: u32,
        signal: &Self::Signal,
    ) -> Result<Response, Failure<Self::Cause>>;

    /// The token that the caller's own store holds, if it has one within `timeout` ms and before an abort. Whatever
    /// the store does, throwing and hanging too, is none.
    async fn stored_token(&self, timeout: u32, signal: &Self::Signal) -> Option<Token>;

    /// Gives a token to the caller's own store, and waits for it for `timeout` ms at most, or until an abort.
    async fn store_token(&self, token: &Token, timeout: u32, signal: &Self::Signal);

    /// Waits for `ms`, or fails at once with the signal's reason.
    async fn sleep(&self, ms: u32, signal: &Self::Signal) -> Result<(), Self::Cause>;

    /// The reason of a signal that is aborted already.
    fn aborted(&self, signal: &Self::Signal) -> Option<Self::Cause>;

    /// Tells the caller's own listener, which can neither fail nor hold up what it hears of.
    fn tell(&self, event: Event);

    /// Milliseconds since 1970.
    fn now(&self) -> u64;

    /// A number from 0 to 1, for the jitter of a back-off.
    fn random(&self) -> f64;
}

/// One POST with a JSON body.
pub struct Request<'a> {
    /// Which one; a host may have to post a send, which nothing may repeat, in another way than the others.
    pub call: Call,
    /// Of a send: how many.
    pub messages: usize,
    /// Absolute.
    pub url: &'a str,
    /// Of the `Authorization` header; login has none.
    pub token: Option<&'a Secret>,
    /// JSON.
    pub body: &'a str,
}

/// The media type of every request body.
pub const CONTENT_TYPE: &str = "application/json";
/// The media type that the API document asks every request to accept.
pub const ACCEPT: &str = "application/vnd.apisms.v1+json";

impl Request<'_> {
    /// Name and value of each header, as the API document shows them; nothing else is added.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        [
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("Accept", ACCEPT.to_owned()),
        ]
        .into_iter()
        .chain(
            self.token
                .map(|token| ("Authorization", format!("Bearer {}", token.expose()))),
        )
    }
}

/// A whole answer. Its `Debug` hides the body: that of a login holds a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header, as it came.
    pub retry_after: Option<String>,
    /// The `Date` header, as it came: what a date in `Retry-After` is held against.
    pub date: Option<String>,
    /// As text, whatever its media type says.
    pub body: String,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("date", &self.date)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// No whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure<Cause> {
    /// What is known.
    pub what: What,
    /// The HTTP status, where the answer got that far.
    pub status: Option<u16>,
    /// What the world gave as the reason.
    pub cause: Option<Cause>,
}

/// What is known of a POST that brought no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is proof that no byte of it left.
    NeverLeft,
    /// The connection failed; the server may have had the request.
    Lost,
    /// The timeout passed; the server may have had the request.
    Timeout,
    /// The caller's signal was aborted before the request was handed over.
    AbortedBefore,
    /// The caller's signal was aborted after the request was handed over.
    Aborted,
    /// What came is no response that can be read.
    NotAResponse,
    /// The answer has more than [`MAX_ANSWER`] bytes.
    TooLarge,
}

/// Bytes of an answer that are read at most: 1 MiB, some hundred times the answer to 50 messages.
pub const MAX_ANSWER: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_body() {
        let response = Response {
            status: 200,
            retry_after: None,
            date: None,
            body: r#"{"access_token":"CANARY"}"#.to_owned(),
        };
        assert!(!format!("{response:?}").contains("CANARY"));
    }
}
