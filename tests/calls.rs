//! Stories of calls: what is posted, what is repeated, and what the caller is told.
#![allow(clippy::expect_used, reason = "where it panics, a test fails")]

mod scripted;

use paydunya_crm::api::stats::Query;
use paydunya_crm::client::{CallOptions, Client};
use paydunya_crm::credentials::Credentials;
use paydunya_crm::error::{Delivery, Error, Issue, Kind, Reason};
use paydunya_crm::host::{Host, What};
use paydunya_crm::message::Given;
use scripted::*;

type Outcome = (Kind, Option<Delivery>);

const NOT_SENT: Option<Delivery> = Some(Delivery::NotSent);
const UNKNOWN: Option<Delivery> = Some(Delivery::Unknown);

fn outcome<T>(result: &Result<T, Error<&'static str>>) -> Result<(), Outcome> {
    result
        .as_ref()
        .map(|_| ())
        .map_err(|error| (error.kind, error.delivery))
}

/// One send of the document's message on a script.
#[track_caller]
fn send(script: impl IntoIterator<Item = Scripted>) -> (ScriptedHost, Error<&'static str>) {
    let host = ScriptedHost::new(script);
    let client = client(&host);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    (host, sent.expect_err("an error"))
}

#[test]
fn two_hundred_cold_sends_make_one_login() {
    let sends = (0..200).map(|_| answer(200, SENT));
    let host = ScriptedHost::new([answer(200, LOGIN).after(300)].into_iter().chain(sends));
    let client = client(&host);
    let calls = (0..200).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    let sent = settle(&host, calls);
    assert!(sent.iter().all(Result::is_ok));
    assert_eq!(
        host.calls().iter().filter(|call| *call == "login").count(),
        1
    );
    assert_eq!(host.calls().len(), 201);
}

#[test]
fn two_hundred_cold_sends_share_one_refusal_and_the_next_logs_in_again() {
    let host = ScriptedHost::new([
        code("ERROR_117").after(300),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    let client = client(&host);
    let calls = (0..200).map(|_| {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    });
    for sent in settle(&host, calls) {
        assert_eq!(outcome(&sent), Err((Kind::Credentials, NOT_SENT)));
        assert_eq!(sent.unwrap_err().attempts, 0);
    }
    assert_eq!(host.calls(), ["login"]);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_ok());
}

#[test]
fn two_hundred_cold_sends_share_one_timeout_where_the_machine_was_busy_at_its_end() {
    let host = ScriptedHost::new([answer(200, LOGIN).after(40_000)]);
    let client = client(&host);
    let once = || CallOptions {
        max_retries: 0,
        ..patiently()
    };
    let calls = (0..=200).map(|index| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let sleep = |ms| host.sleep(ms, &Signal(None));
            if index == 200 {
                sleep(TIMEOUT - 20).await.expect("nobody aborts");
                host.pass(100);
                return None;
            }
            if index > 0 {
                // Their looks come due before the end of the login, and none of them in time.
                sleep(10).await.expect("nobody aborts");
            }
            Some(client.send(&document_batch(), &once()).await)
        }
    });
    for sent in settle(&host, calls).into_iter().flatten() {
        assert_eq!(outcome(&sent), Err((Kind::Timeout, NOT_SENT)));
    }
    assert_eq!(host.calls(), ["login"]);
}

#[test]
fn a_login_whose_request_died_is_taken_over_soon() {
    let sends = (0..50).map(|_| answer(200, SENT));
    let script = [answer(200, LOGIN).after(1_000), answer(200, LOGIN)];
    let host = ScriptedHost::new(script.into_iter().chain(sends));
    let client = client(&host);
    let calls = (0..=50).map(|index| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let batch = document_batch();
            let options = patiently();
            let call = client.send(&batch, &options);
            if index == 0 {
                until_the_request_ends(&host, 900, call).await;
                return None;
            }
            Some(call.await)
        }
    });
    let sent = settle(&host, calls);
    assert!(sent.iter().flatten().all(Result::is_ok));
    assert_eq!(host.calls().len(), 2 + 50);
    let taken_over = host.times()[1];
    assert_eq!(host.calls()[..2], ["login", "login"]);
    assert!((3_300..3_400).contains(&taken_over), "{taken_over}");
}

#[test]
fn a_login_that_died_while_it_waited_to_try_again_is_taken_over_soon() {
    let host = ScriptedHost::new([
        answer(429, "").retry_after("60"),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    let client = client(&host);
    let calls = (0..2).map(|index| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let options = patiently();
            if index == 0 {
                until_the_request_ends(&host, 100, client.login(&options)).await;
                return None;
            }
            Some(client.send(&document_batch(), &options).await)
        }
    });
    let sent = settle(&host, calls);
    assert!(sent.iter().flatten().all(Result::is_ok));
    assert_eq!(host.calls(), ["login", "login", "send"]);
    assert!(host.times()[1] < 2_600, "{:?}", host.times());
}

#[test]
fn a_slow_login_is_one_for_two_hundred_cold_sends_on_a_busy_machine_too() {
    let sends = (0..200).map(|_| answer(200, SENT));
    let script = [answer(200, LOGIN).after(20_000)];
    let host = ScriptedHost::new(script.into_iter().chain(sends));
    let client = client(&host);
    let calls = (0..=200).map(|index| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            if index == 200 {
                for busy in [100, 3_000, 2_600, 5_000] {
                    let slept = host.sleep(1_000, &Signal::default()).await;
                    slept.expect("nobody aborts");
                    host.pass(busy);
                }
                return None;
            }
            // At many distances from the timer of the login's holder.
            let slept = host.sleep(index * 3, &Signal::default()).await;
            slept.expect("nobody aborts");
            Some(client.send(&document_batch(), &patiently()).await)
        }
    });
    let sent = settle(&host, calls);
    assert!(sent.iter().flatten().all(Result::is_ok));
    assert_eq!(host.calls().len(), 1 + 200);
    assert_eq!(host.calls()[0], "login");
}

#[test]
fn two_hundred_sends_on_a_revoked_token_make_one_more_login() {
    let refused = |after| code("ERROR_121").after(after);
    let host = ScriptedHost::new(
        [answer(200, LOGIN), answer(200, SENT)]
            .into_iter()
            .chain((1..200).map(|_| refused(10)))
            // The last refusal comes when the new token is there already.
            .chain([refused(500), answer(200, LOGIN).after(100)])
            .chain((0..200).map(|_| answer(200, SENT))),
    );
    let client = client(&host);
    let call = || {
        let client = client.clone();
        async move { client.send(&document_batch(), &patiently()).await }
    };
    assert!(settle_one(&host, call()).is_ok());
    let calls = (0..200).map(|_| call());
    assert!(settle(&host, calls).iter().all(Result::is_ok));
    let logins = host.calls().iter().filter(|call| *call == "login").count();
    assert_eq!(logins, 2);
    assert_eq!(host.calls().len(), 2 + 1 + 400);
}

#[test]
fn http_401_without_an_envelope_renews_the_token_too() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(401, r#"{"message":"Unauthenticated."}"#),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    let client = client(&host);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_ok());
    assert_eq!(host.calls(), ["login", "send", "login", "send"]);
}

#[test]
fn a_fresh_token_that_is_refused_ends_the_call() {
    let script = [
        answer(200, LOGIN),
        answer(401, ""),
        answer(200, LOGIN),
        answer(401, ""),
    ];
    let (host, error) = send(script);
    assert_eq!(
        (error.kind, error.delivery, error.attempts),
        (Kind::Credentials, NOT_SENT, 2)
    );
    assert_eq!(host.calls(), ["login", "send", "login", "send"]);
}

#[test]
fn a_token_is_used_until_a_minute_before_its_end() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(200, SENT),
        answer(200, SENT),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    let client = client(&host);
    for (pass, logins) in [(0, 1), (3_539_000, 1), (1_000, 2)] {
        host.pass(pass);
        let client = client.clone();
        let sent = settle_one(&host, async move {
            client.send(&document_batch(), &patiently()).await
        });
        assert!(sent.is_ok());
        assert_eq!(
            host.calls().iter().filter(|call| *call == "login").count(),
            logins
        );
    }
}

#[test]
fn login_posts_each_time_but_joins_one_under_way() {
    let host = ScriptedHost::new([answer(200, LOGIN), answer(200, LOGIN)]);
    let client = client(&host);
    let login = || {
        let client = client.clone();
        async move { client.login(&patiently()).await }
    };
    assert!(settle_one(&host, login()).is_ok());
    assert_eq!(host.calls().len(), 1);
    assert!(settle(&host, [login(), login()]).iter().all(Result::is_ok));
    assert_eq!(host.calls().len(), 2);
}

#[test]
fn what_may_have_been_accepted_is_not_repeated_and_the_caller_learns_what_is_known() {
    let cases = [
        (failure(What::Lost), Kind::Network, UNKNOWN),
        (failure(What::NotAResponse), Kind::Unreadable, UNKNOWN),
        (failure(What::TooLarge), Kind::Unreadable, UNKNOWN),
        (
            answer(200, "<html>Maintenance</html>"),
            Kind::Unreadable,
            UNKNOWN,
        ),
        (answer(200, ""), Kind::Unreadable, UNKNOWN),
        (answer(204, ""), Kind::Unreadable, UNKNOWN),
        (answer(302, ""), Kind::Unreadable, UNKNOWN),
        (answer(413, ""), Kind::Refused, NOT_SENT),
        (answer(500, "<html>"), Kind::Unreadable, UNKNOWN),
        (answer(503, ""), Kind::Unreadable, UNKNOWN),
        (
            answer(200, r#"{"code":"00","message":"sms_sent"}"#),
            Kind::Unreadable,
            UNKNOWN,
        ),
        (
            answer(200, r#"{"code":"ERROR_999"}"#),
            Kind::Refused,
            UNKNOWN,
        ),
        (answer(200, LOGIN).after(40_000), Kind::Timeout, UNKNOWN),
    ];
    for (scripted, kind, delivery) in cases {
        let (host, error) = send([answer(200, LOGIN), scripted.clone()]);
        assert_eq!(
            (error.kind, error.delivery, error.attempts),
            (kind, delivery, 1),
            "{scripted:?}"
        );
        assert_eq!(host.calls(), ["login", "send"]);
    }
}

#[test]
fn a_redirect_is_called_one_where_a_browser_hides_its_status_too() {
    for status in [302, 308, 0] {
        let (_, error) = send([answer(200, LOGIN), answer(status, "")]);
        assert_eq!(
            (error.kind, error.delivery, error.status),
            (Kind::Unreadable, UNKNOWN, Some(status))
        );
        assert!(
            error
                .message
                .contains("a redirect, which is never followed"),
            "{error}"
        );
    }
}

#[test]
fn an_envelope_beats_the_http_status() {
    let (_, error) = send([answer(200, LOGIN), answer(200, r#"{"code":"ERROR_107"}"#)]);
    assert_eq!(
        (error.kind, error.delivery, error.status),
        (Kind::Refused, NOT_SENT, Some(200))
    );
    let (_, error) = send([answer(200, LOGIN), answer(503, r#"{"code":"ERROR_107"}"#)]);
    assert_eq!(
        (error.kind, error.delivery, error.status),
        (Kind::Refused, NOT_SENT, Some(503))
    );

    let host = ScriptedHost::new([answer(200, LOGIN), answer(500, SENT)]);
    let client = client(&host);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_ok());
}

#[test]
fn a_login_that_fails_sent_nothing_whatever_failed() {
    let cases = [
        (answer(200, "<html>"), Kind::Unreadable),
        (answer(401, ""), Kind::Credentials),
        (code("ERROR_119"), Kind::Refused),
    ];
    for (scripted, kind) in cases {
        let (host, error) = send([scripted.clone()]);
        assert_eq!(
            (error.kind, error.delivery, error.attempts),
            (kind, NOT_SENT, 0),
            "{scripted:?}"
        );
        assert!(
            error.message.starts_with("login: ") && error.message.ends_with(" Nothing was sent.")
        );
        assert_eq!(host.calls(), ["login"]);
    }
}

#[test]
fn a_signal_aborted_before_posts_nothing() {
    let host = ScriptedHost::new([]);
    let client = client(&host);
    let options = CallOptions {
        signal: Signal(Some(0)),
        ..patiently()
    };
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &options).await
    });
    let error = sent.unwrap_err();
    assert_eq!((error.kind, error.delivery), (Kind::Aborted, NOT_SENT));
    assert_eq!(error.cause, Some("the caller's reason"));
    assert!(host.calls().is_empty());
}

#[test]
fn an_abort_during_the_login_sent_nothing_and_another_call_takes_over() {
    let host = ScriptedHost::new([
        answer(200, LOGIN).after(1_000),
        answer(200, LOGIN),
        answer(200, SENT),
    ]);
    let client = client(&host);
    let at = host.clock() + 100;
    let call = |signal| {
        let client = client.clone();
        async move {
            let options = CallOptions {
                signal,
                ..patiently()
            };
            client.send(&document_batch(), &options).await
        }
    };
    let sent = settle(&host, [call(Signal(Some(at))), call(Signal::default())]);
    assert_eq!(outcome(&sent[0]), Err((Kind::Aborted, NOT_SENT)));
    assert_eq!(outcome(&sent[1]), Ok(()));
}

#[test]
fn an_abort_while_another_logs_in_ends_at_once_and_disturbs_nobody() {
    let host = ScriptedHost::new([answer(200, LOGIN).after(1_000), answer(200, SENT)]);
    let client = client(&host);
    let at = host.clock() + 60;
    let call = |signal| {
        let (client, host) = (client.clone(), host.clone());
        async move {
            let options = CallOptions {
                signal,
                ..patiently()
            };
            let sent = client.send(&document_batch(), &options).await;
            (sent, host.clock())
        }
    };
    let sent = settle(&host, [call(Signal::default()), call(Signal(Some(at)))]);
    assert_eq!(outcome(&sent[0].0), Ok(()));
    assert_eq!(outcome(&sent[1].0), Err((Kind::Aborted, NOT_SENT)));
    assert_eq!(sent[1].1, at);
}

#[test]
fn an_abort_after_the_request_left_leaves_the_delivery_unknown() {
    let host = ScriptedHost::new([answer(200, LOGIN), answer(200, SENT).after(1_000)]);
    let client = client(&host);
    let options = CallOptions {
        signal: Signal(Some(host.clock() + 500)),
        ..patiently()
    };
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &options).await
    });
    let error = sent.unwrap_err();
    assert_eq!(
        (error.kind, error.delivery, error.attempts),
        (Kind::Aborted, UNKNOWN, 1)
    );
    assert_eq!(error.cause, Some("the caller's reason"));
}

#[test]
fn missing_keys_post_nothing_and_are_all_named() {
    let host = ScriptedHost::new([]);
    let keyless = || Client::new(host.clone(), BASE_URL.to_owned(), Credentials::default());
    let login = settle_one(&host, {
        let client = keyless();
        async move { client.login(&patiently()).await.map(|_| ()) }
    });
    let sent = settle_one(&host, {
        let client = keyless();
        async move {
            client
                .send(&document_batch(), &patiently())
                .await
                .map(|_| ())
        }
    });
    for (error, options, delivery) in [
        (login.unwrap_err(), &["userKey", "secretKey"][..], None),
        (
            sent.unwrap_err(),
            &["userKey", "secretKey", "appKey"],
            NOT_SENT,
        ),
    ] {
        assert_eq!((error.kind, error.delivery), (Kind::Invalid, delivery));
        let named = |(issue, option): (&Issue, &&str)| {
            issue.reason == Reason::Missing && issue.message.contains(*option)
        };
        assert_eq!(error.issues.len(), options.len());
        assert!(error.issues.iter().zip(options).all(named));
    }
    assert!(host.calls().is_empty());
}

#[test]
fn more_than_fifty_receivers_are_asked_in_several_calls_and_merged_in_order() {
    let number = |n: usize| format!("22177666{n:04}");
    let page = |from: usize, to: usize| {
        // The API's own order is another.
        let valid: Vec<String> = (from..to)
            .rev()
            .map(|n| format!(r#"{{"{}":[]}}"#, number(n)))
            .collect();
        let body = format!(
            r#"{{"code":"00","message":"success","description":"","data":{{"valid_number":[{}]}}}}"#,
            valid.join(",")
        );
        answer(200, &body)
    };
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        page(0, 50),
        page(50, 100),
        page(100, 120),
    ]);
    let client = client(&host);
    let receivers: Vec<Given> = (0..120)
        .map(|n| Given::Value(format!("+{}", number(n))))
        .collect();
    let query = Query::parse(&receivers, &Given::Absent, &Given::Absent, None).unwrap();
    let stats = settle_one(
        &host,
        async move { client.stats(&query, &patiently()).await },
    )
    .unwrap();
    assert_eq!(host.calls(), ["login", "stats", "stats", "stats"]);
    let numbers: Vec<String> = stats
        .valid_numbers
        .into_iter()
        .map(|valid| valid.number)
        .collect();
    let asked: Vec<String> = (0..120).map(|n| format!("+{}", number(n))).collect();
    assert_eq!(numbers, asked);
    assert!(stats.invalid_numbers.is_empty());
}
