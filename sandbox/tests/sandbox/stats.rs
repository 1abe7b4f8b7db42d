use serde_json::{Value, json};

use crate::caller::{Caller, NOW, body, code, ordinary_sms, sms};

#[test]
fn gives_the_sms_of_each_number_oldest_first() {
    let mut caller = Caller::logged_in(json!({}));
    caller.send(&[
        sms("MaBoutique", "+221776665544", "un"),
        sms("MaBoutique", "+221773332211", "deux"),
    ]);
    caller.send(&[sms("MaBoutique", "221776665544", "trois")]);

    assert_eq!(
        data(
            &mut caller,
            json!({ "receiver_address": receivers(&["+221776665544", "+221773332211"]) })
        ),
        json!({
            "valid_number": [
                { "221773332211": [{ "code": "SMS-000002", "content": "deux" }] },
                { "221776665544": [
                    { "code": "SMS-000001", "content": "un" },
                    { "code": "SMS-000003", "content": "trois" },
                ] },
            ]
        })
    );
}

#[test]
fn gives_each_number_once_and_ascending_whatever_was_asked() {
    let mut caller = Caller::logged_in(json!({}));
    let asked = [
        "+221776665544",
        "+22173214354",
        "221776665544",
        "+221773332211",
        "not a number",
        "+22173214354",
    ];

    assert_eq!(
        data(
            &mut caller,
            json!({ "receiver_address": receivers(&asked) })
        ),
        json!({
            "invalid_number": [{ "value": "22173214354" }, { "value": "not a number" }],
            "valid_number": [{ "221773332211": [] }, { "221776665544": [] }],
        })
    );
}

#[test]
fn gives_the_sms_of_the_period_both_ends_included() {
    let mut caller = Caller::logged_in(json!({}));
    caller.now = NOW + 999;
    caller.send(&[ordinary_sms()]);

    let (before, at, after) = (
        "2026-11-22 08:27:04",
        "2026-11-22 08:27:05",
        "2026-11-22 08:27:06",
    );
    for (start, end, found) in [
        ("", "", true),
        (at, "", true),
        ("", at, true),
        (at, at, true),
        (before, after, true),
        (after, "", false),
        ("", before, false),
    ] {
        let filters = json!({
            "receiver_address": receivers(&["+221776665544"]), "start_date": start, "end_date": end
        });
        let sms = &data(&mut caller, filters)["valid_number"][0]["221776665544"];
        assert_eq!(
            sms.as_array().unwrap().len(),
            usize::from(found),
            "{start} {end}"
        );
    }
}

#[test]
fn a_period_must_be_one() {
    let mut caller = Caller::logged_in(json!({}));
    for (start, end, expected) in [
        (json!("2018-01-01"), json!(""), "ERROR_114"),
        (json!("2018-02-29 00:00:00"), json!(""), "ERROR_114"),
        (json!(0), json!(""), "ERROR_114"),
        (json!(""), json!("2018-01-01T00:00:00Z"), "ERROR_115"),
        (json!(""), Value::Null, "ERROR_115"),
        (
            json!("2018-01-02 00:00:00"),
            json!("2018-01-01 00:00:00"),
            "ERROR_115",
        ),
    ] {
        let filters = json!({
            "receiver_address": receivers(&["+221776665544"]), "start_date": start, "end_date": end
        });
        assert_eq!(code(&caller.stats(filters)), expected, "{start} {end}");
    }
}

#[test]
fn takes_one_to_fifty_numbers() {
    let mut caller = Caller::logged_in(json!({}));
    for (filters, expected) in [
        (json!({}), "ERROR_109"),
        (json!({ "receiver_address": [] }), "ERROR_109"),
        (
            json!({ "receiver_address": receivers(&["+221776665544"; 50]) }),
            "00",
        ),
        (
            json!({ "receiver_address": receivers(&["+221776665544"; 51]) }),
            "ERROR_111",
        ),
        (json!({ "receiver_address": "+221776665544" }), "ERROR_105"),
        (
            json!({ "receiver_address": ["+221776665544"] }),
            "ERROR_105",
        ),
        (json!([]), "ERROR_105"),
    ] {
        assert_eq!(code(&caller.stats(filters.clone())), expected, "{filters}");
    }
}

fn receivers(numbers: &[&str]) -> Vec<Value> {
    numbers
        .iter()
        .map(|number| json!({ "value": number }))
        .collect()
}

#[track_caller]
fn data(caller: &mut Caller, filters: Value) -> Value {
    let answer = body(&caller.stats(filters));
    assert_eq!(answer["code"], "00");
    answer["data"].clone()
}
