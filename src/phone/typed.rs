//! From what was typed to digits: separators, marks and scripts.

use super::{Reason, reading::sentence};
use crate::characters::split_first;

/// The digits of one number.
pub(super) struct Typed {
    /// ASCII, with room before them: see [`Typed::digits`].
    buffer: Vec<u8>,
    /// Whether `+` stands before them.
    pub(super) plus: bool,
    /// Whether there are enough for two numbers, with a gap between.
    pub(super) crowded: bool,
}

impl Typed {
    /// In ASCII.
    pub(super) fn digits(&self) -> &[u8] {
        self.buffer.get(ROOM.len()..).unwrap_or_default()
    }

    /// The last so many digits after `+` and a calling code, in the memory of all digits.
    pub(super) fn into_e164(self, calling_code: &str, national: usize) -> String {
        let mut e164 = self.buffer;
        let beginning = calling_code.len().saturating_add(1);
        let room = e164
            .len()
            .saturating_sub(national)
            .saturating_sub(beginning);
        e164.drain(..room);
        if let Some(sign) = e164.first_mut() {
            *sign = b'+';
        }
        if let Some(code) = e164.get_mut(1..beginning) {
            code.copy_from_slice(calling_code.as_bytes());
        }
        String::from_utf8(e164).unwrap_or_default()
    }
}

/// As long as `+` and the longest calling code.
const ROOM: &[u8] = b"+000";

/// A character that can't be read.
pub(super) struct Fault<'a> {
    pub(super) reason: Reason,
    character: &'a str,
    /// In UTF-16.
    pub(super) index: usize,
}

impl Fault<'_> {
    /// In words.
    pub(super) fn hint(&self) -> String {
        let hint = self.reason.hint();
        if !matches!(self.reason, Reason::Letters | Reason::UnexpectedCharacter) {
            return hint.to_owned();
        }
        let Fault {
            character, index, ..
        } = self;
        // A control character is not shown.
        let shown = match character.as_bytes() {
            [first] => matches!(first, b'!'..=b'~'),
            [0xC2, second] => *second > 0xA0,
            _ => true,
        };
        let (quote, name) = match shown {
            true => ("\"", *character),
            false => ("", "the character"),
        };
        let index = index.to_string();
        sentence(&[quote, name, quote, " at ", &index, " ", hint])
    }
}

/// Reads digits and `+`, skips what separates them, and refuses everything else.
pub(super) fn read(input: &str) -> Result<Typed, Fault<'_>> {
    let mut buffer = Vec::with_capacity(ROOM.len().saturating_add(MOST));
    buffer.extend_from_slice(ROOM);
    let mut typed = Typed {
        buffer,
        plus: false,
        crowded: false,
    };
    // RFC 3966.
    let mut index = if begins(input, "tel:") { 4 } else { 0 };
    let mut gapped = false;
    // Counted where it matters.
    let mut total = None;
    let mut here = input.get(index..).unwrap_or_default();
    loop {
        let run = here.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, others) = here.split_at_checked(run).unwrap_or_default();
        typed.buffer.extend_from_slice(digits.as_bytes());
        index = index.wrapping_add(run);
        here = others;
        let Some((character, rest)) = split_first(here) else {
            return Ok(typed);
        };
        if let Some(digit) = digit(character) {
            typed.buffer.push(digit);
        } else {
            let before = typed.digits().len();
            let mut behind = || {
                let total = total.get_or_insert_with(|| count_digits(input));
                total.saturating_sub(before)
            };
            // No digit takes less than a byte.
            let between = before.min(here.len()) >= ENOUGH && behind() >= ENOUGH;
            let reason = match character {
                '+' | '\u{FF0B}' if before == 0 => {
                    typed.plus = true;
                    None
                }
                '.' if !gapped && before >= ENOUGH && is_zeros(rest) => Some(Reason::Spreadsheet),
                '/' | '\n' | '\r' if between => Some(Reason::SeveralNumbers),
                _ if is_gap(character) => {
                    gapped |= before > 0;
                    typed.crowded |= between && before.saturating_add(behind()) > MOST;
                    None
                }
                _ if between => Some(Reason::SeveralNumbers),
                _ => Some(fault(character, here, rest, before)),
            };
            if let Some(reason) = reason {
                return Err(Fault {
                    reason,
                    character: here.get(..character.len_utf8()).unwrap_or_default(),
                    index,
                });
            }
        }
        here = rest;
        index = index.wrapping_add(character.len_utf16());
    }
}

/// The UTF-16 position of the digit that so many digits follow, itself counted.
pub(super) fn position(input: &str, digits: usize) -> usize {
    let before = count_digits(input).saturating_sub(digits);
    find_digit(input, before).1
}

/// With so many digits before and behind, a separator may stand between two numbers.
const ENOUGH: usize = 7;
/// E.164's limit.
const MOST: usize = 15;

fn count_digits(text: &str) -> usize {
    find_digit(text, usize::MAX).0
}

/// The digits before the one in a place, or all, and what stands before it in UTF-16.
fn find_digit(text: &str, place: usize) -> (usize, usize) {
    let mut digits = 0;
    let mut index = 0usize;
    let mut rest = text;
    while let Some((character, after)) = split_first(rest) {
        if digit(character).is_some() {
            if digits == place {
                break;
            }
            digits = usize::wrapping_add(digits, 1);
        }
        rest = after;
        index = index.wrapping_add(character.len_utf16());
    }
    (digits, index)
}

/// The ASCII digit for a decimal one: ASCII, Arabic-Indic, Persian, N'Ko, full-width or Adlam.
fn digit(character: char) -> Option<u8> {
    static ZEROS: [char; 6] = [
        '0',
        '\u{660}',
        '\u{6F0}',
        '\u{7C0}',
        '\u{FF10}',
        '\u{1E950}',
    ];
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(character).wrapping_sub(u32::from(*zero));
        (value < 10).then_some(b'0' | value as u8)
    })
}

/// What people put between the digits of a number, and the invisible marks that come with pasting.
fn is_gap(character: char) -> bool {
    let mut gaps = GAPS.iter();
    gaps.any(|(first, last)| (u32::from(*first)..=u32::from(*last)).contains(&u32::from(character)))
}

/// From the first to the last.
#[rustfmt::skip]
const GAPS: [(u16, u16); 23] = [
    // Tab, line feed; carriage return; space; brackets; hyphen, full stop, slash; square brackets.
    (0x9, 0xA), (0xD, 0xD), (0x20, 0x20), (0x28, 0x29), (0x2D, 0x2F), (0x5B, 0x5B), (0x5D, 0x5D),
    // No-break space, soft hyphen, Arabic letter mark, Ogham space.
    (0xA0, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680),
    // Spaces, zero widths and directions; hyphens and dashes; line ends, embeddings and narrow no-break space; mathematical space, word joiner; isolates.
    (0x2000, 0x200F), (0x2010, 0x2015), (0x2028, 0x202F), (0x205F, 0x2060), (0x2066, 0x2069),
    // Minus, ideographic space, byte order mark.
    (0x2212, 0x2212), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    // Full-width brackets; hyphen, full stop, slash; square brackets.
    (0xFF08, 0xFF09), (0xFF0D, 0xFF0F), (0xFF3B, 0xFF3B), (0xFF3D, 0xFF3D),
];

/// What is wrong with a character that can't stand in a number: `here` begins with it, `rest` follows, `before` digits were read.
fn fault(character: char, here: &str, rest: &str, before: usize) -> Reason {
    let extension = |word: &&str| begins(here, word) && count_digits(rest) > 0;
    match character {
        ',' if before >= ENOUGH && is_zeros(rest) => Reason::Spreadsheet,
        ',' | 'e' | 'E' if before > 0 && is_exponent(here) => Reason::Spreadsheet,
        _ if before >= ENOUGH && EXTENSIONS.iter().any(extension) => Reason::Extension,
        '*' | '#' => Reason::ShortCode,
        'a'..='z' | 'A'..='Z' | '\u{C0}'..'\u{2000}' => Reason::Letters,
        _ => Reason::UnexpectedCharacter,
    }
}

/// What stands before the number of an extension.
static EXTENSIONS: [&str; 5] = ["x", "ext", "post", "#", ";ext"];

/// Whether these are the decimals of a number that was a whole one.
fn is_zeros(decimals: &str) -> bool {
    matches!(decimals.trim_ascii_end(), "0" | "00")
}

/// Whether scientific notation ends so: `E+11`, `,21777E+11`.
fn is_exponent(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes
        .iter()
        .take_while(|byte| matches!(byte, b',' | b'0'..=b'9'))
        .count();
    matches!(
        bytes.get(digits..),
        Some([b'e' | b'E', b'+' | b'-' | b'0'..=b'9', ..])
    )
}

#[inline(never)]
fn begins(text: &str, word: &str) -> bool {
    let beginning = text.as_bytes().get(..word.len());
    beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(word.as_bytes()))
}
