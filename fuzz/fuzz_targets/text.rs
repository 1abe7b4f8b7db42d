//! Any text, as long as its first byte says.
#![no_main]

#[path = "../../tests/properties/text.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let max_segments = text.first().copied().unwrap_or_default().into();
    properties::hold(&String::from_utf8_lossy(text), max_segments);
});
