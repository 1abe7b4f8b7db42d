//! Any `Retry-After`, and in a second line the `Date` beside it; the first eight bytes are the time.
#![no_main]

#[path = "../../tests/properties/retry_after.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((now, headers)) = data.split_first_chunk() else {
        return;
    };
    let headers = String::from_utf8_lossy(headers);
    let (value, date) = headers.split_once('\n').unwrap_or((&headers, ""));
    properties::hold(value, date, u64::from_le_bytes(*now));
});
