//! The words of an error: what, where, what to do.

use crate::api::{Call, Reply};
use crate::error::{Error, Kind};
use crate::host::{Failure, MAX_ANSWER, Response, What};
use crate::retry::Setback;
use crate::session::{CONTEST_REFUSALS, CONTEST_WITHIN};

/// What the caller is told of a `call` that met with `setback`.
pub(super) fn error<Cause>(
    call: Call,
    setback: Setback,
    kind: Kind,
    answer: Result<Response, Failure<Cause>>,
    retry_after: Option<u32>,
    timeout: u32,
) -> Error<Cause> {
    let words = words(call, setback, timeout, retry_after);
    let mut error = Error::new(kind, format!("{}: {words}", call.as_str()));
    error.retry_after = retry_after;
    match answer {
        Ok(response) => {
            error.status = Some(response.status);
            if let Reply::Code { code, description } = Reply::read(&response.body) {
                error.code = code;
                error.description = description;
            }
        }
        Err(failure) => {
            error.status = failure.status;
            error.cause = failure.cause;
        }
    }
    error
}

const ABORTED_BEFORE: &str = "aborted by the caller's signal before the request left.";

/// When a caller aborted, if not during an attempt.
pub(super) enum Aborted {
    /// The request had not left.
    BeforeTheRequest,
    /// One had failed, and the next had not left.
    BetweenAttempts,
}

/// What the caller is told who aborted while no attempt was under way.
pub(super) fn aborted<Cause>(when: Aborted, cause: Cause) -> Error<Cause> {
    let words = match when {
        Aborted::BeforeTheRequest => ABORTED_BEFORE,
        Aborted::BetweenAttempts => "aborted by the caller's signal while waiting to try again.",
    };
    Error {
        cause: Some(cause),
        ..Error::new(Kind::Aborted, words)
    }
}

/// What the caller is told whose tokens are refused one after the other.
pub(super) fn contested<Cause>() -> Error<Cause> {
    Error::new(
        Kind::Credentials,
        format!(
            "login: {CONTEST_REFUSALS} tokens were refused within {} s, so no other is asked for: another program logs in with the same keys, and each ends the other's token. Give each program an SMS account of its own, or let them share one token through `tokenStore`.",
            CONTEST_WITHIN / 1000
        ),
    )
}

fn words(call: Call, setback: Setback, timeout: u32, retry_after: Option<u32>) -> String {
    match setback {
        Setback::Code(code) => {
            format!("{} {}. {}", code.as_str(), code.message(), code.advice())
        }
        Setback::UnknownCode => {
            "the API answered a code that its document does not list; `description` has its words."
                .to_owned()
        }
        Setback::Status(401) if call == Call::Login => {
            "HTTP 401: the API refuses the keys. Check `userKey` and `secretKey`.".to_owned()
        }
        Setback::Status(401) => {
            "HTTP 401: the API refuses the token, a fresh one too. Check the keys, and that no other program logs in with them.".to_owned()
        }
        Setback::Status(413) => "HTTP 413: too large. Send fewer messages at once.".to_owned(),
        Setback::Status(429) => match retry_after {
            Some(seconds) => format!("HTTP 429: too many requests. Wait {seconds} s."),
            None => "HTTP 429: too many requests. Wait a minute.".to_owned(),
        },
        Setback::Status(status @ 300..=399) => format!(
            "HTTP {status}: a redirect, which is never followed, since it would post again. Check `baseUrl`."
        ),
        // Browsers hide it where they do not follow.
        Setback::Status(0) => {
            "no HTTP status: a redirect, which is never followed, since it would post again. Check `baseUrl`.".to_owned()
        }
        Setback::Status(status @ 500..) => {
            format!("HTTP {status} without an answer of the API. Try again later.")
        }
        Setback::Status(status) => {
            format!(
                "HTTP {status} with something that is not an answer of the API. Check `baseUrl`."
            )
        }
        Setback::Unaccounted => {
            "the answer says 00 but does not hold what was asked for.".to_owned()
        }
        Setback::Failure(What::NeverLeft) => {
            "no connection could be made. Check the network and `baseUrl`.".to_owned()
        }
        Setback::Failure(What::Lost) => {
            "the connection failed before the whole answer came.".to_owned()
        }
        Setback::Failure(What::Timeout) => format!("no whole answer within {timeout} ms."),
        Setback::Failure(What::AbortedBefore) => ABORTED_BEFORE.to_owned(),
        Setback::Failure(What::Aborted) => "aborted by the caller's signal.".to_owned(),
        Setback::Failure(What::NotAResponse) => {
            "what fetch gave is no Response with a status and a text.".to_owned()
        }
        Setback::Failure(What::TooLarge) => {
            format!("the answer has more than {MAX_ANSWER} bytes, so it was not read.")
        }
    }
}
