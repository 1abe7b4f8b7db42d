//! Each of the 24 codes can be reached, in the way that the README's table says.

use paydunya_crm::error::ErrorCode;
use paydunya_crm_sandbox::{Answer, Request};
use serde_json::{Value, json};

use crate::caller::{Caller, KEYS, NOW, body, ordinary_sms, sms};

#[test]
fn every_code_is_reached_with_the_status_and_the_words_of_the_readme() {
    let readme = include_str!("../../README.md");
    for code in ErrorCode::all() {
        let answer = reach(&mut prepared(code.as_str()), code.as_str());

        assert_eq!(
            body(&answer),
            json!({
                "code": code.as_str(),
                "message": code.message(),
                "description": code.meaning(),
            })
        );
        let start = format!(
            "| `{}` | `{}` | {} |",
            code.as_str(),
            code.message(),
            answer.status
        );
        assert!(
            readme.lines().any(|line| line.starts_with(&start)),
            "no row {start}"
        );
    }
}

#[test]
fn a_refused_request_leaves_nothing_behind() {
    for code in ErrorCode::all() {
        let mut caller = prepared(code.as_str());
        let balance = caller.sandbox.balance();
        reach(&mut caller, code.as_str());

        assert!(caller.sandbox.sent().is_empty(), "{code:?}");
        assert_eq!(caller.sandbox.balance(), balance, "{code:?}");
    }
}

fn prepared(code: &str) -> Caller {
    let options = match code {
        "ERROR_101" | "ERROR_103" | "ERROR_116" => fault("send", code),
        "ERROR_119" | "ERROR_120" => fault("login", code),
        "ERROR_102" => json!({ "balance": 0 }),
        "ERROR_113" => json!({ "maxSegments": 1 }),
        _ => json!({}),
    };
    match code {
        "ERROR_117" | "ERROR_118" | "ERROR_119" | "ERROR_120" | "ERROR_123" => Caller::new(options),
        _ => Caller::logged_in(options),
    }
}

fn fault(on: &str, code: &str) -> Value {
    json!({ "faults": [{ "on": on, "fault": "code", "code": code }] })
}

fn reach(caller: &mut Caller, code: &str) -> Answer {
    let to = "+221776665544";
    match code {
        "ERROR_101" | "ERROR_102" | "ERROR_103" | "ERROR_116" | "ERROR_123" => {
            caller.send(&[ordinary_sms()])
        }
        "ERROR_104" => caller.post("/sms/send", "not JSON"),
        "ERROR_105" => caller.send(&[json!({ "from": "MaBoutique", "to": to })]),
        "ERROR_106" => caller.post(
            "/sms/send",
            r#"{"send_sms_request":{"type":"marketing","app_key":"app-key","sms":[]}}"#,
        ),
        "ERROR_107" => caller.post(
            "/sms/send",
            r#"{"send_sms_request":{"type":"application","app_key":"wrong","sms":[]}}"#,
        ),
        "ERROR_108" => caller.send(&[sms("Ma Boutique Dakar", to, "Bonjour")]),
        "ERROR_109" => caller.send(&[]),
        "ERROR_110" => caller.send(&[sms("MaBoutique", "+22177666", "Bonjour")]),
        "ERROR_111" => caller.send(&vec![ordinary_sms(); 51]),
        "ERROR_112" => caller.send(&[sms("MaBoutique", to, " ")]),
        "ERROR_113" => caller.send(&[sms("MaBoutique", to, &"a".repeat(161))]),
        "ERROR_114" => caller.stats(json!({
            "receiver_address": [{ "value": to }], "start_date": "01/01/2018", "end_date": ""
        })),
        "ERROR_115" => caller.stats(json!({
            "receiver_address": [{ "value": to }], "start_date": "", "end_date": "01/01/2018"
        })),
        "ERROR_117" => caller.post(
            "/auth/login",
            r#"{"user_key":"user-key","secret_key":"wrong"}"#,
        ),
        "ERROR_118" => caller.post(
            "/auth/login",
            r#"{"user_key":"wrong","secret_key":"secret-key"}"#,
        ),
        "ERROR_119" | "ERROR_120" => caller.post("/auth/login", KEYS),
        "ERROR_121" => {
            caller.now = NOW + 3_600_000;
            caller.send(&[ordinary_sms()])
        }
        "ERROR_122" => caller.request(&Request {
            method: "POST",
            path: "/api/v1/sms/send",
            authorization: Some("Bearer another"),
            content_type: Some("application/json"),
            body: "",
        }),
        "ERROR_124" => {
            caller.sandbox.log_out();
            caller.send(&[ordinary_sms()])
        }
        _ => panic!("how is {code} reached?"),
    }
}
