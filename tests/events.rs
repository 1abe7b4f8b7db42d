//! Stories of what a listener is told.
#![allow(clippy::expect_used, reason = "where it panics, a test fails")]

mod scripted;

use paydunya_crm::api::Call;
use paydunya_crm::event::Event;
use paydunya_crm::host::What;
use scripted::*;

fn request(call: Call, attempt: u32) -> Event {
    Event::Request {
        call,
        attempt,
        messages: (call == Call::Send).then_some(1),
    }
}

fn response(call: Call, attempt: u32, status: u16, code: Option<&'static str>) -> Event {
    Event::Response {
        call,
        attempt,
        status,
        code,
        ms: 10,
    }
}

fn retry(call: Call, attempt: u32, in_ms: u32, because: &'static str) -> Event {
    Event::Retry {
        call,
        attempt,
        in_ms,
        because,
    }
}

#[test]
fn every_post_every_answer_and_every_repeat_is_told_in_order_logins_too() {
    use Call::{Login, Send};
    let host = ScriptedHost::new([
        failure(What::Lost),
        answer(503, "").retry_after("2"),
        answer(200, LOGIN),
        answer(429, ""),
        code("ERROR_121"),
        answer(200, LOGIN),
        failure(What::NeverLeft),
        answer(200, SENT),
    ]);
    let client = client(&host);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_ok());
    assert_eq!(
        host.events(),
        [
            request(Login, 1),
            retry(Login, 1, 250, "the connection broke"),
            request(Login, 2),
            response(Login, 2, 503, None),
            retry(Login, 2, 2_000, "the server failed"),
            request(Login, 3),
            response(Login, 3, 200, None),
            request(Send, 1),
            response(Send, 1, 429, None),
            retry(Send, 1, 250, "too many requests"),
            request(Send, 2),
            response(Send, 2, 400, Some("ERROR_121")),
            retry(Send, 2, 0, "the token was refused"),
            request(Login, 1),
            response(Login, 1, 200, None),
            request(Send, 3),
            retry(Send, 3, 500, "no connection could be made"),
            request(Send, 4),
            response(Send, 4, 200, Some("00")),
        ]
    );
}

#[test]
fn no_key_token_text_number_or_word_of_the_api_is_told() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(400, r#"{"code":"CANARY-CODE","message":"CANARY"}"#),
    ]);
    let client = client(&host);
    let sent = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    });
    assert!(sent.is_err());
    let told = format!("{:?}", host.events());
    for canary in ["CANARY", "KEY", "eyJ0", "776665544", "sms de test"] {
        assert!(!told.contains(canary), "{told}");
    }
}
