//! Any text as a number; its first two characters may be a country.
#![no_main]

#[path = "../../tests/properties/phone.rs"]
mod properties;

use paydunya_crm::phone::Country;

libfuzzer_sys::fuzz_target!(|typed: &[u8]| {
    let typed = String::from_utf8_lossy(typed);
    let country = typed.get(..2).and_then(Country::parse);
    let number = if country.is_some() {
        typed.get(2..)
    } else {
        None
    };
    properties::hold(number.unwrap_or(&typed), country);
});
