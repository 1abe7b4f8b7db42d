//! The API's own words, without what they repeat of a request.
//!
//! People log whole errors, and nobody knows which words the API may put into one.

use crate::credentials::{Credentials, Secret};
use crate::message::Batch;

/// What stands in the place of a key, a token or a text.
const REDACTED: &str = "[redacted]";

/// Bytes of a text that is looked for at least: a shorter one stands in other words by chance.
const SHORTEST_TEXT: usize = 4;

/// So many digits in a row are taken for a number of somebody.
const NUMBER: usize = 8;

/// Digits of a number that stay, to tell which one is meant.
const SHOWN: usize = 2;

/// What one request held that nobody else may read.
#[derive(Clone, Copy)]
pub(super) struct Redaction<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) token: Option<&'a Secret>,
    /// Of a send.
    pub(super) batch: Option<&'a Batch>,
}

impl Redaction<'_> {
    /// The words without keys, token and texts as they were sent, and of each number the last two digits alone.
    pub(super) fn apply(&self, mut words: String) -> String {
        let keys = self.credentials;
        let secrets = [&keys.user_key, &keys.secret_key, &keys.app_key];
        let secrets = secrets.into_iter().flatten().chain(self.token);
        let batch = self.batch.into_iter().flat_map(Batch::messages);
        let texts = batch
            .map(|message| message.text.as_str())
            .filter(|text| text.len() >= SHORTEST_TEXT);
        for private in secrets.map(Secret::expose).chain(texts) {
            // A text is mostly longer than what the API says.
            if private.len() <= words.len() && words.contains(private) {
                words = words.replace(private, REDACTED);
            }
        }
        without_numbers(&words)
    }
}

fn without_numbers(words: &str) -> String {
    // Each piece is a run of digits and the one character behind it.
    words
        .split_inclusive(|character: char| !character.is_ascii_digit())
        .flat_map(|piece| {
            let run = piece.trim_end_matches(|character: char| !character.is_ascii_digit());
            match run
                .len()
                .checked_sub(SHOWN)
                .and_then(|place| piece.get(place..))
            {
                Some(end) if run.len() >= NUMBER => ["…", end],
                _ => ["", piece],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_number_the_last_two_digits_stay() {
        for (words, redacted) in [
            ("", ""),
            ("no number", "no number"),
            ("1234567", "1234567"),
            ("12345678", "…78"),
            ("+221776665544 is invalid", "+…44 is invalid"),
            ("221776665544,221773332211é7", "…44,…11é7"),
            ("2026-01-31 23:59:59", "2026-01-31 23:59:59"),
        ] {
            assert_eq!(without_numbers(words), redacted);
        }
    }
}
