//! From what was typed to digits: separators, marks and scripts.

use super::{Reason, Refusal};

/// The digits of one number.
pub(super) struct Typed {
    /// ASCII, at least one.
    pub(super) digits: String,
    /// Whether `+` stands before them.
    pub(super) plus: bool,
    /// Whether there are enough for two numbers, with a gap between.
    pub(super) crowded: bool,
}

/// Reads digits and `+`, skips what separates them, and refuses everything else.
pub(super) fn read(input: &str) -> Result<Typed, Refusal> {
    let number = without_scheme(input);
    let scheme = input.len().saturating_sub(number.len());
    let mut index = utf16_length(input.get(..scheme).unwrap_or_default());
    if let Some(damage) = spreadsheet_damage(number) {
        let hint = "a spreadsheet changed this number: format its column as text";
        return Err(refusal(
            Reason::Spreadsheet,
            hint,
            index.saturating_add(damage),
        ));
    }
    let mut digits = String::with_capacity(MOST);
    let mut plus = false;
    // How many digits are before the first places where another number could begin.
    let mut first_gap = None;
    let mut first_break = None;
    let mut characters = number.chars();
    while let Some(character) = characters.next() {
        let before = digits.len();
        if let Some(digit) = digit(character) {
            digits.push(digit);
        } else if is_plus(character) && before == 0 {
            plus = true;
        } else if is_gap(character) || is_break(character) {
            if before >= ENOUGH {
                first_gap = first_gap.or(Some(before));
                if is_break(character) {
                    first_break = first_break.or(Some((before, index)));
                }
            }
        } else {
            return Err(unexpected(character, characters.as_str(), index, before));
        }
        index = index.saturating_add(character.len_utf16());
    }
    if digits.is_empty() {
        return Err(Refusal {
            reason: Reason::Empty,
            hint: "there are no digits".to_owned(),
            index: None,
        });
    }
    let enough_after = |before: usize| digits.len().saturating_sub(before) >= ENOUGH;
    if let Some((before, index)) = first_break
        && enough_after(before)
    {
        return Err(several(Some(index)));
    }
    let crowded = digits.len() > MOST && first_gap.is_some_and(enough_after);
    Ok(Typed {
        digits,
        plus,
        crowded,
    })
}

/// Refuses several numbers in one field.
pub(super) fn several(index: Option<usize>) -> Refusal {
    Refusal {
        reason: Reason::SeveralNumbers,
        hint: "there is more than one number here: one per entry".to_owned(),
        index,
    }
}

/// The UTF-16 position of a digit, counted from 0.
pub(super) fn position(input: &str, nth_digit: usize) -> Option<usize> {
    let mut digits = input
        .char_indices()
        .filter(|(_, character)| digit(*character).is_some());
    let (place, _) = digits.nth(nth_digit)?;
    input.get(..place).map(utf16_length)
}

/// With so many digits before and behind, a separator stands between two numbers.
const ENOUGH: usize = 7;
/// E.164's limit.
const MOST: usize = 15;

/// What follows `tel:` (RFC 3966).
fn without_scheme(input: &str) -> &str {
    match input.trim_start().split_at_checked(4) {
        Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number,
        _ => input,
    }
}

/// The ASCII digit for a decimal one: ASCII, Arabic-Indic, Persian, N'Ko, full-width or Adlam.
fn digit(character: char) -> Option<char> {
    if character.is_ascii() {
        return Some(character).filter(char::is_ascii_digit);
    }
    let zeros = ['\u{660}', '\u{6F0}', '\u{7C0}', '\u{FF10}', '\u{1E950}'];
    zeros.iter().find_map(|zero| {
        let value = u32::from(character).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

fn is_plus(character: char) -> bool {
    matches!(character, '+' | '\u{FF0B}')
}

/// What people put between the digits of a number, and the invisible marks that come with pasting.
fn is_gap(character: char) -> bool {
    matches!(character,
        ' ' | '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
        | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' | '.' | '\u{FF0E}'
        | '(' | ')' | '[' | ']' | '\u{FF08}' | '\u{FF09}'
        // Soft hyphen, Arabic letter mark, zero widths, directions, word joiner, isolates, byte order mark.
        | '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What separates numbers as well as digits.
fn is_break(character: char) -> bool {
    matches!(character, '/' | '\u{FF0F}' | '\n' | '\r')
}

/// Where a spreadsheet's notation leaves the digits: `2.21777E+11`, `2,21777E+11`, `221776665544.0`.
fn spreadsheet_damage(number: &str) -> Option<usize> {
    let place = number.find(['.', ',', 'e', 'E'])?;
    let (before, after) = number.split_at_checked(place)?;
    let after = after.trim_end();
    let (whole, rest) = digits_first(before.trim_start().trim_start_matches(['+', '-']));
    if whole.is_empty() || !rest.is_empty() {
        return None;
    }
    let decimals = whole.len() >= ENOUGH && matches!(after, ".0" | ".00" | ",0" | ",00");
    let scientific = || {
        let (_, exponent) = digits_first(after.trim_start_matches(['.', ',']));
        let exponent = exponent.strip_prefix(['e', 'E'])?;
        let (exponent, rest) = digits_first(exponent.trim_start_matches(['+', '-']));
        (!exponent.is_empty() && rest.is_empty()).then_some(())
    };
    (decimals || scientific().is_some()).then(|| utf16_length(before))
}

fn digits_first(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or_default()
}

fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Says what a character is that can't stand in a number: `rest` is behind it, `before` digits were read.
fn unexpected(character: char, rest: &str, index: usize, before: usize) -> Refusal {
    let after = rest.chars().filter_map(digit).count();
    if before >= ENOUGH && after >= ENOUGH {
        return several(Some(index));
    }
    let begins = |word: &str| {
        let mut typed = std::iter::once(character).chain(rest.chars());
        word.chars().all(|letter| {
            typed
                .next()
                .is_some_and(|typed| typed.eq_ignore_ascii_case(&letter))
        })
    };
    if before >= ENOUGH && after > 0 && ["x", "ext", "post", "#", ";ext"].into_iter().any(begins) {
        return refusal(
            Reason::Extension,
            "an extension can't be texted: leave it out",
            index,
        );
    }
    if begins(";phone-context") {
        let hint = "a phone-context makes the number a local one: write + and the calling code";
        return refusal(Reason::MissingCallingCode, hint, index);
    }
    if matches!(character, '*' | '#') {
        return refusal(Reason::ShortCode, "a service code can't be texted", index);
    }
    let shown = match character {
        '!'..='~' | '\u{A1}'..'\u{2000}' => format!("\"{character}\" at {index}"),
        _ => format!("U+{:04X} at {index}", u32::from(character)),
    };
    if character.is_ascii_alphabetic() || matches!(character, '\u{C0}'..'\u{2000}') {
        return refusal(
            Reason::Letters,
            &format!("{shown} is a letter: write digits only"),
            index,
        );
    }
    let hint = format!("{shown} has no place in a phone number: leave it out");
    refusal(Reason::UnexpectedCharacter, &hint, index)
}

fn refusal(reason: Reason, hint: &str, index: usize) -> Refusal {
    Refusal {
        reason,
        hint: hint.to_owned(),
        index: Some(index),
    }
}
