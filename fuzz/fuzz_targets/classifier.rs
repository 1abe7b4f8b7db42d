//! Any bytes as the answer to a send, behind two for its status.
#![no_main]

#[path = "../../tests/properties/classifier.rs"]
mod properties;
#[path = "../../tests/scripted/mod.rs"]
mod scripted;

libfuzzer_sys::fuzz_target!(|answer: &[u8]| {
    let Some((status, body)) = answer.split_first_chunk() else {
        return;
    };
    let messages = [("+221776665544", "Bonjour"), ("+221773332211", "Bonsoir")];
    let status = 100 + u16::from_le_bytes(*status) % 500;
    properties::hold(status, &String::from_utf8_lossy(body), &messages);
});
