//! Answers on their way in. A fake with only `status` and `text()` is enough; whatever else comes is refused, and
//! nothing that comes can throw into Rust.

use js_sys::{JsString, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::deadline::Deadline;
use super::given::{member, method};
use super::listener::disregard;
use crate::host::{Failure, MAX_ANSWER, Response, What};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ArrayBuffer, js_name = isView)]
    fn is_view(value: &JsValue) -> bool;

    // It copies from any realm's, and its constructor throws where a buffer is detached.
    #[wasm_bindgen(catch, js_namespace = Uint8Array, js_name = from)]
    fn bytes_from(view: &JsValue) -> Result<Uint8Array, JsValue>;
}

/// Reads a whole answer before the deadline.
pub(super) async fn read(
    response: &JsValue,
    deadline: &Deadline,
) -> Result<Response, Failure<JsValue>> {
    let status = member(response, "status")
        .as_f64()
        .filter(|status| status.fract() == 0.0 && (0.0..1000.0).contains(status));
    let Some(status) = status.map(|status| status as u16) else {
        return Err(failure(What::NotAResponse, None));
    };
    let body = text(response, deadline).await.map_err(|failure| Failure {
        status: Some(status),
        ..failure
    })?;
    let retry_after = header(response, "retry-after");
    Ok(Response {
        status,
        date: retry_after.as_ref().and_then(|_| header(response, "date")),
        retry_after,
        body,
    })
}

async fn text(response: &JsValue, deadline: &Deadline) -> Result<String, Failure<JsValue>> {
    let stream = member(response, "body");
    if let Some(reader) = method(&stream, "getReader") {
        let reader = reader
            .call0(&stream)
            .map_err(|thrown| failure(What::NotAResponse, Some(thrown)))?;
        let text = stream_text(&reader, deadline).await;
        if text.is_err() {
            cancel(&reader);
        }
        return text;
    }
    let Some(method) = method(response, "text") else {
        return Err(failure(What::NotAResponse, None));
    };
    let promise = method
        .call0(response)
        .map_err(|thrown| failure(What::Lost, Some(thrown)))?;
    let text = settle(&promise, deadline).await?;
    // Before it is copied: wasm memory never shrinks again, and a text has no fewer bytes than UTF-16 units.
    if text.is_string() && text.unchecked_ref::<JsString>().length() as usize > MAX_ANSWER {
        return Err(failure(What::TooLarge, None));
    }
    let text = text
        .as_string()
        .ok_or_else(|| failure(What::NotAResponse, None))?;
    if text.len() > MAX_ANSWER {
        return Err(failure(What::TooLarge, None));
    }
    Ok(text)
}

/// Bytes that a chunk counts for at least.
const LEAST_CHUNK: f64 = 16.0;

/// Reads a stream and counts: a few kilobytes may unpack to gigabytes.
async fn stream_text(reader: &JsValue, deadline: &Deadline) -> Result<String, Failure<JsValue>> {
    let mut bytes = Vec::new();
    let mut left = MAX_ANSWER as f64;
    let Some(read) = method(reader, "read") else {
        return Err(failure(What::NotAResponse, None));
    };
    loop {
        let promise = read
            .call0(reader)
            .map_err(|thrown| failure(What::Lost, Some(thrown)))?;
        let result = settle(&promise, deadline).await?;
        if member(&result, "done").is_truthy() {
            break;
        }
        let chunk = member(&result, "value");
        let length = member(&chunk, "byteLength").as_f64().unwrap_or(f64::NAN);
        if !is_view(&chunk) || length.is_nan() {
            return Err(failure(What::NotAResponse, None));
        }
        // A stream of tiny chunks that are all there would let no timer run.
        left -= length.max(LEAST_CHUNK);
        if left < 0.0 {
            return Err(failure(What::TooLarge, None));
        }
        let chunk =
            bytes_from(&chunk).map_err(|thrown| failure(What::NotAResponse, Some(thrown)))?;
        // Not of bytes, or its size is a lie.
        if f64::from(chunk.length()) != length {
            return Err(failure(What::NotAResponse, None));
        }
        bytes.append(&mut chunk.to_vec());
    }
    // As the web decodes a text: what is no UTF-8 is replaced, a byte order mark is dropped.
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    match text.strip_prefix('\u{feff}') {
        Some(text) => Ok(text.to_owned()),
        None => Ok(text),
    }
}

async fn settle(promise: &JsValue, deadline: &Deadline) -> Result<JsValue, Failure<JsValue>> {
    deadline
        .race(promise)
        .await
        .map_err(|what| failure(what, None))?
        .map_err(|thrown| failure(What::Lost, Some(thrown)))
}

/// Tells the stream that nobody reads on. What comes of it is nobody's business.
fn cancel(reader: &JsValue) {
    let cancelled = method(reader, "cancel").and_then(|cancel| cancel.call0(reader).ok());
    if let Some(promise) = cancelled {
        disregard(&promise);
    }
}

/// How deep the causes of an error are followed.
const DEPTH: u32 = 5;

/// Takes the bytes of the answer out of an error of Node's `fetch`: its parser shows what it could not read, which may
/// hold numbers and texts.
pub(super) fn withhold(error: &JsValue) {
    let mut error = error.clone();
    for _ in 0..DEPTH {
        if !error.is_object() {
            return;
        }
        if member(&error, "name") == "HTTPParserError" {
            // What cannot be deleted stays.
            let object: &Object = error.unchecked_ref();
            let _ = Reflect::delete_property(object, &JsValue::from_str("data"));
        }
        error = member(&error, "cause");
    }
}

/// A header, where there are headers.
fn header(response: &JsValue, name: &str) -> Option<String> {
    let headers = member(response, "headers");
    method(&headers, "get")?
        .call1(&headers, &JsValue::from_str(name))
        .ok()?
        .as_string()
}

fn failure(what: What, cause: Option<JsValue>) -> Failure<JsValue> {
    Failure {
        what,
        status: None,
        cause,
    }
}
