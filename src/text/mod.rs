//! SMS texts: what a phone can show, what a text costs, and what would make it cheaper.
//!
//! The alphabet is that of 3GPP TS 23.038, the concatenation that of 3GPP TS 23.040.

mod gsm7;
mod measure;
mod rewrite;

pub use measure::{Encoding, Measure, Offender, measure};
pub use rewrite::{SmartEncoding, rewrite};

use std::borrow::Cow;
use std::fmt;

use crate::characters::split_first;

/// The most segments that one text can have: TS 23.040 counts them in one octet.
pub const DEFAULT_MAX_SEGMENTS: usize = 255;

/// A text that shows something on a phone, and its measure.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<'a> {
    value: Cow<'a, str>,
    measure: Measure,
}

impl<'a> Text<'a> {
    /// Reads a text of at most `max_segments`; 255 is [`DEFAULT_MAX_SEGMENTS`].
    ///
    /// Line breaks, tabs and form feeds are text. The other control characters (U+0000 to U+001F, U+007F to U+009F) are
    /// refused: no phone shows them, and they tell of a text that was damaged or read in a wrong encoding.
    pub fn parse(text: impl Into<Cow<'a, str>>, max_segments: usize) -> Result<Text<'a>, Refusal> {
        let text = text.into();
        if text.is_empty() {
            return Err(refusal(
                Reason::EmptyText,
                "no character: write at least one",
            ));
        }
        if is_blank(&text) {
            return Err(refusal(
                Reason::BlankText,
                "only spaces or invisible characters: write something that shows",
            ));
        }
        let measure = measure(&text);
        if let Some(control) = measure
            .offenders
            .iter()
            .find(|offender| offender.character.is_control() && offender.character != '\t')
        {
            return Err(refusal(Reason::ControlCharacter, control_hint(control)));
        }
        if measure.segments > max_segments {
            return Err(refusal(
                Reason::TooManySegments,
                too_long_hint(&measure, max_segments),
            ));
        }
        Ok(Text {
            value: text,
            measure,
        })
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Its encoding, units and segments.
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// Its measure alone.
    pub fn into_measure(self) -> Measure {
        self.measure
    }

    /// The same text, independent of what it was read from.
    pub fn into_owned(self) -> Text<'static> {
        Text {
            value: self.value.into_owned().into(),
            measure: self.measure,
        }
    }
}

// By hand: a text is private and stays out of logs, its characters too.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("encoding", &self.measure.encoding)
            .field("units", &self.measure.units)
            .field("segments", &self.measure.segments)
            .finish_non_exhaustive()
    }
}

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub reason: Reason,
    /// One sentence: what, where and what to do. It never repeats the text.
    pub hint: String,
}

/// The rules of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No character.
    EmptyText,
    /// Only spaces, line breaks or invisible characters.
    BlankText,
    /// A control character other than a line break, a tab or a form feed.
    ControlCharacter,
    /// More segments than allowed.
    TooManySegments,
}

impl Reason {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::EmptyText => "empty-text",
            Reason::BlankText => "blank-text",
            Reason::ControlCharacter => "control-character",
            Reason::TooManySegments => "too-many-segments",
        }
    }
}

fn refusal(reason: Reason, hint: impl Into<String>) -> Refusal {
    Refusal {
        reason,
        hint: hint.into(),
    }
}

fn is_blank(text: &str) -> bool {
    let mut rest = text;
    while let Some((character, after)) = split_first(rest) {
        let sign = rewrite::typographic(character);
        if !matches!(character, ' ' | '\n' | '\r' | '\u{c}')
            && !sign.is_some_and(|sign| matches!(sign, "" | " " | "\n"))
        {
            return false;
        }
        rest = after;
    }
    true
}

fn control_hint(control: &Offender) -> String {
    let code = u32::from(control.character);
    let index = control.index;
    // What reads Windows-1252 as ISO 8859-1 makes these of its quotation marks and its euro sign.
    let source = if code < 0x80 {
        ""
    } else {
        ", or read its source as Windows-1252"
    };
    format!("U+{code:04X} at index {index} is a control character: remove it{source}")
}

fn too_long_hint(measure: &Measure, max_segments: usize) -> String {
    let segments = measure.segments;
    let replaced = match measure.segments_if_gsm7 {
        Some(replaced) if replaced <= max_segments => ", or replace what forces UCS-2",
        _ => "",
    };
    format!("{segments} segments, at most {max_segments}: shorten it{replaced}")
}
