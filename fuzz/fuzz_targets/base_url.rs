//! Any text as a base URL.
#![no_main]

#[path = "../../tests/properties/base_url.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|typed: &[u8]| {
    properties::hold(&String::from_utf8_lossy(typed));
});
