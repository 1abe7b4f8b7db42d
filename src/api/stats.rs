//! `POST /sms/stats`: what was sent to some receivers.

mod query;

pub use query::{Instant, Query, Receiver};

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::envelope::Success;
use super::json::{self, push_escaped, push_string};
use super::{body, same_number};
use crate::credentials::Secret;

/// Receivers of one POST at most; more are asked in several.
pub const MOST: usize = 50;

/// What was sent to the receivers of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The API's word.
    pub message: String,
    /// The API's sentence.
    pub description: String,
    /// In the order asked.
    pub valid_numbers: Vec<ValidNumber>,
    /// As asked, in the order asked.
    pub invalid_numbers: Vec<String>,
}

impl Stats {
    /// Adds the answer to the next receivers of the same query.
    pub fn append(&mut self, next: Stats) {
        self.message = next.message;
        self.description = next.description;
        self.valid_numbers.extend(next.valid_numbers);
        self.invalid_numbers.extend(next.invalid_numbers);
    }
}

impl Serialize for Stats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut stats = serializer.serialize_struct("Stats", 5)?;
        stats.serialize_field("code", "00")?;
        stats.serialize_field("message", &self.message)?;
        stats.serialize_field("description", &self.description)?;
        stats.serialize_field("validNumbers", &self.valid_numbers)?;
        stats.serialize_field("invalidNumbers", &self.invalid_numbers)?;
        stats.end()
    }
}

/// A receiver and what was sent to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidNumber {
    /// E.164.
    pub number: String,
    /// None where nothing was ever sent to it.
    pub sms: Vec<StatsSms>,
}

/// An SMS that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatsSms {
    /// The code that the send gave it.
    pub code: String,
    /// Its text, as the API keeps it.
    pub content: String,
}

/// The body that asks for `receivers`, a part of those of `query`.
pub fn request(app_key: &Secret, query: &Query, receivers: &[Receiver]) -> String {
    let mut body = body("sms_sent", app_key, 256);
    body.push_str(",\"filters\":{\"receiver_address\":[");
    for (place, receiver) in receivers.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        push_escaped(&mut body, "{\"value\":\"", receiver.number());
        body.push_str("\"}");
    }
    body.push_str("],\"start_date\":");
    push_string(&mut body, query.start().map_or("", Instant::as_str));
    body.push_str(",\"end_date\":");
    push_string(&mut body, query.end().map_or("", Instant::as_str));
    body.push_str("}}}");
    body
}

/// Reads the answer for `receivers`. The API answers numbers without `+`; here they are E.164 again, in the order
/// asked.
///
/// `None` where the answer does not have the documented form.
pub fn answer(success: Success<'_>, receivers: &[Receiver]) -> Option<Stats> {
    let data = success.data.value()?;
    data.members()?;
    let invalid = match data.get("invalid_number") {
        Some(numbers) => numbers
            .elements()?
            .map(|number| number.get("value")?.string())
            .collect::<Option<Vec<String>>>()?,
        // It stands there only if there is an invalid number.
        None => Vec::new(),
    };
    let valid = match data.get("valid_number") {
        Some(numbers) => valid(numbers)?,
        None => Vec::new(),
    };
    let mut stats = Stats {
        message: success.message,
        description: success.description,
        ..Stats::default()
    };
    for receiver in receivers {
        let is_asked = |number: &str| same_number(number, receiver.number());
        let mut answers = valid
            .iter()
            .filter(|answered| is_asked(&answered.number))
            .peekable();
        if answers.peek().is_some() {
            stats.valid_numbers.push(ValidNumber {
                number: receiver.number().to_owned(),
                sms: answers.flat_map(|answered| answered.sms.clone()).collect(),
            });
        } else if invalid.iter().any(|number| is_asked(number)) {
            stats.invalid_numbers.push(receiver.asked().to_owned());
        }
    }
    Some(stats)
}

/// `[{ "221776665544": [ … ] }, …]`, with the numbers as answered.
fn valid(numbers: json::Value<'_>) -> Option<Vec<ValidNumber>> {
    let mut valid = Vec::new();
    for numbers in numbers.elements()? {
        for (number, sms) in numbers.members()? {
            // A name that cannot be read is nobody's number.
            let Some(number) = number.string() else {
                continue;
            };
            valid.push(ValidNumber {
                number,
                sms: sms
                    .elements()?
                    .map(stats_sms)
                    .collect::<Option<Vec<StatsSms>>>()?,
            });
        }
    }
    Some(valid)
}

fn stats_sms(sms: json::Value<'_>) -> Option<StatsSms> {
    Some(StatsSms {
        code: sms.get("code")?.string()?,
        content: sms.get("content")?.string()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Reply;
    use crate::message::Given;

    const DOCUMENT: &str = include_str!("../../tests/data/document/stats-answer.json");

    fn query(receivers: &[&str]) -> Query {
        let receivers: Vec<Given> = receivers
            .iter()
            .map(|receiver| Given::Value((*receiver).to_owned()))
            .collect();
        Query::parse(&receivers, &Given::Absent, &Given::Absent, None).unwrap()
    }

    fn read(body: &str, receivers: &[&str]) -> Option<Stats> {
        match Reply::read(body) {
            Reply::Success(success) => answer(success, query(receivers).receivers()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_the_documents_answer_in_the_order_asked() {
        let asked = ["+221776665544", "+221773332211", "+22173214354"];
        let stats = read(DOCUMENT, &asked).unwrap();
        let numbers: Vec<&str> = stats
            .valid_numbers
            .iter()
            .map(|valid| valid.number.as_str())
            .collect();
        assert_eq!(numbers, ["+221776665544", "+221773332211"]);
        assert_eq!(stats.valid_numbers[0].sms[0].code, "CODE-SMS");
        assert_eq!(stats.valid_numbers[1].sms, []);
        assert_eq!(stats.invalid_numbers, ["+22173214354"]);
    }

    #[test]
    fn gives_invalid_numbers_as_asked() {
        let stats = read(DOCUMENT, &["+221 73 21 43 54"]).unwrap();
        assert_eq!(stats.invalid_numbers, ["+221 73 21 43 54"]);
    }

    #[test]
    fn invalid_number_may_be_missing() {
        let body = r#"{"code":"00","data":{"valid_number":[{"221776665544":[]}]}}"#;
        assert_eq!(
            read(body, &["+221776665544"]).unwrap().valid_numbers.len(),
            1
        );
    }

    #[test]
    fn another_form_is_no_answer() {
        for data in [
            r#"{"valid_number":"none"}"#,
            "[]",
            "null",
            r#"{"valid_number":[{"1":7}]}"#,
        ] {
            let body = format!(r#"{{"code":"00","data":{data}}}"#);
            assert_eq!(read(&body, &["+221776665544"]), None, "{data}");
        }
    }
}
