//! The examples of the API document, as they stand there; its stray commas and missing braces are mended.

use serde_json::{Value, json};

use crate::caller::{Caller, body};

const LOGIN: &str = r#"{
    "user_key": "USER-KEY",
    "secret_key": "SECRET-KEY"
}"#;

const SEND: &str = include_str!("../../../tests/data/document/send-request.json");
const SENT: &str = include_str!("../../../tests/data/document/send-answer.json");
const STATS: &str = include_str!("../../../tests/data/document/stats-request.json");
const COUNTED: &str = include_str!("../../../tests/data/document/stats-answer.json");

#[test]
fn answers_a_login_in_the_documents_form() {
    let answer = caller().post("/auth/login", LOGIN);

    assert_eq!(answer.status, 200);
    let token = body(&answer);
    assert_eq!(
        token,
        json!({
            "access_token": token["access_token"],
            "token_type": "bearer",
            "expires_in": 3600,
        })
    );
    assert!(
        token["access_token"]
            .as_str()
            .unwrap()
            .starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.")
    );
}

#[test]
fn answers_a_send_in_the_documents_form() {
    let mut caller = logged_in();
    let answer = caller.post("/sms/send", SEND);

    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(
        body(&answer),
        with_code(SENT, &caller.sandbox.sent()[0].code)
    );
}

#[test]
fn answers_the_stats_in_the_documents_form() {
    let mut caller = logged_in();
    caller.post("/sms/send", SEND);
    let answer = caller.post("/sms/stats", STATS);

    assert_eq!(answer.status, 200);
    assert_eq!(
        body(&answer),
        with_code(COUNTED, &caller.sandbox.sent()[0].code)
    );
}

fn caller() -> Caller {
    Caller::new(json!({
        "userKey": "USER-KEY",
        "secretKey": "SECRET-KEY",
        "appKey": "APP-KEY",
        "senders": ["SENDER-ID"],
    }))
}

fn logged_in() -> Caller {
    let mut caller = caller();
    let answer = caller.post("/auth/login", LOGIN);
    caller.token = body(&answer)["access_token"].as_str().unwrap().to_owned();
    caller
}

fn with_code(document: &str, code: &str) -> Value {
    serde_json::from_str(&document.replace("CODE-SMS", code)).unwrap()
}
