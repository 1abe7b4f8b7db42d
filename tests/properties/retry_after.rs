//! What holds for whatever a `Retry-After` header says.
#![allow(
    unreachable_pub,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use paydunya_crm::retry::retry_after;

/// Reads a header beside another one, at a time in ms since 1970.
pub fn hold(value: &str, date: &str, now: u64) {
    let wait = retry_after(value, Some(date), now);
    // White space around a header is none of it (RFC 9110, section 5.5).
    assert_eq!(retry_after(&format!(" {value}\t"), Some(date), now), wait);
    let trimmed = value.trim();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match trimmed.strip_prefix(['-', '+']) {
        Some(number) if digits(number) => assert_eq!(wait, None),
        // A number is one whatever the clocks say.
        _ if digits(trimmed) => assert_eq!(wait, Some(trimmed.parse().unwrap_or(u32::MAX))),
        // A date that is now is not waited for.
        _ if wait.is_some() => assert_eq!(retry_after(value, Some(value), now), Some(0)),
        _ => {}
    }
}
