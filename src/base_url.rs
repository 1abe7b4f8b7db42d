//! Where the API is: https, or http on this machine.

/// Of the API document.
pub const DEFAULT: &str = "https://crm.paydunya.com/api/v1";

/// What a parser of the WHATWG URL standard makes of a base URL, by the standard's own names.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// With its colon: `https:`.
    pub protocol: &'a str,
    /// Without a port; an IPv6 address stands in brackets.
    pub hostname: &'a str,
    /// Empty where there is none.
    pub username: &'a str,
    /// Empty where there is none.
    pub password: &'a str,
    /// The whole, as it would be requested.
    pub href: &'a str,
}

impl Parts<'_> {
    /// The base URL without the slash at its end.
    ///
    /// # Errors
    /// A sentence: what was expected. Keys and numbers go to that address, so nobody may listen or stand in between.
    pub fn base_url(&self) -> Result<String, &'static str> {
        let loopback = matches!(self.hostname, "localhost" | "127.0.0.1" | "[::1]");
        match self.protocol {
            "https:" => {}
            "http:" if loopback => {}
            _ => return Err("expected https, or http on localhost, 127.0.0.1 or [::1]"),
        }
        if !self.username.is_empty() || !self.password.is_empty() {
            return Err("a user name or password has no place here");
        }
        if self.href.contains(['?', '#']) {
            return Err("a query or a fragment has no place here");
        }
        Ok(self.href.trim_end_matches('/').to_owned())
    }
}
