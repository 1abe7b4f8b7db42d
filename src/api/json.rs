//! Reading JSON by need (RFC 8259): an object as its members, an array as its elements, each still raw.
//!
//! serde's readers are not here: a derived one for every shape of answer would cost 15 kB of wasm, and what serde_json itself
//! brings, errors in words above all, three times what this does. A member that nobody asks for, or of another type than
//! documented, must not spoil those that are right; the tests hold what is taken and what is not to serde_json's own view.

use std::borrow::Cow;

/// A piece of JSON: one well-formed value, without white space around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Raw<'a>(&'a str);

/// The members of a JSON object; a name that can't be read is none.
pub(super) struct Object<'a>(Vec<(Option<Text<'a>>, Raw<'a>)>);

/// A string, borrowed where nothing in it is escaped.
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// What it says.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, on its own.
    pub(super) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl<'a> Raw<'a> {
    /// Reads the one value of a text.
    pub(crate) fn read(text: &'a str) -> Option<Raw<'a>> {
        whole(text, Reader::value)
    }

    /// As it was written.
    pub(crate) fn get(self) -> &'a str {
        self.0
    }

    /// A string; anything else is none, and so is one with half of a surrogate pair.
    fn text(self) -> Option<Text<'a>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(Text(match inside.as_bytes().contains(&b'\\') {
            true => Cow::Owned(unescaped(inside)?),
            false => Cow::Borrowed(inside),
        }))
    }
}

impl<'a> Object<'a> {
    /// Reads an object; anything else is none.
    pub(super) fn read(json: &'a str) -> Option<Object<'a>> {
        whole(json, Reader::object)
    }

    /// A member; of several with one name the last.
    pub(super) fn get(&self, name: &str) -> Option<Raw<'a>> {
        let mut members = self.0.iter().rev();
        let is_it = |known: &Text<'_>| known.as_str() == name;
        members
            .find(|(known, _)| known.as_ref().is_some_and(is_it))
            .map(|(_, value)| *value)
    }

    /// A member that is a string.
    pub(super) fn text(&self, name: &str) -> Option<Text<'a>> {
        self.get(name)?.text()
    }

    /// The same, on its own.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        string(self.get(name)?)
    }

    /// All of them whose names can be read, in order.
    pub(super) fn into_members(self) -> impl Iterator<Item = (Text<'a>, Raw<'a>)> {
        let members = self.0.into_iter();
        members.filter_map(|(name, value)| Some((name?, value)))
    }
}

/// The elements of a JSON array; anything else is none.
pub(crate) fn array<'a>(json: Raw<'a>) -> Option<Vec<Raw<'a>>> {
    elements(json, Reader::value)
}

/// The elements of a JSON array, each as an object where it is one; anything else is none.
pub(super) fn objects(json: Raw<'_>) -> Option<Vec<Option<Object<'_>>>> {
    elements(json, |reader| {
        reader.white_space();
        match reader.peek() {
            Some(b'{') => reader.object().map(Some),
            _ => reader.value().map(|_| None),
        }
    })
}

fn elements<'a, T>(
    json: Raw<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    whole(json.get(), |reader| {
        let mut elements = Vec::new();
        reader.items(b'[', |reader| {
            elements.push(read(reader)?);
            Some(())
        })?;
        Some(elements)
    })
}

/// A JSON string; anything else is none.
pub(crate) fn string(json: Raw<'_>) -> Option<String> {
    Some(json.text()?.into_string())
}

/// What a text holds, where nothing stands behind it.
fn whole<'a, T>(text: &'a str, read: impl FnOnce(&mut Reader<'a>) -> Option<T>) -> Option<T> {
    let mut reader = Reader { text, at: 0 };
    let value = read(&mut reader)?;
    reader.white_space();
    reader.peek().is_none().then_some(value)
}

/// A text and how far it was read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at = self.at.wrapping_add(1);
        Some(byte)
    }

    /// Passes one of these, if it comes next.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let is_next = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at = self.at.wrapping_add(usize::from(is_next));
        is_next
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at = self.at.wrapping_add(1);
        }
    }

    /// Passes all digits; none where there is none.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at = self.at.wrapping_add(1);
        }
        (self.at > start).then_some(())
    }

    fn since(&self, start: usize) -> Option<Raw<'a>> {
        self.text.get(start..self.at).map(Raw)
    }

    /// Reads what stands between brackets, item by item.
    fn items(&mut self, open: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.white_space();
        if self.next()? != open {
            return None;
        }
        let close = closing(open);
        self.white_space();
        if self.take(&[close]) {
            return Some(());
        }
        loop {
            item(self)?;
            self.white_space();
            match self.next()? {
                b',' => {}
                byte => return (byte == close).then_some(()),
            }
        }
    }

    fn object(&mut self) -> Option<Object<'a>> {
        let mut members = Vec::new();
        self.items(b'{', |reader| {
            let name = reader.name()?;
            members.push((name.text(), reader.value()?));
            Some(())
        })?;
        Some(Object(members))
    }

    /// Reads a member's name and the colon.
    fn name(&mut self) -> Option<Raw<'a>> {
        self.white_space();
        let start = self.at;
        if self.next()? != b'"' {
            return None;
        }
        self.characters()?;
        let name = self.since(start)?;
        self.white_space();
        (self.next()? == b':').then_some(name)
    }

    /// Passes a value, however deep: a stack of what is open instead of calls in calls.
    fn value(&mut self) -> Option<Raw<'a>> {
        self.white_space();
        let start = self.at;
        let mut open = Vec::new();
        loop {
            self.white_space();
            match self.next()? {
                b'"' => self.characters()?,
                bracket @ (b'[' | b'{') => {
                    let close = closing(bracket);
                    self.white_space();
                    if !self.take(&[close]) {
                        open.push(close);
                        if close == b'}' {
                            self.name()?;
                        }
                        continue;
                    }
                }
                b't' => self.word("rue")?,
                b'f' => self.word("alse")?,
                b'n' => self.word("ull")?,
                first => self.number(first)?,
            }
            // A value has ended, and with it what it is the last of.
            loop {
                let Some(close) = open.last().copied() else {
                    return self.since(start);
                };
                self.white_space();
                match self.next()? {
                    b',' => {
                        if close == b'}' {
                            self.name()?;
                        }
                        break;
                    }
                    byte if byte == close => {
                        open.pop();
                    }
                    _ => return None,
                }
            }
        }
    }

    fn word(&mut self, rest: &str) -> Option<()> {
        let found = self.text.get(self.at..)?.starts_with(rest);
        self.at = self.at.wrapping_add(rest.len());
        found.then_some(())
    }

    fn number(&mut self, first: u8) -> Option<()> {
        let first = match first {
            b'-' => self.next()?,
            _ => first,
        };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits().unwrap_or_default(),
            _ => return None,
        }
        if self.take(b".") {
            self.digits()?;
        }
        if self.take(b"eE") {
            self.take(b"+-");
            self.digits()?;
        }
        Some(())
    }

    /// Passes a string whose quotation mark was read, and that at its end.
    fn characters(&mut self) -> Option<()> {
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at = self.at.wrapping_add(plain(rest));
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        self.hex()?;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The number of four hexadecimal digits.
    fn hex(&mut self) -> Option<u32> {
        let mut code = 0u32;
        for _ in 0..4 {
            code = code << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(code)
    }
}

/// How many bytes stand before a quotation mark, a backslash or a control character; in eights, as long as none of the eight is one.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    // The top bit of the lowest byte that is below `limit` is set in `word - limit`, and was not in `word`.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word & TOPS;
    let equal = |word: u64, byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    let (words, _) = bytes.as_chunks::<8>();
    let eights = words
        .iter()
        .take_while(|word| {
            let word = u64::from_le_bytes(**word);
            below(word, 0x20) | equal(word, b'"') | equal(word, b'\\') == 0
        })
        .count();
    let start = eights.wrapping_mul(8);
    let rest = bytes.get(start..).unwrap_or_default().iter();
    let others = rest.take_while(|byte| !matches!(byte, b'"' | b'\\' | ..0x20));
    start.wrapping_add(others.count())
}

fn closing(open: u8) -> u8 {
    match open {
        b'[' => b']',
        _ => b'}',
    }
}

/// What is between the quotation marks of a well-formed string that has escapes.
fn unescaped(inside: &str) -> Option<String> {
    let mut text = String::with_capacity(inside.len());
    let mut reader = Reader {
        text: inside,
        at: 0,
    };
    loop {
        let start = reader.at;
        while reader.peek().is_some_and(|byte| byte != b'\\') {
            reader.at = reader.at.wrapping_add(1);
        }
        text.push_str(reader.since(start)?.get());
        if reader.next().is_none() {
            return Some(text);
        }
        text.push(match reader.next()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let code = reader.hex()?;
                // The first half of a surrogate pair (RFC 8259, section 7).
                let code = match code {
                    0xD800..0xDC00 if reader.next()? == b'\\' && reader.next()? == b'u' => {
                        let low = reader
                            .hex()?
                            .checked_sub(0xDC00)
                            .filter(|low| *low < 0x400)?;
                        0x1_0000 | (code & 0x3FF) << 10 | low
                    }
                    _ => code,
                };
                char::from_u32(code)?
            }
            itself => char::from(itself),
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// What the reader makes of a text, put together again.
    fn read(raw: Raw<'_>) -> Option<Value> {
        if let Some(elements) = array(raw) {
            return elements.into_iter().map(read).collect();
        }
        if let Some(object) = Object::read(raw.get()) {
            let members = object.into_members();
            return members
                .map(|(name, value)| Some((name.into_string(), read(value)?)))
                .collect();
        }
        match string(raw) {
            Some(text) => Some(Value::String(text)),
            None => serde_json::from_str(raw.get()).ok(),
        }
    }

    #[track_caller]
    fn same(text: &str) {
        let expected: Option<Value> = serde_json::from_str(text).ok();
        assert_eq!(Raw::read(text).and_then(read), expected, "{text}");
    }

    #[test]
    fn takes_what_json_is_and_nothing_else() {
        for text in [
            "",
            " ",
            "{",
            "}",
            "[",
            "]",
            "[]",
            "{}",
            " [ ] ",
            "[,]",
            "[1,]",
            "[1 2]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{1:1}",
            "[}",
            "{]",
            "[1]]",
            "[[1,[2,{\"a\":[]}]],3]",
            "1 1",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1.5",
            "1.5e3",
            "1e",
            "1e+",
            "1E-2",
            "1e5.",
            "0x1",
            "--1",
            "true",
            "tru",
            "truee",
            "false",
            "fals",
            "null",
            "nul",
            "NaN",
            "nullx",
            "\u{feff}1",
            "1\u{a0}",
            "\t\r\n1",
            r#""""#,
            r#"""#,
            r#""\""#,
            r#""\""#,
            r#""a\nb\u00e9\/\"""#,
            r#""\ud83d\ude00""#,
            r#""\uD83D\uDE00é""#,
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\x""#,
            "\"\n\"",
            "\"\u{1f}\"",
            "\"\u{7f}\"",
            "'a'",
            "{\"a\":1,\"a\":2}",
        ] {
            same(text);
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_spoils_its_own_string_alone() {
        for half in [
            r"\ud83d",
            r"\ud83dx",
            r"\ud83d\n",
            r"\ud83d\ud83d",
            r"\ude00",
        ] {
            let json = format!(r#"{{"{half}":1,"text":"{half}","code":"00"}}"#);
            let object = Object::read(&json).unwrap();
            assert_eq!(object.string("code").as_deref(), Some("00"), "{json}");
            assert_eq!(object.string("text"), None, "{json}");
            assert_eq!(object.into_members().count(), 2, "{json}");
        }
    }

    #[test]
    fn finds_the_end_of_a_string_wherever_it_stands() {
        for place in 0..40 {
            for end in ['"', '\\', '\n', '\u{1f}', '\0'] {
                let text = format!("{}{end}{}", "é".repeat(place), "\"".repeat(9));
                assert_eq!(plain(text.as_bytes()), 2 * place, "{text:?}");
                let text = format!("{}{end}", "#".repeat(place));
                assert_eq!(plain(text.as_bytes()), place, "{text:?}");
            }
        }
    }

    #[test]
    fn is_deeper_than_any_stack() {
        let deep = [&"[".repeat(1_000_000), "1", &"]".repeat(1_000_000)].concat();
        assert_eq!(Raw::read(&deep).map(Raw::get), Some(&*deep));
        assert_eq!(Raw::read(&deep[1..]), None);
    }

    #[test]
    fn elements_that_are_no_objects_keep_their_places() {
        let elements = objects(Raw::read(r#"[1, {"a":"b"} ,null,[{}],{}]"#).unwrap()).unwrap();
        let known: Vec<bool> = elements.iter().map(Option::is_some).collect();
        assert_eq!(known, [false, true, false, false, true]);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..8)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(value in json()) {
            same(&value.to_string());
            same(&serde_json::to_string_pretty(&value).unwrap());
        }

        #[test]
        fn damaged_json_is_judged_as_serde_json_does(value in json(), place in any::<prop::sample::Index>(), character in "[\\[\\]{}\",:\\\\u0-9eE.+\\- tfn]") {
            let text: Vec<char> = value.to_string().chars().collect();
            let place = place.index(text.len());
            let inserted = text[..place].iter().chain(character.chars().collect::<Vec<_>>().iter()).chain(&text[place..]).collect::<String>();
            let removed = text[..place].iter().chain(&text[place.saturating_add(1)..]).collect::<String>();
            for damaged in [inserted, removed] {
                let expected = serde_json::from_str::<&serde_json::value::RawValue>(&damaged).is_ok();
                prop_assert_eq!(Raw::read(&damaged).is_some(), expected, "{}", damaged);
            }
        }
    }
}
