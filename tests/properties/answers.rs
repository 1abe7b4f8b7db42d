//! What holds for whatever an answer is made of.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use paydunya_crm::api::send::{self, Status};
use paydunya_crm::api::stats::{self, Query};
use paydunya_crm::api::{Reply, login};
use paydunya_crm::message::{Batch, Given, Policy, Row};
use paydunya_crm::sender::Sender;
use serde_json::Value;

/// Two to one number, with one text in common with the third.
pub const MESSAGES: [(&str, &str); 3] = [
    ("+221776665544", "Bonjour"),
    ("+221776665544", "Bonsoir"),
    ("+221773332211", "Bonjour"),
];

const NOW: u64 = 1_700_000_000_000;

/// Reads a body as the answer to each of the three calls.
pub fn hold(body: &str) {
    login_holds(body);
    if let Reply::Success(success) = Reply::read(body) {
        if let Ok(whole) = serde_json::from_str::<Value>(body) {
            assert_eq!(whole["code"], "00");
            assert_eq!(success.message, whole["message"].as_str().unwrap_or(""));
        }
        send_holds(body);
        stats_holds(body);
    }
}

/// A token fits a header, and ends when it says.
fn login_holds(body: &str) {
    if let Some(token) = login::answer(body, NOW) {
        let value = token.access_token.expose();
        assert!(!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!format!("{token:?}").contains("access_token: \""));
        let lasts = u64::from(token.expires_in).checked_mul(1000).unwrap();
        assert_eq!(token.expires_at.checked_sub(NOW), Some(lasts));
    }
}

/// A message is sent only where an entry of the answer names its number, each entry for one message; the rest is
/// unknown.
fn send_holds(body: &str) {
    let Reply::Success(success) = Reply::read(body) else {
        return;
    };
    let batch = batch();
    let Some(receipt) = send::answer(success, &batch) else {
        return;
    };
    assert_eq!(receipt.sms.len(), MESSAGES.len());
    let unknown: Vec<usize> = receipt
        .sms
        .iter()
        .enumerate()
        .filter_map(|(index, sms)| (sms.status == Status::Unknown).then_some(index))
        .collect();
    assert_eq!(receipt.unknown, unknown);
    assert!(unknown.len() < MESSAGES.len(), "a receipt of nothing");
    for sms in &receipt.sms {
        assert_eq!(sms.code.is_some(), sms.status == Status::Sent);
    }
    for warning in &receipt.warnings {
        let digits = warning.message.bytes().filter(u8::is_ascii_digit).count();
        assert!(digits < 8, "{}", warning.message);
    }

    // Another reader may refuse what this one skips: numbers beyond a float, halves of a character.
    let Ok(whole) = serde_json::from_str::<Value>(body) else {
        return;
    };
    let mut entries: Vec<&Value> = whole["data"]["sms"].as_array().unwrap().iter().collect();
    let sms = receipt.sms.iter().zip(MESSAGES);
    for (sms, (to, _)) in sms.filter(|(sms, _)| sms.code.is_some()) {
        let names = |entry: &&Value| {
            let receiver = entry["receiver_address"].as_str().unwrap_or("");
            entry["code"].as_str() == sms.code.as_deref()
                && receiver.trim().trim_start_matches('+') == to.trim_start_matches('+')
        };
        let place = entries.iter().position(names);
        entries.remove(place.expect("an entry that names the message, for itself alone"));
    }
}

/// Only what was asked for is told, in the order asked, and of each number one thing.
fn stats_holds(body: &str) {
    let Reply::Success(success) = Reply::read(body) else {
        return;
    };
    let asked = ["+221776665544", "+221773332211", "+221 73 21 43 54"];
    let receivers = asked.map(|asked| Given::Value(asked.to_owned()));
    let query = Query::parse(&receivers, &Given::Absent, &Given::Absent, None).unwrap();
    let Some(stats) = stats::answer(success, query.receivers()) else {
        return;
    };
    let mut valid = stats.valid_numbers.iter().peekable();
    let mut invalid = stats.invalid_numbers.iter().peekable();
    for receiver in query.receivers() {
        let found = valid.next_if(|valid| valid.number == receiver.number());
        let refused = invalid.next_if(|number| *number == receiver.asked());
        assert!(found.is_none() || refused.is_none());
    }
    assert_eq!((valid.next(), invalid.next()), (None, None));
}

fn batch() -> Batch {
    let policy = Policy {
        sender: Sender::parse("SENDER-ID").ok(),
        ..Policy::default()
    };
    let rows = MESSAGES.map(|(to, text)| Row {
        to: Given::Value(to.to_owned()),
        text: Given::Value(text.to_owned()),
        ..Row::default()
    });
    Batch::parse(&rows, &policy).unwrap()
}
