//! Phone numbers as people type them.

use std::collections::BTreeSet;

use paydunya_crm::phone::{Country, Kind, Phone, Reason, Refusal};

#[track_caller]
fn parse(input: &str, country: &str) -> Result<Phone, Refusal> {
    let default = Country::parse(country);
    assert_eq!(
        default.is_none(),
        country.is_empty(),
        "{country} is no country"
    );
    Phone::parse(input, default)
}

#[test]
fn tells_the_parts_of_a_number() {
    let phone = parse("+221 77 666 55 44", "").unwrap();
    assert_eq!(phone.e164(), "+221776665544");
    assert_eq!(phone.calling_code(), "221");
    assert_eq!(phone.national_number(), "776665544");
    assert_eq!(phone.country(), Some("SN"));
    assert_eq!(phone.kind(), Kind::Sms);
    assert!(phone.normalized());
    assert!(!parse(phone.e164(), "").unwrap().normalized());
}

#[test]
fn names_no_country_where_several_share_a_calling_code_or_none_has_it() {
    for input in [
        "+12125550123",
        "+447912345678",
        "+212612345678",
        "+80012345678",
    ] {
        assert_eq!(parse(input, "").unwrap().country(), None, "{input}");
    }
}

#[test]
fn tells_mobile_numbers_from_landlines_and_unknown_ranges() {
    let kinds = [
        ("+221776665544", "sms"),
        ("+221711234567", "sms"),
        ("+221721234567", "sms"),
        ("+221722234567", "unknown-range"),
        ("+221731234567", "unknown-range"),
        ("+221338210000", "landline"),
        ("+221800123456", "landline"),
        ("+2250707070707", "sms"),
        ("+2252721123456", "unknown-range"),
        ("+2252720212345", "landline"),
        ("+2290197123456", "sms"),
        ("+2290121234567", "landline"),
        ("+2203012345", "sms"),
        ("+220401234567", "unknown-range"),
        ("+12125550123", "sms"),
        ("+33612345678", "sms"),
        ("+33123456789", "unknown-range"),
    ];
    for (input, kind) in kinds {
        assert_eq!(parse(input, "").unwrap().kind().as_str(), kind, "{input}");
    }
}

/// What was typed, the default country, and E.164 or the refusal's word.
const TYPED: &[(&str, &str, &str)] = &[
    // Separators.
    ("+221776665544", "", "+221776665544"),
    ("+221 77 666 55 44", "", "+221776665544"),
    ("+221.77.666.55.44", "", "+221776665544"),
    ("+221-77-666-55-44", "", "+221776665544"),
    ("+221/77/666/55/44", "", "+221776665544"),
    ("(+221) 77 666 55 44", "", "+221776665544"),
    ("+(221) 77 666-55-44", "", "+221776665544"),
    ("+221 [77] 6665544", "", "+221776665544"),
    ("+221\u{A0}77\u{A0}666\u{A0}55\u{A0}44", "", "+221776665544"),
    (
        "+221\u{202F}77\u{202F}666\u{202F}55\u{202F}44",
        "",
        "+221776665544",
    ),
    ("+221\u{2007}77\u{2009}666\u{3000}5544", "", "+221776665544"),
    (
        "+221\u{2013}77\u{2014}666\u{2212}55\u{2011}44",
        "",
        "+221776665544",
    ),
    ("\t+221 77 666 55 44  \r\n", "", "+221776665544"),
    ("77-666-55-44", "SN", "+221776665544"),
    // Invisible marks.
    ("\u{202A}+221 77 666 55 44\u{202C}", "", "+221776665544"),
    ("\u{200E}+221\u{200B}776665544\u{200F}", "", "+221776665544"),
    ("\u{2066}+221776665544\u{2069}", "", "+221776665544"),
    ("\u{FEFF}+22177\u{AD}666\u{2060}5544", "", "+221776665544"),
    // Digits of other scripts.
    (
        "\u{FF0B}\u{FF12}\u{FF12}\u{FF11}\u{FF17}\u{FF17}\u{FF16}\u{FF16}\u{FF16}\u{FF15}\u{FF15}\u{FF14}\u{FF14}",
        "",
        "+221776665544",
    ),
    ("٧٧ ٦٦٦ ٥٥ ٤٤", "SN", "+221776665544"),
    ("+۲۲۱ ۷۷ ۶۶۶ ۵۵ ۴۴", "", "+221776665544"),
    ("+߂߂߄ ߆߂߁ ߂߃ ߄߅ ߆߇", "", "+224621234567"),
    (
        "+\u{1E952}\u{1E952}\u{1E954} 621234567",
        "",
        "+224621234567",
    ),
    // Prefixes.
    ("tel:+221-77-666-55-44", "", "+221776665544"),
    ("TEL:776665544", "SN", "+221776665544"),
    ("00221 77 666 55 44", "", "+221776665544"),
    ("00221776665544", "CI", "+221776665544"),
    ("٠٠٢٢١٧٧٦٦٦٥٥٤٤", "", "+221776665544"),
    ("011 221 77 666 55 44", "US", "+221776665544"),
    ("00221776665544", "US", "+221776665544"),
    ("009 221 77 666 55 44", "NG", "+221776665544"),
    ("000 221 77 666 55 44", "KE", "+221776665544"),
    ("005 221 77 666 55 44", "UG", "+221776665544"),
    ("0 221 77 666 55 44", "CV", "+221776665544"),
    ("00 12 34 567", "TJ", "+992001234567"),
    ("009 230 5251 2345", "NG", "missing-calling-code"),
    // A calling code without +.
    ("221776665544", "SN", "+221776665544"),
    ("221 77 666 55 44", "", "missing-calling-code"),
    ("221776665544", "CI", "missing-calling-code"),
    ("33 6 12 34 56 78", "FR", "+33612345678"),
    ("2250707070707", "CI", "+2250707070707"),
    // National numbers.
    ("77 666 55 44", "SN", "+221776665544"),
    ("77 666 55 44", "", "missing-calling-code"),
    ("07 07 07 07 07", "CI", "+2250707070707"),
    ("01 97 12 34 56", "BJ", "+2290197123456"),
    ("90 12 34 56", "TG", "+22890123456"),
    ("301 2345", "GM", "+2203012345"),
    ("(212) 555-0123", "US", "+12125550123"),
    // Trunk prefixes.
    ("+33 (0)6 12 34 56 78", "", "+33612345678"),
    ("0033 (0)6 12 34 56 78", "", "+33612345678"),
    ("06 12 34 56 78", "FR", "+33612345678"),
    ("+44 (0)7912 345678", "", "+447912345678"),
    ("024 123 4567", "GH", "+233241234567"),
    ("0803 123 4567", "NG", "+2348031234567"),
    ("+234 0803 123 4567", "", "+2348031234567"),
    ("8 (912) 345-67-89", "RU", "+79123456789"),
    ("1-212-555-0123", "US", "+12125550123"),
    ("06 20 123 4567", "HU", "+36201234567"),
    ("0 77 123 456", "GA", "+24177123456"),
    ("0776665544", "SN", "leading-zero"),
    ("+221 (0) 77 666 55 44", "", "leading-zero"),
    ("00221 0776665544", "", "leading-zero"),
    // Letters and other characters.
    ("+221 77 ORANGE 1", "", "letters"),
    ("77 666 55 4O", "SN", "letters"),
    ("77 666 55 44 (Awa)", "SN", "letters"),
    ("N° 77 666 55 44", "SN", "letters"),
    ("é77 666 55 44", "SN", "letters"),
    ("sms:+221776665544", "", "letters"),
    ("77,666,55,44", "SN", "unexpected-character"),
    ("'+221776665544", "", "unexpected-character"),
    ("+221 77 666 55 44 📞", "", "unexpected-character"),
    ("=+221776665544", "", "unexpected-character"),
    // Extensions.
    ("+221 33 821 00 00 x12", "", "extension"),
    ("33 821 00 00 poste 12", "SN", "extension"),
    ("+1 212 555 0123 ext. 45", "", "extension"),
    ("+1 212 555 0123 #45", "", "extension"),
    ("tel:+221338210000;ext=12", "", "extension"),
    (
        "tel:338210000;phone-context=+221",
        "",
        "unexpected-character",
    ),
    // Several numbers.
    ("77 666 55 44 / 70 123 45 67", "SN", "several-numbers"),
    ("+221776665544;+221701234567", "", "several-numbers"),
    ("776665544, 701234567", "SN", "several-numbers"),
    ("77 666 55 44 ou 70 123 45 67", "SN", "several-numbers"),
    ("+221776665544\n+221701234567", "", "several-numbers"),
    ("+221776665544 +221701234567", "", "several-numbers"),
    ("776665544 701234567", "SN", "several-numbers"),
    ("+221776665544 - 701234567", "", "several-numbers"),
    // Spreadsheets.
    ("2.21777E+11", "", "spreadsheet"),
    ("2,21777E+11", "SN", "spreadsheet"),
    ("2.21776665544e11", "", "spreadsheet"),
    ("221776665544.0", "", "spreadsheet"),
    ("776665544,00", "SN", "spreadsheet"),
    ("707070707", "CI", "lost-leading-zero"),
    ("+225 707070707", "", "lost-leading-zero"),
    ("225707070707", "CI", "lost-leading-zero"),
    ("197123456", "BJ", "lost-leading-zero"),
    ("+229197123456", "", "lost-leading-zero"),
    // Old plans.
    ("+225 07 07 07 07", "", "old-plan"),
    ("07 07 07 07", "CI", "old-plan"),
    ("+229 97 12 34 56", "", "old-plan"),
    ("97 12 34 56", "BJ", "old-plan"),
    ("22997123456", "BJ", "old-plan"),
    // Short codes and nothing.
    ("17", "SN", "short-code"),
    ("112", "", "short-code"),
    ("*144#", "SN", "short-code"),
    ("#123#", "", "short-code"),
    ("", "SN", "empty"),
    ("  ", "", "empty"),
    ("+", "", "empty"),
    ("tel:", "", "empty"),
    ("-", "", "empty"),
    // Calling codes and lengths.
    ("+999 123 456 789", "", "unknown-calling-code"),
    ("+2", "", "unknown-calling-code"),
    ("+00221776665544", "", "unknown-calling-code"),
    ("000", "SN", "unknown-calling-code"),
    ("+221", "", "too-short"),
    ("+22173214354", "", "too-short"),
    ("22173214354", "SN", "too-short"),
    ("+221 77 666 55 44 7", "", "too-long"),
    ("+221776665544776665", "", "too-long"),
    ("+49 30 1234567890123", "", "too-long"),
    ("+220 30 12 34 56", "", "wrong-length"),
    ("+44 7912 3456", "", "wrong-length"),
];

#[test]
fn reads_what_people_type() {
    for (input, country, expected) in TYPED {
        let answer = match parse(input, country) {
            Ok(phone) => phone.e164().to_owned(),
            Err(refusal) => refusal.reason.as_str().to_owned(),
        };
        assert_eq!(answer, *expected, "{input:?} in {country:?}");
    }
}

#[test]
fn points_at_the_character_at_fault() {
    let places = [
        ("+221 77 666 55 4O", 16),
        ("📞+221776665544", 0),
        ("+221 77 📞 6665544", 8),
        ("📞", 0),
        ("tel:+221 77 A", 12),
        ("77 666 55 44 / 70 123 45 67", 13),
        ("+221776665544 x12", 14),
        (" 221776665544.0", 13),
        ("+221 (0) 77 666 55 44", 6),
        ("*144#", 0),
    ];
    for (input, place) in places {
        let refusal = parse(input, "").unwrap_err();
        assert_eq!(refusal.index, Some(place), "{input:?} {refusal:?}");
    }
}

#[test]
fn hints_say_what_is_wrong_and_what_to_do() {
    let hints = [
        (
            "+22173214354",
            "",
            "8 digits after +221 (Senegal), expected 9",
        ),
        (
            "+220301",
            "",
            "3 digits after +220 (Gambia), expected 7 or 9",
        ),
        ("+331", "", "1 digit after +33 (FR), expected 9"),
        ("+1212", "", "3 digits after +1, expected 10"),
        (
            "+491",
            "",
            "1 digit after +49 (DE), expected 4, 5, 6, 7, 8, 9, 10, 11, 12 or 13",
        ),
        ("+441", "", "1 digit after +44, expected 7, 9 or 10"),
        (
            "0776665544",
            "SN",
            "10 digits after +221 (Senegal), expected 9: remove the first 0",
        ),
        (
            "707070707",
            "CI",
            "9 digits after +225 (Côte d'Ivoire), expected 10: the first 0 may be lost, write it again",
        ),
        (
            "+22507070707",
            "",
            "8 digits after +225 (Côte d'Ivoire), expected 10: put 07 (Orange), 05 (MTN) or 01 (Moov) before the old number",
        ),
        (
            "+22997123456",
            "",
            "8 digits after +229 (Benin), expected 10: put 01 before the old number",
        ),
        (
            "221776665544",
            "",
            "this may be a number of +221 (Senegal): if so, write + before it",
        ),
        (
            "776665544",
            "",
            "the country is missing: write + and the calling code, or set defaultCountry",
        ),
        (
            "+999123",
            "",
            "no country has this calling code: write + and the calling code",
        ),
        (
            "+00221776665544",
            "",
            "no country has this calling code: write + and the calling code",
        ),
        (
            "77 666 55 4O",
            "SN",
            "\"O\" at 11 is a letter: write digits only",
        ),
        (
            "77 666 55 44\u{7}",
            "SN",
            "the character at 12 does not belong in a phone number: remove it",
        ),
    ];
    for (input, country, hint) in hints {
        assert_eq!(parse(input, country).unwrap_err().hint, hint, "{input}");
    }
}

#[test]
fn a_country_is_two_capitals_of_a_known_plan() {
    for iso in ["SN", "CI", "GG", "XK"] {
        assert!(Country::parse(iso).is_some(), "{iso}");
    }
    for iso in ["", "sn", "S", "SEN", "ZZ", "é"] {
        assert!(Country::parse(iso).is_none(), "{iso}");
    }
}

#[test]
fn every_reason_is_met_by_something_that_people_type() {
    let words: BTreeSet<&str> = TYPED
        .iter()
        .map(|(.., answer)| *answer)
        .filter(|answer| !answer.starts_with('+'))
        .collect();
    let known = [
        Reason::Empty,
        Reason::Letters,
        Reason::UnexpectedCharacter,
        Reason::Extension,
        Reason::SeveralNumbers,
        Reason::Spreadsheet,
        Reason::ShortCode,
        Reason::MissingCallingCode,
        Reason::UnknownCallingCode,
        Reason::LeadingZero,
        Reason::LostLeadingZero,
        Reason::OldPlan,
        Reason::TooShort,
        Reason::TooLong,
        Reason::WrongLength,
    ];
    assert_eq!(words, known.map(Reason::as_str).into());
}
