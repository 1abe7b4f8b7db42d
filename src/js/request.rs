//! Requests on their way out, as the runtime's own or as a custom `fetch` gets them.
//!
//! gloo-net builds the request; its own `send` is never called, because it panics on rejections that are no `Error`
//! of this realm and on answers that are no `Response` of it, and a panic here is a promise that never settles.

use std::cell::RefCell;

use gloo_net::http::{Method, RequestBuilder};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::RequestRedirect;

use super::connection::Connection;
use super::deadline::Deadline;
use super::given::member;
use crate::host::{ACCEPT, Request};

/// A request of the runtime's own, whole, for a `fetch` that may look at it alone.
///
/// `None` where the runtime has no such classes: a test that puts a `fetch` of its own in the place of the global one
/// often brings none of the others.
pub(super) fn build(request: &Request<'_>) -> Option<JsValue> {
    let mut builder = builder(request.url)?;
    for (name, value) in request.headers() {
        builder = builder.header(name, &value);
    }
    let built = builder.body(request.body).ok()?;
    Some(web_sys::Request::from(built).into())
}

/// Redirects are not followed: a redirected POST is a second POST.
fn builder(url: &str) -> Option<RequestBuilder> {
    has_classes(url).filter(|has| *has)?;
    let builder = RequestBuilder::new(url).method(Method::POST);
    Some(builder.redirect(RequestRedirect::Manual))
}

/// Requests without headers and body, by URL, for a `fetch` that takes these from its second argument for sure. Building
/// one takes as long as posting it.
#[derive(Default)]
pub(super) struct Templates(RefCell<Vec<Template>>);

struct Template {
    url: String,
    /// That it was built of: whoever replaces one of them later gets a new request.
    classes: [JsValue; 4],
    request: JsValue,
}

impl Templates {
    /// The one for this URL; `None` as [`build`] gives it.
    pub(super) fn of(&self, url: &str) -> Option<JsValue> {
        let global = js_sys::global();
        let classes = CLASSES.map(|name| member(&global, name));
        let known = |template: &&Template| template.url == url && template.classes == classes;
        if let Some(template) = self.0.borrow().iter().find(known) {
            return Some(template.request.clone());
        }
        // Not borrowed here: these are classes of anybody.
        let request: JsValue = web_sys::Request::from(builder(url)?.build().ok()?).into();
        let mut templates = self.0.borrow_mut();
        templates.retain(|template| template.url != url);
        templates.push(Template {
            url: url.to_owned(),
            classes,
            request: request.clone(),
        });
        Some(request)
    }
}

/// What gloo-net builds a request with.
const CLASSES: [&str; 4] = ["Headers", "Request", "URL", "URLSearchParams"];

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
