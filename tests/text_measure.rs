//! What a text costs: the alphabet of TS 23.038, the segments of TS 23.040.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "small sums over made-up texts"
)]

#[path = "properties/text.rs"]
mod properties;

use std::io::Read;

use flate2::read::GzDecoder;
use paydunya_crm::text::{Encoding, Measure, measure};
use proptest::prelude::*;

use self::properties::{BASIC, EXTENSION};

#[test]
fn tells_the_cost_of_a_french_message() {
    let json =
        serde_json::to_value(measure("Votre commande est prête. L’équipe MaBoutique")).unwrap();
    let expected = serde_json::json!({
        "encoding": "UCS-2",
        "units": 45,
        "segments": 1,
        "unitsPerSegment": 70,
        "unitsLeft": 25,
        "offenders": [
            { "char": "ê", "index": 21, "count": 1, "suggestion": "e" },
            { "char": "’", "index": 27, "count": 1, "suggestion": "'" },
        ],
        "segmentsIfGsm7": 1,
    });
    assert_eq!(json, expected);
}

#[test]
fn leaves_out_what_a_text_has_no_use_for() {
    let plain = serde_json::to_value(measure("Un sms de test.")).unwrap();
    assert_eq!(
        plain,
        serde_json::json!({
            "encoding": "GSM-7", "units": 15, "segments": 1, "unitsPerSegment": 160, "unitsLeft": 145, "offenders": [],
        })
    );
    let emoji = serde_json::to_value(measure("Merci 🎉")).unwrap();
    assert_eq!(
        emoji,
        serde_json::json!({
            "encoding": "UCS-2", "units": 8, "segments": 1, "unitsPerSegment": 70, "unitsLeft": 62,
            "offenders": [{ "char": "🎉", "index": 6, "count": 1 }],
        })
    );
}

#[test]
fn one_circumflex_makes_three_segments_of_one() {
    let plain = "a".repeat(160);
    assert_eq!(measure(&plain).segments, 1);
    let measure = measure(&plain.replacen('a', "ê", 1));
    assert_eq!((measure.segments, measure.segments_if_gsm7), (3, Some(1)));
}

#[test]
fn knows_exactly_the_characters_of_the_standard() {
    assert_eq!(BASIC.chars().count(), 127);
    assert_eq!(EXTENSION.chars().count(), 10);
    let beyond: String = ('\u{10000}'..=char::MAX).collect();
    assert_eq!(measure(&beyond).offenders.len(), beyond.chars().count());
    for character in '\0'..='\u{ffff}' {
        let Measure {
            encoding, units, ..
        } = measure(character.encode_utf8(&mut [0; 4]));
        let expected = if BASIC.contains(character) {
            (Encoding::Gsm7, 1)
        } else if EXTENSION.contains(character) {
            (Encoding::Gsm7, 2)
        } else {
            (Encoding::Ucs2, 1)
        };
        assert_eq!((encoding, units), expected, "{character:?}");
    }
}

#[test]
fn counts_every_text_as_the_calculators_do() {
    // 2,000 texts in many scripts. Where calculators disagree (one divides instead of filling segments, one keeps
    // grapheme clusters whole), the row holds what most of them and the standard say.
    let mut rows = String::new();
    GzDecoder::new(&include_bytes!("data/sms_segments.tsv.gz")[..])
        .read_to_string(&mut rows)
        .unwrap();
    let mut seen = 0;
    for row in rows.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let text: String = serde_json::from_str(columns[0]).unwrap();
        let measure = measure(&text);
        let encoding = match measure.encoding {
            Encoding::Gsm7 => "GSM7",
            Encoding::Ucs2 => "UCS2",
        };
        let counted = [
            encoding.to_owned(),
            measure.units.to_string(),
            measure.segments.to_string(),
        ];
        assert_eq!(counted, columns[1..4], "{text:?}");
        seen += 1;
    }
    assert_eq!(seen, 2000);
}

#[test]
fn fills_segments_to_the_edge_and_splits_no_pair() {
    // Text, units, segments, units left.
    let cases = [
        (String::new(), 0, 1, 160),
        ("a".repeat(159), 159, 1, 1),
        ("a".repeat(160), 160, 1, 0),
        ("a".repeat(161), 161, 2, 145),
        ("a".repeat(306), 306, 2, 0),
        ("a".repeat(307), 307, 3, 152),
        ("]".repeat(80), 160, 1, 0),
        ("]".repeat(81), 162, 2, 143),
        // 153 is odd: an escape pair at its end moves on, so each segment holds 76.
        ("]".repeat(152), 304, 2, 1),
        ("]".repeat(153), 306, 3, 151),
        (format!("{}]", "a".repeat(152)), 154, 1, 6),
        (
            format!("{}]{}", "a".repeat(152), "a".repeat(151)),
            305,
            2,
            0,
        ),
        (
            format!("{}]{}", "a".repeat(152), "a".repeat(152)),
            306,
            3,
            152,
        ),
        ("ê".repeat(70), 70, 1, 0),
        ("ê".repeat(71), 71, 2, 63),
        ("ê".repeat(134), 134, 2, 0),
        ("🎉".repeat(35), 70, 1, 0),
        ("🎉".repeat(36), 72, 2, 61),
        ("🎉".repeat(66), 132, 2, 1),
        ("🎉".repeat(67), 134, 3, 65),
        (format!("{}🎉", "ê".repeat(66)), 68, 1, 2),
        (format!("{}🎉{}", "ê".repeat(66), "ê".repeat(65)), 133, 2, 0),
        (
            format!("{}🎉{}", "ê".repeat(66), "ê".repeat(66)),
            134,
            3,
            66,
        ),
        // In UCS-2 the characters of the extension table take one unit.
        (format!("ê{}", "€".repeat(69)), 70, 1, 0),
        ("Un\r\nSMS".to_owned(), 7, 1, 153),
    ];
    for (text, units, segments, units_left) in cases {
        let measure = measure(&text);
        assert_eq!(
            (measure.units, measure.segments, measure.units_left),
            (units, segments, units_left),
            "{text:?}"
        );
    }
}

#[test]
fn names_each_offender_once_where_it_stands_in_javascript() {
    let measure = measure("🎉 Fête à Kédougou 🎉, prêt ?");
    let offenders: Vec<_> = measure
        .offenders
        .iter()
        .map(|offender| (offender.character, offender.index, offender.count))
        .collect();
    assert_eq!(offenders, [('🎉', 0, 2), ('ê', 4, 2)]);
}

#[test]
fn says_what_a_text_would_cost_without_its_offenders() {
    // An ellipsis becomes three septets, and an escape pair still may not straddle.
    let text = format!("…{}]{}", "a".repeat(149), "a".repeat(152));
    assert_eq!(measure(&text).segments_if_gsm7, Some(3));
    let text = format!("…{}]{}", "a".repeat(149), "a".repeat(151));
    assert_eq!(measure(&text).segments_if_gsm7, Some(2));
    assert_eq!(measure("ê et 中").segments_if_gsm7, None);
}

#[test]
fn takes_no_longer_for_a_text_of_every_character() {
    // A search through the offenders for each character would take many minutes.
    let text: String = ('\u{100}'..=char::MAX).collect();
    let measure = measure(&text);
    assert!(measure.offenders.len() > 1_100_000);
    assert!(measure.offenders.iter().all(|offender| offender.count == 1));
}

fn gsm7_text() -> impl Strategy<Value = String> {
    let alphabet: Vec<char> = BASIC.chars().chain(EXTENSION.repeat(6).chars()).collect();
    prop::collection::vec(prop::sample::select(alphabet), 0..800).prop_map(String::from_iter)
}

fn ucs2_text() -> impl Strategy<Value = String> {
    let alphabet: Vec<char> = "aéêœ’…€]ɛŋعب中🎉👍\u{301}\u{200d}".chars().collect();
    prop::collection::vec(prop::sample::select(alphabet), 0..400)
        .prop_map(|characters| String::from_iter(characters) + "ê")
}

fn two_texts_of_one_encoding() -> impl Strategy<Value = (String, String)> {
    prop_oneof![(gsm7_text(), gsm7_text()), (ucs2_text(), ucs2_text())]
}

proptest! {
    #[test]
    fn fills_segments_as_one_would_by_hand(text in prop_oneof![gsm7_text(), ucs2_text(), any::<String>()]) {
        properties::fills_segments_as_one_would_by_hand(&text);
    }

    #[test]
    fn units_add_up((a, b) in two_texts_of_one_encoding()) {
        prop_assert_eq!(measure(&a).encoding, measure(&b).encoding);
        prop_assert_eq!(measure(&(a.clone() + &b)).units, measure(&a).units + measure(&b).units);
    }

    #[test]
    fn a_longer_text_costs_no_less_and_at_most_one_segment_more_than_its_parts((a, b) in two_texts_of_one_encoding()) {
        let whole = measure(&(a.clone() + &b)).segments;
        let (first, second) = (measure(&a).segments, measure(&b).segments);
        prop_assert!(whole >= first && whole >= second);
        prop_assert!(whole <= first + second + 1, "{} > {} + {} + 1", whole, first, second);
    }

    #[test]
    fn finds_every_offender_where_it_is(text in any::<String>()) {
        properties::finds_every_offender_where_it_is(&text);
    }
}
