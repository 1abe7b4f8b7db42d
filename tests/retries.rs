//! Stories of repeats: what is posted again, when, and what is not.
#![allow(clippy::expect_used, reason = "where it panics, a test fails")]

mod scripted;

use paydunya_crm::api::stats::{Query, Stats};
use paydunya_crm::client::CallOptions;
use paydunya_crm::error::{Delivery, Error, Kind};
use paydunya_crm::host::{Host, What};
use paydunya_crm::message::Given;
use scripted::*;

const NOT_SENT: Option<Delivery> = Some(Delivery::NotSent);
const UNKNOWN: Option<Delivery> = Some(Delivery::Unknown);
const STATS: &str = r#"{"code":"00","message":"success","description":"","data":{"valid_number":[{"221776665544":[]}]}}"#;

type Failed = Error<&'static str>;

#[track_caller]
fn send(host: &ScriptedHost, options: CallOptions<Signal>) -> Result<(), Failed> {
    let client = client(host);
    settle_one(host, async move {
        client.send(&document_batch(), &options).await.map(|_| ())
    })
}

#[track_caller]
fn stats(host: &ScriptedHost, options: CallOptions<Signal>) -> Result<Stats, Failed> {
    let client = client(host);
    let receivers = [Given::Value("+221776665544".to_owned())];
    let query = Query::parse(&receivers, &Given::Absent, &Given::Absent, None).expect("a query");
    settle_one(host, async move { client.stats(&query, &options).await })
}

fn retrying(max_retries: u32) -> CallOptions<Signal> {
    CallOptions {
        max_retries,
        ..patiently()
    }
}

fn aborted_at(at: u64) -> CallOptions<Signal> {
    CallOptions {
        signal: Signal(Some(at)),
        ..patiently()
    }
}

#[test]
fn a_send_that_never_left_or_was_one_too_many_is_repeated() {
    for scripted in [failure(What::NeverLeft), answer(429, "")] {
        let host = ScriptedHost::new([
            answer(200, LOGIN),
            scripted.clone(),
            scripted,
            answer(200, SENT),
        ]);
        assert!(send(&host, patiently()).is_ok());
        assert_eq!(host.calls(), ["login", "send", "send", "send"]);
        // Each answer comes after 10 ms; the dice give the shortest back-off.
        assert_eq!(host.times(), [0, 10, 10 + 10 + 250, 270 + 10 + 500]);
        let posted = host.posted();
        assert_eq!(posted[1].body, posted[3].body);
    }
}

#[test]
fn a_send_that_the_server_may_have_processed_is_never_repeated() {
    for scripted in [
        failure(What::Lost),
        answer(200, SENT).after(40_000),
        answer(500, ""),
        answer(503, "").retry_after("0"),
        code("ERROR_116"),
    ] {
        let host = ScriptedHost::new([answer(200, LOGIN), scripted]);
        let error = send(&host, retrying(10)).unwrap_err();
        assert_eq!((error.delivery, error.attempts), (UNKNOWN, 1));
        assert_eq!(host.calls(), ["login", "send"]);
    }
}

#[test]
fn a_send_that_was_repeated_in_vain_tells_how_often_and_that_nothing_was_sent() {
    for (scripted, kind) in [
        (failure(What::NeverLeft), Kind::Network),
        (answer(429, ""), Kind::Refused),
    ] {
        for (max_retries, attempts) in [(0, 1), (1, 2), (2, 3), (10, 11)] {
            let tries = std::iter::repeat_n(scripted.clone(), 11);
            let host = ScriptedHost::new([answer(200, LOGIN)].into_iter().chain(tries));
            let error = send(&host, retrying(max_retries)).unwrap_err();
            assert_eq!(
                (error.kind, error.delivery, error.attempts),
                (kind, NOT_SENT, attempts)
            );
        }
    }
}

#[test]
fn a_send_that_never_left_and_then_may_have_been_accepted_is_unknown() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        failure(What::NeverLeft),
        failure(What::Lost),
    ]);
    let error = send(&host, patiently()).unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.attempts),
        (Kind::Network, UNKNOWN, 2)
    );
}

#[test]
fn login_and_stats_are_repeated_whatever_became_of_the_connection() {
    for scripted in [
        failure(What::NeverLeft),
        failure(What::Lost),
        answer(200, "").after(40_000),
        answer(429, ""),
        answer(502, "<html>"),
        code("ERROR_116"),
    ] {
        let host = ScriptedHost::new([
            scripted.clone(),
            scripted.clone(),
            answer(200, LOGIN),
            scripted.clone(),
            scripted,
            answer(200, STATS),
        ]);
        assert!(stats(&host, patiently()).is_ok());
        assert_eq!(
            host.calls(),
            ["login", "login", "login", "stats", "stats", "stats"]
        );
    }
}

#[test]
fn a_login_before_a_send_is_repeated_on_its_own_account() {
    let host = ScriptedHost::new([
        failure(What::Lost),
        answer(503, ""),
        answer(200, LOGIN),
        answer(429, ""),
        failure(What::NeverLeft),
        answer(200, SENT),
    ]);
    assert!(send(&host, patiently()).is_ok());
    assert_eq!(host.calls()[2..], ["login", "send", "send", "send"]);

    let host = ScriptedHost::new(std::iter::repeat_n(failure(What::Lost), 3));
    let error = send(&host, patiently()).unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.attempts),
        (Kind::Network, NOT_SENT, 0)
    );
    assert_eq!(host.calls(), ["login", "login", "login"]);
}

#[test]
fn without_repeats_a_refused_token_is_renewed_all_the_same() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        code("ERROR_121"),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    assert!(send(&host, retrying(0)).is_ok());
}

#[test]
fn repeats_and_the_renewal_of_a_token_do_not_count_against_each_other() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(429, ""),
        code("ERROR_121"),
        answer(200, LOGIN),
        failure(What::NeverLeft),
        answer(401, ""),
    ]);
    let error = send(&host, patiently()).unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.attempts),
        (Kind::Credentials, NOT_SENT, 4)
    );
}

#[test]
fn waits_as_long_as_retry_after_says() {
    // The host's clock begins at 22:13:20; the login and the refusal take 10 ms each.
    let soon = "Tue, 14 Nov 2023 22:13:50 GMT";
    for (scripted, waits) in [
        (answer(429, "").retry_after("7"), 7_000),
        (answer(429, "").retry_after("60"), 60_000),
        (answer(429, "").retry_after("0"), 0),
        (answer(429, "").retry_after(soon), 30_000),
        (
            answer(429, "").retry_after("Tuesday, 14-Nov-23 22:13:50 GMT"),
            30_000,
        ),
        (
            answer(429, "").retry_after("Tue Nov 14 22:13:50 2023"),
            30_000,
        ),
        (
            // This machine's clock is wrong by a minute and more.
            answer(429, "")
                .retry_after(soon)
                .date("Tue, 14 Nov 2023 22:13:45 GMT"),
            5_000,
        ),
        (
            answer(429, "").retry_after("Tue, 14 Nov 2023 22:00:00 GMT"),
            0,
        ),
        (answer(429, "").retry_after("-5"), 250),
        (answer(429, "").retry_after("tomorrow"), 250),
    ] {
        let host = ScriptedHost::new([answer(200, LOGIN), scripted.clone(), answer(200, SENT)]);
        assert!(send(&host, patiently()).is_ok());
        assert_eq!(host.times(), [0, 10, 20 + waits], "{scripted:?}");
    }
}

#[test]
fn a_retry_after_of_more_than_a_minute_ends_the_call_at_once_and_is_told() {
    for (value, seconds) in [
        ("61", 61),
        ("86400", 86_400),
        ("99999999999", u32::MAX),
        ("Tue, 14 Nov 2023 22:23:20 GMT", 600),
    ] {
        let host = ScriptedHost::new([answer(200, LOGIN), answer(429, "").retry_after(value)]);
        let error = send(&host, patiently()).unwrap_err();
        assert_eq!(
            (error.kind, error.delivery, error.retry_after),
            (Kind::Refused, NOT_SENT, Some(seconds)),
            "{value}"
        );
        assert_eq!(host.times(), [0, 10]);
    }
}

#[test]
fn retry_after_is_told_of_what_is_not_repeated_too() {
    let host = ScriptedHost::new([answer(200, LOGIN), answer(503, "").retry_after("5")]);
    let error = send(&host, patiently()).unwrap_err();
    assert_eq!((error.delivery, error.retry_after), (UNKNOWN, Some(5)));
}

#[test]
fn the_back_off_grows_and_the_dice_spread_it() {
    let host = ScriptedHost::new(
        [answer(200, LOGIN)]
            .into_iter()
            .chain(std::iter::repeat_n(failure(What::NeverLeft).after(0), 7)),
    );
    host.roll(1.0);
    send(&host, retrying(6)).unwrap_err();
    let times = host.times();
    let waits: Vec<u64> = times[1..]
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
}

#[test]
fn an_abort_in_a_back_off_ends_the_call_at_once_and_nothing_was_sent() {
    let host = ScriptedHost::new([answer(200, LOGIN), answer(429, "").retry_after("30")]);
    let at = host.clock() + 5_000;
    let error = send(&host, aborted_at(at)).unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.attempts, error.cause),
        (Kind::Aborted, NOT_SENT, 1, Some("the caller's reason"))
    );
    assert_eq!(host.clock(), at);

    let host = ScriptedHost::new([answer(200, LOGIN), failure(What::Lost)]);
    let error = stats(&host, aborted_at(host.clock() + 100)).unwrap_err();
    assert_eq!((error.kind, error.delivery), (Kind::Aborted, None));
}

#[test]
fn an_abort_in_the_back_off_of_a_login_sent_nothing_and_another_call_takes_over() {
    let host = ScriptedHost::new([failure(What::Lost), answer(200, LOGIN), answer(200, SENT)]);
    host.roll(1.0);
    let client = client(&host);
    let at = host.clock() + 100;
    let call = |options| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let sent = client.send(&document_batch(), &options).await;
            (sent.map(|_| ()), host.clock())
        }
    };
    let mut calls = settle(&host, [call(aborted_at(at)), call(patiently())]);
    let (second, first) = (calls.pop().expect("two"), calls.pop().expect("two"));
    let error = first.0.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.cause),
        (Kind::Aborted, NOT_SENT, Some("the caller's reason"))
    );
    assert_eq!(first.1, at);
    assert_eq!(second.0, Ok(()));
    assert_eq!(host.calls(), ["login", "login", "send"]);
}

#[test]
fn two_hundred_sends_wait_for_a_login_through_its_repeats() {
    let sends = (0..200).map(|_| answer(200, SENT));
    let host = ScriptedHost::new(
        [
            answer(200, LOGIN).after(40_000),
            answer(429, "").retry_after("60"),
            answer(200, LOGIN),
        ]
        .into_iter()
        .chain(sends),
    );
    let client = client(&host);
    let calls = (0..200).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    assert!(settle(&host, calls).iter().all(Result::is_ok));
    assert_eq!(host.calls()[..4], ["login", "login", "login", "send"]);
}

#[test]
fn two_hundred_sends_share_the_failure_of_a_login_that_was_repeated() {
    let host = ScriptedHost::new(std::iter::repeat_n(answer(200, LOGIN).after(40_000), 3));
    let client = client(&host);
    let calls = (0..200).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    for sent in settle(&host, calls) {
        let error = sent.unwrap_err();
        assert_eq!((error.kind, error.delivery), (Kind::Timeout, NOT_SENT));
    }
    assert_eq!(host.calls(), ["login", "login", "login"]);
}

#[test]
fn a_call_with_more_repeats_left_takes_over_a_login_that_gave_up() {
    let host = ScriptedHost::new([failure(What::Lost), answer(200, LOGIN), answer(200, SENT)]);
    let client = client(&host);
    let call = |options| {
        let client = client.clone();
        async move { client.send(&document_batch(), &options).await.is_ok() }
    };
    assert_eq!(
        settle(&host, [call(retrying(0)), call(patiently())]),
        [false, true]
    );
}

#[test]
fn a_token_that_ends_during_a_back_off_is_renewed_before_the_repeat() {
    let host = ScriptedHost::new([
        answer(200, r#"{"access_token":"first","expires_in":90}"#),
        answer(429, "").retry_after("60"),
        answer(200, r#"{"access_token":"second"}"#),
        answer(200, SENT),
    ]);
    assert!(send(&host, patiently()).is_ok());
    assert_eq!(host.calls(), ["login", "send", "login", "send"]);
}

#[test]
fn no_call_takes_longer_than_the_bound_that_the_guide_gives() {
    let host = ScriptedHost::new(
        (0..3)
            .map(|_| answer(429, "").retry_after("60").after(29_999))
            .cycle()
            .take(2)
            .chain([answer(200, LOGIN).after(29_999)])
            .chain(std::iter::repeat_n(
                answer(429, "").retry_after("60").after(29_999),
                3,
            )),
    );
    let start = host.now();
    send(&host, patiently()).unwrap_err();
    // Three logins and three sends of 30 s, and a minute before each repeat.
    assert!(host.now() - start <= 2 * (3 * 30_000 + 2 * 60_000));
    assert_eq!(host.calls().len(), 6);
}
