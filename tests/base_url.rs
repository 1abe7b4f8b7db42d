//! Base URLs: which are taken, and that nothing goes anywhere else.

#[path = "properties/base_url.rs"]
mod properties;

use proptest::prelude::*;

#[test]
fn takes_https_and_http_to_this_machine_alone() {
    for (typed, taken) in [
        (paydunya_crm::base_url::DEFAULT, true),
        ("https://crm.example/api/v1/", true),
        ("http://localhost:8080", true),
        ("http://0x7f.1/", true),
        ("http://[::1]:1", true),
        ("http://crm.example", false),
        ("http://127.0.0.1.nip.io", false),
        ("http://localhost@evil.example", false),
        ("https://:secret@crm.example", false),
        ("https://crm.example/?", false),
        ("https://crm.example#a", false),
        ("ftp://localhost", false),
    ] {
        assert_eq!(properties::hold(typed), taken, "{typed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_is_taken_nothing_goes_anywhere_else(typed in prop_oneof![
        any::<String>(),
        "(https?|ftp|HTTP|javascript):/{0,3}([a-z]{0,3}[:@]){0,2}(localhost|127\\.0\\.0\\.1|0x7f\\.1|\\[::1\\]|evil\\.example|2130706433)[.:/@\\\\]?[a-z0-9./?#\\\\]{0,8}",
    ]) {
        properties::hold(&typed);
    }
}
