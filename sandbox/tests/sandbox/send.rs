use serde_json::{Value, json};

use crate::caller::{Caller, NOW, body, code, ordinary_sms, sms};

#[test]
fn lists_what_it_accepted() {
    let mut caller = Caller::logged_in(json!({}));
    caller.send(&[
        ordinary_sms(),
        sms("SENDER-ID", "2250707070707", &"é".repeat(161)),
    ]);

    let sent = serde_json::to_value(caller.sandbox.sent()).unwrap();
    assert_eq!(
        sent,
        json!([
            {
                "code": "SMS-000001",
                "from": "MaBoutique",
                "to": "+221776665544",
                "text": "Votre commande est prête.",
                "segments": 1,
                "sentAt": NOW,
            },
            {
                "code": "SMS-000002",
                "from": "SENDER-ID",
                "to": "+2250707070707",
                "text": "é".repeat(161),
                "segments": 2,
                "sentAt": NOW,
            },
        ])
    );
}

#[test]
fn answers_the_number_as_it_was_sent() {
    let mut caller = Caller::logged_in(json!({}));
    for to in ["+221776665544", "221776665544"] {
        let answer = body(&caller.send(&[sms("MaBoutique", to, "Bonjour")]));
        assert_eq!(answer["data"]["sms"][0]["receiver_address"], to);
    }
}

#[test]
fn takes_a_batch_of_fifty_in_order() {
    let mut caller = Caller::logged_in(json!({}));
    let batch: Vec<Value> = (10..60)
        .map(|number| sms("MaBoutique", &format!("+2217766655{number}"), "Bonjour"))
        .collect();
    let answer = body(&caller.send(&batch));

    for (asked, (answered, accepted)) in batch.iter().zip(
        answer["data"]["sms"]
            .as_array()
            .unwrap()
            .iter()
            .zip(caller.sandbox.sent()),
    ) {
        assert_eq!(answered["receiver_address"], asked["to"]);
        assert_eq!(answered["code"], accepted.code);
        assert_eq!(asked["to"], accepted.to);
    }
    assert_eq!(caller.sandbox.sent().len(), 50);
}

#[test]
fn takes_the_same_message_twice() {
    let mut caller = Caller::logged_in(json!({}));
    assert_eq!(code(&caller.send(&[ordinary_sms(), ordinary_sms()])), "00");
    assert_eq!(caller.sandbox.sent().len(), 2);
}

#[test]
fn a_sender_that_is_not_configured_becomes_sms_test() {
    let mut caller = Caller::logged_in(json!({ "senders": ["MaBoutique"] }));
    let answer = body(&caller.send(&[ordinary_sms(), sms("Autre", "+221776665544", "Bonjour")]));

    assert_eq!(answer["data"]["sms"][0]["sender_addresss"], "MaBoutique");
    assert_eq!(answer["data"]["sms"][1]["sender_addresss"], "SMS-TEST");
    assert_eq!(caller.sandbox.sent()[1].from, "SMS-TEST");
}

#[test]
fn without_a_list_every_well_formed_sender_is_configured() {
    let mut caller = Caller::logged_in(json!({}));
    for from in ["A", "Chez Awa", "SENDER-ID", "221776665544", "ABCDEFGHIJK"] {
        let answer = body(&caller.send(&[sms(from, "+221776665544", "Bonjour")]));
        assert_eq!(answer["data"]["sms"][0]["sender_addresss"], from);
    }
}

#[test]
fn one_wrong_message_refuses_the_whole_batch_and_is_named() {
    let to = "+221776665544";
    for (wrong, expected, reason) in [
        (sms("", to, "Bonjour"), "ERROR_108", "sms[1].from: "),
        (
            sms("ABCDEFGHIJKL", to, "Bonjour"),
            "ERROR_108",
            "sms[1].from: ",
        ),
        (sms("Épicerie", to, "Bonjour"), "ERROR_108", "sms[1].from: "),
        (
            sms("MaBoutique", "", "Bonjour"),
            "ERROR_109",
            "sms[1].to is empty",
        ),
        (
            sms("MaBoutique", "+221 77 666 55 44", "Bonjour"),
            "ERROR_110",
            "sms[1].to: ",
        ),
        (
            sms("MaBoutique", "+22173214354", "Bonjour"),
            "ERROR_110",
            "sms[1].to: ",
        ),
        (
            sms("MaBoutique", "++221776665544", "Bonjour"),
            "ERROR_110",
            "sms[1].to: ",
        ),
        (
            sms("MaBoutique", "+2217766655441234567", "Bonjour"),
            "ERROR_110",
            "sms[1].to: ",
        ),
        (sms("MaBoutique", to, ""), "ERROR_112", "sms[1].text: "),
        (
            sms("MaBoutique", to, "\n\u{a0}"),
            "ERROR_112",
            "sms[1].text: ",
        ),
        (
            sms("MaBoutique", to, "Bonjour\u{7}"),
            "ERROR_112",
            "sms[1].text: ",
        ),
        (
            json!({ "from": "MaBoutique", "to": to }),
            "ERROR_105",
            "sms[1].text is not a string",
        ),
        (
            json!({ "from": "MaBoutique", "to": 221776665544u64, "text": "Bonjour" }),
            "ERROR_105",
            "sms[1].to is not a string",
        ),
        (json!("Bonjour"), "ERROR_105", "sms[1].from is not a string"),
    ] {
        let mut caller = Caller::logged_in(json!({}));
        let answer = caller.send(&[ordinary_sms(), wrong.clone()]);

        assert_eq!(code(&answer), expected, "{wrong}");
        let told = &answer.headers["sandbox-reason"];
        assert!(told.starts_with(reason), "{told}");
        assert!(told.is_ascii(), "{told}");
        assert!(caller.sandbox.sent().is_empty(), "{wrong}");
    }
}

#[test]
fn a_request_of_another_shape_is_refused() {
    for (body, expected) in [
        ("", "ERROR_104"),
        ("{", "ERROR_104"),
        ("null", "ERROR_104"),
        ("[]", "ERROR_104"),
        (r#"{"sms_sent":{}}"#, "ERROR_104"),
        (r#"{"send_sms_request":[]}"#, "ERROR_104"),
        (r#"{"send_sms_request":{}}"#, "ERROR_105"),
        (
            r#"{"send_sms_request":{"type":"application"}}"#,
            "ERROR_105",
        ),
        (
            r#"{"send_sms_request":{"type":"application","app_key":"app-key"}}"#,
            "ERROR_105",
        ),
        (
            r#"{"send_sms_request":{"type":"application","app_key":"app-key","sms":{}}}"#,
            "ERROR_105",
        ),
    ] {
        let mut caller = Caller::logged_in(json!({}));
        assert_eq!(code(&caller.post("/sms/send", body)), expected, "{body}");
    }
}

#[test]
fn a_batch_is_refused_whole_when_the_balance_does_not_suffice() {
    let mut caller = Caller::logged_in(json!({ "balance": 3 }));
    let two_segments = sms("MaBoutique", "+221776665544", &"a".repeat(161));

    let answer = caller.send(&[two_segments.clone(), two_segments.clone()]);
    assert_eq!(code(&answer), "ERROR_102");
    assert!(caller.sandbox.sent().is_empty());

    assert_eq!(code(&caller.send(&[two_segments, ordinary_sms()])), "00");
    assert_eq!(caller.sandbox.balance(), Some(0));
    assert_eq!(code(&caller.send(&[ordinary_sms()])), "ERROR_102");
}

#[test]
fn a_text_may_have_as_many_segments_as_the_option_says() {
    let mut caller = Caller::logged_in(json!({ "maxSegments": 2 }));
    let text = |length| sms("MaBoutique", "+221776665544", &"a".repeat(length));

    assert_eq!(code(&caller.send(&[text(306)])), "00");
    assert_eq!(code(&caller.send(&[text(307)])), "ERROR_113");
}
