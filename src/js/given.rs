//! What callers hand over, read once and without trust: a getter may throw, `Object.prototype` may be polluted, a
//! string may be cut in the middle of a character.

use js_sys::{JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::error::{Error, Field, Issue, Reason, Severity};
use crate::message::{Given, Row};

#[wasm_bindgen]
extern "C" {
    type Text;

    // Without an argument it is NFC, and no string has to cross the border to say so.
    #[wasm_bindgen(method)]
    fn normalize(this: &Text) -> JsString;

    // It throws where a proxy was revoked.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn array_is_array(value: &JsValue) -> Result<bool, JsValue>;
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

/// A string in NFC.
fn text(value: &JsValue) -> Given {
    if value.is_string() {
        string(&value.unchecked_ref::<Text>().normalize())
    } else {
        string(value)
    }
}

/// One message or an array of them.
pub(super) fn rows(messages: &JsValue) -> Result<Vec<Row>, Error<JsValue>> {
    let reader = RowReader::new();
    if is_array(messages) {
        return Ok(elements(messages)?
            .iter()
            .map(|row| reader.read(row))
            .collect());
    }
    if messages.is_object() && !messages.is_instance_of::<js_sys::Map>() && !has_iterator(messages)
    {
        return Ok(vec![reader.read(messages)]);
    }
    Err(wrong_type(
        Field::Batch,
        "expected a message { to, text } or an array of them",
        messages,
    ))
}

/// One string or an array of them.
pub(super) fn receivers(value: &JsValue) -> Result<Vec<Given>, Error<JsValue>> {
    if is_array(value) {
        return Ok(elements(value)?.iter().map(string).collect());
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

/// What stands in an array at this moment.
fn elements(array: &JsValue) -> Result<Vec<JsValue>, Error<JsValue>> {
    let read = || {
        let length = Reflect::get(array, &JsValue::from_str("length"))?;
        let length = length.as_f64().unwrap_or_default() as u32;
        (0..length)
            .map(|index| Reflect::get_u32(array, index))
            .collect::<Result<Vec<JsValue>, JsValue>>()
    };
    read().map_err(|thrown| Error {
        cause: Some(thrown),
        ..Error::new(
            crate::error::Kind::Invalid,
            "the array could not be read: it threw",
        )
    })
}

fn has_iterator(value: &JsValue) -> bool {
    Reflect::has(value, &js_sys::Symbol::iterator()).unwrap_or(true)
}

/// The fields of a message. A row may be a class with getters, so its prototypes count, but `Object.prototype`,
/// which anybody may have polluted, doesn't.
struct RowReader {
    root: Object,
    to: FieldName,
    text: FieldName,
    from: FieldName,
    id: FieldName,
}

struct FieldName {
    name: JsValue,
    polluted: bool,
}

impl RowReader {
    fn new() -> RowReader {
        let root = Object::get_prototype_of(&Object::new());
        let field = |name| {
            let name = JsValue::from_str(name);
            FieldName {
                polluted: Reflect::has(&root, &name).unwrap_or(true),
                name,
            }
        };
        RowReader {
            to: field("to"),
            text: field("text"),
            from: field("from"),
            id: field("id"),
            root,
        }
    }

    fn read(&self, row: &JsValue) -> Row {
        if !row.is_object() {
            return Row::default();
        }
        Row {
            to: self.field(row, &self.to, string),
            text: self.field(row, &self.text, text),
            from: self.field(row, &self.from, string),
            id: self.field(row, &self.id, string),
        }
    }

    fn field(&self, row: &JsValue, field: &FieldName, read: fn(&JsValue) -> Given) -> Given {
        if field.polluted && !self.is_own(row, &field.name) {
            return Given::Absent;
        }
        match Reflect::get(row, &field.name) {
            Ok(value) => read(&value),
            Err(_) => Given::WrongType("a getter that throws"),
        }
    }

    /// Whether the row or one of its classes has the field.
    fn is_own(&self, row: &JsValue, name: &JsValue) -> bool {
        let mut holder = row.clone();
        while holder.is_object() && !Object::is(&holder, &self.root) {
            match Reflect::get_own_property_descriptor(holder.unchecked_ref::<Object>(), name) {
                Ok(descriptor) if descriptor.is_undefined() => {}
                Ok(_) => return true,
                Err(_) => return false,
            }
            holder = match Reflect::get_prototype_of(holder.unchecked_ref::<Object>()) {
                Ok(prototype) => prototype.into(),
                Err(_) => return false,
            };
        }
        false
    }
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

    #[wasm_bindgen_test]
    fn a_string_cut_in_a_character_is_told_from_a_replacement_character() {
        assert_eq!(string(&javascript("'a\\ud83d'")), Given::LoneSurrogate);
        assert_eq!(string(&javascript("'a\\ufffd'")), value("a\u{fffd}"));
        assert_eq!(string(&javascript("'a\\ud83d\\ude00'")), value("a😀"));
    }

    #[wasm_bindgen_test]
    fn texts_come_in_nfc_and_numbers_as_typed() {
        let rows = rows(&javascript("[{ to: 'e\\u0301', text: 'e\\u0301' }]")).unwrap();
        assert_eq!(rows[0].to, value("e\u{301}"));
        assert_eq!(rows[0].text, value("é"));
    }

    #[wasm_bindgen_test]
    fn getters_of_a_class_are_read_and_a_polluted_root_is_not() {
        let read = javascript(
            "Object.prototype.from = 'EVIL';
             new (class { get to() { return '+221776665544' } get text() { throw new Error('no') } })()",
        );
        let rows = rows(&read);
        javascript("delete Object.prototype.from");
        let row = &rows.unwrap()[0];
        assert_eq!(row.to, value("+221776665544"));
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
            assert!(rows(&javascript(script)).is_err(), "{script}");
        }
        let hostile = "new Proxy([], { get() { throw new Error('no') } })";
        assert!(rows(&javascript(hostile)).is_err());
    }
}
