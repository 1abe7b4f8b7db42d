//! Bytes as text that a JavaScript file can hold, made to be compressed on its way to the user.
//!
//! Base64 cuts bytes apart, so gzip no longer finds what repeats: a wasm of 197 kB, 94 kB in gzip, becomes 119 kB. Here a byte
//! stays a character, or two where it is rare, and 95 kB remain. All are ASCII, so no charset of a page or a bundler
//! changes them, and none has a meaning in a string, a template or HTML.
//!
//! First come the 256 values of a byte, most frequent first, in hexadecimal. Then each byte by its place in that list: one
//! digit for a place below 86, else the digit `85 + place / 86`, which is `}` or `~`, and the digit `place % 86`.
//! `decoded.js` reads it.

/// Writes bytes as text.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let mut counts = [0_usize; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let mut order: Vec<u8> = (0..=255).collect();
    // Stable: bytes that are equally frequent stay in their order, so the text is the same in every build.
    order.sort_by_key(|&byte| std::cmp::Reverse(counts[usize::from(byte)]));
    let mut places = [0_usize; 256];
    for (place, &byte) in order.iter().enumerate() {
        places[usize::from(byte)] = place;
    }

    let digits = digits();
    let mut text: String = order.iter().map(|byte| format!("{byte:02x}")).collect();
    for &byte in bytes {
        let place = places[usize::from(byte)];
        if place >= SINGLE {
            text.push(digits[SINGLE - 1 + place / SINGLE]);
        }
        text.push(digits[place % SINGLE]);
    }
    text
}

fn digits() -> Vec<char> {
    ('!'..='~')
        .filter(|digit| !EXCLUDED.contains(digit))
        .collect()
}

// They end or escape a string, fill in a template, or open a tag.
const EXCLUDED: [char; 6] = ['"', '$', '\'', '<', '\\', '`'];

// Places of one digit.
const SINGLE: usize = 86;

#[cfg(test)]
mod tests {
    use super::*;

    // As decoded.js reads it.
    fn decoded(text: &str) -> Vec<u8> {
        let (order, text) = text.split_at(512);
        let byte = |place: usize| u8::from_str_radix(&order[2 * place..2 * place + 2], 16).unwrap();
        let digits = digits();
        let mut places = text
            .chars()
            .map(|char| digits.iter().position(|&digit| digit == char).unwrap());
        std::iter::from_fn(|| {
            let first = places.next()?;
            Some(byte(if first < SINGLE {
                first
            } else {
                (first - SINGLE + 1) * SINGLE + places.next()?
            }))
        })
        .collect()
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).chain([7; 300]).collect();
        assert_eq!(decoded(&printable(&all)), all);
        assert!(decoded(&printable(&[])).is_empty());
    }

    #[test]
    fn no_character_means_anything_to_a_string_a_template_or_html() {
        let text = printable(&(0..=255).collect::<Vec<u8>>());
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(!text.contains(EXCLUDED));
    }

    #[test]
    fn a_frequent_byte_takes_one_character() {
        let alone = printable(&[]).len();
        assert_eq!(printable(&[200; 100]).len(), alone + 100);
    }
}
