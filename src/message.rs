//! Messages, judged before the network: all faults at once, each with its index.

mod judgement;

use std::hash::{Hash, Hasher};

pub use judgement::{CheckReport, CheckedMessage, check};
use judgement::{Judged, WordHasher, duplicates, judge};

use crate::error::{ErrorCode, Field, Issue, Reason, Severity};
use crate::phone::{Country, Phone};
use crate::sender::Sender;
use crate::text::{self, SmartEncoding, Text};

/// Messages of one POST at most (the API document, "Send SMS").
pub const MOST: usize = 50;

/// A message as a caller gives it, of whatever types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<S = String> {
    /// The receiver.
    pub to: Given<S>,
    /// The text, in NFC.
    pub text: Given<S>,
    /// The sender, where it isn't the client's own.
    pub from: Given<S>,
    /// The caller's own name for the message.
    pub id: Given<S>,
}

// By hand: nothing is asked of the string, as there is none.
impl<S> Default for Row<S> {
    fn default() -> Self {
        Row {
            to: Given::Absent,
            text: Given::Absent,
            from: Given::Absent,
            id: Given::Absent,
        }
    }
}

/// A value that should be a string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Given<S = String> {
    /// Not there, or undefined.
    #[default]
    Absent,
    /// Something else, by the name of its type.
    WrongType(&'static str),
    /// A string with a UTF-16 surrogate that has no partner.
    LoneSurrogate,
    /// A string.
    Value(S),
}

impl Given {
    /// The same, with the string borrowed.
    pub fn as_deref(&self) -> Given<&str> {
        match self {
            Given::Absent => Given::Absent,
            Given::WrongType(kind) => Given::WrongType(kind),
            Given::LoneSurrogate => Given::LoneSurrogate,
            Given::Value(value) => Given::Value(value),
        }
    }
}

/// What one client asks of every message.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The sender of messages that name none.
    pub sender: Option<Sender>,
    /// How national numbers are read.
    pub default_country: Option<Country>,
    /// What becomes of a number in a range that is no mobile one.
    pub phone_check: PhoneCheck,
    /// How texts are rewritten to need fewer segments.
    pub smart_encoding: SmartEncoding,
    /// Longer texts are refused.
    pub max_segments: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            sender: None,
            default_country: None,
            phone_check: PhoneCheck::default(),
            smart_encoding: SmartEncoding::Off,
            max_segments: text::DEFAULT_MAX_SEGMENTS,
        }
    }
}

/// What becomes of a number whose calling code and length are right but whose range isn't known to take SMS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhoneCheck {
    /// Nothing: only calling code and length count.
    Length,
    /// It is sent, with a warning: numbering plans change faster than any table.
    #[default]
    Warn,
    /// It is refused.
    Strict,
}

impl PhoneCheck {
    /// Reads `length`, `warn` or `strict`.
    pub fn parse(word: &str) -> Option<PhoneCheck> {
        match word {
            "length" => Some(PhoneCheck::Length),
            "warn" => Some(PhoneCheck::Warn),
            "strict" => Some(PhoneCheck::Strict),
            _ => None,
        }
    }
}

/// A message that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The receiver.
    pub to: Phone,
    /// The text.
    pub text: Text<'static>,
    /// The sender.
    pub from: Sender,
}

impl Message {
    /// Judges one row, whose place among all is `index`; gives what is doubtful too.
    ///
    /// # Errors
    /// Every fault of the row, and every doubt.
    pub fn parse(
        row: &Row<impl AsRef<str>>,
        index: usize,
        policy: &Policy,
    ) -> Result<(Message, Vec<Issue>), Vec<Issue>> {
        let Judged {
            issues,
            to,
            text,
            from,
        } = judge(row, index, policy);
        match (to, text, from) {
            (Some(to), Some(text), Some(from)) if !issues.iter().any(Issue::is_error) => {
                let message = Message {
                    to,
                    text: text.into_owned(),
                    from: from.into_owned(),
                };
                Ok((message, issues))
            }
            _ => Err(issues),
        }
    }

    /// The same for the same receiver and text, and hardly ever for others.
    pub fn twin_key(&self) -> u64 {
        let mut hasher = WordHasher::default();
        (self.to.e164(), self.text.as_str()).hash(&mut hasher);
        hasher.finish()
    }
}

/// 1 to 50 messages that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    messages: Vec<Message>,
    warnings: Vec<Issue>,
}

impl Batch {
    /// Judges every row.
    ///
    /// # Errors
    /// Every fault of every row, and every doubt, in the order of the rows.
    pub fn parse(rows: &[Row<impl AsRef<str>>], policy: &Policy) -> Result<Batch, Vec<Issue>> {
        let judged: Vec<Judged> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| judge(row, index, policy))
            .collect();
        let mut issues: Vec<Issue> = size(rows.len()).into_iter().collect();
        let repeated = duplicates(&judged);
        let mut messages = Vec::with_capacity(rows.len());
        for message in judged {
            issues.extend(message.issues);
            if let (Some(to), Some(text), Some(from)) = (message.to, message.text, message.from) {
                messages.push(Message {
                    to,
                    text: text.into_owned(),
                    from: from.into_owned(),
                });
            }
        }
        if issues.iter().any(Issue::is_error) {
            return Err(issues);
        }
        issues.extend(repeated.iter().flat_map(|group| again(group)));
        Ok(Batch {
            messages,
            warnings: issues,
        })
    }

    /// Messages that were judged already; `None` where they are none, or more than 50.
    pub fn of(messages: Vec<Message>) -> Option<Batch> {
        size(messages.len()).is_none().then_some(Batch {
            messages,
            warnings: Vec::new(),
        })
    }

    /// In the order of the rows.
    pub fn into_messages(self) -> Vec<Message> {
        self.messages
    }

    /// In the order of the rows.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// What is doubtful but no fault.
    pub fn warnings(&self) -> &[Issue] {
        &self.warnings
    }
}

fn size(count: usize) -> Option<Issue> {
    match count {
        0 => Some(batch_fault(
            Reason::None,
            "ERROR_109",
            "no message: give at least one".to_owned(),
        )),
        1..=MOST => None,
        _ => Some(too_many(count, MOST)),
    }
}

/// The issue of more messages than can be taken at once.
pub fn too_many(count: usize, most: usize) -> Issue {
    let message =
        format!("{count} messages, at most {most} at once: split them into several batches");
    batch_fault(Reason::TooMany, "ERROR_111", message)
}

fn batch_fault(reason: Reason, code: &str, message: String) -> Issue {
    Issue {
        severity: Severity::Error,
        field: Field::Batch,
        index: None,
        reason,
        code: ErrorCode::parse(code),
        message,
    }
}

/// A group of duplicates as a warning for each that repeats the first.
fn again(group: &[usize]) -> impl Iterator<Item = Issue> {
    let first = group.first().copied().unwrap_or_default();
    group.iter().skip(1).map(move |&index| Issue {
        severity: Severity::Warning,
        field: Field::Batch,
        index: Some(index),
        reason: Reason::Duplicate,
        code: None,
        message: format!("the same number and text as message {first}: it is sent twice"),
    })
}
