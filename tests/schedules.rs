//! Never twice, never lost, never hung: random faults, delays, aborts, revocations, slow stores and concurrent calls
//! against a model of the API, and five planted bugs that must be found by the same means.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "where it panics, a test fails"
)]

mod model;

use model::{Material, Schedule, broken};
use paydunya_crm::api::send::{Receipt, SentSms, Status};
use paydunya_crm::api::{Call, Success, send};
use paydunya_crm::client::{Rules, TheRules};
use paydunya_crm::error::Delivery;
use paydunya_crm::host::What;
use paydunya_crm::message::Batch;
use paydunya_crm::retry::{self, Next, Setback, Tried};
use paydunya_crm::session::{Decision, Generation, Session, Wish};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

/// Schedules of each of the four tests that share the work.
const SCHEDULES: u32 = 25_000;

/// Runs so many schedules; what the first that broke a promise broke.
fn search<R: Rules + 'static>(mut runner: TestRunner) -> Result<(), String> {
    let material = Material::new();
    let outcome = runner.run(&vec(any::<u8>(), 0..120), |bytes| {
        match broken::<R>(&Schedule::read(&bytes), &material) {
            None => Ok(()),
            Some(promise) => Err(TestCaseError::fail(promise)),
        }
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, bytes)) => {
            Err(format!("{reason}\n{:#?}", Schedule::read(&bytes)))
        }
        Err(aborted) => Err(aborted.to_string()),
    }
}

#[track_caller]
fn holds() {
    let config = Config {
        cases: SCHEDULES,
        failure_persistence: None,
        ..Config::default()
    };
    if let Err(found) = search::<TheRules>(TestRunner::new(config)) {
        panic!("{found}");
    }
}

// Four, so that they run at the same time.
#[test]
fn every_promise_holds_in_any_schedule_1() {
    holds();
}

#[test]
fn every_promise_holds_in_any_schedule_2() {
    holds();
}

#[test]
fn every_promise_holds_in_any_schedule_3() {
    holds();
}

#[test]
fn every_promise_holds_in_any_schedule_4() {
    holds();
}

/// The bug is found, and as what it is.
#[track_caller]
fn is_found<R: Rules + 'static>(promise: &str) {
    let config = Config {
        cases: SCHEDULES,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    let found = search::<R>(TestRunner::new(config)).expect_err("a bug that is not found");
    assert!(found.contains(promise), "{found}");
}

fn repeats(tried: Tried) -> bool {
    tried.call == Call::Send && tried.repeats < tried.max_retries
}

#[test]
fn a_send_that_is_repeated_after_a_reset_is_found() {
    struct Planted;
    impl Rules for Planted {
        fn next(tried: Tried, setback: Setback, wait: Option<u32>, jitter: f64) -> Next {
            match setback {
                Setback::Failure(What::Lost) if repeats(tried) => Next::Repeat { in_ms: 1 },
                _ => retry::next(tried, setback, wait, jitter),
            }
        }
    }
    is_found::<Planted>("accepted");
}

#[test]
fn a_send_that_is_repeated_after_a_server_error_is_found() {
    struct Planted;
    impl Rules for Planted {
        fn next(tried: Tried, setback: Setback, wait: Option<u32>, jitter: f64) -> Next {
            match setback {
                Setback::Status(500..) if repeats(tried) => Next::Repeat { in_ms: 1 },
                _ => retry::next(tried, setback, wait, jitter),
            }
        }
    }
    is_found::<Planted>("accepted");
}

#[test]
fn a_timeout_that_is_called_not_sent_is_found() {
    struct Planted;
    impl Rules for Planted {
        fn next(tried: Tried, setback: Setback, wait: Option<u32>, jitter: f64) -> Next {
            match (setback, retry::next(tried, setback, wait, jitter)) {
                (Setback::Failure(What::Timeout), Next::Fail { kind, delivery }) => Next::Fail {
                    kind,
                    delivery: delivery.map(|_| Delivery::NotSent),
                },
                (_, next) => next,
            }
        }
    }
    is_found::<Planted>("not-sent, and accepted");
}

#[test]
fn answers_that_are_matched_by_position_alone_are_found() {
    struct Planted;
    impl Rules for Planted {
        fn receipt(success: Success<'_>, batch: &Batch) -> Option<Receipt> {
            let data: serde_json::Value = serde_json::from_str(success.data.as_json()).ok()?;
            let receipt = send::answer(success, batch)?;
            let at = |place: usize, sms: SentSms| {
                let code = data["sms"][place]["code"].as_str().map(str::to_owned);
                let status = code.as_ref().map_or(Status::Unknown, |_| Status::Sent);
                SentSms {
                    status,
                    code,
                    ..sms
                }
            };
            let sms = receipt.sms.into_iter().enumerate();
            Some(Receipt {
                sms: sms.map(|(place, sms)| at(place, sms)).collect(),
                ..receipt
            })
        }
    }
    is_found::<Planted>("message");
}

#[test]
fn a_late_refusal_that_drops_the_new_token_is_found() {
    struct Planted;
    impl Rules for Planted {
        fn refused<Cause: Clone>(session: &mut Session<Cause>, _: Generation, now: u64) {
            if let Decision::Use(held) = session.decide(Wish::default(), now) {
                session.refused(held.generation, now);
            }
        }
    }
    is_found::<Planted>("a login that nobody needed");
}
