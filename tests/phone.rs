//! Phone numbers as people type them.

use paydunya_crm::phone::{Country, Phone, Reason};

#[test]
fn reads_an_international_number() {
    let phone = Phone::parse("+221 77 666 55 44", None).unwrap();
    assert_eq!(phone.e164(), "+221776665544");
    assert_eq!(phone.calling_code(), "221");
    assert_eq!(phone.national_number(), "776665544");
    assert_eq!(phone.country(), Some("SN"));
    assert!(phone.normalized());
}

#[test]
fn reads_a_national_number_of_the_given_country() {
    let phone = Phone::parse("77 666 55 44", Country::parse("SN")).unwrap();
    assert_eq!(phone.e164(), "+221776665544");
}

#[test]
fn says_how_many_digits_were_expected() {
    let refusal = Phone::parse("+22173214354", None).unwrap_err();
    assert_eq!(refusal.reason, Reason::TooShort);
    assert_eq!(refusal.hint, "8 digits after +221 (Senegal), expected 9");
}
