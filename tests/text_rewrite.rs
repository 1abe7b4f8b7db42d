//! What may stand in the place of characters that GSM-7 lacks.

#[path = "properties/text.rs"]
mod properties;

use std::borrow::Cow;

use paydunya_crm::text::{Encoding, Measure, SmartEncoding, measure, rewrite};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use SmartEncoding::{Off, StripAccents, Typographic};

#[track_caller]
fn assert_rewritten(mode: SmartEncoding, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(rewrite(text, mode), *expected, "{text:?}");
        assert_eq!(measure(expected).encoding, Encoding::Gsm7, "{expected:?}");
    }
}

#[test]
fn typographic_signs_become_those_of_a_typewriter() {
    assert_rewritten(
        Typographic,
        &[
            ("L’équipe MaBoutique", "L'équipe MaBoutique"),
            ("Aujourd‘hui, c`est l´été", "Aujourd'hui, c'est l'été"),
            ("Ma‘a ʼyar ʻokina", "Ma'a 'yar 'okina"),
            ("«\u{a0}Merci\u{a0}»", "\" Merci \""),
            (
                "“Merci” ou „merci‟ ou ‹merci›",
                "\"Merci\" ou \"merci\" ou 'merci'",
            ),
            ("Prix\u{202f}: 5\u{202f}000\u{a0}F", "Prix : 5 000 F"),
            ("Nom\tMontant\u{2003}Date\u{2009}!", "Nom Montant Date !"),
            ("Patientez…", "Patientez..."),
            (
                "8h–12h — 14h−18h, porte‑à‑porte",
                "8h-12h - 14h-18h, porte-à-porte",
            ),
            ("• Riz\n• Mil", "- Riz\n- Mil"),
            ("client·e·s", "client.e.s"),
            ("2 × 500 ÷ 4", "2 x 500 / 4"),
            ("Code\u{200b} 47\u{ad}11\u{feff}\u{200e}", "Code 4711"),
            ("\u{2066}+221\u{2069} \u{202a}77\u{202c}", "+221 77"),
            ("Ligne 1\u{2028}Ligne 2", "Ligne 1\nLigne 2"),
        ],
    );
}

#[test]
fn typographic_never_changes_a_letter() {
    for text in [
        "prête",
        "Ça",
        "façade",
        "œuvre",
        "ɲuman",
        "N°5",
        "m²",
        "µ",
        "1ª",
        "ẹ",
        "ɔ\u{301}",
    ] {
        let text = format!("L’été, {text}");
        let expected = if text.contains("Ça") {
            "L'été, Ça"
        } else {
            &text
        };
        assert_eq!(rewrite(&text, Typographic), expected);
    }
}

#[test]
fn strip_accents_writes_plain_letters_too() {
    assert_rewritten(
        StripAccents,
        &[
            ("Votre commande est prête.", "Votre commande est prete."),
            (
                "Reçu à Ngaparou l’après-midi",
                "Recu à Ngaparou l'après-midi",
            ),
            (
                "À bientôt, Noël naïf où ça coûte",
                "A bientot, Noel naif où ca coute",
            ),
            ("Œufs et bœuf", "OEufs et boeuf"),
            ("ÂÊÎÔÛ ÀÈÙ ËÏŸ ÿ", "AEIOU AEU EIY y"),
            ("Commande N°4711, 300 m²", "Commande No4711, 300 m2"),
            // Bambara, Ewe, Fula and Hausa, Serer, Yoruba and Igbo, Baoulé with a tone.
            (
                "Ɲɛsigi ni ɲuman kɛra, sɔrɔla",
                "NYesigi ni nyuman kera, sorola",
            ),
            ("Ŋutifafa ƒe ɖe ʋu, aɣa", "NGutifafa fe de vu, aga"),
            ("Ɓe ɗon ƙasa ƴaƴa", "Be don kasa yaya"),
            ("Ƥaal ƭew ƈoox", "Paal tew coox"),
            ("Ẹ ṣé ọjà, ị nụ ṅ", "E sé ojà, i nu n"),
            ("kpɔ\u{301} blɛ\u{300}", "kpo ble"),
            (
                "José, Fátima, João, Şahin, Łukasz",
                "José, Fatima, Joao, Sahin, Lukasz",
            ),
        ],
    );
}

#[test]
fn what_gsm7_has_stays() {
    let text = "à ä æ é è ö ù ü Ä Æ Ç É Ö Ü € £ ñ ò ì Ñ Ω [Ok] {1|2} ~^\\";
    for mode in [Off, Typographic, StripAccents] {
        assert!(matches!(rewrite(text, mode), Cow::Borrowed(same) if same == text));
    }
    assert_eq!(rewrite("é è à ù prêt", StripAccents), "é è à ù pret");
}

#[test]
fn a_text_that_stays_ucs2_anyway_stays_as_it_is() {
    for (mode, text) in [
        (Typographic, "L’équipe vous dit merci 🎉"),
        (Typographic, "L’équipe est prête"),
        (StripAccents, "Commande prête 🎉"),
        (StripAccents, "👩\u{200d}👩\u{200d}👧 ☎\u{fe0f}"),
        (StripAccents, "شكرا\u{200f} «"),
        (Off, "L’équipe"),
    ] {
        assert!(matches!(rewrite(text, mode), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn every_letter_with_marks_has_its_plain_letter() {
    // The Unicode character database is the witness: a letter of ASCII and marks.
    let mut seen = 0;
    for character in '\0'..=char::MAX {
        let mut parts = character.nfd();
        let (Some(letter), true) = (parts.next(), parts.clone().next().is_some()) else {
            continue;
        };
        let stays = character.nfc().eq([character]);
        if stays && letter.is_ascii_alphabetic() && parts.all(is_combining_mark) {
            let text = character.to_string();
            let plain = rewrite(&text, StripAccents);
            if measure(&text).encoding == Encoding::Gsm7 {
                assert_eq!(plain, text);
            } else {
                assert_eq!(plain, letter.to_string(), "{character:?}");
            }
            seen += 1;
        }
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn suggestions_are_what_rewriting_does() {
    for character in '\0'..='\u{ffff}' {
        let text = character.to_string();
        let Some(offender) = measure(&text).offenders.pop() else {
            continue;
        };
        let stripped = rewrite(&text, StripAccents);
        let typographic = rewrite(&text, Typographic);
        match offender.suggestion {
            Some(suggestion) => {
                assert_eq!(stripped, suggestion);
                // Nothing of the extension table, which would take two septets.
                let Measure {
                    encoding, units, ..
                } = measure(suggestion);
                assert_eq!(
                    (encoding, units),
                    (Encoding::Gsm7, suggestion.len()),
                    "{character:?}"
                );
                assert!(
                    typographic == suggestion || typographic == text,
                    "{character:?}"
                );
            }
            None => assert_eq!((&*stripped, &*typographic), (&*text, &*text)),
        }
    }
}

#[test]
fn reads_its_own_words() {
    for mode in [Off, Typographic, StripAccents] {
        assert_eq!(SmartEncoding::parse(mode.as_str()), Some(mode));
    }
    assert_eq!(SmartEncoding::default(), Off);
    for word in ["", "Off", "strip_accents", "typographic "] {
        assert_eq!(SmartEncoding::parse(word), None);
    }
}

fn modes() -> impl Strategy<Value = SmartEncoding> {
    prop::sample::select(vec![Off, Typographic, StripAccents])
}

/// Texts of characters that mostly have a replacement.
fn texts() -> impl Strategy<Value = String> {
    let characters: Vec<char> = "aé ]€’«»…–\u{a0}\u{202f}\u{200b}\tâçêœŒŋɲɔ\u{301}ẹ°🎉"
        .chars()
        .collect();
    prop_oneof![
        prop::collection::vec(prop::sample::select(characters), 0..300).prop_map(String::from_iter),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn a_second_rewriting_changes_nothing_and_the_first_a_text_only_to_gsm7(text in texts(), mode in modes()) {
        properties::is_rewritten_once_and_to_gsm7_alone(&text, mode);
    }

    #[test]
    fn costs_what_the_measure_foretold(text in texts()) {
        properties::costs_rewritten_what_the_measure_foretold(&text);
    }

    #[test]
    fn a_text_of_replaceable_characters_becomes_gsm7(text in "[a-zéèà ’«»…–\u{a0}âêîôûëïçœŋɛɔɲẹọṣ\u{301}°]{0,200}") {
        prop_assert_eq!(measure(&rewrite(&text, StripAccents)).encoding, Encoding::Gsm7);
    }
}
