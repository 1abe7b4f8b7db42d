//! The one judgement of a message, for `send` and `check` alike.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::{Given, PhoneCheck, Policy, Row};
use crate::error::{ErrorCode, Field, Issue, Reason, Severity};
use crate::phone::{Kind, Phone};
use crate::sender::Sender;
use crate::text::{Encoding, Measure, Text, rewrite};

/// What `check` says of any number of messages.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// No message has an error.
    pub ok: bool,
    /// One per message, in order.
    pub messages: Vec<CheckedMessage>,
    /// SMS segments of all texts together: what the operator bills.
    pub segments: usize,
    /// Messages whose text needs UCS-2.
    pub ucs2: usize,
    /// Groups of indexes with the same number and text.
    pub duplicates: Vec<Vec<usize>>,
}

/// What `check` says of one message.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedMessage {
    /// From 0.
    pub index: usize,
    /// It has no error.
    pub ok: bool,
    /// Errors and warnings.
    pub issues: Vec<Issue>,
    /// Where the number could be read.
    pub phone: Option<Phone>,
    /// Where the text could be read, as it would leave.
    pub text: Option<Measure>,
}

/// Judges any number of rows.
pub fn check(rows: &[Row<impl AsRef<str>>], policy: &Policy) -> CheckReport {
    let judged: Vec<Judged> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| judge(row, index, policy))
        .collect();
    let duplicates = duplicates(&judged);
    let measures = || judged.iter().filter_map(|message| message.text.as_ref());
    let segments = measures().map(|text| text.measure().segments).sum();
    let ucs2 = measures()
        .filter(|text| text.measure().encoding == Encoding::Ucs2)
        .count();
    let messages: Vec<CheckedMessage> = judged
        .into_iter()
        .enumerate()
        .map(|(index, message)| CheckedMessage {
            index,
            ok: message.is_ok(),
            issues: message.issues,
            phone: message.to,
            text: message.text.map(Text::into_measure),
        })
        .collect();
    CheckReport {
        ok: messages.iter().all(|message| message.ok),
        messages,
        segments,
        ucs2,
        duplicates,
    }
}

/// A row with all that could be read of it and all that is wrong with it.
pub(super) struct Judged<'a> {
    pub(super) issues: Vec<Issue>,
    pub(super) to: Option<Phone>,
    pub(super) text: Option<Text<'a>>,
    pub(super) from: Option<Cow<'a, Sender>>,
}

impl Judged<'_> {
    fn is_ok(&self) -> bool {
        !self.issues.iter().any(Issue::is_error)
    }
}

pub(super) fn judge<'a>(
    row: &'a Row<impl AsRef<str>>,
    index: usize,
    policy: &'a Policy,
) -> Judged<'a> {
    let mut faults = Faults {
        index,
        issues: Vec::new(),
    };
    let to = phone(&row.to, policy, &mut faults);
    let text = text(&row.text, policy, &mut faults);
    let from = sender(&row.from, policy, &mut faults);
    if let Given::WrongType(_) | Given::LoneSurrogate = row.id {
        faults.given(Field::Id, None, &row.id);
    }
    Judged {
        issues: faults.issues,
        to,
        text,
        from,
    }
}

/// Groups of indexes whose number and text are the same, by their first index.
pub(super) fn duplicates(judged: &[Judged]) -> Vec<Vec<usize>> {
    let mut firsts = HashMap::<_, _, BuildHasherDefault<WordHasher>>::with_capacity_and_hasher(
        judged.len(),
        BuildHasherDefault::default(),
    );
    // At the first index of each.
    let mut groups = vec![Vec::new(); judged.len()];
    for (index, message) in judged.iter().enumerate() {
        if let (Some(to), Some(text)) = (&message.to, &message.text) {
            let first = *firsts.entry((to.e164(), text.as_str())).or_insert(index);
            if let Some(group) = groups.get_mut(first).filter(|_| first != index) {
                if group.is_empty() {
                    group.push(first);
                }
                group.push(index);
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Eight bytes at a time, as rustc's own `FxHasher` does. The standard one reads a text five times as long; its random
/// keys, which resist whoever makes texts collide, a wasm would have to ask its host for.
#[derive(Default)]
pub(super) struct WordHasher(u64);

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let last = rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        for word in words.chain([last]) {
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // The product's low bits know only those of the words.
        self.0.rotate_left(26)
    }
}

fn phone(given: &Given<impl AsRef<str>>, policy: &Policy, faults: &mut Faults) -> Option<Phone> {
    let code = Some("ERROR_110");
    let typed = faults.value(Field::To, code, given)?;
    let phone = match Phone::parse(typed, policy.default_country) {
        Ok(phone) => phone,
        Err(refusal) => {
            faults.error(
                Field::To,
                Reason::Phone(refusal.reason),
                code,
                &refusal.hint,
            );
            return None;
        }
    };
    let (reason, doubt) = match phone.kind() {
        Kind::Sms => return Some(phone),
        Kind::Landline => (
            Reason::Landline,
            "this number lies in a range that is not for mobiles, so it may never arrive",
        ),
        Kind::UnknownRange => (
            Reason::UnknownRange,
            "this number lies in a range that is not known to take SMS; check it if it does not arrive",
        ),
    };
    match policy.phone_check {
        PhoneCheck::Length => {}
        PhoneCheck::Warn => faults.warn(Field::To, reason, doubt),
        PhoneCheck::Strict => faults.error(Field::To, reason, code, doubt),
    }
    Some(phone)
}

fn text<'a>(
    given: &'a Given<impl AsRef<str>>,
    policy: &Policy,
    faults: &mut Faults,
) -> Option<Text<'a>> {
    let typed = faults.value(Field::Text, Some("ERROR_112"), given)?;
    let rewritten = rewrite(typed, policy.smart_encoding);
    // A comparison would look at every character again.
    if matches!(rewritten, Cow::Owned(_)) {
        faults.warn(
            Field::Text,
            Reason::Rewritten,
            "smartEncoding changed characters of this text so that it needs fewer segments",
        );
    }
    let text = match Text::parse(rewritten, policy.max_segments) {
        Ok(text) => text,
        Err(refusal) => {
            let code = match refusal.reason {
                crate::text::Reason::TooManySegments => "ERROR_113",
                _ => "ERROR_112",
            };
            faults.error(
                Field::Text,
                Reason::Text(refusal.reason),
                Some(code),
                &refusal.hint,
            );
            return None;
        }
    };
    let measure = text.measure();
    if let (Some(plain), Some(first)) = (measure.segments_if_gsm7, measure.offenders.first())
        && plain < measure.segments
    {
        // Thrice as quick as formatting, and half of all French texts come here.
        let mut message = Faults::message(Field::Text);
        message.push(first.character);
        message.push_str(" at ");
        push_decimal(&mut message, first.index);
        message.push_str(" makes this UCS-2: ");
        push_decimal(&mut message, measure.segments);
        message.push_str(" segments instead of ");
        push_decimal(&mut message, plain);
        faults.push(Severity::Warning, Field::Text, Reason::Ucs2, None, message);
    }
    Some(text)
}

fn sender<'a>(
    given: &Given<impl AsRef<str>>,
    policy: &'a Policy,
    faults: &mut Faults,
) -> Option<Cow<'a, Sender>> {
    let code = Some("ERROR_108");
    let sender = match (given, &policy.sender) {
        (Given::Absent, Some(sender)) => Cow::Borrowed(sender),
        (Given::Absent, None) => {
            faults.error(
                Field::From,
                Reason::Missing,
                code,
                "no sender: give `from`, or the option `sender` for all messages",
            );
            return None;
        }
        _ => match Sender::parse(faults.value(Field::From, code, given)?) {
            Ok(sender) => Cow::Owned(sender),
            Err(refusal) => {
                faults.error(
                    Field::From,
                    Reason::Sender(refusal.reason),
                    code,
                    &refusal.hint,
                );
                return None;
            }
        },
    };
    for warning in sender.warnings() {
        faults.warn(Field::From, Reason::Sender(warning.reason), warning.hint);
    }
    Some(sender)
}

fn push_decimal(text: &mut String, number: usize) {
    if number >= 10 {
        push_decimal(text, number / 10);
    }
    text.push(char::from(b'0' | (number % 10) as u8));
}

struct Faults {
    index: usize,
    issues: Vec<Issue>,
}

impl Faults {
    /// The string, or the fault that it is none.
    fn value<'a>(
        &mut self,
        field: Field,
        code: Option<&str>,
        given: &'a Given<impl AsRef<str>>,
    ) -> Option<&'a str> {
        match given {
            Given::Value(value) => Some(value.as_ref()),
            _ => {
                self.given(field, code, given);
                None
            }
        }
    }

    fn given<S>(&mut self, field: Field, code: Option<&str>, given: &Given<S>) {
        let (reason, message) = match given {
            Given::Value(_) => return,
            Given::Absent => (Reason::Missing, format!("missing: give `{}`", field.as_str())),
            Given::WrongType(kind) => (
                Reason::WrongType,
                format!("expected a string, got {kind}{}", type_advice(field, kind)),
            ),
            Given::LoneSurrogate => (
                Reason::LoneSurrogate,
                "half of a character (a UTF-16 surrogate without its partner): the string was cut in two".to_owned(),
            ),
        };
        self.error(field, reason, code, &message);
    }

    fn error(&mut self, field: Field, reason: Reason, code: Option<&str>, fault: &str) {
        let code = code.and_then(ErrorCode::parse);
        let message = Faults::message(field) + fault;
        self.push(Severity::Error, field, reason, code, message);
    }

    fn warn(&mut self, field: Field, reason: Reason, doubt: &str) {
        let message = Faults::message(field) + doubt;
        self.push(Severity::Warning, field, reason, None, message);
    }

    /// The beginning of an issue's message, with room for the rest.
    fn message(field: Field) -> String {
        let mut message = String::with_capacity(100);
        message.push_str(field.as_str());
        message.push_str(": ");
        message
    }

    fn push(
        &mut self,
        severity: Severity,
        field: Field,
        reason: Reason,
        code: Option<ErrorCode>,
        message: String,
    ) {
        self.issues.push(Issue {
            severity,
            field,
            index: Some(self.index),
            reason,
            code,
            message,
        });
    }
}

fn type_advice(field: Field, kind: &str) -> &'static str {
    match (field, kind) {
        (Field::To, "a number") => {
            ": numbers lose their + and leading zeros, so write it as \"+221…\""
        }
        (_, "a number") => ": write it as a string",
        _ => "",
    }
}
