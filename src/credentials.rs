//! What must never be printed: the keys of an account and the tokens made from them.

use std::fmt;

/// A key or a token: one or more visible ASCII characters, the only ones that are safe in a header of RFC 9110.
///
/// It has no `Display`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads a key or a token.
    ///
    /// # Errors
    /// [`NotASecret`] says what is wrong, without a character of the value: runtimes that meet such a header
    /// repeat it in their own error.
    pub fn parse(value: &str) -> Result<Secret, NotASecret> {
        if value.is_empty() {
            return Err(NotASecret::Empty);
        }
        match value.bytes().position(|byte| !byte.is_ascii_graphic()) {
            None => Ok(Secret(value.to_owned())),
            Some(index) => Err(NotASecret::Character { index }),
        }
    }

    /// The value, for the one request that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why a value can be neither key nor token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASecret {
    /// No character.
    Empty,
    /// Something else than visible ASCII: a space, a line end, an accent.
    Character {
        /// Byte position.
        index: usize,
    },
}

impl fmt::Display for NotASecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotASecret::Empty => {
                f.write_str("empty: check the environment variable that it comes from")
            }
            NotASecret::Character { index } => write!(
                f,
                "the character at byte {index} is not visible ASCII: copy the key again, without spaces or line ends"
            ),
        }
    }
}

/// The three keys of an SMS account, each wanted only by the calls that use it.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// For login.
    pub user_key: Option<Secret>,
    /// For login.
    pub secret_key: Option<Secret>,
    /// For send and stats.
    pub app_key: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_visible_ascii_only() {
        assert!(Secret::parse("sk_live-1.~!").is_ok());
        assert_eq!(Secret::parse(""), Err(NotASecret::Empty));
        for (value, index) in [
            ("a b", 1),
            ("key\r\nX-Evil: 1", 3),
            ("ключ", 0),
            ("k\0", 1),
            ("k\u{7f}", 1),
        ] {
            assert_eq!(
                Secret::parse(value),
                Err(NotASecret::Character { index }),
                "{value:?}"
            );
        }
    }

    #[test]
    fn an_empty_key_points_to_the_environment() {
        let message = NotASecret::Empty.to_string();
        assert!(message.contains("environment variable"), "{message}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials {
            user_key: Secret::parse("sk_live_CANARY").ok(),
            ..Credentials::default()
        };
        assert!(!format!("{credentials:?}").contains("CANARY"));
    }
}
