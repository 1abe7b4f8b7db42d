//! What holds for whatever is typed.

#[path = "properties/phone.rs"]
mod properties;

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
    fn what_is_read_is_e164_and_a_refusal_says_why_and_where_without_the_number(input in any_input(), country in country()) {
        properties::hold(&input, country);
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
