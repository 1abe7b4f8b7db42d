//! Answers of every make: what a caller learns of each, and that none is believed further than it goes.

#![allow(clippy::unwrap_used, reason = "where it panics, a test fails")]

#[path = "properties/classifier.rs"]
mod classifier;
#[path = "properties/answers.rs"]
mod properties;
#[path = "properties/retry_after.rs"]
mod retry_after;
mod scripted;

use paydunya_crm::api::send::{Receipt, Status};
use paydunya_crm::error::{Delivery, Error, Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

use properties::MESSAGES;

/// What a send of [`MESSAGES`] gives where the API answers this.
fn send(status: u16, body: &str) -> Result<Receipt, Error<&'static str>> {
    classifier::answered(status, body, &MESSAGES)
}

fn entry(code: &str, number: &str, text: &str) -> Value {
    json!({ "code": code, "sender_addresss": "SENDER-ID", "receiver_address": number, "text": text })
}

/// The codes that the messages get from an answer with these entries.
#[track_caller]
fn codes(sms: Value) -> [String; 3] {
    let body =
        json!({ "code": "00", "message": "sms_sent", "description": "", "data": { "sms": sms } });
    let receipt = send(200, &body.to_string()).unwrap();
    let unknown = receipt.sms.iter().map(|sms| sms.status == Status::Unknown);
    let unknown: Vec<usize> = unknown
        .enumerate()
        .filter_map(|(index, is)| is.then_some(index))
        .collect();
    assert_eq!(receipt.unknown, unknown);
    let codes: Vec<String> = receipt
        .sms
        .into_iter()
        .map(|sms| sms.code.unwrap_or_default())
        .collect();
    codes.try_into().unwrap()
}

const A: &str = "+221776665544";
const B: &str = "+221773332211";
const STRANGER: &str = "+221770000000";

#[test]
fn each_message_gets_its_own_code_in_whatever_order_and_spelling() {
    let (one, two, three) = (
        entry("1", A, "Bonjour"),
        entry("2", A, "Bonsoir"),
        entry("3", B, "Bonjour"),
    );
    assert_eq!(codes(json!([one, two, three])), ["1", "2", "3"]);
    assert_eq!(codes(json!([three, two, one])), ["1", "2", "3"]);
    let without_plus = entry("3", &B[1..], "Bonjour");
    assert_eq!(codes(json!([two, without_plus, one])), ["1", "2", "3"]);
    let spelled_as_meant =
        json!({ "code": "3", "sender_address": "SENDER-ID", "receiver_address": B, "more": [{}] });
    assert_eq!(codes(json!([one, two, spelled_as_meant])), ["1", "2", "3"]);
}

#[test]
fn a_text_that_came_back_trimmed_or_in_another_form_is_still_that_of_its_number() {
    for text in ["Bonjour ", "BONJOUR", "Bonjour\u{fffd}", "Qm9uam91cg==", ""] {
        let sms = json!([
            entry("x", A, text),
            entry("2", A, "Bonsoir"),
            entry("3", B, text)
        ]);
        assert_eq!(codes(sms), ["x", "2", "3"], "{text}");
    }
}

#[test]
fn a_shorter_list_leaves_messages_unknown_and_a_longer_one_adds_none() {
    assert_eq!(codes(json!([entry("2", A, "Bonsoir")])), ["", "2", ""]);
    assert_eq!(codes(json!([entry("3", B, "?")])), ["", "", "3"]);
    let longer = json!([
        entry("0", STRANGER, "Bonjour"),
        entry("1", A, "Bonjour"),
        entry("2", A, "Bonsoir"),
        entry("3", B, "Bonjour"),
        entry("4", B, "Bonjour"),
    ]);
    assert_eq!(codes(longer), ["1", "2", "3"]);
}

#[test]
fn an_entry_counts_once_and_never_by_its_position() {
    let twice = json!([
        entry("1", A, "Bonjour"),
        entry("1", STRANGER, "Bonsoir"),
        entry("3", B, "Bonjour")
    ]);
    assert_eq!(codes(twice), ["1", "", "3"]);
}

#[test]
fn an_entry_without_code_or_number_or_of_another_type_accounts_for_nothing() {
    for odd in [
        json!(null),
        json!(7),
        json!("3"),
        json!([B]),
        json!({}),
        json!({ "code": "3" }),
        json!({ "receiver_address": B }),
        json!({ "code": "", "receiver_address": B }),
        json!({ "code": null, "receiver_address": B }),
        json!({ "code": 3, "receiver_address": B }),
        json!({ "code": "3", "receiver_address": 221773332211_u64 }),
        json!({ "code": "3", "receiver_address": [B] }),
        json!({ "code": "3", "receiver_address": "3332211" }),
    ] {
        let sms = json!([entry("1", A, "Bonjour"), odd, entry("2", A, "Bonsoir")]);
        assert_eq!(codes(sms), ["1", "2", ""], "{odd}");
    }
}

#[test]
fn a_success_that_names_no_message_is_unreadable_and_nobody_knows() {
    let nothing = json!([entry("1", STRANGER, "Bonjour")]);
    for data in [
        json!(null),
        json!({}),
        json!([]),
        json!({ "sms": {} }),
        json!({ "sms": [] }),
        json!({ "sms": nothing }),
    ] {
        for status in [200, 201, 400, 500] {
            let error =
                send(status, &json!({ "code": "00", "data": data }).to_string()).unwrap_err();
            assert_eq!(
                (error.kind, error.delivery),
                (Kind::Unreadable, Some(Delivery::Unknown)),
                "{data}"
            );
        }
    }
}

#[test]
fn a_code_of_the_wrong_type_or_case_or_place_is_no_success() {
    let sms = json!({ "sms": [entry("1", A, "Bonjour")] });
    for body in [
        json!({ "code": 0, "data": sms }),
        json!({ "code": "0", "data": sms }),
        json!({ "code": "000", "data": sms }),
        json!({ "code": " 00", "data": sms }),
        json!({ "code": ["00"], "data": sms }),
        json!({ "Code": "00", "data": sms }),
        json!({ "data": { "code": "00", "sms": sms["sms"] } }),
        json!([{ "code": "00", "data": sms }]),
        json!({ "data": sms }),
    ] {
        let error = send(200, &body.to_string()).unwrap_err();
        assert_eq!(error.delivery, Some(Delivery::Unknown), "{body}");
        assert_eq!(error.code, None, "{body}");
    }
}

#[test]
fn the_apis_words_come_without_what_they_repeat_of_the_request() {
    let words = "USER-KEY, SECRET-KEY, APP-KEY, +221776665544: Bonjour/Bonsoir by SENDER-ID is 403";
    let told =
        "[redacted], [redacted], [redacted], +…44: [redacted]/[redacted] by SENDER-ID is 403";
    for code in ["ERROR_110", "ERROR_999"] {
        let body = json!({ "code": code, "message": "m", "description": words });
        let error = send(400, &body.to_string()).unwrap_err();
        assert_eq!(error.description.as_deref(), Some(told));
        let body = json!({ "code": code, "message": words });
        let error = send(400, &body.to_string()).unwrap_err();
        assert_eq!(error.description.as_deref(), Some(told));
    }
    let sms = [entry("1", A, "Bonjour")];
    let body =
        json!({ "code": "00", "message": words, "description": words, "data": { "sms": sms } });
    let receipt = send(200, &body.to_string()).unwrap();
    assert_eq!(
        (receipt.message.as_str(), receipt.description.as_str()),
        (told, told)
    );
}

/// Pieces of answers, put together in any order.
fn data() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        prop::sample::select(vec![
            A,
            &A[1..],
            B,
            " +221773332211 ",
            STRANGER,
            "Bonjour",
            "Bonsoir",
            "",
            "00",
            "SMS-TEST",
            "X221776665544"
        ])
        .prop_map(|word| json!(word)),
        any::<String>().prop_map(|word| json!(word)),
        Just(json!(null)),
        any::<i32>().prop_map(|number| json!(number)),
    ];
    let names = vec![
        "code",
        "sms",
        "receiver_address",
        "sender_address",
        "sender_addresss",
        "text",
        "data",
        "message",
        "description",
        "valid_number",
        "invalid_number",
        "value",
        "content",
        "access_token",
        "expires_in",
        "token_type",
        "221776665544",
        "221773332211",
    ];
    word.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(names.clone()), inner), 0..6).prop_map(
                |members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            ),
        ]
    })
}

/// Entries that mostly name one of the messages.
fn entries() -> impl Strategy<Value = Value> {
    let number = prop::sample::select(vec![A, &A[1..], B, &B[1..], STRANGER, ""]);
    let text = prop::sample::select(vec!["Bonjour", "Bonsoir", "?", ""]);
    let sender = prop::sample::select(vec![
        "SENDER-ID",
        "SMS-TEST",
        "221776665544",
        "A1234567890",
        "Bonjour",
    ]);
    let entry = ("[0-9]{0,2}", number, text, sender).prop_map(
        |(code, number, text, sender)| json!({ "code": code, "receiver_address": number, "text": text, "sender_addresss": sender }),
    );
    prop::collection::vec(prop_oneof![4 => entry, 1 => data()], 0..6)
        .prop_map(|sms| json!({ "sms": sms }))
}

fn body() -> impl Strategy<Value = String> {
    let code = prop::sample::select(vec![
        "00",
        "00",
        "00",
        "ERROR_110",
        "ERROR_102",
        "ERROR_116",
        "ERROR_999",
        "",
    ]);
    let envelope = (code, prop_oneof![data(), entries()]).prop_map(|(code, data)| {
        json!({ "code": code, "message": "m", "description": "d", "data": data }).to_string()
    });
    prop_oneof![
        4 => envelope.clone(),
        1 => (envelope, any::<prop::sample::Index>()).prop_map(|(body, end)| {
            let end = end.index(body.len().max(1));
            String::from_utf8_lossy(body.as_bytes().get(..end).unwrap_or_default()).into_owned()
        }),
        1 => data().prop_map(|data| data.to_string()),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_answer_is_believed_further_than_it_goes(body in body()) {
        properties::hold(&body);
    }

    #[test]
    fn every_answer_to_a_send_is_a_receipt_or_an_error_that_says_what_became_of_it(status in prop_oneof![Just(200), 100..600_u16], body in body()) {
        classifier::hold(status, &body, &MESSAGES);
    }

    #[test]
    fn any_retry_after_is_a_number_of_seconds_or_nothing(
        value in prop_oneof![
            any::<String>(),
            "[ +-]?[0-9]{0,12}",
            "(Sun, )?[0-9]{1,2}[ -](Nov|Feb|Jan)[ -][0-9]{2,5} [0-9]{2}:[0-9]{2}:[0-6][0-9] (GMT|CET)?",
            "(Sun )?(Nov|Feb|Dec)  ?[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}",
        ],
        date in prop_oneof![any::<String>(), "Sun, [0-3][0-9] Nov [0-9]{4} [0-2][0-9]:[0-5][0-9]:37 GMT"],
        now in any::<u64>(),
    ) {
        retry_after::hold(&value, &date, now);
    }
}
