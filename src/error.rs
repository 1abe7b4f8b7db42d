//! What can go wrong, sorted by what the caller can do about it.

mod code;
mod issue;

pub use code::ErrorCode;
pub use issue::{Field, Issue, Reason, Severity};

use std::fmt;

/// What the caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Mend the input: nothing left for the network. [`Error::issues`] names each fault.
    Invalid,
    /// Mend the keys: the API does not know them, or it refused a fresh token too.
    Credentials,
    /// The API understood and said no; [`Error::code`] or [`Error::status`] says why.
    Refused,
    /// The connection failed.
    Network,
    /// No whole answer within the timeout.
    Timeout,
    /// The caller's signal was aborted.
    Aborted,
    /// An answer came that is not the API's.
    Unreadable,
}

impl Kind {
    /// The word that JavaScript sees as `error.kind`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Credentials => "credentials",
            Kind::Refused => "refused",
            Kind::Network => "network",
            Kind::Timeout => "timeout",
            Kind::Aborted => "aborted",
            Kind::Unreadable => "unreadable",
        }
    }
}

/// What became of the messages of a failed send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Surely nothing was accepted: sending again cannot double a message.
    NotSent,
    /// Nobody can say; ask the stats before sending again.
    Unknown,
}

impl Delivery {
    /// The word that JavaScript sees as `error.delivery`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::NotSent => "not-sent",
            Delivery::Unknown => "unknown",
        }
    }
}

/// A call that failed. `Cause` is what the host gave as the reason (in JavaScript, what `fetch` or the caller's
/// signal threw); it is kept as it came and never printed.
#[derive(Clone, PartialEq)]
pub struct Error<Cause> {
    /// What the caller can do about it.
    pub kind: Kind,
    /// One sentence or two: what, where, what to do. No key, token, text or whole number is ever in it.
    pub message: String,
    /// Of a send only.
    pub delivery: Option<Delivery>,
    /// The API's own code.
    pub code: Option<ErrorCode>,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The API's own words, without the keys, token and texts of the request, and of numbers the last two digits.
    pub description: Option<String>,
    /// Of [`Kind::Invalid`]: every fault.
    pub issues: Vec<Issue>,
    /// Seconds, as the answer's `Retry-After` asked.
    pub retry_after: Option<u32>,
    /// POSTs of this call, logins not counted.
    pub attempts: u32,
    /// What the host gave as the reason.
    pub cause: Option<Cause>,
}

impl<Cause> Error<Cause> {
    /// An error that has only a kind and a message yet.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error {
            kind,
            message: message.into(),
            delivery: None,
            code: None,
            status: None,
            description: None,
            issues: Vec::new(),
            retry_after: None,
            attempts: 0,
            cause: None,
        }
    }

    /// Input that nothing was done with.
    pub fn invalid(issues: Vec<Issue>) -> Self {
        let errors = issues.iter().filter(|issue| issue.is_error());
        let message = match (errors.clone().next(), errors.count()) {
            (Some(first), 1) => first.whole_message(),
            (Some(first), count) => format!("{count} faults, the first: {}", first.whole_message()),
            (None, _) => "invalid input".to_owned(),
        };
        Error {
            issues,
            ..Error::new(Kind::Invalid, message)
        }
    }

    /// Says what became of the messages of a send, in the field and in words.
    pub fn with_delivery(mut self, delivery: Option<Delivery>) -> Self {
        self.delivery = delivery;
        let words = match delivery {
            // Nothing was even tried, or the advice of the code says it already.
            Some(Delivery::NotSent) if self.kind == Kind::Invalid => return self,
            Some(Delivery::Unknown) if self.code.is_some() => return self,
            Some(Delivery::Unknown) => {
                "The messages may have been sent: ask stats before sending them again."
            }
            Some(Delivery::NotSent) => "Nothing was sent.",
            None => return self,
        };
        self.message = format!("{} {words}", self.message);
        self
    }
}

// By hand: a cause may hold anything, so it is not printed.
impl<Cause> fmt::Debug for Error<Cause> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("delivery", &self.delivery)
            .field("code", &self.code)
            .field("status", &self.status)
            .field("issues", &self.issues)
            .field("retry_after", &self.retry_after)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl<Cause> fmt::Display for Error<Cause> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<Cause> std::error::Error for Error<Cause> {}
