use paydunya_crm_sandbox::Options;
use serde_json::{Value, json};

use crate::caller::{Caller, KEYS, code};

#[test]
fn every_option_may_be_absent() {
    let mut caller = Caller::new(json!({}));
    assert_eq!(caller.post("/auth/login", KEYS).status, 200);
    assert_eq!(caller.sandbox.balance(), None);
}

#[test]
fn the_keys_are_those_of_the_options() {
    let mut caller = Caller::new(json!({ "userKey": "u", "secretKey": "s" }));

    assert_eq!(code(&caller.post("/auth/login", KEYS)), "ERROR_118");
    let answer = caller.post("/auth/login", r#"{"user_key":"u","secret_key":"s"}"#);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_wrong_option_is_named() {
    let fault = |fault: Value| json!({ "faults": [{ "on": "send", "fault": "hang" }, fault] });
    for (options, name) in [
        (json!([]), "the options must be an object"),
        (
            json!({ "blance": 5 }),
            "the option blance is unknown here; there are userKey",
        ),
        (
            json!({ "userKey": 5 }),
            "the option userKey must be a string",
        ),
        (
            json!({ "secretKey": null }),
            "the option secretKey must be a string",
        ),
        (
            json!({ "appKey": "" }),
            "the option appKey must not be empty",
        ),
        (
            json!({ "balance": -1 }),
            "the option balance must be a whole number from 0",
        ),
        (
            json!({ "balance": "5" }),
            "the option balance must be a whole number from 0",
        ),
        (
            json!({ "balance": 1.5 }),
            "the option balance must be a whole number from 0",
        ),
        (
            json!({ "tokenLifetime": true }),
            "the option tokenLifetime must be a whole number",
        ),
        (
            json!({ "latency": 4_000_000_000u64 }),
            "the option latency must be a whole number from 0 to 2147483647",
        ),
        (
            json!({ "maxSegments": 0 }),
            "the option maxSegments must be a whole number from 1 to 255",
        ),
        (
            json!({ "singleToken": 1 }),
            "the option singleToken must be true or false",
        ),
        (
            json!({ "senders": "MaBoutique" }),
            "the option senders must be an array",
        ),
        (
            json!({ "senders": ["MaBoutique", "Épicerie"] }),
            "the option senders[1] is not a sender: ",
        ),
        (
            json!({ "faults": {} }),
            "the option faults must be an array",
        ),
        (
            fault(json!("hang")),
            "the option faults[1] must be an object",
        ),
        (
            fault(json!({ "fault": "hang" })),
            "the option faults[1].on must be login, send, stats or any",
        ),
        (
            fault(json!({ "on": "sms", "fault": "hang" })),
            "the option faults[1].on must be login, send, stats or any",
        ),
        (
            fault(json!({ "on": "any" })),
            "the option faults[1].fault must be reset-before",
        ),
        (
            fault(json!({ "on": "any", "fault": "reset" })),
            "the option faults[1].fault must be reset-before",
        ),
        (
            fault(json!({ "on": "any", "fault": "hang", "nth": 0 })),
            "the option faults[1].nth must be a whole number from 1",
        ),
        (
            fault(json!({ "on": "any", "fault": "hang", "times": 0 })),
            "the option faults[1].times must be a whole number from 1",
        ),
        (
            fault(json!({ "on": "any", "fault": "hang", "code": "ERROR_116" })),
            "the option faults[1].code is unknown here; there are on, nth, times, fault",
        ),
        (
            fault(json!({ "on": "any", "fault": "reset-before", "processed": true })),
            "the option faults[1].processed is unknown here",
        ),
        (
            fault(json!({ "on": "any", "fault": "slow" })),
            "the option faults[1].latency must say how many milliseconds",
        ),
        (
            fault(json!({ "on": "any", "fault": "status" })),
            "the option faults[1].status must say which",
        ),
        (
            fault(json!({ "on": "any", "fault": "status", "status": 101 })),
            "the option faults[1].status must be a whole number from 200 to 599",
        ),
        (
            fault(json!({ "on": "any", "fault": "status", "status": 503, "retryAfter": -1 })),
            "the option faults[1].retryAfter must be a whole number of seconds",
        ),
        (
            fault(json!({ "on": "any", "fault": "status", "status": 503, "retryAfter": "a\nb" })),
            "the option faults[1].retryAfter must be a whole number of seconds",
        ),
        (
            fault(json!({ "on": "any", "fault": "status", "status": 503, "body": {} })),
            "the option faults[1].body must be a string",
        ),
        (
            fault(json!({ "on": "any", "fault": "code" })),
            "the option faults[1].code must be ERROR_ and three digits",
        ),
        (
            fault(json!({ "on": "any", "fault": "code", "code": "116" })),
            "the option faults[1].code must be ERROR_ and three digits",
        ),
        (
            fault(json!({ "on": "any", "fault": "code", "code": "ERROR_116", "processed": 1 })),
            "the option faults[1].processed must be true or false",
        ),
    ] {
        let Err(error) = Options::parse(&options.to_string()) else {
            panic!("taken: {options}");
        };
        let message = error.to_string();
        assert!(message.starts_with(name), "{message}");
    }
}

#[test]
fn no_message_holds_a_key() {
    let options = r#"{"userKey":"canary-1","secretKey":["canary-2"],"appKey":"canary-3"}"#;
    let message = Options::parse(options).err().unwrap().to_string();
    assert!(!message.contains("canary"), "{message}");
}
