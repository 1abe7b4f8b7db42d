//! Any bytes as the answer to each call, decoded as the client does.
#![no_main]

#[path = "../../tests/properties/answers.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|body: &[u8]| properties::hold(&String::from_utf8_lossy(body)));
