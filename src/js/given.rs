//! What callers hand over, read once and without trust: a getter may throw, `Object.prototype` may be polluted, a
//! string may be cut in the middle of a character.

use js_sys::{Array, JsString, Reflect};
use wasm_bindgen::prelude::*;

use crate::error::{Error, Field, Issue, Kind, Reason, Severity};
use crate::message::{Batch, Given, Message, Row, too_many};
use crate::text::SmartEncoding;

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./rows.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/rows.js"))]
extern "C" {
    /// What `rows.js` read.
    pub(super) type Fields;

    #[wasm_bindgen(js_name = readRows, catch)]
    fn read_rows(rows: &JsValue, from: u32, to: u32) -> Result<Fields, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn kinds(this: &Fields) -> Vec<u8>;

    #[wasm_bindgen(method, getter)]
    fn strings(this: &Fields) -> String;

    #[wasm_bindgen(method, getter)]
    fn others(this: &Fields) -> Array;

    #[wasm_bindgen(method, getter)]
    fn receivers(this: &Fields) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn texts(this: &Fields) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    // It throws where a proxy was revoked.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn array_is_array(value: &JsValue) -> Result<bool, JsValue>;

    type ArrayLike;

    #[wasm_bindgen(catch, method, getter)]
    fn length(this: &ArrayLike) -> Result<JsValue, JsValue>;
}

/// Whether a value is an array, of any realm.
pub(super) fn is_array(value: &JsValue) -> bool {
    array_is_array(value).unwrap_or(false)
}

/// A string, or what stands in its place.
pub(super) fn string(value: &JsValue) -> Given {
    if value.is_undefined() {
        return Given::Absent;
    }
    let Some(text) = value.as_string() else {
        return Given::WrongType(type_name(value));
    };
    // Crossing the border puts U+FFFD in the place of a lone surrogate; only then the string is worth a look.
    let lone = text.contains(char::REPLACEMENT_CHARACTER)
        && !value.unchecked_ref::<JsString>().is_valid_utf16();
    if lone {
        Given::LoneSurrogate
    } else {
        Given::Value(text)
    }
}

/// Elements of an array that are read at most. Any script can write `new Array(2 ** 32 - 1)`, and no memory holds that.
pub(super) const LONGEST: u32 = 1_000_000;

/// One message or an array of at most so many.
pub(super) fn messages(messages: &JsValue, most: u32) -> Result<Messages, Error<JsValue>> {
    let read = if is_array(messages) {
        let length = length(messages)?;
        if length > most {
            let fault = too_many(length as usize, most as usize);
            return Err(Error::invalid(vec![fault]));
        }
        Messages::read(messages, length)
    } else if messages.is_object()
        && !messages.is_instance_of::<js_sys::Map>()
        && !has_iterator(messages)
    {
        Messages::read(&Array::of1(messages), 1)
    } else {
        return Err(wrong_type(
            Field::Batch,
            "expected a message { to, text } or an array of them",
            messages,
        ));
    };
    read.map_err(unreadable_array)
}

/// What was read of messages: their rows borrow from it.
pub(super) struct Messages(Vec<Chunk>);

/// What was read of some of them.
pub(super) struct Chunk {
    kinds: Vec<u8>,
    strings: String,
    others: Vec<Given>,
    receivers: JsValue,
    texts: JsValue,
}

/// The strings of a batch as JavaScript has them.
pub(super) struct Originals {
    /// An array, by index.
    pub(super) receivers: JsValue,
    /// An array, by index.
    pub(super) texts: JsValue,
    /// Of each message, whether its text is sent as it was given.
    pub(super) unchanged: Vec<bool>,
}

impl Messages {
    /// So many at a time that neither a string of JavaScript nor the wasm's memory has to hold all.
    fn read(array: &JsValue, length: u32) -> Result<Messages, JsValue> {
        const AT_ONCE: usize = 1000;
        let mut chunks = Vec::new();
        for from in (0..length).step_by(AT_ONCE) {
            let to = from.saturating_add(AT_ONCE as u32).min(length);
            chunks.push(Chunk::read(&read_rows(array, from, to)?));
        }
        Ok(Messages(chunks))
    }

    /// Those of a batch that was made of these rows with this encoding; it is no larger than what is read at once.
    pub(super) fn originals(
        &self,
        rows: &[Row<&str>],
        batch: &Batch,
        encoding: SmartEncoding,
    ) -> Originals {
        let is_unchanged = |(row, message): (&Row<&str>, &Message)| {
            encoding == SmartEncoding::Off || row.text == Given::Value(message.text.as_str())
        };
        let chunk = self.0.first();
        let strings = |of: fn(&Chunk) -> &JsValue| chunk.map(of).cloned().unwrap_or_default();
        Originals {
            receivers: strings(|chunk| &chunk.receivers),
            texts: strings(|chunk| &chunk.texts),
            unchanged: rows
                .iter()
                .zip(batch.messages())
                .map(is_unchanged)
                .collect(),
        }
    }

    /// One for each message.
    pub(super) fn rows(&self) -> Vec<Row<&str>> {
        self.0.iter().flat_map(Chunk::rows).collect()
    }
}

impl Chunk {
    pub(super) fn read(fields: &Fields) -> Chunk {
        Chunk {
            kinds: fields.kinds(),
            strings: fields.strings(),
            receivers: fields.receivers(),
            texts: fields.texts(),
            others: fields.others().iter().map(|other| string(&other)).collect(),
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<&str>> {
        let mut strings = self.strings.split('\u{fffe}');
        let mut others = self.others.iter();
        let mut field = move |kind: u8| match kind {
            1 => Given::Value(strings.next().unwrap_or_default()),
            2 => others.next().map_or(Given::Absent, Given::as_deref),
            3 => Given::WrongType("a getter that throws"),
            _ => Given::Absent,
        };
        let (messages, _) = self.kinds.as_chunks();
        messages.iter().map(move |&[to, text, from, id]| Row {
            to: field(to),
            text: field(text),
            from: field(from),
            id: field(id),
        })
    }
}

/// One string or an array of them.
pub(super) fn receivers(value: &JsValue) -> Result<Vec<Given>, Error<JsValue>> {
    if is_array(value) {
        let length = length(value)?;
        if length > LONGEST {
            return Err(Error::invalid(vec![Issue {
                field: Field::Receivers,
                message: format!("receivers: more than {LONGEST}: ask in several calls"),
                ..too_many(0, 0)
            }]));
        }
        return (0..length)
            .map(|index| Reflect::get_u32(value, index).map(|element| string(&element)))
            .collect::<Result<Vec<Given>, JsValue>>()
            .map_err(unreadable_array);
    }
    if value.is_string() {
        return Ok(vec![string(value)]);
    }
    Err(wrong_type(
        Field::Receivers,
        "expected a number or an array of numbers",
        value,
    ))
}

fn length(array: &JsValue) -> Result<u32, Error<JsValue>> {
    let length = array.unchecked_ref::<ArrayLike>().length();
    let length = length.map_err(unreadable_array)?;
    Ok(length.as_f64().unwrap_or_default() as u32)
}

fn unreadable_array(thrown: JsValue) -> Error<JsValue> {
    unreadable("the array could not be read: it threw", thrown)
}

/// The error of a value that throws when it is read.
pub(super) fn unreadable(words: &str, thrown: JsValue) -> Error<JsValue> {
    Error {
        cause: Some(thrown),
        ..Error::new(Kind::Invalid, words)
    }
}

/// A property, or undefined where there is none or its getter throws.
pub(super) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// A property of the object itself, and not one that it inherits.
pub(super) fn own(object: &JsValue, name: &str) -> JsValue {
    let is_own = object.is_object()
        && Reflect::get_own_property_descriptor(
            object.unchecked_ref::<js_sys::Object>(),
            &JsValue::from_str(name),
        )
        .is_ok_and(|found| found.is_object());
    if is_own {
        member(object, name)
    } else {
        JsValue::UNDEFINED
    }
}

fn has_iterator(value: &JsValue) -> bool {
    Reflect::has(value, &js_sys::Symbol::iterator()).unwrap_or(true)
}

/// The error of a value that is of another type altogether.
pub(super) fn wrong_type(field: Field, expected: &str, value: &JsValue) -> Error<JsValue> {
    Error::invalid(vec![Issue {
        severity: Severity::Error,
        field,
        index: None,
        reason: Reason::WrongType,
        code: None,
        message: format!("{}: {expected}, got {}", field.as_str(), type_name(value)),
    }])
}

/// What a value is, for messages.
pub(super) fn type_name(value: &JsValue) -> &'static str {
    if value.is_undefined() {
        "undefined"
    } else if value.is_null() {
        "null"
    } else if value.is_string() {
        "a string"
    } else if value.as_bool().is_some() {
        "a boolean"
    } else if value.as_f64().is_some() {
        "a number"
    } else if value.is_bigint() {
        "a bigint"
    } else if value.is_symbol() {
        "a symbol"
    } else if value.is_function() {
        "a function"
    } else if is_array(value) {
        "an array"
    } else {
        "an object"
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn value(text: &str) -> Given {
        Given::Value(text.to_owned())
    }

    fn read(script: &JsValue) -> Result<Messages, Error<JsValue>> {
        messages(script, LONGEST)
    }

    #[wasm_bindgen_test]
    fn a_string_cut_in_a_character_is_told_from_a_replacement_character() {
        assert_eq!(string(&javascript("'a\\ud83d'")), Given::LoneSurrogate);
        assert_eq!(string(&javascript("'a\\ufffd'")), value("a\u{fffd}"));
        assert_eq!(string(&javascript("'a\\ud83d\\ude00'")), value("a😀"));
    }

    #[wasm_bindgen_test]
    fn texts_come_in_nfc_and_numbers_as_typed() {
        let read = read(&javascript("[{ to: 'e\\u0301', text: 'e\\u0301' }]")).unwrap();
        let row = &read.rows()[0];
        assert_eq!(row.to, Given::Value("e\u{301}"));
        assert_eq!(row.text, Given::Value("é"));
    }

    #[wasm_bindgen_test]
    fn getters_of_a_class_are_read_and_a_polluted_root_is_not() {
        let given = javascript(
            "Object.prototype.from = 'EVIL';
             new (class { get to() { return '+221776665544' } get text() { throw new Error('no') } })()",
        );
        let read = read(&given);
        javascript("delete Object.prototype.from");
        let read = read.unwrap();
        let row = &read.rows()[0];
        assert_eq!(row.to, Given::Value("+221776665544"));
        assert_eq!(row.text, Given::WrongType("a getter that throws"));
        assert_eq!(row.from, Given::Absent);
    }

    #[wasm_bindgen_test]
    fn what_is_no_message_is_an_error_and_never_a_trap() {
        for script in [
            "undefined",
            "null",
            "'text'",
            "5",
            "() => {}",
            "new Map()",
            "new Set()",
            "Symbol('x')",
            "10n",
        ] {
            assert!(read(&javascript(script)).is_err(), "{script}");
        }
        let hostile = "new Proxy([], { get() { throw new Error('no') } })";
        assert!(read(&javascript(hostile)).is_err());
    }
}
