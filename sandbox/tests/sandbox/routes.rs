use paydunya_crm_sandbox::{Answer, Call, Request};
use serde_json::json;

use crate::caller::{Caller, KEYS, code, ordinary_sms};

#[test]
fn takes_any_base_path() {
    for path in ["/auth/login", "/api/v1/auth/login", "/a/b/c/auth/login"] {
        assert_eq!(request("POST", path).status, 200, "{path}");
    }
}

#[test]
fn knows_no_other_path() {
    for path in [
        "/",
        "",
        "/login",
        "/auth/login/",
        "/api/v1/auth",
        "/sms/sendx",
    ] {
        assert_eq!(request("POST", path).status, 404, "{path}");
    }
}

#[test]
fn takes_nothing_but_a_post() {
    for method in ["GET", "PUT", "HEAD", "OPTIONS", "post"] {
        let answer = request(method, "/auth/login");
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "POST");
    }
}

#[test]
fn tells_of_every_request_without_keys_texts_and_numbers() {
    let mut caller = Caller::new(json!({
        "faults": [{ "on": "send", "nth": 2, "fault": "reset-after" }]
    }));
    caller.request(&request_of("GET", "/favicon.ico"));
    caller.login();
    caller.send(&[ordinary_sms(), ordinary_sms()]);
    caller.send(&[ordinary_sms()]);
    caller.send(&[]);

    let told = serde_json::to_value(caller.sandbox.received()).unwrap();
    let at = caller.now;
    assert_eq!(
        told,
        json!([
            { "call": null, "status": 404, "code": null, "accepted": 0, "fault": null, "reason": null, "at": at },
            { "call": "login", "status": 200, "code": null, "accepted": 0, "fault": null, "reason": null, "at": at },
            { "call": "send", "status": 200, "code": "00", "accepted": 2, "fault": null, "reason": null, "at": at },
            { "call": "send", "status": null, "code": null, "accepted": 1, "fault": "reset-after", "reason": null, "at": at },
            { "call": "send", "status": 422, "code": "ERROR_109", "accepted": 0, "fault": null, "reason": "sms is empty", "at": at },
        ])
    );
}

#[test]
fn a_reset_brings_the_first_day_back() {
    let mut caller = Caller::logged_in(json!({
        "balance": 1, "faults": [{ "on": "login", "nth": 2, "fault": "hang" }]
    }));
    caller.send(&[ordinary_sms()]);
    caller.sandbox.reset();

    assert!(caller.sandbox.sent().is_empty());
    assert!(caller.sandbox.received().is_empty());
    assert_eq!(caller.sandbox.balance(), Some(1));
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "ERROR_122");
    caller.login();
    caller.send(&[ordinary_sms()]);
    assert_eq!(caller.sandbox.sent()[0].code, "SMS-000001");
    assert_eq!(caller.sandbox.received()[1].call, Some(Call::Login));
}

fn request(method: &str, path: &str) -> Answer {
    Caller::new(json!({})).request(&request_of(method, path))
}

fn request_of<'a>(method: &'a str, path: &'a str) -> Request<'a> {
    Request {
        method,
        path,
        authorization: None,
        content_type: Some("application/json"),
        body: KEYS,
    }
}
