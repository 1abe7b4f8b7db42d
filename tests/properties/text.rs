//! What holds for whatever is written as a text.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "each test and each fuzzer uses a part of it; where it panics, one fails"
)]

use std::borrow::Cow;

use paydunya_crm::text::{Encoding, Measure, SmartEncoding, Text, measure, rewrite};

/// TS 23.038 section 6.2.1, in the order of its codes, without the escape.
pub const BASIC: &str = concat!(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    " !\"#¤%&'()*+,-./0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/// TS 23.038 section 6.2.1.1, in the order of its codes, without the second escape.
pub const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Measures, rewrites and judges a text.
pub fn hold(text: &str, max_segments: usize) {
    fills_segments_as_one_would_by_hand(text);
    finds_every_offender_where_it_is(text);
    for mode in [
        SmartEncoding::Off,
        SmartEncoding::Typographic,
        SmartEncoding::StripAccents,
    ] {
        is_rewritten_once_and_to_gsm7_alone(text, mode);
    }
    costs_rewritten_what_the_measure_foretold(text);
    is_judged_in_private(text, max_segments);
}

pub fn fills_segments_as_one_would_by_hand(text: &str) {
    let measure = measure(text);
    let segments = segments_by_hand(text, measure.encoding);
    assert_eq!(measure.segments, segments.len());
    assert_eq!(segments.concat(), text.chars().collect::<Vec<_>>());
    let last: String = segments.last().unwrap().iter().collect();
    let used = match measure.encoding {
        Encoding::Gsm7 => last
            .chars()
            .map(|c| if EXTENSION.contains(c) { 2 } else { 1 })
            .sum(),
        Encoding::Ucs2 => last.encode_utf16().count(),
    };
    assert_eq!(measure.units_left, measure.units_per_segment - used);
}

pub fn finds_every_offender_where_it_is(text: &str) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let Measure { offenders, .. } = measure(text);
    for offender in &offenders {
        let found = char::decode_utf16(units[offender.index..].iter().copied()).next();
        assert_eq!(found, Some(Ok(offender.character)));
        assert_eq!(offender.count, text.matches(offender.character).count());
    }
    assert!(offenders.is_sorted_by(|a, b| a.index < b.index));
    let outside = |c: char| !BASIC.contains(c) && !EXTENSION.contains(c);
    let counted: usize = offenders.iter().map(|offender| offender.count).sum();
    assert_eq!(counted, text.chars().filter(|&c| outside(c)).count());
}

pub fn is_rewritten_once_and_to_gsm7_alone(text: &str, mode: SmartEncoding) {
    let once = rewrite(text, mode);
    assert_eq!(rewrite(&once, mode), &*once);
    assert_eq!(matches!(once, Cow::Borrowed(_)), once == text);
    if once != text {
        assert_eq!(measure(&once).encoding, Encoding::Gsm7);
    }
}

pub fn costs_rewritten_what_the_measure_foretold(text: &str) {
    let before = measure(text);
    let after = measure(&rewrite(text, SmartEncoding::StripAccents));
    match before.segments_if_gsm7 {
        Some(segments) => assert_eq!((after.encoding, after.segments), (Encoding::Gsm7, segments)),
        None => assert_eq!(after, before),
    }
}

pub fn is_judged_in_private(text: &str, max_segments: usize) {
    match Text::parse(text, max_segments) {
        Ok(parsed) => {
            assert_eq!(parsed.as_str(), text);
            assert!(parsed.measure().segments <= max_segments);
        }
        // Hints are ASCII, so nothing else of a text can be in them.
        Err(refusal) => assert!(refusal.hint.is_ascii() && !refusal.hint.contains('\0')),
    }
}

/// Builds the segments one by one, the slow and plain way.
fn segments_by_hand(text: &str, encoding: Encoding) -> Vec<Vec<char>> {
    let (single, each) = match encoding {
        Encoding::Gsm7 => (160, 153),
        Encoding::Ucs2 => (70, 67),
    };
    let cost = |character: &char| match encoding {
        Encoding::Gsm7 if EXTENSION.contains(*character) => 2,
        Encoding::Gsm7 => 1,
        Encoding::Ucs2 => character.len_utf16(),
    };
    let total: usize = text.chars().map(|character| cost(&character)).sum();
    if total <= single {
        return vec![text.chars().collect()];
    }
    let mut segments = Vec::new();
    let mut segment: Vec<char> = Vec::new();
    for character in text.chars() {
        if segment.iter().map(cost).sum::<usize>() + cost(&character) > each {
            segments.push(std::mem::take(&mut segment));
        }
        segment.push(character);
    }
    segments.push(segment);
    segments
}
