//! What holds for whatever is typed.

use paydunya_crm::phone::{Country, Phone};
use proptest::prelude::*;

/// Digits with what people put around them, in any order.
const TYPED: &str =
    "(tel:)?[+＋]?(00|[0-9٠-٩۰-۹]){0,6}([0-9]{0,4}[ .()/,;x\u{202F}\u{200E}-]?){0,5}";

/// International numbers of about the right length.
const INTERNATIONAL: &str = "\\+[1-9][0-9]{0,2}[ (]?[0-9]{1,2}[)]?[0-9]{4,11}";

fn country() -> impl Strategy<Value = Option<Country>> {
    let known = [
        "SN", "CI", "BJ", "NG", "GH", "GA", "FR", "US", "TJ", "UG", "CV", "RU", "BY", "LT", "HU",
        "DE", "SH", "RW",
    ];
    prop_oneof![
        Just(None),
        prop::sample::select(known.to_vec()).prop_map(Country::parse)
    ]
}

fn any_input() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), TYPED, INTERNATIONAL]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_was_read_is_read_again_as_the_same(input in any_input(), country in country()) {
        if let Ok(phone) = Phone::parse(&input, country) {
            let again = Phone::parse(phone.e164(), None).unwrap();
            prop_assert_eq!(again.e164(), phone.e164());
            prop_assert_eq!(again.kind(), phone.kind());
            prop_assert!(!again.normalized());
        }
    }

    #[test]
    fn e164_is_plus_the_calling_code_and_the_national_number(input in any_input(), country in country()) {
        if let Ok(phone) = Phone::parse(&input, country) {
            let digits = phone.e164().strip_prefix('+').unwrap();
            prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert!((5..=15).contains(&digits.len()), "{digits}");
            prop_assert_eq!(digits, format!("{}{}", phone.calling_code(), phone.national_number()));
            prop_assert_eq!(phone.normalized(), phone.e164() != input);
        }
    }

    #[test]
    fn a_refusal_points_into_the_input_and_says_why(input in any_input(), country in country()) {
        if let Err(refusal) = Phone::parse(&input, country) {
            prop_assert!(!refusal.hint.is_empty());
            if let Some(index) = refusal.index {
                prop_assert!(index < input.encode_utf16().count());
            }
        }
    }

    #[test]
    fn a_refusal_never_repeats_the_number(input in any_input(), country in country()) {
        if let Err(refusal) = Phone::parse(&input, country) {
            // The longest is a code point.
            let runs = refusal.hint.split(|character: char| !character.is_ascii_digit());
            prop_assert!(runs.map(str::len).max() <= Some(5), "{}", refusal.hint);
        }
    }

    #[test]
    fn separators_make_no_difference(input in INTERNATIONAL, separator in prop::sample::select(vec![" ", "\u{202F}", "-", ".", "\u{200E}"])) {
        let mut spaced = String::new();
        for character in input.chars() {
            spaced.push(character);
            spaced.push_str(separator);
        }
        if let Ok(phone) = Phone::parse(&input, None) {
            let phone_of_spaced = Phone::parse(&spaced, None).unwrap();
            prop_assert_eq!(phone_of_spaced.e164(), phone.e164());
        }
    }
}
