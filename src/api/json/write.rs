//! Writing JSON: the texts of others go through here, what stands around them is written as it is.

use super::plain;

/// Writes a string with what RFC 8259 (section 7) wants escaped, and nothing else.
pub(crate) fn push_string(json: &mut String, text: &str) {
    push_escaped(json, "\"", text);
    json.push('"');
}

/// Writes what stands before a string, up to its quotation mark, as it is, and the string without the mark at its end.
pub(crate) fn push_escaped(json: &mut String, before: &'static str, text: &str) {
    json.push_str(before);
    let mut rest = text;
    loop {
        let (before, others) = rest
            .split_at_checked(plain(rest.as_bytes()))
            .unwrap_or((rest, ""));
        json.push_str(before);
        let mut others = others.chars();
        let Some(character) = others.next() else {
            break;
        };
        json.push('\\');
        let escaped = match character {
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            control @ ..' ' => {
                json.push_str(if control < '\u{10}' { "u000" } else { "u001" });
                char::from_digit(u32::from(control) % 16, 16).unwrap_or_default()
            }
            itself => itself,
        };
        json.push(escaped);
        rest = others.as_str();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut json = String::new();
        push_string(&mut json, text);
        json
    }

    #[test]
    fn each_character_is_written_as_serde_json_writes_it() {
        for code in 0..0x3000 {
            let text: String = char::from_u32(code).into_iter().collect();
            assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }

    proptest! {
        #[test]
        fn texts_are_written_as_serde_json_writes_them(text in "(?s)[\\x00-\\x30\"\\\\a-zé\u{2028}😀]{0,40}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
