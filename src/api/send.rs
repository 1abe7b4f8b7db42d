//! `POST /sms/send`: 1 to 50 messages.

use std::borrow::Cow;

use super::envelope::Success;
use super::json::{Value, push_escaped};
use super::{body, same_number};
use crate::credentials::Secret;
use crate::error::{Field, Issue, Reason, Severity};
use crate::message::{Batch, Message};
use crate::sender::Sender;

/// What became of the messages of a send that the API accepted. What it says of them stands beside the batch, not again in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Always `00`.
    pub code: &'static str,
    /// The API's word.
    pub message: String,
    /// The API's sentence.
    pub description: String,
    /// One for each message, in order.
    pub sms: Vec<SentSms>,
    /// Indexes of messages that the answer did not account for.
    pub unknown: Vec<usize>,
    /// What is doubtful about the answer; [`Batch::warnings`] has what was before.
    pub warnings: Vec<Issue>,
}

/// One message that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentSms {
    /// Whether the answer accounts for it.
    pub status: Status,
    /// Its identity (the API document's CODE-SMS), which stats gives again.
    pub code: Option<String>,
    /// SMS segments.
    pub segments: usize,
}

/// Whether the answer accounts for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Sent,
    /// It doesn't: ask the stats before sending it again.
    Unknown,
}

impl Status {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Sent => "sent",
            Status::Unknown => "unknown",
        }
    }
}

/// The body of a send.
pub fn request(app_key: &Secret, batch: &Batch) -> String {
    let messages = batch.messages();
    let lengths = messages.iter().map(|message| message.text.as_str().len());
    // With room for what stands around the texts, as growing means copying.
    let room = lengths.fold(256, |room, length| {
        length.saturating_add(room).saturating_add(96)
    });
    let mut body = body("send_sms_request", app_key, room);
    body.push_str(",\"sms\":[");
    for (place, message) in messages.iter().enumerate() {
        let from = match place {
            0 => "{\"from\":\"",
            _ => ",{\"from\":\"",
        };
        push_escaped(&mut body, from, message.from.as_str());
        push_escaped(&mut body, "\",\"to\":\"", message.to.e164());
        push_escaped(&mut body, "\",\"text\":\"", message.text.as_str());
        body.push_str("\"}");
    }
    body.push_str("]}}");
    body
}

/// What the answer says of one SMS. Without a code or a number it accounts for none.
struct Entry<'a> {
    code: String,
    sender: Option<Cow<'a, str>>,
    receiver: Cow<'a, str>,
    text: Option<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    fn read(entry: Value<'a>) -> Option<Entry<'a>> {
        let [
            mut code,
            mut sender,
            mut other_sender,
            mut receiver,
            mut text,
        ] = [const { None }; 5];
        for (name, value) in entry.members()? {
            // Of several with one name the last counts.
            match &*name.text().unwrap_or_default() {
                "code" => code = value.text(),
                // The document spells it so; both spellings are read.
                "sender_addresss" => sender = value.text(),
                "sender_address" => other_sender = value.text(),
                "receiver_address" => receiver = value.text(),
                "text" => text = value.text(),
                _ => {}
            }
        }
        Some(Entry {
            code: code.filter(|code| !code.is_empty())?.into_owned(),
            sender: sender.or(other_sender),
            receiver: receiver?,
            text,
        })
    }

    fn is_for(&self, message: &Message) -> bool {
        same_number(&self.receiver, message.to.e164())
    }

    fn is_text_of(&self, message: &Message) -> bool {
        let text = self.text.as_ref();
        text.is_some_and(|text| text == message.text.as_str())
    }
}

/// Reads the answer to `batch`: entries are matched by number, and among equal numbers by text, then order; never
/// by position alone.
///
/// `None` where the answer accounts for no message.
pub fn answer(success: Success<'_>, batch: &Batch) -> Option<Receipt> {
    let sms = success.data.value()?.get("sms")?;
    let mut entries: Vec<Option<Entry>> = sms.elements()?.map(Entry::read).collect();
    let messages = batch.messages();
    let mut first = 0usize;
    let mut found: Vec<Option<Entry>> = messages
        .iter()
        .map(|message| {
            // Most answers have the order of the batch, so the first ones are taken.
            while let Some(None) = entries.get(first) {
                first = first.wrapping_add(1);
            }
            take(entries.get_mut(first..).unwrap_or_default(), |entry| {
                entry.is_for(message) && entry.is_text_of(message)
            })
        })
        .collect();
    // Only now by number alone: the text may come back trimmed or in another form.
    for (found, message) in found.iter_mut().zip(messages) {
        if found.is_none() {
            *found = take(&mut entries, |entry| entry.is_for(message));
        }
    }
    if found.iter().all(Option::is_none) {
        return None;
    }
    let doubt = |(index, (entry, message)): (usize, (&Option<Entry>, &Message))| {
        let answered: &str = entry.as_ref()?.sender.as_ref()?;
        (answered != message.from.as_str()).then(|| sender_replaced(index, answered, batch))
    };
    let doubts = found.iter().zip(messages).enumerate().filter_map(doubt);
    Some(Receipt {
        code: "00",
        message: success.message,
        description: success.description,
        warnings: doubts.collect(),
        unknown: found
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| entry.is_none().then_some(index))
            .collect(),
        sms: found
            .into_iter()
            .zip(messages)
            .map(|(entry, message)| sent(entry, message))
            .collect(),
    })
}

fn take<'a>(
    entries: &mut [Option<Entry<'a>>],
    wanted: impl Fn(&Entry<'a>) -> bool,
) -> Option<Entry<'a>> {
    entries
        .iter_mut()
        .find(|entry| entry.as_ref().is_some_and(&wanted))?
        .take()
}

fn sent(entry: Option<Entry<'_>>, message: &Message) -> SentSms {
    SentSms {
        status: match entry {
            Some(_) => Status::Sent,
            None => Status::Unknown,
        },
        code: entry.map(|entry| entry.code),
        segments: message.text.measure().segments,
    }
}

fn sender_replaced(index: usize, answered: &str, batch: &Batch) -> Issue {
    // What is no name is not repeated: it could be anything, a receiver's number or a text too.
    let digits = answered.bytes().filter(u8::is_ascii_digit).count();
    let is_name = answered.bytes().any(|byte| byte.is_ascii_alphabetic()) && digits < 8;
    let is_text = batch
        .messages()
        .iter()
        .any(|message| message.text.as_str() == answered);
    let answered = match Sender::parse(answered) {
        Ok(sender) if is_name && !is_text => format!("\"{}\"", sender.as_str()),
        _ => "another sender".to_owned(),
    };
    Issue {
        severity: Severity::Warning,
        field: Field::From,
        index: Some(index),
        reason: Reason::SenderReplaced,
        code: None,
        message: format!(
            "from: the API answered {answered} and not the sender asked for: configure it for the SMS account"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Reply;
    use crate::message::{Given, Policy, Row};

    const DOCUMENT: &str = include_str!("../../tests/data/document/send-answer.json");

    fn batch(rows: &[(&str, &str)]) -> Batch {
        let policy = Policy {
            sender: Sender::parse("SENDER-ID").ok(),
            ..Policy::default()
        };
        let rows: Vec<Row> = rows
            .iter()
            .map(|(to, text)| Row {
                to: Given::Value((*to).to_owned()),
                text: Given::Value((*text).to_owned()),
                ..Row::default()
            })
            .collect();
        Batch::parse(&rows, &policy).unwrap()
    }

    fn read(body: &str, batch: &Batch) -> Option<Receipt> {
        match Reply::read(body) {
            Reply::Success(success) => answer(success, batch),
            other => panic!("{other:?}"),
        }
    }

    /// The codes that an answer of `(code, number, text)` gives to a batch.
    #[track_caller]
    fn codes(rows: &[(&str, &str)], entries: &[(&str, &str, &str)]) -> Vec<Option<String>> {
        let sms: Vec<_> = entries
            .iter()
            .map(|(code, to, text)| {
                serde_json::json!({
                    "code": code, "sender_addresss": "SENDER-ID", "receiver_address": to, "text": text
                })
            })
            .collect();
        let body = serde_json::json!({ "code": "00", "data": { "sms": sms } }).to_string();
        let receipt = read(&body, &batch(rows)).unwrap();
        receipt.sms.into_iter().map(|sms| sms.code).collect()
    }

    fn some(codes: &[&str]) -> Vec<Option<String>> {
        codes
            .iter()
            .map(|code| (!code.is_empty()).then(|| (*code).to_owned()))
            .collect()
    }

    const A: &str = "+221776665544";
    const B: &str = "+221773332211";

    #[test]
    fn reads_the_documents_answer() {
        let receipt = read(DOCUMENT, &batch(&[(A, "Un sms de test.")])).unwrap();
        assert_eq!(receipt.message, "sms_sent");
        assert_eq!(receipt.sms[0].code.as_deref(), Some("CODE-SMS"));
        assert_eq!(receipt.warnings, []);
    }

    #[test]
    fn matches_by_number_with_or_without_plus_in_any_order() {
        assert_eq!(
            codes(&[(A, "a"), (B, "b")], &[("2", &B[1..], "b"), ("1", A, "a")]),
            some(&["1", "2"])
        );
    }

    #[test]
    fn matches_equal_numbers_by_text_then_order() {
        let rows = [(A, "one"), (A, "two"), (A, "three")];
        assert_eq!(
            codes(
                &rows,
                &[("x", A, "trimmed"), ("3", A, "three"), ("1", A, "one")]
            ),
            some(&["1", "x", "3"])
        );
        assert_eq!(
            codes(&rows, &[("1", A, "?"), ("2", A, "?"), ("3", A, "?")]),
            some(&["1", "2", "3"])
        );
    }

    #[test]
    fn never_matches_by_position_where_the_numbers_disagree() {
        assert_eq!(
            codes(
                &[(A, "a"), (B, "b")],
                &[("1", "221770000000", "a"), ("2", B, "b")]
            ),
            some(&["", "2"])
        );
    }

    #[test]
    fn what_the_answer_does_not_account_for_is_unknown() {
        let batch = batch(&[(A, "a"), (B, "b")]);
        let body = r#"{"code":"00","data":{"sms":[null,7,{"receiver_address":"221776665544"},
            {"code":"2","receiver_address":"221773332211","sender_address":"SENDER-ID"}]}}"#;
        let receipt = read(body, &batch).unwrap();
        assert_eq!(receipt.unknown, [0]);
        assert_eq!(receipt.sms[0].status, Status::Unknown);
        assert_eq!(receipt.sms[1].status, Status::Sent);
    }

    #[test]
    fn an_answer_that_accounts_for_none_is_no_receipt() {
        let batch = batch(&[(A, "a")]);
        for data in [
            r#"{"sms":[]}"#,
            r#"{"sms":[{"code":"1"}]}"#,
            "{}",
            "[]",
            "null",
            r#"{"sms":{}}"#,
        ] {
            let body = format!(r#"{{"code":"00","data":{data}}}"#);
            assert_eq!(read(&body, &batch), None, "{data}");
        }
    }

    #[test]
    fn warns_where_the_sender_was_replaced_in_either_spelling() {
        for name in ["sender_addresss", "sender_address"] {
            let body = DOCUMENT
                .replace("sender_addresss", name)
                .replace("SENDER-ID", "SMS-TEST");
            let receipt = read(&body, &batch(&[(A, "Un sms de test.")])).unwrap();
            assert_eq!(receipt.warnings.len(), 1);
            assert_eq!(receipt.warnings[0].reason, Reason::SenderReplaced);
            assert!(receipt.warnings[0].message.contains("\"SMS-TEST\""));
        }
    }

    #[test]
    fn repeats_no_number_and_no_text_that_stands_in_the_senders_place() {
        for answered in ["221776665544", "A776665544", "Un sms"] {
            let body = DOCUMENT.replace("SENDER-ID", answered);
            let receipt = read(&body, &batch(&[(A, "Un sms")])).unwrap();
            assert_eq!(receipt.warnings[0].reason, Reason::SenderReplaced);
            let message = &receipt.warnings[0].message;
            assert!(!message.contains(answered), "{message}");
        }
    }
}
