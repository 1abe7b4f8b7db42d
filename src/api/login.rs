//! `POST /auth/login`: keys for a token.

use super::json::{Document, Value, push_escaped};
use crate::credentials::Secret;

/// Seconds that a token is taken to live where the answer doesn't say.
pub const DEFAULT_LIFETIME: u32 = 3600;

/// What authorizes send and stats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// For the `Authorization` header.
    pub access_token: Secret,
    /// As the API says: `bearer`.
    pub token_type: String,
    /// Seconds from the login on.
    pub expires_in: u32,
    /// Milliseconds since 1970.
    pub expires_at: u64,
}

/// The body of a login. The document shows a form with `-F` beside a JSON content type; the API takes JSON.
pub fn request(user_key: &Secret, secret_key: &Secret) -> String {
    let mut body = String::new();
    push_escaped(&mut body, "{\"user_key\":\"", user_key.expose());
    push_escaped(&mut body, "\",\"secret_key\":\"", secret_key.expose());
    body.push_str("\"}");
    body
}

/// Reads the answer to a login, which has no envelope, at `now` (ms since 1970). `expires_in` rules; where it is
/// missing, the token's own `exp` claim (RFC 7519); else [`DEFAULT_LIFETIME`].
///
/// `None` where there is no token that a header may hold.
pub fn answer(body: &str, now: u64) -> Option<Token> {
    let document = Document::read(body)?;
    let answer = document.root();
    let access_token = answer.get("access_token")?.string()?;
    let expires_in = answer
        .get("expires_in")
        .and_then(seconds)
        .or_else(|| Some(remaining(expiry(&access_token)?, now)))
        .unwrap_or(DEFAULT_LIFETIME);
    Some(Token {
        access_token: Secret::parse(&access_token).ok()?,
        token_type: answer
            .get("token_type")
            .and_then(Value::string)
            .unwrap_or_else(|| "bearer".to_owned()),
        expires_in,
        expires_at: now.saturating_add(u64::from(expires_in).saturating_mul(1000)),
    })
}

/// A number of seconds, also where PHP wrote it as a string.
fn seconds(json: Value<'_>) -> Option<u32> {
    let text = json.text().unwrap_or(json.as_written().into());
    whole(&text).map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// The whole part of a JSON number that is not negative. Reading it as a float would cost 8 kB of wasm.
fn whole(number: &str) -> Option<u64> {
    let (whole, _) = number.split_once('.').unwrap_or((number, ""));
    whole.parse().ok()
}

fn remaining(exp: u64, now: u64) -> u32 {
    u32::try_from(exp.saturating_sub(now / 1000)).unwrap_or(u32::MAX)
}

/// The `exp` claim of a JSON web token: seconds since 1970.
fn expiry(token: &str) -> Option<u64> {
    let payload = String::from_utf8(base64url(token.split('.').nth(1)?)?).ok()?;
    let claims = Document::read(&payload)?;
    whole(claims.root().get("exp")?.as_written())
}

/// base64url without padding (RFC 4648, section 5).
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer: u32 = 0;
    let mut bits: u32 = 0;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        buffer = buffer.wrapping_shl(6) | u32::from(value);
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.push(buffer.wrapping_shr(bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document's own answer, its trailing comma mended.
    const DOCUMENT: &str = include_str!("../../tests/data/document/login-answer.json");
    const NOW: u64 = 1_552_651_076_000;

    fn secret(value: &str) -> Secret {
        Secret::parse(value).unwrap()
    }

    #[test]
    fn asks_as_the_document_does() {
        assert_eq!(
            request(&secret("USER-KEY"), &secret("SECRET-KEY")),
            r#"{"user_key":"USER-KEY","secret_key":"SECRET-KEY"}"#
        );
    }

    #[test]
    fn reads_the_documents_answer() {
        let token = answer(DOCUMENT, NOW).unwrap();
        assert!(
            token
                .access_token
                .expose()
                .starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.")
        );
        assert_eq!(token.token_type, "bearer");
        assert_eq!(token.expires_in, 3600);
        assert_eq!(token.expires_at, NOW + 3_600_000);
    }

    #[test]
    fn takes_the_exp_claim_where_expires_in_is_missing() {
        let body = DOCUMENT.replace("\"expires_in\": 3600", "\"x\": 1");
        // The document's token: iat 1552651076, exp 1552654976.
        assert_eq!(answer(&body, NOW).unwrap().expires_in, 3900);
        assert_eq!(answer(&body, NOW + 3_000_000).unwrap().expires_in, 900);
        assert_eq!(answer(&body, NOW + 9_000_000).unwrap().expires_in, 0);
    }

    #[test]
    fn takes_an_hour_where_nothing_says_how_long() {
        for body in [
            r#"{"access_token":"opaque"}"#,
            r#"{"access_token":"a.b.c","expires_in":null}"#,
            r#"{"access_token":"a.e30.c","expires_in":"soon"}"#,
            r#"{"access_token":"a.!!!.c","expires_in":{}}"#,
            r#"{"access_token":"t","expires_in":-5}"#,
            r#"{"access_token":"t","expires_in":1e3}"#,
        ] {
            let token = answer(body, NOW).unwrap();
            assert_eq!(
                (token.expires_in, token.token_type.as_str()),
                (3600, "bearer"),
                "{body}"
            );
        }
    }

    #[test]
    fn reads_seconds_in_any_form() {
        for (json, seconds) in [
            ("60", 60),
            ("\"60\"", 60),
            ("60.9", 60),
            ("0", 0),
            ("99999999999", u32::MAX),
        ] {
            let body = format!(r#"{{"access_token":"t","expires_in":{json}}}"#);
            assert_eq!(answer(&body, NOW).unwrap().expires_in, seconds, "{json}");
        }
    }

    #[test]
    fn refuses_a_token_that_no_header_may_hold() {
        for body in [
            r#"{"access_token":""}"#,
            r#"{"access_token":"a\r\nX-Evil: 1"}"#,
            r#"{"access_token":null}"#,
            r#"{"expires_in":3600}"#,
            r#"["t","bearer",3600]"#,
            "",
        ] {
            assert_eq!(answer(body, NOW), None, "{body}");
        }
    }
}
