//! Requests on their way out, as the runtime's own or as a custom `fetch` gets them.
//!
//! gloo-net builds the request; its own `send` is never called, because it panics on rejections that are no `Error`
//! of this realm and on answers that are no `Response` of it, and a panic here is a promise that never settles.

use gloo_net::http::{Method, RequestBuilder};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::RequestRedirect;

use crate::host::{ACCEPT, Request};

/// A request of the runtime's own, whole, for a `fetch` that may look at it alone.
///
/// `None` where the runtime has no such classes: a test that puts a `fetch` of its own in the place of the global one
/// often brings none of the others.
pub(super) fn build(request: &Request<'_>) -> Option<JsValue> {
    has_classes(request.url).filter(|has| *has)?;
    // Redirects are not followed: a redirected POST is a second POST.
    let mut builder = RequestBuilder::new(request.url)
        .method(Method::POST)
        .redirect(RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, &value);
    }
    let built = builder.body(request.body).ok()?;
    Some(web_sys::Request::from(built).into())
}

/// Name and value of each header, each on a line of its own; neither can hold a line's end.
pub(super) fn header_lines(request: &Request<'_>) -> String {
    let mut lines = String::new();
    for (name, value) in request.headers() {
        for part in [name, "\n", &value, "\n"] {
            lines.push_str(part);
        }
    }
    lines
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
