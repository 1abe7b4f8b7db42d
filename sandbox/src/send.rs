use paydunya_crm::phone::Phone;
use serde::Serialize;
use serde_json::Value;

use crate::answer::{Refusal, Reply};
use crate::options::Options;
use crate::outbox::{Outbox, Sms};
use crate::sandbox::application;

/// What a sender becomes that the account does not have.
const FALLBACK: &str = "SMS-TEST";

const MOST: usize = 50;

#[derive(Serialize)]
struct Success<'a> {
    code: &'static str,
    message: &'static str,
    description: &'static str,
    data: Data<'a>,
}

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
    let mut reply = Reply::ok(&Success {
        code: "00",
        message: "sms_sent",
        description: "The sms sent successfully",
        data: Data { sms },
    });
    reply.code = Some("00".into());
    reply.accepted = messages.len();
    Ok(reply)
}

/// 1 to 11 characters: ASCII letters, digits, spaces and `+ - _ & .`, at least one letter; or up to 15 digits.
pub(crate) fn is_sender(sender: &str) -> bool {
    let characters = sender
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b" +-_&.".contains(&byte));
    let letter = sender.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = sender.bytes().all(|byte| byte.is_ascii_digit());
    match sender.len() {
        1..=11 => characters && (letter || digits),
        12..=15 => digits,
        _ => false,
    }
}

/// As the API takes it: E.164, its `+` may be missing, nothing else is read.
pub(crate) fn receiver(value: &str) -> Option<Phone> {
    let digits = value.strip_prefix('+').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Until the numbering table is there.
    if !(8..=15).contains(&digits.len()) || (digits.starts_with("221") && digits.len() != 12) {
        return None;
    }
    Phone::parse(&format!("+{digits}"), None).ok()
}

struct Message<'a> {
    from: &'a str,
    to: &'a str,
    receiver: Phone,
    text: &'a str,
    segments: usize,
}

fn message<'a>(index: usize, value: &'a Value, options: &Options) -> Result<Message<'a>, Refusal> {
    let refusal = |code, rule: &str| Refusal::new(code, format!("sms[{index}]{rule}"));
    let text = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| refusal("ERROR_105", &format!(".{name} is not a string")))
    };
    let (from, to, text) = (text("from")?, text("to")?, text("text")?);

    if !is_sender(from) {
        return Err(refusal("ERROR_108", ".from is not a sender"));
    }
    if to.is_empty() {
        return Err(refusal("ERROR_109", ".to is empty"));
    }
    let receiver = receiver(to).ok_or_else(|| refusal("ERROR_110", ".to is not a number"))?;
    if text.trim().is_empty() {
        return Err(refusal("ERROR_112", ".text is blank"));
    }
    let segments = segments(text);
    if segments > options.max_segments {
        let rule = format!(
            ".text has {segments} segments, not 1 to {}",
            options.max_segments
        );
        return Err(refusal("ERROR_113", &rule));
    }
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

fn segments(text: &str) -> usize {
    text.chars().count().div_ceil(153)
}
