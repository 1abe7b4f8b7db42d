use std::collections::{BTreeMap, BTreeSet};

use paydunya_crm::api::stats::MOST;
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Refusal, Reply};
use crate::date;
use crate::options::Options;
use crate::outbox::Outbox;
use crate::sandbox::application;
use crate::send;

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invalid_number: Vec<Number<'a>>,
    /// Objects of one member each.
    valid_number: Vec<BTreeMap<String, Vec<Sent<'a>>>>,
}

#[derive(Serialize)]
struct Number<'a> {
    value: &'a str,
}

#[derive(Serialize)]
struct Sent<'a> {
    code: &'a str,
    content: &'a str,
}

/// `POST …/sms/stats`. Numbers go back without `+`, each once; the valid ones ascending, as in the document's example.
pub(crate) fn answer(body: &Value, options: &Options, outbox: &Outbox) -> Result<Reply, Refusal> {
    let request = application(body, "sms_sent", options)?;
    let filters = request
        .get("filters")
        .filter(|filters| filters.is_object())
        .ok_or_else(|| Refusal::new("ERROR_105", "sms_sent.filters is not an object"))?;
    let asked = receivers(filters)?;
    let start = moment(filters, "start_date", "ERROR_114")?;
    let end = moment(filters, "end_date", "ERROR_115")?;
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        return Err(Refusal::new("ERROR_115", "end_date lies before start_date"));
    }

    let mut invalid = BTreeSet::new();
    let mut valid = BTreeSet::new();
    for value in asked {
        match send::receiver(value) {
            Ok(phone) => valid.insert(phone.e164().to_owned()),
            Err(_) => invalid.insert(value.strip_prefix('+').unwrap_or(value).to_owned()),
        };
    }
    let valid_number = valid
        .iter()
        .map(|number| {
            let sms = outbox
                .to(number)
                .filter(|sms| {
                    let second = i64::try_from(sms.sent_at / 1000).unwrap_or(i64::MAX);
                    start.is_none_or(|start| second >= start) && end.is_none_or(|end| second <= end)
                })
                .map(|sms| Sent {
                    code: &sms.code,
                    content: &sms.text,
                })
                .collect();
            BTreeMap::from([(number.trim_start_matches('+').to_owned(), sms)])
        })
        .collect();
    let invalid_number = invalid.iter().map(|value| Number { value }).collect();
    let data = Data {
        invalid_number,
        valid_number,
    };
    Ok(Reply::success("success", "The request is success", data))
}

fn receivers(filters: &Value) -> Result<Vec<&str>, Refusal> {
    let list = match filters.get("receiver_address") {
        None => return Err(Refusal::new("ERROR_109", "receiver_address is missing")),
        Some(Value::Array(list)) => list,
        Some(_) => {
            return Err(Refusal::new(
                "ERROR_105",
                "receiver_address is not an array",
            ));
        }
    };
    if list.is_empty() {
        return Err(Refusal::new("ERROR_109", "receiver_address is empty"));
    }
    if list.len() > MOST {
        return Err(Refusal::new(
            "ERROR_111",
            format!(
                "receiver_address holds {} numbers, not 1 to {MOST}",
                list.len()
            ),
        ));
    }
    list.iter()
        .enumerate()
        .map(|(index, entry)| {
            entry.get("value").and_then(Value::as_str).ok_or_else(|| {
                let reason = format!("receiver_address[{index}].value is not a string");
                Refusal::new("ERROR_105", reason)
            })
        })
        .collect()
}

/// Seconds since 1970; an empty string is no limit, and so is an absent one.
fn moment(filters: &Value, name: &str, code: &'static str) -> Result<Option<i64>, Refusal> {
    let value = match filters.get(name) {
        None => return Ok(None),
        Some(Value::String(value)) => value,
        Some(_) => return Err(Refusal::new(code, format!("{name} is not a string"))),
    };
    if value.is_empty() {
        return Ok(None);
    }
    date::parse(value)
        .map(Some)
        .ok_or_else(|| Refusal::new(code, format!("{name} is not YYYY-MM-DD HH:MM:SS")))
}
