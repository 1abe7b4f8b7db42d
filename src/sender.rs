//! Sender IDs: the name or number that a phone shows as the sender.
//!
//! The field is TP-Originating-Address of 3GPP TS 23.040, whose alphanumeric form holds 11 characters of 7 bits. What
//! providers accept beyond it differs, so what only some refuse is a [`Warning`]. Whether a sender is registered is
//! known to the API alone; it replaces one it doesn't know by `SMS-TEST`, says its document.

use std::rc::Rc;

/// The most characters of a sender that is not digits only.
pub const MAX_CHARACTERS: usize = 11;

/// The most digits of a sender that is digits only, as E.164 has them.
pub const MAX_DIGITS: usize = 15;

/// A sender that the standard allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    // Most messages have the same.
    value: Rc<str>,
    warnings: Vec<Warning>,
}

impl Sender {
    /// Reads up to 11 printable ASCII characters, or up to 15 digits and nothing else. Nothing is trimmed.
    pub fn parse(sender: &str) -> Result<Sender, Refusal> {
        if sender.trim_ascii().is_empty() {
            return Err(Refusal {
                reason: Reason::EmptySender,
                hint: "no character: give a name of 1 to 11 letters or digits".to_owned(),
            });
        }
        // All bytes before it are ASCII, so its index is the one in UTF-16.
        if let Some((index, &byte)) = sender
            .as_bytes()
            .iter()
            .enumerate()
            .find(|(_, byte)| !matches!(byte, b' '..=b'~'))
        {
            let (reason, advice) = if byte.is_ascii() {
                (Reason::ControlCharacter, "a control character: remove it")
            } else {
                (
                    Reason::NonAsciiSender,
                    "not ASCII: write it without accents",
                )
            };
            return Err(Refusal {
                reason,
                hint: format!("the character at index {index} is {advice}"),
            });
        }
        let (limit, unit) = if digits_only(sender) {
            (MAX_DIGITS, "digits")
        } else {
            (MAX_CHARACTERS, "characters")
        };
        let length = sender.len();
        if length > limit {
            let advice = if sender.strip_prefix('+').is_some_and(digits_only) {
                "write the number without +"
            } else {
                "shorten it"
            };
            return Err(Refusal {
                reason: Reason::SenderTooLong,
                hint: format!("{length} {unit}, at most {limit}: {advice}"),
            });
        }
        Ok(Sender {
            value: sender.into(),
            warnings: warnings(sender).collect(),
        })
    }

    /// The sender as it was given.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// What some networks or providers refuse or change.
    ///
    /// The hyphen is not among it: the API's own `SMS-TEST` has one.
    pub fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.warnings.iter().copied()
    }
}

/// Why a sender was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub reason: Reason,
    /// One sentence: what, where and what to do.
    pub hint: String,
}

/// Why a sender is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The rule.
    pub reason: Reason,
    /// One sentence: what and what to do.
    pub hint: &'static str,
}

/// The rules of senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No character but spaces.
    EmptySender,
    /// More than 11 characters, or more than 15 digits.
    SenderTooLong,
    /// A character outside of ASCII.
    NonAsciiSender,
    /// A control character; the same word as for texts.
    ControlCharacter,
    /// Doubtful: a space at an end.
    OuterSpace,
    /// Doubtful: signs other than letters, digits, spaces and hyphens.
    SenderSymbols,
    /// Doubtful: digits only.
    NumericSender,
    /// Doubtful: no letter, and not digits only.
    SenderWithoutLetter,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::EmptySender => "empty-sender",
            Reason::SenderTooLong => "sender-too-long",
            Reason::NonAsciiSender => "non-ascii-sender",
            Reason::ControlCharacter => "control-character",
            Reason::OuterSpace => "outer-space",
            Reason::SenderSymbols => "sender-symbols",
            Reason::NumericSender => "numeric-sender",
            Reason::SenderWithoutLetter => "sender-without-letter",
        }
    }
}

fn warnings(sender: &str) -> impl Iterator<Item = Warning> {
    let numeric = digits_only(sender);
    let outer_space = sender.starts_with(' ') || sender.ends_with(' ');
    let symbols = !sender
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'));
    let letterless = !numeric && !sender.bytes().any(|byte| byte.is_ascii_alphabetic());
    [
        (
            outer_space,
            Reason::OuterSpace,
            "begins or ends with a space: remove it",
        ),
        (
            symbols,
            Reason::SenderSymbols,
            "some networks refuse signs other than letters, digits, spaces and hyphens: leave them out",
        ),
        (
            numeric,
            Reason::NumericSender,
            "some networks replace a number: prefer a name",
        ),
        (
            letterless,
            Reason::SenderWithoutLetter,
            "some networks refuse a name without a letter: add one",
        ),
    ]
    .into_iter()
    .filter_map(|(doubtful, reason, hint)| doubtful.then_some(Warning { reason, hint }))
}

fn digits_only(sender: &str) -> bool {
    sender.bytes().all(|byte| byte.is_ascii_digit())
}
