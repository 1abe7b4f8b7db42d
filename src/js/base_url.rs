//! A base URL, as the runtime's own parser of URLs reads it.

use web_sys::Url;

use crate::base_url::Parts;

/// Reads a base URL; gives it without the slash at its end.
pub(super) fn parse(typed: &str) -> Result<String, &'static str> {
    let url = Url::new(typed)
        .map_err(|_| "expected an absolute URL, as \"https://crm.paydunya.com/api/v1\"")?;
    let parts = Parts {
        protocol: &url.protocol(),
        hostname: &url.hostname(),
        username: &url.username(),
        password: &url.password(),
        href: &url.href(),
    };
    parts.base_url()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::base_url::DEFAULT;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn takes_https_and_http_to_this_machine() {
        for (typed, url) in [
            (DEFAULT, DEFAULT),
            ("https://crm.example/api/v1/", "https://crm.example/api/v1"),
            ("HTTPS://CRM.example", "https://crm.example"),
            (
                "http://localhost:8080/api/v1",
                "http://localhost:8080/api/v1",
            ),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("http://0x7f.1/", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(parse(typed).as_deref(), Ok(url), "{typed}");
        }
    }

    #[wasm_bindgen_test]
    fn refuses_everything_else() {
        for typed in [
            "",
            "crm.example",
            "/api/v1",
            "http://crm.example",
            "http://127.0.0.1.nip.io",
            "http://localhost.evil.com",
            "http://127.0.0.2",
            "https://user@crm.example",
            "https://:secret@crm.example",
            "http://localhost@evil.com",
            "https://crm.example/?a=1",
            "https://crm.example/?",
            "https://crm.example/#a",
            "ftp://localhost",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:,x",
        ] {
            assert!(parse(typed).is_err(), "{typed}");
        }
    }
}
