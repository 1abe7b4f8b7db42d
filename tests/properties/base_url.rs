//! What holds for whatever is given as a base URL, read by another parser of the same standard than JavaScript's.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    reason = "two kinds of tests use it; where it panics, one fails"
)]

use paydunya_crm::base_url::Parts;
use url::Url;

/// Says whether it was taken.
pub fn hold(typed: &str) -> bool {
    let Ok(url) = Url::parse(typed) else {
        return false;
    };
    let parts = Parts {
        protocol: &format!("{}:", url.scheme()),
        hostname: url.host_str().unwrap_or_default(),
        username: url.username(),
        password: url.password().unwrap_or_default(),
        href: url.as_str(),
    };
    let Ok(base) = parts.base_url() else {
        return false;
    };
    // What is asked under it goes to the same place, on a way that nobody can listen to.
    let asked = Url::parse(&format!("{base}/sms/send")).expect("a URL");
    assert_eq!(asked.origin(), url.origin());
    let here = matches!(asked.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    assert!(
        asked.scheme() == "https" || asked.scheme() == "http" && here,
        "{asked}"
    );
    assert!(asked.path().ends_with("/sms/send"), "{asked}");
    assert_eq!((asked.username(), asked.password()), ("", None), "{asked}");
    assert_eq!((asked.query(), asked.fragment()), (None, None), "{asked}");
    true
}
