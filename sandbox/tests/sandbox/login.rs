use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use paydunya_crm_sandbox::Request;
use serde_json::{Value, json};

use crate::caller::{Caller, KEYS, NOW, code, ordinary_sms};

#[test]
fn the_token_says_when_it_was_issued_and_when_it_expires() {
    let caller = Caller::logged_in(json!({ "tokenLifetime": 120 }));

    let claims = claims(&caller.token);
    assert_eq!(claims["iat"], json!(NOW / 1000));
    assert_eq!(claims["exp"], json!(NOW / 1000 + 120));
}

#[test]
fn every_login_gives_another_token() {
    let mut caller = Caller::logged_in(json!({}));
    let first = caller.token.clone();
    caller.login();

    assert_ne!(caller.token, first);
}

#[test]
fn a_token_lives_as_long_as_its_lifetime() {
    let mut caller = Caller::logged_in(json!({ "tokenLifetime": 120 }));

    caller.now = NOW + 119_999;
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "00");
    caller.now = NOW + 120_000;
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "ERROR_121");
}

#[test]
fn a_log_out_ends_the_tokens_so_far_and_not_the_next_one() {
    let mut caller = Caller::logged_in(json!({}));
    caller.sandbox.log_out();
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "ERROR_124");

    caller.login();
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "00");
}

#[test]
fn older_tokens_stay_valid_unless_there_may_be_only_one() {
    for (single, expected) in [(false, "00"), (true, "ERROR_124")] {
        let mut caller = Caller::logged_in(json!({ "singleToken": single }));
        let older = caller.token.clone();
        caller.login();
        assert_eq!(code(&caller.send(&[ordinary_sms()])), "00");

        caller.token = older;
        assert_eq!(code(&caller.send(&[ordinary_sms()])), expected);
    }
}

#[test]
fn a_refused_login_logs_nobody_out() {
    let mut caller = Caller::logged_in(json!({ "singleToken": true }));
    caller.post(
        "/auth/login",
        r#"{"user_key":"user-key","secret_key":"wrong"}"#,
    );

    assert_eq!(code(&caller.send(&[ordinary_sms()])), "00");
}

#[test]
fn keys_that_are_missing_or_not_strings_are_not_found() {
    for body in [
        "{}",
        "[]",
        r#"{"user_key":"user-key"}"#,
        r#"{"secret_key":"secret-key"}"#,
        r#"{"user_key":"","secret_key":""}"#,
        r#"{"user_key":1,"secret_key":2}"#,
    ] {
        let mut caller = Caller::new(json!({}));
        assert_eq!(
            code(&caller.post("/auth/login", body)),
            "ERROR_118",
            "{body}"
        );
    }
}

#[test]
fn form_data_is_not_read_as_json() {
    let mut caller = Caller::new(json!({}));
    let answer = caller.request(&Request {
        method: "POST",
        path: "/api/v1/auth/login",
        authorization: None,
        content_type: Some("multipart/form-data; boundary=x"),
        body: KEYS,
    });

    assert_eq!(code(&answer), "ERROR_104");
    assert_eq!(
        answer.headers["sandbox-reason"],
        "the Content-Type is not JSON"
    );
}

#[test]
fn the_header_must_be_a_bearer_token() {
    let mut caller = Caller::logged_in(json!({}));
    let token = caller.token.clone();
    for (authorization, expected) in [
        (format!("Bearer {token}"), "ERROR_104"),
        (format!("bearer  {token}"), "ERROR_104"),
        (format!("Basic {token}"), "ERROR_123"),
        (token.clone(), "ERROR_123"),
        ("Bearer ".to_owned(), "ERROR_123"),
        (format!("Bearer {token}x"), "ERROR_122"),
    ] {
        let answer = caller.request(&Request {
            method: "POST",
            path: "/api/v1/sms/stats",
            authorization: Some(&authorization),
            content_type: Some("application/json"),
            body: "",
        });
        assert_eq!(code(&answer), expected, "{authorization}");
    }
}

fn claims(token: &str) -> Value {
    let text = token.split('.').nth(1).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
