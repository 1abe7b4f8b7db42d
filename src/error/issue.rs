use serde::{Serialize, Serializer};

use super::ErrorCode;
use crate::{phone, sender, text};

/// One fault, or one doubt, of what the caller gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Whether it stops the call.
    pub severity: Severity,
    /// What is at fault.
    pub field: Field,
    /// Of the message or receiver, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The rule that was broken.
    pub reason: Reason,
    /// The API's own code for this fault, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// One sentence: what, where, what to do; never a whole number or text.
    pub message: String,
}

impl Issue {
    /// The message with the index in front, for where nobody sees the field.
    pub fn whole_message(&self) -> String {
        let message = &self.message;
        match (self.index, self.field) {
            (None, _) => message.clone(),
            (Some(index), Field::Receivers) => {
                let fault = message.strip_prefix("receivers: ").unwrap_or(message);
                format!("receivers[{index}]: {fault}")
            }
            (Some(index), Field::Batch) => format!("messages[{index}]: {message}"),
            (Some(index), _) => format!("messages[{index}].{message}"),
        }
    }

    /// Whether it stops the call.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether an issue stops the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The call is refused.
    Error,
    /// The call goes on.
    Warning,
}

impl Severity {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// What an issue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they are the names of the fields")]
pub enum Field {
    Batch,
    To,
    Text,
    From,
    Id,
    Receivers,
    StartDate,
    EndDate,
    Option,
}

impl Field {
    /// Its name in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Field::Batch => "batch",
            Field::To => "to",
            Field::Text => "text",
            Field::From => "from",
            Field::Id => "id",
            Field::Receivers => "receivers",
            Field::StartDate => "startDate",
            Field::EndDate => "endDate",
            Field::Option => "option",
        }
    }
}

/// The rule that was broken: one kebab-case word in JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Of a phone number.
    Phone(phone::Reason),
    /// Of a text.
    Text(text::Reason),
    /// Of a sender.
    Sender(sender::Reason),
    /// No message, or no receiver.
    None,
    /// More than 50 messages.
    TooMany,
    /// A required value is absent.
    Missing,
    /// A value of another type than documented.
    WrongType,
    /// A UTF-16 surrogate without its partner: the text is broken before it came here.
    LoneSurrogate,
    /// An option that does not exist.
    UnknownOption,
    /// An option's value is out of its range or not of its form.
    BadOption,
    /// A date that is not one, or not of the form `YYYY-MM-DD HH:MM:SS`.
    BadDate,
    /// The start lies after the end.
    StartAfterEnd,
    /// Keys in a browser, where everybody can read them.
    KeysInBrowser,
    /// The client was freed.
    Freed,
    /// `paydunya-crm/slim` has no wasm yet.
    NotInitialized,
    /// The JavaScript runtime lacks WebAssembly, or forbids it.
    UnsupportedRuntime,
    /// The API answered another sender than asked for (it falls back to SMS-TEST).
    SenderReplaced,
    /// The same number and text stand twice in a batch.
    Duplicate,
    /// The number lies in a range that is not for mobiles.
    Landline,
    /// The number lies in a range that is not known to take SMS.
    UnknownRange,
    /// `smartEncoding` changed the text.
    Rewritten,
    /// Characters outside GSM-7 make the text need more segments.
    Ucs2,
}

impl Reason {
    /// The word that JavaScript sees as `issue.reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Phone(reason) => reason.as_str(),
            Reason::Text(reason) => reason.as_str(),
            Reason::Sender(reason) => reason.as_str(),
            Reason::None => "none",
            Reason::TooMany => "too-many",
            Reason::Missing => "missing",
            Reason::WrongType => "wrong-type",
            Reason::LoneSurrogate => "lone-surrogate",
            Reason::UnknownOption => "unknown-option",
            Reason::BadOption => "bad-option",
            Reason::BadDate => "bad-date",
            Reason::StartAfterEnd => "start-after-end",
            Reason::KeysInBrowser => "keys-in-browser",
            Reason::Freed => "freed",
            Reason::NotInitialized => "not-initialized",
            Reason::UnsupportedRuntime => "unsupported-runtime",
            Reason::SenderReplaced => "sender-replaced",
            Reason::Duplicate => "duplicate",
            Reason::Landline => "landline",
            Reason::UnknownRange => "unknown-range",
            Reason::Rewritten => "rewritten",
            Reason::Ucs2 => "ucs2",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
