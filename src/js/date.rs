//! Points in time, as the API writes them.

use wasm_bindgen::prelude::*;

use super::given::string;
use crate::message::Given;

#[wasm_bindgen]
extern "C" {
    // Those of the class, not of the value: they know a date of any realm, and throw at everything that only looks
    // like one.
    #[wasm_bindgen(catch, js_namespace = ["Date", "prototype", "getTime"], js_name = call)]
    fn time_of_date(date: &JsValue) -> Result<f64, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["Date", "prototype", "toISOString"], js_name = call)]
    fn iso_of_date(date: &JsValue) -> Result<JsValue, JsValue>;
}

/// A point in time: a `Date`, or a string in the API's own form.
pub(super) fn instant(value: &JsValue) -> Given {
    if !value.is_object() {
        return string(value);
    }
    match time_of_date(value) {
        Ok(time) if time.is_nan() => return Given::WrongType("an invalid Date"),
        Ok(_) => {}
        Err(_) => return string(value),
    }
    // 2026-01-31T23:59:59.000Z; years beyond 9999 have another form and are refused.
    let iso = iso_of_date(value).unwrap_or_default();
    let iso = iso.as_string().unwrap_or_default();
    let form = iso
        .get(..19)
        .filter(|_| iso.len() == 24)
        .map(|iso| iso.replace('T', " "));
    form.map_or(Given::WrongType("a Date out of range"), Given::Value)
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
    fn a_date_is_written_in_utc_as_the_api_writes_it() {
        let read = |script| instant(&javascript(script));
        assert_eq!(
            read("new Date(Date.UTC(2026, 0, 31, 23, 59, 58))"),
            value("2026-01-31 23:59:58")
        );
        assert_eq!(read("new Date(NaN)"), Given::WrongType("an invalid Date"));
        assert_eq!(
            read("new Date(8.64e15)"),
            Given::WrongType("a Date out of range")
        );
        assert_eq!(read("undefined"), Given::Absent);
    }
}
