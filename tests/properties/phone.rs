//! What holds for whatever is typed as a number.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use paydunya_crm::phone::{Country, Phone};

/// Reads what was typed, with the country or without.
pub fn hold(input: &str, country: Option<Country>) {
    match Phone::parse(input, country) {
        Ok(phone) => {
            is_e164(&phone, input);
            is_read_again_as_the_same(&phone);
        }
        Err(refusal) => {
            assert!(!refusal.hint.is_empty());
            if let Some(index) = refusal.index {
                assert!(index < input.encode_utf16().count(), "points beyond");
            }
            // The longest is a code point, so no number is repeated.
            let runs = refusal
                .hint
                .split(|character: char| !character.is_ascii_digit());
            assert!(runs.map(str::len).max() <= Some(5), "{}", refusal.hint);
        }
    }
}

fn is_e164(phone: &Phone, input: &str) {
    let digits = phone.e164().strip_prefix('+').unwrap();
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
    assert!((5..=15).contains(&digits.len()), "{digits}");
    let parts = [phone.calling_code(), phone.national_number()].concat();
    assert_eq!(digits, parts);
    assert_eq!(phone.normalized(), phone.e164() != input);
}

fn is_read_again_as_the_same(phone: &Phone) {
    let again = Phone::parse(phone.e164(), None).unwrap();
    assert_eq!(again.e164(), phone.e164());
    assert_eq!(again.kind(), phone.kind());
    assert!(!again.normalized());
}
