//! The world of JavaScript: `fetch`, timers, the clock.
//!
//! gloo-net builds the request; its own `send` is never called, because it panics on rejections that are no `Error`
//! of this realm and on answers that are no `Response` of it, and a panic here is a promise that never settles.

use gloo_net::http::Method;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

use super::answer;
use super::deadline::{Deadline, aborted};
use super::evidence;
use crate::host::{Failure, Host, Request, Response, What};

#[wasm_bindgen]
extern "C" {
    // The global one, looked up at each call, so that tools that patch it are seen.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &web_sys::Request, init: &JsValue) -> Result<JsValue, JsValue>;
}

/// The host that posts through `fetch`.
pub(super) struct FetchHost {
    /// The caller's own.
    pub(super) fetch: Option<Function>,
}

impl Host for FetchHost {
    type Cause = JsValue;
    type Signal = Option<JsValue>;

    async fn send(
        &self,
        request: &Request<'_>,
        timeout: u32,
        signal: &Option<JsValue>,
    ) -> Result<Response, Failure<JsValue>> {
        let before = |cause| Failure {
            what: What::NeverLeft,
            status: None,
            cause: Some(cause),
        };
        let deadline = Deadline::start(timeout, signal).map_err(before)?;
        let called = match &self.fetch {
            Some(fetch) => {
                let init = init(request, &deadline).map_err(before)?;
                fetch.call2(&JsValue::UNDEFINED, &JsValue::from_str(request.url), &init)
            }
            None => global_fetch(
                &build(request).map_err(before)?,
                &abort_only(&deadline).map_err(before)?,
            ),
        };
        let answered = match called {
            Ok(promise) => deadline
                .race(&Promise::resolve(&promise))
                .await
                .map_err(|what| ended(what, None, signal))?,
            Err(thrown) => Err(thrown),
        };
        let response = answered.map_err(|thrown| Failure {
            // What a custom fetch did before it failed, nobody knows.
            what: match self.fetch {
                None if evidence::never_left(&thrown) => What::NeverLeft,
                _ => What::Lost,
            },
            status: None,
            cause: Some(thrown),
        })?;
        answer::read(&response, &deadline)
            .await
            .map_err(|failure| match failure.what {
                What::Timeout | What::Aborted => ended(failure.what, failure.status, signal),
                _ => failure,
            })
    }

    async fn sleep(&self, ms: u32, signal: &Option<JsValue>) -> Result<(), JsValue> {
        if let Some(reason) = aborted(signal) {
            return Err(reason);
        }
        match Deadline::start(ms, signal)?.wait().await {
            What::Aborted => Err(aborted(signal).unwrap_or_default()),
            _ => Ok(()),
        }
    }

    fn aborted(&self, signal: &Option<JsValue>) -> Option<JsValue> {
        aborted(signal)
    }

    fn now(&self) -> u64 {
        // `as` saturates; no clock goes back beyond 1970.
        js_sys::Date::now() as u64
    }
}

/// The end of an attempt; an abort has the signal's reason as its cause.
fn ended(what: What, status: Option<u16>, signal: &Option<JsValue>) -> Failure<JsValue> {
    Failure {
        what,
        status,
        cause: match what {
            What::Aborted => aborted(signal),
            _ => None,
        },
    }
}

/// A request of the runtime's own. Redirects are not followed: a redirected POST is a second POST.
fn build(request: &Request<'_>) -> Result<web_sys::Request, JsValue> {
    let mut builder = gloo_net::http::RequestBuilder::new(request.url)
        .method(Method::POST)
        .redirect(web_sys::RequestRedirect::Manual);
    for (name, value) in request.headers() {
        builder = builder.header(name, &value);
    }
    let built = builder
        .body(request.body)
        .map_err(|error| js_sys::Error::new(&error.to_string()))?;
    Ok(built.into())
}

/// The signal goes beside the request and not into it: a polyfilled one makes the building of a request throw.
fn abort_only(deadline: &Deadline) -> Result<JsValue, JsValue> {
    let init = Object::new();
    set(&init, "signal", &deadline.signal())?;
    Ok(init.into())
}

/// What a custom `fetch` gets as its second argument.
fn init(request: &Request<'_>, deadline: &Deadline) -> Result<JsValue, JsValue> {
    let headers = Object::new();
    for (name, value) in request.headers() {
        set(&headers, name, &JsValue::from_str(&value))?;
    }
    let init = Object::new();
    set(&init, "method", &JsValue::from_str("POST"))?;
    set(&init, "headers", &headers)?;
    set(&init, "body", &JsValue::from_str(request.body))?;
    set(&init, "signal", &deadline.signal())?;
    set(&init, "redirect", &JsValue::from_str("manual"))?;
    Ok(init.into())
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(name), value).map(|_| ())
}
