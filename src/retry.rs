//! What may be repeated: one pure function.
//!
//! An SMS is not idempotent and the API knows no idempotency key, so a send is repeated only when the first one
//! surely did nothing.

use crate::api::Call;
use crate::error::{Delivery, ErrorCode, Kind};
use crate::host::What;

/// What came of one POST, other than the answer that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// An envelope with a documented code.
    Code(ErrorCode),
    /// An envelope with a code that the document does not list.
    UnknownCode,
    /// An answer without an envelope.
    Status(u16),
    /// An envelope with code `00` whose data is not what was asked for.
    Unaccounted,
    /// No whole answer.
    Failure(What),
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Forget that token, log in, and post once more.
    RenewToken,
    /// Tell the caller.
    Fail {
        /// What the caller can do.
        kind: Kind,
        /// Of a send only.
        delivery: Option<Delivery>,
    },
}

/// Decides what follows on `setback` of a `call` with so many `messages`; `renewed` says that its token has been
/// renewed once already.
pub fn next(call: Call, setback: Setback, messages: usize, renewed: bool) -> Next {
    use Delivery::{NotSent, Unknown};
    let refused_token = match setback {
        Setback::Code(code) => matches!(code.number(), 121..=124),
        Setback::Status(status) => status == 401,
        _ => false,
    };
    if refused_token && call != Call::Login && !renewed {
        return Next::RenewToken;
    }
    let (kind, delivery) = match setback {
        _ if refused_token => (Kind::Credentials, NotSent),
        Setback::Code(code) => match code.number() {
            117 | 118 => (Kind::Credentials, NotSent),
            104..=115 | 119 | 120 => (Kind::Refused, NotSent),
            // Of several messages the first ones may have had the money.
            102 if messages <= 1 => (Kind::Refused, NotSent),
            _ => (Kind::Refused, Unknown),
        },
        Setback::UnknownCode => (Kind::Refused, Unknown),
        Setback::Status(413 | 429) => (Kind::Refused, NotSent),
        Setback::Status(_) | Setback::Unaccounted => (Kind::Unreadable, Unknown),
        Setback::Failure(what) => match what {
            What::NeverLeft => (Kind::Network, NotSent),
            What::Lost => (Kind::Network, Unknown),
            What::Timeout => (Kind::Timeout, Unknown),
            What::Aborted => (Kind::Aborted, Unknown),
            What::NotAResponse | What::TooLarge => (Kind::Unreadable, Unknown),
        },
    };
    Next::Fail {
        kind,
        delivery: (call == Call::Send).then_some(delivery),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT_NOTHING: Option<Delivery> = Some(Delivery::NotSent);
    const NOBODY_KNOWS: Option<Delivery> = Some(Delivery::Unknown);

    fn code(number: u16) -> Setback {
        Setback::Code(ErrorCode::parse(&format!("ERROR_{number}")).unwrap())
    }

    #[track_caller]
    fn send_fails(setback: Setback, kind: Kind, delivery: Option<Delivery>) {
        assert_eq!(
            next(Call::Send, setback, 50, true),
            Next::Fail { kind, delivery }
        );
    }

    #[test]
    fn a_refused_token_is_renewed_once() {
        for setback in [
            code(121),
            code(122),
            code(123),
            code(124),
            Setback::Status(401),
        ] {
            for call in [Call::Send, Call::Stats] {
                assert_eq!(next(call, setback, 1, false), Next::RenewToken);
            }
            send_fails(setback, Kind::Credentials, SENT_NOTHING);
            // A login has no token to renew.
            assert_eq!(
                next(Call::Login, setback, 0, false),
                Next::Fail {
                    kind: Kind::Credentials,
                    delivery: None
                }
            );
        }
    }

    #[test]
    fn wrong_keys_send_nothing() {
        send_fails(code(117), Kind::Credentials, SENT_NOTHING);
        send_fails(code(118), Kind::Credentials, SENT_NOTHING);
    }

    #[test]
    fn a_refused_request_sends_nothing() {
        for number in (104..=115).chain([119, 120]) {
            send_fails(code(number), Kind::Refused, SENT_NOTHING);
        }
        send_fails(Setback::Status(413), Kind::Refused, SENT_NOTHING);
        send_fails(Setback::Status(429), Kind::Refused, SENT_NOTHING);
    }

    #[test]
    fn without_money_one_message_is_not_sent_and_of_several_nobody_knows() {
        for (messages, delivery) in [(1, SENT_NOTHING), (2, NOBODY_KNOWS), (50, NOBODY_KNOWS)] {
            assert_eq!(
                next(Call::Send, code(102), messages, false),
                Next::Fail {
                    kind: Kind::Refused,
                    delivery
                }
            );
        }
    }

    #[test]
    fn after_these_nobody_knows() {
        for number in [101, 103, 116] {
            send_fails(code(number), Kind::Refused, NOBODY_KNOWS);
        }
        send_fails(Setback::UnknownCode, Kind::Refused, NOBODY_KNOWS);
        for status in [
            200, 204, 301, 302, 307, 308, 400, 403, 404, 408, 500, 502, 503, 504, 520,
        ] {
            send_fails(Setback::Status(status), Kind::Unreadable, NOBODY_KNOWS);
        }
        send_fails(Setback::Unaccounted, Kind::Unreadable, NOBODY_KNOWS);
        send_fails(Setback::Failure(What::Lost), Kind::Network, NOBODY_KNOWS);
        send_fails(Setback::Failure(What::Timeout), Kind::Timeout, NOBODY_KNOWS);
        send_fails(Setback::Failure(What::Aborted), Kind::Aborted, NOBODY_KNOWS);
        send_fails(
            Setback::Failure(What::NotAResponse),
            Kind::Unreadable,
            NOBODY_KNOWS,
        );
        send_fails(
            Setback::Failure(What::TooLarge),
            Kind::Unreadable,
            NOBODY_KNOWS,
        );
    }

    #[test]
    fn what_never_left_sent_nothing() {
        send_fails(
            Setback::Failure(What::NeverLeft),
            Kind::Network,
            SENT_NOTHING,
        );
    }

    #[test]
    fn only_a_send_has_a_delivery() {
        for call in [Call::Login, Call::Stats] {
            assert_eq!(
                next(call, Setback::Failure(What::Lost), 0, true),
                Next::Fail {
                    kind: Kind::Network,
                    delivery: None
                }
            );
        }
    }
}
