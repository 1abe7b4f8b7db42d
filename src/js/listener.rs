//! Events on their way out. A listener is a guest: whatever it does or gives back disturbs nothing.

use js_sys::{Array, Function, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::event::Event;

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    r#type: &'static str,
    call: &'static str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
}

/// Calls a listener with a `CrmEvent`, and with `this` undefined.
pub(super) fn tell(listener: &Function, event: Event) {
    call(listener, &view(event));
}

/// Calls a function of the caller's, with `this` undefined, and disregards whatever it does.
pub(super) fn call(function: &Function, argument: &impl Serialize) {
    let argument = super::to_value(argument);
    if let Ok(given) = function.call1(&JsValue::UNDEFINED, &argument)
        && given.is_object()
    {
        disregard(&given);
    }
}

/// Handles the rejection of what may be a promise, since one that nobody handles ends a Node process.
pub(super) fn disregard(promise: &JsValue) {
    // Twice: the inner one rejects where even looking at the promise throws.
    let settled = Promise::all_settled(&Array::of1(promise));
    let _ = Promise::all_settled(&Array::of1(&settled));
}

fn view(event: Event) -> View {
    match event {
        Event::Request {
            call,
            attempt,
            messages,
        } => View {
            r#type: "request",
            call: call.as_str(),
            attempt,
            messages: messages.map(|messages| messages as u32),
            ..View::default()
        },
        Event::Response {
            call,
            attempt,
            status,
            code,
            ms,
        } => View {
            r#type: "response",
            call: call.as_str(),
            attempt,
            status: Some(status),
            code,
            ms: Some(u32::try_from(ms).unwrap_or(u32::MAX)),
            ..View::default()
        },
        Event::Retry {
            call,
            attempt,
            in_ms,
            because,
        } => View {
            r#type: "retry",
            call: call.as_str(),
            attempt,
            in_ms: Some(in_ms),
            because: Some(because),
            ..View::default()
        },
    }
}
