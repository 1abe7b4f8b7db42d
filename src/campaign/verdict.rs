//! What the outcome of a batch means: for its messages, and for the campaign.

use std::rc::Rc;

use super::{Outcome, Status};
use crate::api::send::{self, Receipt};
use crate::error::{Delivery, Error, Kind};

/// Why a campaign stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The account has no money left (code 102).
    Balance,
    /// The API does not know one of the keys, or refuses every token.
    Credentials,
    /// The API's address redirects.
    Redirect,
    /// Two batches in a row had no answer that can be believed, and neither had a single message after them.
    Outage,
    /// The caller's signal was aborted.
    Aborted,
    /// Nobody wanted the outcomes any more.
    Closed,
    /// The source of the messages failed; what it gave before was sent.
    Source,
    /// What is about to be sent, or was, could not be written down.
    Journal,
}

impl Stop {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stop::Balance => "balance",
            Stop::Credentials => "credentials",
            Stop::Redirect => "redirect",
            Stop::Outage => "outage",
            Stop::Aborted => "aborted",
            Stop::Closed => "closed",
            Stop::Source => "source",
            Stop::Journal => "journal",
        }
    }
}

impl Stop {
    /// What to do before the rest is sent.
    const fn advice(self) -> &'static str {
        match self {
            Stop::Balance => "the account has no money left. Top it up, then send the rest.",
            Stop::Credentials => "the API refuses the keys. Check them, then send the rest.",
            Stop::Redirect => "the API's address redirects. Check `baseUrl`, then send the rest.",
            Stop::Outage => {
                "several batches in a row had no answer. Find out why, then send the rest."
            }
            Stop::Journal => "the journal cannot be written. Mend that, then send the rest.",
            Stop::Aborted => "aborted by the caller's signal.",
            Stop::Closed | Stop::Source => "nothing more is wanted.",
        }
    }

    /// The error of the messages that are not sent any more. `why` may be of others that may have been sent.
    pub(super) fn error<Cause: Clone>(self, why: &Error<Cause>) -> Rc<Error<Cause>> {
        let message = format!("sendAll: stopped before this message: {}", self.advice());
        Rc::new(Error {
            delivery: Some(Delivery::NotSent),
            code: why.code,
            status: why.status,
            description: why.description.clone(),
            cause: why.cause.clone(),
            ..Error::new(why.kind, message)
        })
    }
}

/// What the outcome of a batch means.
#[derive(Debug)]
pub(super) struct Verdict<Cause> {
    /// One for each message.
    pub(super) outcomes: Vec<Outcome<Cause>>,
    /// What follows.
    pub(super) course: Course<Cause>,
}

/// How a campaign goes on after a batch.
#[derive(Debug)]
pub(super) enum Course<Cause> {
    /// The API answered, whatever it said.
    GoOn,
    /// No answer that can be believed: one may be chance, two in a row are an outage.
    Doubt(Rc<Error<Cause>>),
    /// The batch was too large.
    Halve,
    /// It would be wrong to go on.
    Stop(Stop, Rc<Error<Cause>>),
    /// The caller's fault, not a message's fate.
    Misuse(Rc<Error<Cause>>),
}

impl<Cause> Verdict<Cause> {
    /// Of a batch of so many messages.
    pub(super) fn new(sent: Result<Receipt, Error<Cause>>, count: usize) -> Self {
        match sent {
            Ok(receipt) => Verdict {
                outcomes: outcomes(receipt),
                course: Course::GoOn,
            },
            Err(error) => {
                let error = Rc::new(error);
                let course = course(&error, count);
                let status = match course {
                    Course::Halve => Status::NotSent,
                    _ => status(&error),
                };
                Verdict::same(status, &error, count, course)
            }
        }
    }

    /// Of a batch that was not posted, because the campaign stopped while that was written down.
    pub(super) fn halted(count: usize) -> Self {
        let message = "sendAll: stopped before this message.";
        let error = Error::new(Kind::Aborted, message).with_delivery(Some(Delivery::NotSent));
        Verdict::same(Status::NotSent, &Rc::new(error), count, Course::GoOn)
    }

    /// Of a batch that was not posted, because that could not be written down.
    pub(super) fn unintended(error: Error<Cause>, count: usize) -> Self {
        let error = Rc::new(error);
        let course = Course::Stop(Stop::Journal, error.clone());
        Verdict::same(Status::NotSent, &error, count, course)
    }

    /// Of a batch whose outcomes could not be written down.
    pub(super) fn unrecorded(self, error: Error<Cause>) -> Self {
        Verdict {
            course: Course::Stop(Stop::Journal, Rc::new(error)),
            ..self
        }
    }

    fn same(status: Status, error: &Rc<Error<Cause>>, count: usize, course: Course<Cause>) -> Self {
        let code = error.code.filter(|_| status == Status::Refused);
        let outcome = || Outcome {
            code: code.map(|code| code.as_str().to_owned()),
            error: Some(error.clone()),
            ..Outcome::new(status)
        };
        Verdict {
            outcomes: std::iter::repeat_with(outcome).take(count).collect(),
            course,
        }
    }
}

fn outcomes<Cause>(receipt: Receipt) -> Vec<Outcome<Cause>> {
    let mut outcomes: Vec<Outcome<Cause>> = receipt
        .sms
        .into_iter()
        .map(|sms| match sms.status {
            send::Status::Sent => Outcome {
                code: sms.code,
                segments: sms.segments,
                ..Outcome::new(Status::Sent)
            },
            send::Status::Unknown => Outcome::new(Status::Unknown),
        })
        .collect();
    for issue in receipt.warnings {
        if let Some(outcome) = issue.index.and_then(|index| outcomes.get_mut(index)) {
            outcome.issues.push(issue);
        }
    }
    outcomes
}

fn status<Cause>(error: &Error<Cause>) -> Status {
    match (error.delivery, error.kind) {
        (Some(Delivery::NotSent), Kind::Refused) if is_final(error) => Status::Refused,
        (Some(Delivery::NotSent), _) => Status::NotSent,
        _ => Status::Unknown,
    }
}

/// Whether the API refused the messages themselves: 429 asks to come again, and 119 is of a login.
fn is_final<Cause>(error: &Error<Cause>) -> bool {
    match error.code {
        Some(code) => code.number() != 119,
        None => error.status == Some(413),
    }
}

fn course<Cause>(error: &Rc<Error<Cause>>, count: usize) -> Course<Cause> {
    let stop = |stop| Course::Stop(stop, error.clone());
    match (error.kind, error.code.map(|code| code.number())) {
        (Kind::Invalid, _) => Course::Misuse(error.clone()),
        (Kind::Aborted, _) => stop(Stop::Aborted),
        // 107 is a wrong application key, 120 a user that is not there.
        (Kind::Credentials, _) | (_, Some(107 | 120)) => stop(Stop::Credentials),
        (_, Some(102)) => stop(Stop::Balance),
        // Browsers call the status of a redirect 0.
        (_, None) if matches!(error.status, Some(0 | 300..=399)) => stop(Stop::Redirect),
        (Kind::Refused, None) if error.status == Some(413) && count > 1 => Course::Halve,
        _ if status(error) == Status::Refused => Course::GoOn,
        _ => Course::Doubt(error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn error(kind: Kind, delivery: Delivery) -> Error<()> {
        Error {
            delivery: Some(delivery),
            ..Error::new(kind, "")
        }
    }

    fn code(number: u16, delivery: Delivery) -> Error<()> {
        Error {
            code: ErrorCode::parse(&format!("ERROR_{number}")),
            ..error(Kind::Refused, delivery)
        }
    }

    fn http(status: u16, kind: Kind, delivery: Delivery) -> Error<()> {
        Error {
            status: Some(status),
            ..error(kind, delivery)
        }
    }

    #[track_caller]
    fn means(error: Error<()>, count: usize, status: Status, course: &str) {
        let verdict = Verdict::new(Err(error), count);
        assert_eq!(verdict.outcomes.len(), count);
        assert!(
            verdict
                .outcomes
                .iter()
                .all(|outcome| outcome.status == status)
        );
        let found = match verdict.course {
            Course::GoOn => "go on",
            Course::Doubt(_) => "doubt",
            Course::Halve => "halve",
            Course::Stop(stop, _) => stop.as_str(),
            Course::Misuse(_) => "misuse",
        };
        assert_eq!(found, course);
    }

    use Delivery::{NotSent, Unknown};

    #[test]
    fn a_refused_batch_is_refused_and_the_others_go_on() {
        for number in [104, 108, 110, 112, 113] {
            means(code(number, NotSent), 50, Status::Refused, "go on");
        }
        means(
            http(413, Kind::Refused, NotSent),
            1,
            Status::Refused,
            "go on",
        );
    }

    #[test]
    fn it_is_wrong_to_go_on_without_money_keys_or_the_right_address() {
        means(code(102, Unknown), 50, Status::Unknown, "balance");
        means(code(102, NotSent), 1, Status::Refused, "balance");
        means(
            error(Kind::Credentials, NotSent),
            50,
            Status::NotSent,
            "credentials",
        );
        means(code(107, NotSent), 50, Status::Refused, "credentials");
        means(
            http(302, Kind::Unreadable, Unknown),
            50,
            Status::Unknown,
            "redirect",
        );
        means(
            http(0, Kind::Unreadable, Unknown),
            50,
            Status::Unknown,
            "redirect",
        );
        means(
            error(Kind::Aborted, Unknown),
            50,
            Status::Unknown,
            "aborted",
        );
    }

    #[test]
    fn a_batch_that_is_too_large_is_halved() {
        means(
            http(413, Kind::Refused, NotSent),
            2,
            Status::NotSent,
            "halve",
        );
    }

    #[test]
    fn where_nobody_answered_there_is_doubt() {
        means(error(Kind::Network, Unknown), 50, Status::Unknown, "doubt");
        means(error(Kind::Network, NotSent), 50, Status::NotSent, "doubt");
        means(error(Kind::Timeout, Unknown), 50, Status::Unknown, "doubt");
        means(
            http(429, Kind::Refused, NotSent),
            50,
            Status::NotSent,
            "doubt",
        );
        means(
            http(503, Kind::Unreadable, Unknown),
            50,
            Status::Unknown,
            "doubt",
        );
        means(code(116, Unknown), 50, Status::Unknown, "doubt");
        means(code(119, NotSent), 50, Status::NotSent, "doubt");
    }

    #[test]
    fn missing_keys_are_misuse() {
        means(error(Kind::Invalid, NotSent), 50, Status::NotSent, "misuse");
    }
}
