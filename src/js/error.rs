//! Errors on their way out: always a `CrmError`, a real `Error` of JavaScript.

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Issue};

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./error.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/error.js"))]
extern "C" {
    #[wasm_bindgen(extends = js_sys::Error)]
    type CrmError;

    #[wasm_bindgen(constructor)]
    fn new(message: &str, fields: &JsValue) -> CrmError;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    issues: &'a [Issue],
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    attempts: u32,
}

/// The `CrmError` that a caller catches.
pub(super) fn throwable(error: Error<JsValue>) -> JsValue {
    let fields = super::to_value(&Fields {
        kind: error.kind.as_str(),
        delivery: error.delivery.map(|delivery| delivery.as_str()),
        code: error.code.map(|code| code.as_str()),
        status: error.status,
        description: error.description.as_deref(),
        issues: &error.issues,
        retry_after: error.retry_after,
        attempts: error.attempts,
    });
    if let Some(cause) = &error.cause {
        // It cannot fail: `fields` is a plain object of our own.
        let _ = Reflect::set(&fields, &JsValue::from_str("cause"), cause);
    }
    CrmError::new(&error.message, &fields).into()
}
