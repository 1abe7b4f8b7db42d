//! From what was typed to digits: separators, marks and scripts.

use super::{Reason, Refusal};

/// The digits of one number.
pub(super) struct Typed {
    /// ASCII, at least one.
    pub(super) digits: String,
    /// Whether `+` stands before them.
    pub(super) plus: bool,
    /// UTF-16 positions of the digits.
    pub(super) positions: Vec<usize>,
}

/// Reads digits and `+`, skips what separates them, and refuses everything else.
pub(super) fn read(input: &str) -> Result<Typed, Refusal> {
    let hidden = input.len().saturating_sub(without_scheme(input).len());
    let (scheme, number) = input.split_at_checked(hidden).unwrap_or(("", input));
    let mut position = scheme.encode_utf16().count();
    if let Some(fault) = spreadsheet_damage(number) {
        let hint = "a spreadsheet changed this number: format its column as text";
        return Err(refusal(
            Reason::Spreadsheet,
            hint,
            position.saturating_add(fault),
        ));
    }
    let mut typed = Typed {
        digits: String::new(),
        plus: false,
        positions: Vec::new(),
    };
    let total = number.chars().filter_map(digit).count();
    let mut characters = number.chars();
    while let Some(character) = characters.next() {
        let before = typed.digits.len();
        let after = total.saturating_sub(before);
        let between = before >= SUBSCRIBER && after >= SUBSCRIBER;
        if let Some(digit) = digit(character) {
            typed.digits.push(digit);
            typed.positions.push(position);
        } else if is_plus(character) && before == 0 {
            typed.plus = true;
        } else if between && (total > MOST || !is_gap(character)) {
            let hint = "there is more than one number here: one per entry";
            return Err(refusal(Reason::SeveralNumbers, hint, position));
        } else if !is_gap(character) && !is_break(character) {
            return Err(unexpected(character, characters.as_str(), position, before));
        }
        position = position.saturating_add(character.len_utf16());
    }
    if typed.digits.is_empty() {
        return Err(Refusal {
            reason: Reason::Empty,
            hint: "there are no digits".to_owned(),
            index: None,
        });
    }
    Ok(typed)
}

/// A number of its own has no fewer digits, as far as telling two numbers from one goes.
const SUBSCRIBER: usize = 7;
/// E.164's limit.
const MOST: usize = 15;

/// What follows `tel:`.
fn without_scheme(input: &str) -> &str {
    match input.trim_start().split_at_checked(4) {
        Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number,
        _ => input,
    }
}

/// The digit that a decimal digit stands for: ASCII, Arabic-Indic, Persian, N'Ko, full-width or Adlam.
fn digit(character: char) -> Option<char> {
    const ZEROS: [char; 6] = [
        '0',
        '\u{660}',
        '\u{6F0}',
        '\u{7C0}',
        '\u{FF10}',
        '\u{1E950}',
    ];
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(character).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

fn is_plus(character: char) -> bool {
    matches!(character, '+' | '\u{FF0B}')
}

/// What people put between the digits of one number, and invisible marks that come with pasting.
fn is_gap(character: char) -> bool {
    matches!(character,
        ' ' | '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
        | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}'
        | '.' | '\u{FF0E}'
        | '(' | ')' | '[' | ']' | '\u{FF08}' | '\u{FF09}'
        // Soft hyphen, Arabic letter mark, zero widths and directions, word joiner, isolates, byte order mark.
        | '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What separates digits, but also numbers.
fn is_break(character: char) -> bool {
    matches!(character, '/' | '\u{FF0F}' | '\n' | '\r')
}

/// Where a spreadsheet's notation begins: `2.21777E+11`, `221776665544.0`, `2,21777E+11`.
fn spreadsheet_damage(number: &str) -> Option<usize> {
    let unsigned = number.trim().trim_start_matches(['+', '-']);
    let start = number
        .len()
        .checked_sub(number.trim_start().trim_start_matches(['+', '-']).len())?;
    let (whole, rest) = after_digits(unsigned);
    let (fraction, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => after_digits(rest),
        None => ("", rest),
    };
    let scientific = || {
        let exponent = rest.strip_prefix(['e', 'E'])?;
        let (digits, rest) = after_digits(exponent.trim_start_matches(['+', '-']));
        (!whole.is_empty() && !digits.is_empty() && rest.is_empty()).then_some(())
    };
    let zeros = rest.is_empty() && matches!(fraction, "0" | "00") && whole.len() >= SUBSCRIBER;
    // All before is ASCII but spaces at the front, which are counted in bytes only where they are.
    (zeros || scientific().is_some()).then(|| {
        number
            .get(..start)
            .unwrap_or_default()
            .encode_utf16()
            .count()
            .saturating_add(whole.len())
    })
}

fn after_digits(text: &str) -> (&str, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit());
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

/// Says what a character is that can't stand in a number. `rest` follows it, `before` is how many digits were read.
fn unexpected(character: char, rest: &str, index: usize, before: usize) -> Refusal {
    let word: String = std::iter::once(character)
        .chain(rest.chars())
        .take(6)
        .collect::<String>()
        .to_ascii_lowercase();
    let digits_follow = rest.chars().any(|character| digit(character).is_some());
    let extension = ["x", "ext", "post", "#", ";ext="]
        .iter()
        .any(|sign| word.starts_with(sign));
    if before >= SUBSCRIBER && digits_follow && extension {
        return refusal(
            Reason::Extension,
            "an extension can't be texted: leave it out",
            index,
        );
    }
    if word.starts_with(";phone") {
        let hint = "a tel: number with a phone-context is a local one: write it with + and its calling code";
        return refusal(Reason::MissingCallingCode, hint, index);
    }
    if matches!(character, '*' | '#') {
        return refusal(Reason::ShortCode, "a service code can't be texted", index);
    }
    let shown = match character {
        '!'..='~' | '\u{A1}'..='\u{1FFF}' => format!("\"{character}\""),
        _ => format!("U+{:04X}", u32::from(character)),
    };
    if character.is_ascii_alphabetic() || matches!(character, '\u{C0}'..='\u{1FFF}') {
        return refusal(
            Reason::Letters,
            &format!("{shown} at {index} is a letter: write digits only"),
            index,
        );
    }
    let hint = format!("{shown} at {index} has no place in a phone number: leave it out");
    refusal(Reason::UnexpectedCharacter, &hint, index)
}

fn refusal(reason: Reason, hint: &str, index: usize) -> Refusal {
    Refusal {
        reason,
        hint: hint.to_owned(),
        index: Some(index),
    }
}
