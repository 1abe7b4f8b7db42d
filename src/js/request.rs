//! Requests on their way out, as the runtime's own or as a custom `fetch` gets them.
//!
//! gloo-net builds the request; its own `send` is never called, because it panics on rejections that are no `Error`
//! of this realm and on answers that are no `Response` of it, and a panic here is a promise that never settles.

use gloo_net::http::Method;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::connection::Connection;
use super::deadline::Deadline;
use crate::host::{ACCEPT, Request};

/// A request of the runtime's own. Redirects are not followed: a redirected POST is a second POST.
///
/// `None` where the runtime has no such classes: a test that puts a `fetch` of its own in the place of the global one
/// often brings none of the others.
pub(super) fn build(request: &Request<'_>) -> Option<JsValue> {
    if !has_classes(request.url).unwrap_or(false) {
        return None;
    }
    let mut builder = gloo_net::http::RequestBuilder::new(request.url)
        .method(Method::POST)
        .redirect(web_sys::RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, &value);
    }
    let built = builder.body(request.body).ok()?;
    Some(web_sys::Request::from(built).into())
}

/// What `fetch` gets as its second argument: everything, also beside a request that holds it already. What is absent
/// here is taken from `Object.prototype`, which anybody may have polluted; and a polyfilled signal would make the
/// building of a request throw.
pub(super) fn init(
    request: &Request<'_>,
    deadline: &Deadline,
    connection: &Connection,
) -> Result<JsValue, JsValue> {
    let headers: Vec<_> = request
        .headers()
        .map(|(name, value)| (name, JsValue::from_str(&value)))
        .collect();
    let mut init = vec![
        ("method", JsValue::from_str("POST")),
        ("headers", object(&headers)?),
        ("body", JsValue::from_str(request.body)),
        ("signal", deadline.signal()),
        ("redirect", JsValue::from_str("manual")),
    ];
    init.extend(connection.told());
    object(&init)
}

/// An object with these as its own properties, whatever setters `Object.prototype` has.
pub(super) fn object(properties: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let entry = |(name, value): &(&str, JsValue)| Array::of2(&JsValue::from_str(name), value);
    let entries: Array = properties.iter().map(entry).collect();
    Object::from_entries(&entries).map(JsValue::from)
}

/// Whether the runtime has all that gloo-net uses: it panics where one of these is missing, throws, or is a stub.
fn has_classes(url: &str) -> Option<bool> {
    let headers = web_sys::Headers::new().ok()?;
    headers.set("Accept", ACCEPT).ok()?;
    let query = web_sys::UrlSearchParams::new().ok()?;
    let request = web_sys::Request::new_with_str(url).ok()?;
    let address = web_sys::Url::new(url).ok()?;
    let is_url = |object: &JsValue, name| {
        Reflect::get(object, &JsValue::from_str(name))
            .is_ok_and(|found| found.as_string().as_deref() == Some(url))
    };
    let is_empty = query.to_string().length() == 0;
    Some(is_empty && is_url(&request, "url") && is_url(&address, "href"))
}
