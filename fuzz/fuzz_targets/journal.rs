//! Any bytes as a journal.
#![no_main]

#[path = "../../tests/properties/journal.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|written: &[u8]| {
    properties::hold(&String::from_utf8_lossy(written));
});
