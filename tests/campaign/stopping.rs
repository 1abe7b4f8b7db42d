//! When nothing more is sent, and what becomes of the rest.

use std::rc::Rc;

use paydunya_crm::campaign::{self, Campaign, End, Limits, NoLedger, Status, Stop};
use paydunya_crm::error::{Delivery, Kind};
use paydunya_crm::host::What;

use crate::desk::*;
use crate::scripted::*;

#[track_caller]
fn stops(answered: fn() -> Scripted, stop: Stop, status: Status) {
    let host = api(move |nth, _| (nth == 2).then(answered));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (desk, ended) = run_with(
        ScriptedDesk::new(&host, rows(500)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(report.stopped, Some(stop));
    assert_eq!(
        (
            report.totals.sent,
            desk.count_of(status),
            report.totals.skipped
        ),
        (50, 50, 400)
    );
    assert_eq!(batches(&host).len(), 2);
    let outcomes = desk.outcomes.borrow();
    let (tried, skipped) = (&outcomes[50], &outcomes[499]);
    let (tried, skipped) = (
        tried.error.as_ref().expect("why"),
        skipped.error.as_ref().expect("why"),
    );
    assert_eq!(
        (skipped.kind, skipped.code, skipped.status),
        (tried.kind, tried.code, tried.status)
    );
    assert_eq!(skipped.delivery, Some(Delivery::NotSent));
    assert!(
        skipped
            .message
            .starts_with("sendAll: stopped before this message: ")
    );
}

#[test]
fn without_money_nothing_more_is_sent() {
    stops(|| code("ERROR_102"), Stop::Balance, Status::Unknown);
}

#[test]
fn with_a_wrong_key_nothing_more_is_sent() {
    stops(|| code("ERROR_107"), Stop::Credentials, Status::Refused);
    stops(|| code("ERROR_117"), Stop::Credentials, Status::NotSent);
}

#[test]
fn after_a_redirect_nothing_more_is_sent() {
    stops(|| answer(302, ""), Stop::Redirect, Status::Unknown);
}

#[test]
fn two_unknown_batches_in_a_row_and_a_canary_that_fails_stop_it() {
    let host = api(|nth, _| (nth > 1).then(|| failure(What::Lost)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(1_000)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(sizes(&host), [50, 50, 50, 1]);
    assert_eq!(report.stopped, Some(Stop::Outage));
    assert_eq!(
        (
            report.totals.sent,
            report.totals.unknown,
            report.totals.skipped
        ),
        (50, 101, 849)
    );
}

#[test]
fn a_canary_that_is_answered_lets_it_go_on() {
    let host = api(|nth, _| [2, 3].contains(&nth).then(|| failure(What::Timeout)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(1_000)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(sizes(&host)[..6], [50, 50, 50, 1, 50, 50]);
    assert_eq!(
        (report.stopped, report.totals.unknown, report.totals.sent),
        (None, 100, 900)
    );
}

#[test]
fn the_canary_waits_until_nothing_is_in_flight() {
    let host = api(|nth, posted| match nth {
        2 | 3 => Some(failure(What::Lost)),
        4 | 5 => Some(accepted(posted).after(5_000)),
        _ => None,
    });
    let (_, report) = run(ScriptedDesk::new(&host, rows(1_000)));
    // The sixth left between the two losses.
    assert_eq!(sizes(&host)[..8], [50, 50, 50, 50, 50, 50, 1, 50]);
    assert_eq!((report.stopped, report.totals.unknown), (None, 100));
}

#[test]
fn unknown_batches_that_are_not_in_a_row_stop_nothing() {
    let host = api(|nth, _| (nth % 2 == 0).then(|| failure(What::Lost)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(500)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!((report.stopped, report.totals.unknown), (None, 250));
    assert_eq!(sizes(&host), [50; 10]);
}

#[test]
fn a_reader_that_leaves_stops_it_after_what_is_in_flight() {
    let host = api(|nth, posted| (nth > 1).then(|| accepted(posted).after(1_000)));
    let closes = Some(host.clock() + 500);
    let desk = ScriptedDesk {
        closes,
        ..ScriptedDesk::new(&host, rows(1_000))
    };
    let (_, report) = run(desk);
    assert_eq!(report.stopped, Some(Stop::Closed));
    assert_eq!((batches(&host).len(), report.totals.sent), (5, 250));
    assert_eq!(report.totals.skipped, report.totals.total - 250);
}

#[test]
fn a_reader_that_leaves_does_not_wait_for_the_rate() {
    let host = api(|_, _| None);
    let started = host.clock();
    let desk = ScriptedDesk {
        closes: Some(started + 300),
        ..ScriptedDesk::new(&host, rows(100))
    };
    let limits = Limits {
        per_second: Some(1),
        ..LIMITS
    };
    let (_, ended) = run_with(desk, limits, Signal::default(), NoLedger);
    assert_eq!(ended.expect("a report").totals.sent, 1);
    assert_eq!(host.clock() - started, 300);
}

#[test]
fn an_abort_leaves_what_was_in_flight_unknown_and_skips_the_rest() {
    let host = api(|nth, posted| (nth > 1).then(|| accepted(posted).after(1_000)));
    let at = host.clock() + 500;
    let desk = ScriptedDesk {
        closes: Some(at),
        ..ScriptedDesk::new(&host, rows(1_000))
    };
    let (desk, ended) = run_with(desk, LIMITS, Signal(Some(at)), NoLedger);
    let report = ended.expect("a report");
    assert_eq!(
        (report.stopped, report.totals.sent, report.totals.unknown),
        (Some(Stop::Aborted), 50, 200)
    );
    assert_eq!(desk.host.clock(), at);
}

#[test]
fn a_source_that_fails_has_what_it_gave_sent() {
    let host = api(|_, _| None);
    let desk = ScriptedDesk {
        end: End::Failed,
        ..ScriptedDesk::new(&host, rows(70))
    };
    let (_, report) = run(desk);
    assert_eq!(
        (report.totals.sent, report.stopped),
        (70, Some(Stop::Source))
    );
}

#[test]
fn a_client_without_keys_is_misuse_and_sends_nothing() {
    let host = ScriptedHost::new([]);
    let keyless = Rc::new(paydunya_crm::client::Client::new(
        host.clone(),
        BASE_URL.to_owned(),
        paydunya_crm::credentials::Credentials {
            user_key: None,
            secret_key: None,
            app_key: None,
        },
    ));
    let (clock, desk) = (host.clone(), ScriptedDesk::new(&host, rows(3)));
    let ended = settle_one(&host, async move {
        campaign::run(Campaign {
            client: &*keyless,
            host: &clock,
            policy: &policy(),
            options: &patiently(),
            limits: LIMITS,
            desk: &desk,
            ledger: &NoLedger,
        })
        .await
    });
    assert_eq!(ended.unwrap_err().kind, Kind::Invalid);
    assert!(host.calls().is_empty());
}

#[test]
fn an_empty_source_logs_in_for_nothing() {
    let host = ScriptedHost::new([]);
    let (_, report) = run(ScriptedDesk::new(&host, Vec::new()));
    assert_eq!((report.totals.total, report.stopped), (0, None));
}
