use std::collections::BTreeMap;

use crate::answer::Refusal;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: BTreeMap<String, Issued>,
    serial: u64,
}

#[derive(Debug)]
struct Issued {
    /// Milliseconds since 1970.
    expires_at: u64,
    logged_out: bool,
}

impl Tokens {
    /// A new token; `now` in milliseconds since 1970, `lifetime` in seconds.
    pub(crate) fn issue(&mut self, now: u64, lifetime: u32) -> String {
        self.serial = self.serial.saturating_add(1);
        let token = jwt(self.serial, now / 1000, lifetime);
        self.issued.insert(
            token.clone(),
            Issued {
                expires_at: now.saturating_add(u64::from(lifetime).saturating_mul(1000)),
                logged_out: false,
            },
        );
        token
    }

    /// Logs every token out that was given out so far.
    pub(crate) fn log_out(&mut self) {
        for issued in self.issued.values_mut() {
            issued.logged_out = true;
        }
    }

    /// Reads the header `Authorization`.
    pub(crate) fn check(&self, authorization: Option<&str>, now: u64) -> Result<(), Refusal> {
        let token = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| Refusal::new("ERROR_123", "there is no header Authorization: Bearer"))?;
        let issued = self
            .issued
            .get(token)
            .ok_or_else(|| Refusal::new("ERROR_122", "this token was not given out here"))?;
        if now >= issued.expires_at {
            return Err(Refusal::new("ERROR_121", "this token's lifetime is over"));
        }
        if issued.logged_out {
            return Err(Refusal::new("ERROR_124", "this token was logged out"));
        }
        Ok(())
    }
}

/// A token of the document's form (RFC 7519), with the claims of the document's example. The signature is filler.
fn jwt(serial: u64, issued_at: u64, lifetime: u32) -> String {
    let expires_at = issued_at.saturating_add(u64::from(lifetime));
    let header = r#"{"typ":"JWT","alg":"HS256"}"#;
    let claims = format!(
        r#"{{"iss":"paydunya-crm-sandbox","iat":{issued_at},"exp":{expires_at},"nbf":{issued_at},"jti":"{serial}","sub":2}}"#
    );
    let signature: Vec<u8> = (0..32u64)
        .map(|place| {
            mix(issued_at.rotate_left(32) ^ serial.rotate_left(8) ^ place).to_le_bytes()[0]
        })
        .collect();
    format!(
        "{}.{}.{}",
        base64url(header.as_bytes()),
        base64url(claims.as_bytes()),
        base64url(&signature)
    )
}

/// The finaliser of splitmix64: the tokens of two logins look unlike each other.
fn mix(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .zip([16, 8, 0])
            .fold(0, |bits, (byte, shift)| bits | u32::from(*byte) << shift);
        for shift in [18, 12, 6, 0]
            .into_iter()
            .take(chunk.len().saturating_add(1))
        {
            let letter = ALPHABET.get((bits >> shift & 63) as usize);
            text.extend(letter.map(|letter| char::from(*letter)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64url;

    #[test]
    fn encodes_the_vectors_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xef, 0xff]), "--__");
    }
}
