use paydunya_crm::message::MOST;
use paydunya_crm::phone::Phone;
use paydunya_crm::sender::Sender;
use paydunya_crm::text::{self, Text};
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Refusal, Reply};
use crate::options::Options;
use crate::outbox::{Outbox, Sms};
use crate::sandbox::application;

/// What a sender becomes that the account does not have.
const FALLBACK: &str = "SMS-TEST";

#[derive(Serialize)]
struct Data<'a> {
    sms: Vec<Sent<'a>>,
}

#[derive(Serialize)]
struct Sent<'a> {
    code: &'a str,
    #[serde(rename = "sender_addresss")]
    sender_address: &'a str,
    receiver_address: &'a str,
    text: &'a str,
}

/// `POST …/sms/send`. A batch is taken whole or refused whole.
pub(crate) fn answer(
    body: &Value,
    options: &Options,
    balance: &mut Option<u64>,
    outbox: &mut Outbox,
    now: u64,
) -> Result<Reply, Refusal> {
    let request = application(body, "send_sms_request", options)?;
    let list = request
        .get("sms")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::new("ERROR_105", "send_sms_request.sms is not an array"))?;
    if list.is_empty() {
        return Err(Refusal::new("ERROR_109", "sms is empty"));
    }
    if list.len() > MOST {
        return Err(Refusal::new(
            "ERROR_111",
            format!("sms holds {} messages, not 1 to {MOST}", list.len()),
        ));
    }

    let messages = list
        .iter()
        .enumerate()
        .map(|(index, value)| message(index, value, options))
        .collect::<Result<Vec<_>, _>>()?;

    let cost = messages
        .iter()
        .map(|message| u64::try_from(message.segments).unwrap_or(u64::MAX))
        .fold(0, u64::saturating_add);
    if let Some(left) = balance {
        *left = left.checked_sub(cost).ok_or_else(|| {
            let reason = format!("these messages cost {cost}, the balance is {left}");
            Refusal::new("ERROR_102", reason)
        })?;
    }

    let before = outbox.all().len();
    for message in &messages {
        outbox.push(Sms {
            code: outbox.next_code(),
            from: message.from.to_owned(),
            to: message.receiver.e164().to_owned(),
            text: message.text.to_owned(),
            segments: message.segments,
            sent_at: now,
        });
    }

    let sms = outbox
        .all()
        .iter()
        .skip(before)
        .zip(&messages)
        .map(|(sms, message)| Sent {
            code: &sms.code,
            sender_address: &sms.from,
            receiver_address: message.to,
            text: &sms.text,
        })
        .collect();
    let mut reply = Reply::success("sms_sent", "The sms sent successfully", Data { sms });
    reply.accepted = messages.len();
    Ok(reply)
}

/// As the API takes it: E.164, its `+` may be missing, nothing else is read.
///
/// The error says why, in one clause.
pub(crate) fn receiver(value: &str) -> Result<Phone, String> {
    let digits = value.strip_prefix('+').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("not + and digits".to_owned());
    }
    Phone::parse(&format!("+{digits}"), None).map_err(|refusal| refusal.hint)
}

struct Message<'a> {
    from: &'a str,
    to: &'a str,
    receiver: Phone,
    text: &'a str,
    segments: usize,
}

fn message<'a>(index: usize, value: &'a Value, options: &Options) -> Result<Message<'a>, Refusal> {
    let refusal = |code, rule: &str| Refusal::new(code, format!("sms[{index}].{rule}"));
    let string = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| refusal("ERROR_105", &format!("{name} is not a string")))
    };
    let (from, to, text) = (string("from")?, string("to")?, string("text")?);

    Sender::parse(from).map_err(|wrong| refusal("ERROR_108", &format!("from: {}", wrong.hint)))?;
    if to.is_empty() {
        return Err(refusal("ERROR_109", "to is empty"));
    }
    let receiver = receiver(to).map_err(|hint| refusal("ERROR_110", &format!("to: {hint}")))?;
    let segments = Text::parse(text, options.max_segments)
        .map_err(|wrong| {
            let code = match wrong.reason {
                text::Reason::TooManySegments => "ERROR_113",
                _ => "ERROR_112",
            };
            refusal(code, &format!("text: {}", wrong.hint))
        })?
        .measure()
        .segments;
    let configured = match &options.senders {
        None => true,
        Some(senders) => senders.iter().any(|sender| sender == from),
    };
    Ok(Message {
        from: if configured { from } else { FALLBACK },
        to,
        receiver,
        text,
        segments,
    })
}
