//! Stories of a caller's own store of tokens, and of tokens that others end.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "where it panics, a test fails"
)]

mod scripted;

use std::rc::Rc;

use paydunya_crm::api::login::Token;
use paydunya_crm::client::{CallOptions, Client};
use paydunya_crm::credentials::Secret;
use paydunya_crm::error::{Delivery, Kind};
use paydunya_crm::host::Host;
use scripted::*;

const HOUR: u64 = 3_600_000;

fn token(host: &ScriptedHost, name: &str, lasts: u64) -> Token {
    Token {
        access_token: Secret::parse(name).expect("a token"),
        token_type: "bearer".to_owned(),
        expires_in: 3600,
        expires_at: host.now() + lasts,
    }
}

fn login(name: &str) -> Scripted {
    answer(200, &format!(r#"{{"access_token":"{name}"}}"#))
}

#[track_caller]
fn sends(host: &ScriptedHost, client: &Rc<Client<ScriptedHost>>) {
    let client = client.clone();
    let sent = settle_one(host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_ok(), "{sent:?}");
}

/// The tokens that the sends went with.
fn bearers(host: &ScriptedHost) -> Vec<String> {
    let bearer = |posted: Posted| {
        let mut headers = posted.headers.into_iter();
        let (_, value) = headers.find(|(name, _)| *name == "Authorization")?;
        Some(value.replace("Bearer ", ""))
    };
    host.posted().into_iter().filter_map(bearer).collect()
}

#[test]
fn a_stored_token_spares_the_login() {
    let host = ScriptedHost::new([answer(200, SENT), answer(200, SENT)]).with_store(5);
    host.bring(token(&host, "STORED", HOUR));
    let client = client(&host);
    sends(&host, &client);
    sends(&host, &client);
    assert_eq!(host.calls(), ["send", "send"]);
    assert_eq!(bearers(&host), ["STORED", "STORED"]);
    assert_eq!(host.store_log(), ["get"]);
}

#[test]
fn without_a_stored_token_the_login_is_stored() {
    let host = ScriptedHost::new([login("T1"), answer(200, SENT)]).with_store(5);
    sends(&host, &client(&host));
    assert_eq!(host.store_log(), ["get", "set T1"]);
}

#[test]
fn a_stored_token_that_ends_within_a_minute_is_not_used() {
    let host = ScriptedHost::new([login("T1"), answer(200, SENT)]).with_store(0);
    host.bring(token(&host, "STORED", 60_000));
    sends(&host, &client(&host));
    assert_eq!(bearers(&host), ["T1"]);
}

#[test]
fn a_refused_stored_token_leads_to_one_login_for_all_and_to_a_set() {
    let script = [answer(200, SENT)]
        .into_iter()
        .chain((0..50).map(|_| code("ERROR_121")))
        .chain([login("T1")])
        .chain((0..50).map(|_| answer(200, SENT)));
    let host = ScriptedHost::new(script).with_store(5);
    host.bring(token(&host, "STORED", HOUR));
    let client = client(&host);
    sends(&host, &client);
    let calls = (0..50).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    assert!(settle(&host, calls).iter().all(Result::is_ok));
    // The store was asked again for a newer one, once for all, and had none.
    assert_eq!(host.store_log(), ["get", "get", "set T1"]);
}

#[test]
fn a_token_that_another_process_renewed_is_taken_from_the_store() {
    let host =
        ScriptedHost::new([answer(200, SENT), code("ERROR_121"), answer(200, SENT)]).with_store(5);
    host.bring(token(&host, "OLD", HOUR));
    let client = client(&host);
    sends(&host, &client);
    host.bring(token(&host, "NEW", HOUR));
    sends(&host, &client);
    assert_eq!(bearers(&host), ["OLD", "OLD", "NEW"]);
    assert_eq!(host.calls(), ["send", "send", "send"]);
}

#[test]
fn a_store_that_brings_one_refused_token_after_the_other_is_asked_only_twice() {
    let host = ScriptedHost::new([
        code("ERROR_121"),
        code("ERROR_121").after(20),
        login("T1"),
        answer(200, SENT),
    ])
    .with_store(5);
    host.bring(token(&host, "OLD", HOUR));
    let client = client(&host);
    let other = host.clone();
    let calls: [std::pin::Pin<Box<dyn Future<Output = bool>>>; 2] = [
        Box::pin(async move { client.send(&document_batch(), &patiently()).await.is_ok() }),
        Box::pin(async move {
            other.sleep(7, &Signal(None)).await.expect("nobody aborts");
            other.bring(token(&other, "STALE", HOUR));
            true
        }),
    ];
    assert_eq!(settle(&host, calls), [true, true]);
    assert_eq!(bearers(&host), ["OLD", "STALE", "T1"]);
    assert_eq!(host.store_log(), ["get", "get", "set T1"]);
}

#[test]
fn a_store_that_hangs_costs_a_tenth_of_the_timeout_and_nothing_else() {
    let host =
        ScriptedHost::new([login("T1"), answer(200, SENT), answer(200, SENT)]).with_store(u64::MAX);
    let client = client(&host);
    sends(&host, &client);
    // For `get` and for `set`, and an answer takes 10 ms.
    assert_eq!(host.times(), [3_000, 6_010]);
    sends(&host, &client);
    assert_eq!(host.times()[2], 6_020);
}

#[test]
fn those_who_wait_for_the_login_do_not_wait_for_the_store() {
    let host =
        ScriptedHost::new([login("T1"), answer(200, SENT), answer(200, SENT)]).with_store(u64::MAX);
    let client = client(&host);
    let calls = (0..2).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    assert!(settle(&host, calls).iter().all(Result::is_ok));
    assert_eq!(host.times(), [3_000, 3_025, 6_010]);
}

#[test]
fn login_asks_no_store_but_fills_it() {
    let host = ScriptedHost::new([login("T1")]).with_store(5);
    host.bring(token(&host, "STORED", HOUR));
    let client = client(&host);
    let token = settle_one(&host, async move { client.login(&patiently()).await });
    assert_eq!(token.expect("a token").access_token.expose(), "T1");
    assert_eq!(host.store_log(), ["set T1"]);
}

#[test]
fn an_abort_while_the_store_is_asked_or_filled_posts_nothing_more() {
    for (after, posted) in [(1_000, 0), (4_000, 1)] {
        let host = ScriptedHost::new([login("T1")]).with_store(u64::MAX);
        let options = CallOptions {
            signal: Signal(Some(host.clock() + after)),
            ..patiently()
        };
        let (client, start) = (client(&host), host.clock());
        let sent = settle_one(&host, async move {
            client.send(&document_batch(), &options).await
        });
        let error = sent.expect_err("an error");
        assert_eq!(
            (error.kind, error.delivery, error.cause),
            (
                Kind::Aborted,
                Some(Delivery::NotSent),
                Some("the caller's reason")
            )
        );
        assert_eq!(host.calls().len(), posted);
        assert_eq!(host.clock(), start + after);
    }
}

#[test]
fn two_clients_that_end_each_others_tokens_stop_with_a_clear_error() {
    // The host of each posts to one API, where only the token of the last login counts.
    let refused_and_renewed = [code("ERROR_124"), login("T"), answer(200, SENT)];
    let script = [login("T"), answer(200, SENT)]
        .into_iter()
        .chain(refused_and_renewed.into_iter().cycle().take(4 * 3))
        .chain([code("ERROR_124")]);
    let host = ScriptedHost::new(script);
    let client = client(&host);
    for _ in 0..5 {
        sends(&host, &client);
    }
    let call = || {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    };
    for attempts in [1, 0] {
        let error = settle_one(&host, call()).expect_err("an error");
        assert_eq!(
            (error.kind, error.delivery, error.attempts),
            (Kind::Credentials, Some(Delivery::NotSent), attempts)
        );
        assert!(
            error
                .message
                .contains("another program logs in with the same keys"),
            "{}",
            error.message
        );
    }
    let logins = host.calls().iter().filter(|call| *call == "login").count();
    assert_eq!(logins, 5);
}
