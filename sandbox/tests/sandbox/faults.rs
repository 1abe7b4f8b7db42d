use paydunya_crm_sandbox::{Answer, Loss};
use serde_json::{Value, json};

use crate::caller::{Caller, KEYS, body, code, ordinary_sms};

#[test]
fn says_of_every_fault_whether_the_sms_was_accepted_and_what_arrives() {
    for (fault, accepted, lost) in [
        (json!({ "fault": "reset-before" }), 0, Some(Loss::Reset)),
        (json!({ "fault": "reset-after" }), 1, Some(Loss::Reset)),
        (json!({ "fault": "hang" }), 0, Some(Loss::Hang)),
        (json!({ "fault": "hang-after" }), 1, Some(Loss::Hang)),
        (json!({ "fault": "half" }), 1, Some(Loss::Half)),
        (json!({ "fault": "half-hang" }), 1, Some(Loss::HalfHang)),
        (json!({ "fault": "slow", "latency": 5000 }), 1, None),
        (json!({ "fault": "garbage" }), 0, None),
        (json!({ "fault": "html" }), 0, None),
        (json!({ "fault": "empty" }), 0, None),
        (json!({ "fault": "status", "status": 503 }), 0, None),
        (json!({ "fault": "code", "code": "ERROR_116" }), 0, None),
        (json!({ "fault": "garbage", "processed": true }), 1, None),
        (json!({ "fault": "html", "processed": true }), 1, None),
        (json!({ "fault": "empty", "processed": true }), 1, None),
        (
            json!({ "fault": "status", "status": 503, "processed": true }),
            1,
            None,
        ),
        (
            json!({ "fault": "code", "code": "ERROR_116", "processed": true }),
            1,
            None,
        ),
    ] {
        let (mut caller, answer) = struck(fault.clone());

        assert_eq!(answer.lost, lost, "{fault}");
        let sent = caller.sandbox.sent().len();
        assert_eq!(sent, accepted, "{fault}");
        let received = caller.sandbox.received().last().unwrap();
        assert_eq!(received.accepted, accepted, "{fault}");
        assert_eq!(json!(received.fault), fault["fault"]);

        assert_eq!(code(&caller.send(&[ordinary_sms()])), "00", "{fault}");
        assert_eq!(caller.sandbox.sent().len(), accepted + 1, "{fault}");
    }
}

#[test]
fn a_lost_answer_is_the_true_one() {
    for fault in ["half", "half-hang", "hang-after", "reset-after"] {
        let (_, answer) = struck(json!({ "fault": fault }));
        assert_eq!(body(&answer)["data"]["sms"][0]["code"], "SMS-000001");
    }
}

#[test]
fn other_answers_are_as_the_fault_says() {
    let (_, garbage) = struck(json!({ "fault": "garbage" }));
    assert_eq!(garbage.status, 200);
    assert!(serde_json::from_str::<Value>(&garbage.body).is_err());

    let (_, html) = struck(json!({ "fault": "html", "status": 502 }));
    assert_eq!(html.status, 502);
    assert_eq!(html.headers["content-type"], "text/html; charset=UTF-8");
    assert!(html.body.starts_with("<!DOCTYPE html>"));

    let (_, empty) = struck(json!({ "fault": "empty" }));
    assert_eq!((empty.status, empty.body.as_str()), (200, ""));

    let (_, status) = struck(json!({
        "fault": "status", "status": 429, "retryAfter": 7, "body": "slow down"
    }));
    assert_eq!((status.status, status.body.as_str()), (429, "slow down"));
    assert_eq!(status.headers["retry-after"], "7");

    let date = "Sun, 22 Nov 2026 08:30:00 GMT";
    let (_, dated) = struck(json!({ "fault": "status", "status": 503, "retryAfter": date }));
    assert_eq!(dated.headers["retry-after"], date);

    let (_, known) = struck(json!({ "fault": "code", "code": "ERROR_116", "status": 200 }));
    assert_eq!(known.status, 200);
    assert_eq!(body(&known)["message"], "error_server");

    let (_, unknown) = struck(json!({ "fault": "code", "code": "ERROR_199" }));
    assert_eq!(unknown.status, 422);
    assert_eq!(code(&unknown), "ERROR_199");
}

#[test]
fn every_answer_waits_as_long_as_the_latency_says_and_a_slow_one_longer() {
    let mut caller = Caller::logged_in(json!({
        "latency": 40, "faults": [{ "on": "send", "nth": 2, "fault": "slow", "latency": 5000 }]
    }));
    let latencies: Vec<u32> = (0..3)
        .map(|_| caller.send(&[ordinary_sms()]).latency)
        .collect();
    assert_eq!(latencies, [40, 5040, 40]);
}

#[test]
fn strikes_the_requests_that_nth_and_times_say() {
    for (fault, expected) in [
        (json!({}), [true, true, true, true]),
        (json!({ "nth": 2 }), [false, true, false, false]),
        (json!({ "times": 2 }), [true, true, false, false]),
        (json!({ "nth": 2, "times": 2 }), [false, true, true, false]),
    ] {
        let mut plan = fault.clone();
        plan["on"] = json!("send");
        plan["fault"] = json!("hang");
        let mut caller = Caller::logged_in(json!({ "faults": [plan] }));
        let struck = [(); 4].map(|()| caller.send(&[ordinary_sms()]).lost.is_some());
        assert_eq!(struck, expected, "{fault}");
    }
}

#[test]
fn counts_each_call_by_itself_and_any_counts_all() {
    let mut caller = Caller::new(json!({
        "faults": [
            { "on": "send", "nth": 1, "fault": "reset-before" },
            { "on": "any", "nth": 4, "fault": "hang" },
        ]
    }));
    caller.login();
    let stats = json!({ "receiver_address": [{ "value": "+221776665544" }] });
    assert_eq!(caller.stats(stats.clone()).lost, None);
    assert_eq!(caller.send(&[ordinary_sms()]).lost, Some(Loss::Reset));
    assert_eq!(caller.stats(stats.clone()).lost, Some(Loss::Hang));
    assert_eq!(caller.stats(stats).lost, None);
}

#[test]
fn the_first_fault_of_the_list_wins() {
    let mut caller = Caller::new(json!({
        "faults": [
            { "on": "any", "times": 1, "fault": "hang" },
            { "on": "login", "fault": "reset-before" },
        ]
    }));
    assert_eq!(caller.post("/auth/login", KEYS).lost, Some(Loss::Hang));
    assert_eq!(caller.post("/auth/login", KEYS).lost, Some(Loss::Reset));
}

#[test]
fn a_fault_comes_before_the_tokens_check() {
    let mut caller = Caller::new(json!({
        "faults": [{ "on": "send", "fault": "status", "status": 503 }]
    }));
    assert_eq!(caller.send(&[ordinary_sms()]).status, 503);
}

/// What becomes of the first of two sends.
fn struck(mut fault: Value) -> (Caller, Answer) {
    fault["on"] = json!("send");
    fault["nth"] = json!(1);
    let mut caller = Caller::logged_in(json!({ "faults": [fault] }));
    let answer = caller.send(&[ordinary_sms()]);
    (caller, answer)
}
