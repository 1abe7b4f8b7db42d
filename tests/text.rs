//! Which texts are taken, and what is said of the others.

#[path = "properties/text.rs"]
mod properties;

use paydunya_crm::text::{DEFAULT_MAX_SEGMENTS, Encoding, Reason, Text};
use proptest::prelude::*;

#[track_caller]
fn assert_refused(text: &str, max_segments: usize, reason: Reason, hint: &str) {
    let refusal = Text::parse(text, max_segments).err();
    let refusal = refusal.map(|refusal| (refusal.reason, refusal.hint));
    assert_eq!(refusal, Some((reason, hint.to_owned())));
}

#[test]
fn takes_the_documents_own_text() {
    let text = Text::parse("Un sms de test.", DEFAULT_MAX_SEGMENTS).unwrap();
    assert_eq!(text.as_str(), "Un sms de test.");
    let measure = text.measure();
    assert_eq!(
        (measure.encoding, measure.units, measure.segments),
        (Encoding::Gsm7, 15, 1)
    );
}

#[test]
fn takes_a_text_as_it_is() {
    for text in [
        "  Bonjour\u{a0}!\r\n\tMerci\u{c}\n",
        "👩\u{200d}👩\u{200d}👧",
        "\u{200f}شكرا",
        "e\u{301}",
        ".",
        "\u{fffd}",
    ] {
        assert_eq!(Text::parse(text, 1).unwrap().as_str(), text);
    }
}

#[test]
fn refuses_what_would_show_nothing() {
    assert_refused(
        "",
        255,
        Reason::EmptyText,
        "no character: write at least one",
    );
    for text in [
        " ",
        "\r\n\t\u{c}",
        "\u{a0}\u{202f}\u{2003}",
        "\u{200b} \u{feff}\u{ad}",
        "\u{2028}",
    ] {
        assert_refused(
            text,
            255,
            Reason::BlankText,
            "only spaces or invisible characters: write something that shows",
        );
    }
}

#[test]
fn refuses_control_characters_and_names_them() {
    assert_refused(
        "🎉 Bonjour\0",
        255,
        Reason::ControlCharacter,
        "U+0000 at index 10 is a control character: remove it",
    );
    assert_refused(
        "Bonjour\u{7f}",
        255,
        Reason::ControlCharacter,
        "U+007F at index 7 is a control character: remove it",
    );
    assert_refused(
        "5000 \u{80}",
        255,
        Reason::ControlCharacter,
        "U+0080 at index 5 is a control character: remove it, or read its source as Windows-1252",
    );
    // What became of ’ in a file read with the wrong encoding.
    assert_refused(
        "L\u{92}équipe",
        255,
        Reason::ControlCharacter,
        "U+0092 at index 1 is a control character: remove it, or read its source as Windows-1252",
    );
    for character in ('\0'..'\u{a0}').filter(|character| character.is_control()) {
        let taken = Text::parse(format!("a{character}"), 1).is_ok();
        assert_eq!(taken, "\t\n\r\u{c}".contains(character), "{character:?}");
    }
}

#[test]
fn refuses_more_segments_than_allowed() {
    assert!(Text::parse("a".repeat(255 * 153), DEFAULT_MAX_SEGMENTS).is_ok());
    assert_refused(
        &"a".repeat(255 * 153 + 1),
        DEFAULT_MAX_SEGMENTS,
        Reason::TooManySegments,
        "256 segments, at most 255: shorten it",
    );
    assert!(Text::parse("Bonjour", 0).is_err());
}

#[test]
fn says_when_replacing_characters_would_be_enough() {
    let text = format!("ê{}", "a".repeat(160));
    assert_refused(
        &text,
        1,
        Reason::TooManySegments,
        "3 segments, at most 1: shorten it",
    );
    assert_refused(
        &text,
        2,
        Reason::TooManySegments,
        "3 segments, at most 2: shorten it, or replace what forces UCS-2",
    );
    assert_refused(
        &format!("{text}🎉"),
        2,
        Reason::TooManySegments,
        "3 segments, at most 2: shorten it",
    );
}

#[test]
fn keeps_the_text_out_of_its_debug_form() {
    let text = Text::parse("Code secret : 471 ê", 255).unwrap();
    assert_eq!(
        format!("{text:?}"),
        "Text { encoding: Ucs2, units: 19, segments: 1, .. }"
    );
}

#[test]
fn each_reason_has_its_own_word() {
    let words = [
        (Reason::EmptyText, "empty-text"),
        (Reason::BlankText, "blank-text"),
        (Reason::ControlCharacter, "control-character"),
        (Reason::TooManySegments, "too-many-segments"),
    ];
    for (reason, word) in words {
        assert_eq!(reason.as_str(), word);
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer_that_keeps_it_private(text in any::<String>(), max_segments in 0..4_usize) {
        properties::is_judged_in_private(&text, max_segments);
    }
}
