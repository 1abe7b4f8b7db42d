//! The contract: the API document's own examples, request and answer.
#![allow(clippy::expect_used, reason = "where it panics, a test fails")]

mod scripted;

use paydunya_crm::api::send::Status;
use paydunya_crm::api::stats::Query;
use paydunya_crm::error::{ErrorCode, Kind};
use paydunya_crm::message::Given;
use scripted::*;
use serde_json::Value;

const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.";

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn headers(authorized: bool, posted: &Posted) {
    let names: Vec<&str> = posted.headers.iter().map(|(name, _)| *name).collect();
    let expected: &[&str] = match authorized {
        true => &["Content-Type", "Accept", "Authorization"],
        false => &["Content-Type", "Accept"],
    };
    assert_eq!(names, expected);
    let value = |wanted| {
        let mut found = posted.headers.iter().filter(|(name, _)| *name == wanted);
        found
            .next()
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    assert_eq!(value("Content-Type"), "application/json");
    assert_eq!(value("Accept"), "application/vnd.apisms.v1+json");
    if authorized {
        assert!(value("Authorization").starts_with(&format!("Bearer {TOKEN}")));
    }
}

#[test]
fn login_asks_and_answers_as_documented() {
    let host = ScriptedHost::new([answer(200, LOGIN)]);
    let client = client(&host);
    let token = settle_one(&host, async move { client.login(&patiently()).await }).unwrap();

    let posted = &host.posted()[0];
    assert_eq!(posted.path, "/auth/login");
    headers(false, posted);
    assert_eq!(
        json(&posted.body),
        json(r#"{"user_key":"USER-KEY","secret_key":"SECRET-KEY"}"#)
    );
    assert!(token.access_token.expose().starts_with(TOKEN));
    assert_eq!(
        (token.token_type.as_str(), token.expires_in),
        ("bearer", 3600)
    );
}

#[test]
fn send_asks_and_answers_as_documented() {
    let host = ScriptedHost::new([answer(200, LOGIN), answer(200, SENT)]);
    let client = client(&host);
    let receipt = settle_one(&host, async move {
        client.send(&document_batch(), &patiently()).await
    })
    .unwrap();

    let posted = &host.posted()[1];
    assert_eq!(posted.path, "/sms/send");
    headers(true, posted);
    assert_eq!(
        json(&posted.body),
        json(include_str!("data/document/send-request.json"))
    );
    assert_eq!(
        (
            receipt.code,
            receipt.message.as_str(),
            receipt.description.as_str()
        ),
        ("00", "sms_sent", "The sms sent successfully")
    );
    let sms = &receipt.sms[0];
    assert_eq!(sms.status, Status::Sent);
    assert_eq!(sms.code.as_deref(), Some("CODE-SMS"));
    assert!(
        receipt.unknown.is_empty() && receipt.warnings.is_empty(),
        "{receipt:?}"
    );
}

#[test]
fn stats_asks_and_answers_as_documented() {
    let host = ScriptedHost::new([
        answer(200, LOGIN),
        answer(200, include_str!("data/document/stats-answer.json")),
    ]);
    let client = client(&host);
    let given = |text: &str| Given::Value(text.to_owned());
    let query = Query::parse(
        &["+221776665544", "+221773332211", "+22173214354"].map(given),
        &given("2018-01-01 00:00:00"),
        &Given::Absent,
        None,
    )
    .unwrap();
    let stats = settle_one(
        &host,
        async move { client.stats(&query, &patiently()).await },
    )
    .unwrap();

    let posted = &host.posted()[1];
    assert_eq!(posted.path, "/sms/stats");
    headers(true, posted);
    assert_eq!(
        json(&posted.body),
        json(include_str!("data/document/stats-request.json"))
    );
    assert_eq!(
        serde_json::to_value(&stats).unwrap(),
        json(
            r#"{
                "code": "00", "message": "success", "description": "The request is success",
                "validNumbers": [
                    { "number": "+221776665544", "sms": [{ "code": "CODE-SMS", "content": "Un sms de test." }] },
                    { "number": "+221773332211", "sms": [] }
                ],
                "invalidNumbers": ["+22173214354"]
            }"#
        )
    );
}

/// Kind and delivery of each of the 24 codes when a send of one message meets it.
#[test]
fn each_of_the_24_codes_becomes_an_error() {
    let mut seen = 0;
    for known in ErrorCode::all() {
        let refused_token = matches!(known.number(), 121..=124);
        let mut script = vec![answer(200, LOGIN), code(known.as_str())];
        if refused_token {
            script.extend([answer(200, LOGIN), code(known.as_str())]);
        }
        let host = ScriptedHost::new(script);
        let client = client(&host);
        let error = settle_one(&host, async move {
            client.send(&document_batch(), &patiently()).await
        })
        .unwrap_err();
        assert_eq!(error.code, Some(known));
        let kind = match known.number() {
            117 | 118 | 121..=124 => Kind::Credentials,
            _ => Kind::Refused,
        };
        let delivery = match known.number() {
            101 | 103 | 116 => "unknown",
            _ => "not-sent",
        };
        assert_eq!(error.kind, kind, "{}", known.as_str());
        assert_eq!(
            error.delivery.map(|delivery| delivery.as_str()),
            Some(delivery),
            "{}",
            known.as_str()
        );
        assert_eq!(error.attempts, if refused_token { 2 } else { 1 });
        assert_eq!(error.status, Some(400));
        assert_eq!(error.description.as_deref(), Some("d"));
        assert!(error.message.contains(known.as_str()) && error.message.contains(known.advice()));
        seen += 1;
    }
    assert_eq!(seen, 24);
}
