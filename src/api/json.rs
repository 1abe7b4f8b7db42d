//! Reading JSON by need (RFC 8259): one pass finds where each value starts and ends, and whether the whole is well-formed.
//!
//! serde's readers are not here: a derived one for every shape of answer would cost 15 kB of wasm, and what serde_json itself
//! brings, errors in words above all, three times what this does. A member that nobody asks for, or of another type than
//! documented, must not spoil those that are right; the tests hold what is taken and what is not to serde_json's own view.

mod write;

use std::borrow::Cow;

pub(crate) use write::{push_escaped, push_string};

/// A text that is well-formed JSON, and where its values are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document<'a> {
    text: &'a str,
    /// Of each value and each member's name, in the order in which they start.
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    /// In bytes of the text.
    start: usize,
    end: usize,
    /// The place of the first node behind it and what is in it.
    next: usize,
    /// Of a string: whether something in it is escaped.
    escaped: bool,
}

/// One value of a document.
#[derive(Clone, Copy)]
pub(crate) struct Value<'d> {
    document: &'d Document<'d>,
    place: usize,
}

impl<'a> Document<'a> {
    /// Reads the one value of a text.
    pub(crate) fn read(text: &'a str) -> Option<Document<'a>> {
        let mut reader = Reader {
            text,
            at: 0,
            // In an answer each has some 16 bytes.
            nodes: Vec::with_capacity(text.len() / 16),
        };
        reader.value()?;
        reader.white_space();
        reader.peek().is_none().then_some(Document {
            text,
            nodes: reader.nodes,
        })
    }

    /// The value that is all of it.
    pub(crate) fn root(&self) -> Value<'_> {
        Value {
            document: self,
            place: 0,
        }
    }
}

impl<'d> Value<'d> {
    fn node(self) -> Option<Node> {
        self.document.nodes.get(self.place).copied()
    }

    /// As it was written, without white space around it.
    pub(crate) fn as_written(self) -> &'d str {
        let written = |node: Node| self.document.text.get(node.start..node.end);
        self.node().and_then(written).unwrap_or_default()
    }

    /// A string, borrowed where nothing in it is escaped; anything else is none, and so is one with half of a surrogate pair.
    pub(super) fn text(self) -> Option<Cow<'d, str>> {
        let Node {
            start,
            end,
            escaped,
            ..
        } = self.node()?;
        let written = self.document.text;
        if written.as_bytes().get(start) != Some(&b'"') {
            return None;
        }
        let inside = written.get(start.wrapping_add(1)..end.wrapping_sub(1))?;
        Some(match escaped {
            true => Cow::Owned(unescaped(inside)?),
            false => Cow::Borrowed(inside),
        })
    }

    /// The same, on its own.
    pub(crate) fn string(self) -> Option<String> {
        Some(self.text()?.into_owned())
    }

    /// The elements of an array; anything else is none.
    pub(crate) fn elements(self) -> Option<Inside<'d>> {
        self.inside(b'[')
    }

    /// The members of an object, in order; anything else is none.
    pub(super) fn members(self) -> Option<Members<'d>> {
        self.inside(b'{').map(Members)
    }

    /// A member of an object, by name; of several with one name the last.
    pub(super) fn get(self, name: &str) -> Option<Value<'d>> {
        let mut found = None;
        for (known, value) in self.members()? {
            if known.text().is_some_and(|known| known == name) {
                found = Some(value);
            }
        }
        found
    }

    fn inside(self, open: u8) -> Option<Inside<'d>> {
        let node = self.node()?;
        let first = self.document.text.as_bytes().get(node.start);
        (first == Some(&open)).then_some(Inside {
            document: self.document,
            place: self.place.wrapping_add(1),
            end: node.next,
        })
    }
}

/// What stands between two brackets.
pub(crate) struct Inside<'d> {
    document: &'d Document<'d>,
    place: usize,
    end: usize,
}

impl<'d> Iterator for Inside<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        let value = Value {
            document: self.document,
            place: self.place,
        };
        self.place = (self.place < self.end).then(|| value.node())??.next;
        Some(value)
    }
}

/// Names and values.
pub(super) struct Members<'d>(Inside<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = (Value<'d>, Value<'d>);

    fn next(&mut self) -> Option<(Value<'d>, Value<'d>)> {
        Some((self.0.next()?, self.0.next()?))
    }
}

/// A text, how far it was read and what was found.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
}

impl Reader<'_> {
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

    /// Notes that a value or a name starts here.
    fn start(&mut self) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node {
            start: self.at,
            end: 0,
            next: 0,
            escaped: false,
        });
        place
    }

    /// Notes that it ends here.
    fn end(&mut self, place: usize) {
        let next = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(place) {
            node.end = self.at;
            node.next = next;
        }
    }

    /// Reads a member's name and the colon.
    fn name(&mut self) -> Option<()> {
        self.white_space();
        let name = self.start();
        if self.next()? != b'"' {
            return None;
        }
        self.characters()?;
        self.end(name);
        self.white_space();
        (self.next()? == b':').then_some(())
    }

    /// Reads a value, however deep: a stack of what is open instead of calls in calls.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.white_space();
            let mut ended = self.start();
            match self.next()? {
                b'"' => self.characters()?,
                bracket @ (b'[' | b'{') => {
                    let close = match bracket {
                        b'[' => b']',
                        _ => b'}',
                    };
                    self.white_space();
                    if !self.take(&[close]) {
                        open.push((ended, close));
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
                self.end(ended);
                let Some((outer, close)) = open.last().copied() else {
                    return Some(());
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
                        ended = outer;
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

    /// Passes a string whose quotation mark was read, and that at its end. It is the last that was started.
    fn characters(&mut self) -> Option<()> {
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at = self.at.wrapping_add(plain(rest));
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => {
                    self.nodes.last_mut()?.escaped = true;
                    match self.next()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            self.hex()?;
                        }
                        _ => return None,
                    }
                }
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

/// How many bytes stand before a quotation mark, a backslash or a control character; found in eights.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    // The top bit of the lowest byte that is below `limit` is set in `word - limit`, and was not in `word`.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES.wrapping_mul(limit)) & !word & TOPS;
    let equal = |word: u64, byte: u8| below(word ^ ONES.wrapping_mul(u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut before = 0usize;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = below(word, 0x20) | equal(word, b'"') | equal(word, b'\\');
        if found != 0 {
            return before.wrapping_add((found.trailing_zeros() >> 3) as usize);
        }
        before = before.wrapping_add(8);
    }
    let others = rest
        .iter()
        .take_while(|byte| !matches!(byte, b'"' | b'\\' | ..0x20));
    before.wrapping_add(others.count())
}

/// What is between the quotation marks of a well-formed string that has escapes.
fn unescaped(inside: &str) -> Option<String> {
    let mut text = String::with_capacity(inside.len());
    let mut reader = Reader {
        text: inside,
        at: 0,
        nodes: Vec::new(),
    };
    loop {
        let start = reader.at;
        while reader.peek().is_some_and(|byte| byte != b'\\') {
            reader.at = reader.at.wrapping_add(1);
        }
        text.push_str(inside.get(start..reader.at)?);
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
    use super::*;
    use proptest::prelude::*;

    /// What the reader makes of a value, put together again.
    fn read(value: Value<'_>) -> Option<serde_json::Value> {
        if let Some(elements) = value.elements() {
            return elements.map(read).collect();
        }
        if let Some(members) = value.members() {
            return members
                .map(|(name, value)| Some((name.string()?, read(value)?)))
                .collect();
        }
        match value.string() {
            Some(text) => Some(text.into()),
            None => serde_json::from_str(value.as_written()).ok(),
        }
    }

    #[track_caller]
    fn same(text: &str) {
        let expected: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let document = Document::read(text);
        let found = document.and_then(|document| read(document.root()));
        assert_eq!(found, expected, "{text}");
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
            let document = Document::read(&json).unwrap();
            let member = |name| document.root().get(name)?.string();
            assert_eq!(member("code").as_deref(), Some("00"), "{json}");
            assert_eq!(member("text"), None, "{json}");
            let names = document
                .root()
                .members()
                .unwrap()
                .map(|(name, _)| name.string().is_some());
            assert_eq!(names.collect::<Vec<_>>(), [false, true, true], "{json}");
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
        assert_eq!(Document::read(&deep).unwrap().root().as_written(), deep);
        assert_eq!(Document::read(&deep[1..]), None);
    }

    #[test]
    fn of_members_with_one_name_the_last_counts() {
        let document = Document::read(r#"{"a":1,"b":[{"a":5}],"\u0061":2,"b":3}"#).unwrap();
        let written = |name| document.root().get(name).map(Value::as_written);
        assert_eq!(
            (written("a"), written("b"), written("c")),
            (Some("2"), Some("3"), None)
        );
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(serde_json::Value::from),
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
                prop_assert_eq!(Document::read(&damaged).is_some(), expected, "{}", damaged);
            }
        }
    }
}
