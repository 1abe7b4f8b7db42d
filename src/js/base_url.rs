//! Where the API is: https, or http on this machine.

use web_sys::Url;

/// Of the API document.
pub(super) const DEFAULT: &str = "https://crm.paydunya.com/api/v1";

/// Reads a base URL, decided on what the runtime's own URL parser makes of it, without the slash at its end.
pub(super) fn parse(typed: &str) -> Result<String, &'static str> {
    let url = Url::new(typed)
        .map_err(|_| "expected an absolute URL, as \"https://crm.paydunya.com/api/v1\"")?;
    let loopback = matches!(url.hostname().as_str(), "localhost" | "127.0.0.1" | "[::1]");
    match url.protocol().as_str() {
        "https:" => {}
        "http:" if loopback => {}
        _ => return Err("expected https, or http on localhost, 127.0.0.1 or [::1]"),
    }
    if !url.username().is_empty() || !url.password().is_empty() {
        return Err("a user name or password has no place here");
    }
    let href = url.href();
    if href.contains(['?', '#']) {
        return Err("a query or a fragment has no place here");
    }
    Ok(href.trim_end_matches('/').to_owned())
}
