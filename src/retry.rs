//! What may be repeated, when, and what the caller is told: one pure function.
//!
//! An SMS is not idempotent and the API knows no idempotency key, so a send is repeated only when the first one
//! surely did nothing.

mod after;

pub use after::retry_after;

use crate::api::Call;
use crate::error::{Delivery, ErrorCode, Kind};
use crate::host::What;

/// Repeats of one POST where nobody says how many.
pub const DEFAULT_RETRIES: u32 = 2;

/// Repeats of one POST that a caller may ask for at most.
pub const MOST_RETRIES: u32 = 10;

/// Seconds of a `Retry-After` that are waited for at most; a longer one ends the call at once.
pub const LONGEST_RETRY_AFTER: u32 = 60;

/// Milliseconds before the first repeat; they double with each.
const FIRST_WAIT: u32 = 500;

/// Milliseconds that the back-off grows to.
const LONGEST_WAIT: u32 = 8_000;

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

/// A POST that met with a setback, and what went before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What was posted.
    pub call: Call,
    /// Of a send: how many.
    pub messages: usize,
    /// Whether the call had a token refused before, and its token is of a login since then.
    pub renewed: bool,
    /// Repeats that went before; renewals of the token don't count.
    pub repeats: u32,
    /// Repeats that are allowed.
    pub max_retries: u32,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Forget that token, get another, and post once more.
    RenewToken,
    /// Wait, and post the same once more.
    Repeat {
        /// Milliseconds.
        in_ms: u32,
    },
    /// Tell the caller.
    Fail {
        /// What the caller can do.
        kind: Kind,
        /// Of a send only.
        delivery: Option<Delivery>,
    },
}

/// Decides what follows on a `setback`. `retry_after` is what the answer asked for, in seconds; `jitter`, from 0 to 1,
/// spreads the repeats of those who failed together.
pub fn next(tried: Tried, setback: Setback, retry_after: Option<u32>, jitter: f64) -> Next {
    let Tried { call, .. } = tried;
    if refused_token(setback) && call != Call::Login && !tried.renewed {
        return Next::RenewToken;
    }
    let waits = retry_after.is_none_or(|seconds| seconds <= LONGEST_RETRY_AFTER);
    if repeatable(call, setback) && tried.repeats < tried.max_retries && waits {
        return Next::Repeat {
            in_ms: match retry_after {
                Some(seconds) => seconds.saturating_mul(1000),
                None => back_off(tried.repeats, jitter),
            },
        };
    }
    let (kind, delivery) = end(setback, tried.messages);
    Next::Fail {
        kind,
        delivery: (call == Call::Send).then_some(delivery),
    }
}

/// Why a POST is repeated, in a few words of a closed set: what a listener is told.
pub fn because(setback: Setback) -> &'static str {
    match setback {
        Setback::Failure(What::NeverLeft) => "no connection could be made",
        Setback::Failure(What::Timeout) => "no whole answer in time",
        Setback::Failure(_) => "the connection broke",
        Setback::Status(429) => "too many requests",
        _ if refused_token(setback) => "the token was refused",
        _ => "the server failed",
    }
}

/// The longest that one POST can take with all its repeats and the waits before them, in ms.
pub fn longest(timeout: u32, max_retries: u32) -> u64 {
    let waits = LONGEST_RETRY_AFTER.saturating_mul(1000);
    let repeat = u64::from(timeout).saturating_add(u64::from(waits));
    repeat
        .saturating_mul(u64::from(max_retries))
        .saturating_add(u64::from(timeout))
}

fn refused_token(setback: Setback) -> bool {
    match setback {
        Setback::Code(code) => matches!(code.number(), 121..=124),
        Setback::Status(status) => status == 401,
        _ => false,
    }
}

fn repeatable(call: Call, setback: Setback) -> bool {
    match setback {
        // The server did not process it, or never saw it.
        Setback::Status(429) | Setback::Failure(What::NeverLeft) => true,
        // It may have: a second send could be a second SMS.
        Setback::Status(500..=599) | Setback::Failure(What::Lost | What::Timeout) => {
            call != Call::Send
        }
        Setback::Code(code) => code.number() == 116 && call != Call::Send,
        _ => false,
    }
}

/// Half of the wait is fixed and half is left to chance.
fn back_off(repeats: u32, jitter: f64) -> u32 {
    let whole = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(repeats))
        .min(LONGEST_WAIT);
    let half = whole / 2;
    // `as` saturates, and takes what is no number as 0.
    let chance = (f64::from(half) * jitter) as u32;
    half.saturating_add(chance.min(half))
}

fn end(setback: Setback, messages: usize) -> (Kind, Delivery) {
    use Delivery::{NotSent, Unknown};
    match setback {
        _ if refused_token(setback) => (Kind::Credentials, NotSent),
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
            What::AbortedBefore => (Kind::Aborted, NotSent),
            What::Aborted => (Kind::Aborted, Unknown),
            What::NotAResponse | What::TooLarge => (Kind::Unreadable, Unknown),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT_NOTHING: Option<Delivery> = Some(Delivery::NotSent);
    const NOBODY_KNOWS: Option<Delivery> = Some(Delivery::Unknown);
    const CALLS: [Call; 3] = [Call::Login, Call::Send, Call::Stats];
    /// All but a send: what may be asked twice.
    const QUESTIONS: [Call; 2] = [Call::Login, Call::Stats];

    fn code(number: u16) -> Setback {
        Setback::Code(ErrorCode::parse(&format!("ERROR_{number}")).unwrap())
    }

    /// A first POST; of a send, with 50 messages.
    fn first(call: Call) -> Tried {
        Tried {
            call,
            messages: if call == Call::Send { 50 } else { 0 },
            renewed: false,
            repeats: 0,
            max_retries: DEFAULT_RETRIES,
        }
    }

    fn after(tried: Tried, setback: Setback) -> Next {
        next(tried, setback, None, 0.0)
    }

    #[track_caller]
    fn repeats(call: Call, setback: Setback) {
        assert_eq!(
            after(first(call), setback),
            Next::Repeat { in_ms: 250 },
            "{call:?}"
        );
    }

    /// Whatever is allowed.
    #[track_caller]
    fn fails(call: Call, setback: Setback, kind: Kind, delivery: Option<Delivery>) {
        let delivery = delivery.filter(|_| call == Call::Send);
        for max_retries in [0, DEFAULT_RETRIES, MOST_RETRIES] {
            for renewed in [false, true] {
                let tried = Tried {
                    renewed,
                    max_retries,
                    ..first(call)
                };
                let fail = Next::Fail { kind, delivery };
                assert_eq!(after(tried, setback), fail, "{call:?}");
            }
        }
    }

    /// What the caller is told when no repeat is left.
    #[track_caller]
    fn ends(call: Call, setback: Setback, kind: Kind, delivery: Option<Delivery>) {
        let delivery = delivery.filter(|_| call == Call::Send);
        let spent = Tried {
            repeats: DEFAULT_RETRIES,
            ..first(call)
        };
        let off = Tried {
            max_retries: 0,
            ..first(call)
        };
        for tried in [spent, off] {
            assert_eq!(after(tried, setback), Next::Fail { kind, delivery });
        }
    }

    #[test]
    fn a_refused_token_is_renewed_once_even_where_nothing_may_be_repeated() {
        for setback in [
            code(121),
            code(122),
            code(123),
            code(124),
            Setback::Status(401),
        ] {
            for call in [Call::Send, Call::Stats] {
                for max_retries in [0, DEFAULT_RETRIES] {
                    let tried = Tried {
                        max_retries,
                        ..first(call)
                    };
                    assert_eq!(after(tried, setback), Next::RenewToken);
                    let renewed = Tried {
                        renewed: true,
                        ..tried
                    };
                    let fail = Next::Fail {
                        kind: Kind::Credentials,
                        delivery: SENT_NOTHING.filter(|_| call == Call::Send),
                    };
                    assert_eq!(after(renewed, setback), fail);
                }
            }
            // A login has no token to renew.
            fails(Call::Login, setback, Kind::Credentials, None);
        }
    }

    #[test]
    fn wrong_keys_send_nothing() {
        for call in CALLS {
            fails(call, code(117), Kind::Credentials, SENT_NOTHING);
            fails(call, code(118), Kind::Credentials, SENT_NOTHING);
        }
    }

    #[test]
    fn a_refused_request_sends_nothing() {
        for call in CALLS {
            for number in (104..=115).chain([119, 120]) {
                fails(call, code(number), Kind::Refused, SENT_NOTHING);
            }
            fails(call, Setback::Status(413), Kind::Refused, SENT_NOTHING);
        }
    }

    #[test]
    fn without_money_one_message_is_not_sent_and_of_several_nobody_knows() {
        for (messages, delivery) in [(1, SENT_NOTHING), (2, NOBODY_KNOWS), (50, NOBODY_KNOWS)] {
            let tried = Tried {
                messages,
                ..first(Call::Send)
            };
            assert_eq!(
                after(tried, code(102)),
                Next::Fail {
                    kind: Kind::Refused,
                    delivery
                }
            );
        }
    }

    #[test]
    fn too_many_requests_are_repeated_by_every_call() {
        for call in CALLS {
            repeats(call, Setback::Status(429));
            ends(call, Setback::Status(429), Kind::Refused, SENT_NOTHING);
        }
    }

    #[test]
    fn what_never_left_is_repeated_by_every_call() {
        let never_left = Setback::Failure(What::NeverLeft);
        for call in CALLS {
            repeats(call, never_left);
            ends(call, never_left, Kind::Network, SENT_NOTHING);
        }
    }

    #[test]
    fn what_the_server_may_have_processed_is_repeated_by_no_send() {
        let cases = [
            (code(116), Kind::Refused),
            (Setback::Failure(What::Lost), Kind::Network),
            (Setback::Failure(What::Timeout), Kind::Timeout),
            (Setback::Status(500), Kind::Unreadable),
            (Setback::Status(503), Kind::Unreadable),
            (Setback::Status(599), Kind::Unreadable),
        ];
        for (setback, kind) in cases {
            fails(Call::Send, setback, kind, NOBODY_KNOWS);
            for call in QUESTIONS {
                repeats(call, setback);
                ends(call, setback, kind, None);
            }
        }
    }

    #[test]
    fn what_a_repeat_would_not_change_is_repeated_by_no_call() {
        for call in CALLS {
            for number in [101, 103] {
                fails(call, code(number), Kind::Refused, NOBODY_KNOWS);
            }
            fails(call, Setback::UnknownCode, Kind::Refused, NOBODY_KNOWS);
            for status in [200, 204, 301, 302, 307, 308, 400, 403, 404, 408, 421, 600] {
                let setback = Setback::Status(status);
                fails(call, setback, Kind::Unreadable, NOBODY_KNOWS);
            }
            fails(call, Setback::Unaccounted, Kind::Unreadable, NOBODY_KNOWS);
            for what in [What::NotAResponse, What::TooLarge] {
                let setback = Setback::Failure(what);
                fails(call, setback, Kind::Unreadable, NOBODY_KNOWS);
            }
            let aborted = Setback::Failure(What::Aborted);
            fails(call, aborted, Kind::Aborted, NOBODY_KNOWS);
            let before = Setback::Failure(What::AbortedBefore);
            fails(call, before, Kind::Aborted, SENT_NOTHING);
        }
    }

    #[test]
    fn the_back_off_doubles_from_half_a_second_to_eight_with_half_of_it_left_to_chance() {
        let waits = |jitter| -> Vec<u32> {
            (0..7)
                .map(|repeats| {
                    let tried = Tried {
                        repeats,
                        max_retries: MOST_RETRIES,
                        ..first(Call::Stats)
                    };
                    match next(tried, Setback::Status(503), None, jitter) {
                        Next::Repeat { in_ms } => in_ms,
                        other => panic!("{other:?}"),
                    }
                })
                .collect()
        };
        assert_eq!(waits(1.0), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(waits(0.0), [250, 500, 1000, 2000, 4000, 4000, 4000]);
        assert_eq!(waits(0.5)[0], 375);
        // What is no chance shortens no wait.
        for (jitter, wait) in [(f64::NAN, 250), (-1.0, 250), (2.0, 500)] {
            assert_eq!(waits(jitter)[0], wait);
        }
    }

    #[test]
    fn waits_as_long_as_retry_after_says_up_to_a_minute() {
        for call in CALLS {
            for (seconds, in_ms) in [(0, 0), (7, 7_000), (60, 60_000)] {
                let setback = Setback::Status(429);
                assert_eq!(
                    next(first(call), setback, Some(seconds), 0.5),
                    Next::Repeat { in_ms }
                );
            }
            for seconds in [61, u32::MAX] {
                assert!(matches!(
                    next(first(call), Setback::Status(429), Some(seconds), 0.5),
                    Next::Fail {
                        kind: Kind::Refused,
                        ..
                    }
                ));
            }
        }
        let overloaded = next(first(Call::Stats), Setback::Status(503), Some(9), 0.5);
        assert_eq!(overloaded, Next::Repeat { in_ms: 9_000 });
        let of_a_send = next(first(Call::Send), Setback::Status(503), Some(0), 0.5);
        assert!(matches!(of_a_send, Next::Fail { .. }));
    }

    #[test]
    fn a_post_takes_no_longer_than_its_attempts_and_a_minute_before_each_repeat() {
        assert_eq!(longest(30_000, 0), 30_000);
        assert_eq!(longest(30_000, 2), 3 * 30_000 + 2 * 60_000);
        assert!(longest(u32::MAX, u32::MAX) > u64::from(u32::MAX));
    }
}
