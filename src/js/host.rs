//! The world of JavaScript: `fetch`, timers, the clock.

use std::cell::Cell;

use js_sys::{Array, Function, JsString, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::deadline::{Deadline, aborted};
use super::listener;
use super::request;
use super::store::TokenStore;
use crate::api::Call;
use crate::api::login::Token;
use crate::event::Event;
use crate::host::{Failure, Host, MAX_ANSWER, Request, Response, What};

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./post.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/post.js"))]
extern "C" {
    type Post;

    #[wasm_bindgen(catch, constructor)]
    fn new(
        fetch: Option<&Function>,
        url: &JsString,
        body: &[u8],
        once: bool,
        most: u32,
        timeout: u32,
        signal: Option<&JsValue>,
    ) -> Result<Post, JsValue>;

    #[wasm_bindgen(method, getter, js_name = wantsRequest)]
    fn wants_request(this: &Post) -> bool;

    #[wasm_bindgen(method)]
    fn send(this: &Post, request: Option<&JsValue>, headers: &JsString) -> Promise;

    /// What came of it.
    type Outcome;

    #[wasm_bindgen(method, getter)]
    fn what(this: &Outcome) -> u32;

    #[wasm_bindgen(method, getter)]
    fn status(this: &Outcome) -> Option<u16>;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Outcome) -> Option<Uint8Array>;

    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Outcome) -> Option<String>;

    #[wasm_bindgen(method, getter)]
    fn date(this: &Outcome) -> Option<String>;

    /// One where something was thrown, `undefined` too.
    #[wasm_bindgen(method, getter)]
    fn causes(this: &Outcome) -> Option<Array>;
}

/// The host that posts through `fetch`.
pub(super) struct FetchHost {
    /// The caller's own.
    pub(super) fetch: Option<Function>,
    /// The caller's own.
    pub(super) store: Option<TokenStore>,
    /// The caller's own.
    pub(super) listener: Option<Function>,
    url: Latest,
    headers: Latest,
}

/// A string that is mostly the same as at the post before, and need not cross the border again then.
#[derive(Default)]
struct Latest(Cell<Option<(String, JsString)>>);

impl Latest {
    fn string(&self, text: &str) -> JsString {
        let (text, string) = match self.0.take() {
            Some(latest) if latest.0 == text => latest,
            _ => (text.to_owned(), JsString::from(text)),
        };
        self.0.set(Some((text, string.clone())));
        string
    }
}

impl FetchHost {
    /// One that posts through the caller's `fetch`, or else the global one.
    pub(super) fn new(
        fetch: Option<Function>,
        store: Option<TokenStore>,
        listener: Option<Function>,
    ) -> FetchHost {
        FetchHost {
            fetch,
            store,
            listener,
            url: Latest::default(),
            headers: Latest::default(),
        }
    }

    /// One that only tells the time.
    pub(super) fn clock() -> FetchHost {
        FetchHost::new(None, None, None)
    }
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
        let post = Post::new(
            self.fetch.as_ref(),
            &self.url.string(request.url),
            request.body.as_bytes(),
            request.call == Call::Send,
            MAX_ANSWER as u32,
            timeout,
            signal.as_ref(),
        )
        .map_err(|thrown| Failure {
            what: What::NeverLeft,
            status: None,
            cause: Some(thrown),
        })?;
        let built = post.wants_request().then(|| request::build(request));
        let headers = self.headers.string(&request::header_lines(request));
        let promise = post.send(built.flatten().as_ref(), &headers);
        // It never rejects.
        let outcome = JsFuture::from(promise).await.unwrap_or_default();
        outcome_of(outcome.unchecked_ref())
    }

    async fn stored_token(&self, timeout: u32, signal: &Option<JsValue>) -> Option<Token> {
        self.store.as_ref()?.token(timeout, signal).await
    }

    async fn store_token(&self, token: &Token, timeout: u32, signal: &Option<JsValue>) {
        if let Some(store) = &self.store {
            store.keep(token, timeout, signal).await;
        }
    }

    async fn sleep(&self, ms: u32, signal: &Option<JsValue>) -> Result<(), JsValue> {
        if let Some(reason) = aborted(signal) {
            return Err(reason);
        }
        Deadline::start(ms, signal)?.wait().await;
        match aborted(signal) {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }

    fn aborted(&self, signal: &Option<JsValue>) -> Option<JsValue> {
        aborted(signal)
    }

    fn tell(&self, event: Event) {
        if let Some(listener) = &self.listener {
            listener::tell(listener, event);
        }
    }

    fn now(&self) -> u64 {
        // `as` saturates; no clock goes back beyond 1970.
        js_sys::Date::now() as u64
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }
}

/// Reads what `post.js` knows.
fn outcome_of(outcome: &Outcome) -> Result<Response, Failure<JsValue>> {
    let status = outcome.status();
    let what = match outcome.what() {
        0 => {
            let bytes = outcome.body().map(|body| body.to_vec());
            return Ok(Response {
                status: status.unwrap_or_default(),
                retry_after: outcome.retry_after(),
                date: outcome.date(),
                body: decoded(bytes.unwrap_or_default()),
            });
        }
        1 => What::NeverLeft,
        3 => What::Timeout,
        4 => What::Aborted,
        5 => What::NotAResponse,
        6 => What::TooLarge,
        _ => What::Lost,
    };
    Err(Failure {
        what,
        status,
        cause: outcome.causes().map(|causes| causes.get(0)),
    })
}

/// As the web decodes a text: what is no UTF-8 is replaced, a byte order mark is dropped.
fn decoded(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    async fn posted(fetch: &str, timeout: u32, signal: &str) -> Result<Response, Failure<JsValue>> {
        let fetch = javascript(&format!("({fetch})")).unchecked_into();
        let host = FetchHost::new(Some(fetch), None, None);
        let signal = Some(javascript(signal)).filter(|signal| !signal.is_undefined());
        let request = Request {
            call: Call::Login,
            messages: 0,
            url: "https://crm.example/api/v1/auth/login",
            token: None,
            body: "{}",
        };
        host.send(&request, timeout, &signal).await
    }

    async fn what(fetch: &str) -> What {
        posted(fetch, 1000, "undefined").await.unwrap_err().what
    }

    #[wasm_bindgen_test]
    async fn a_fake_with_status_and_text_is_enough() {
        let fetch =
            "() => ({ status: 429, text: () => 'busy', headers: new Map([['retry-after', '7']]) })";
        let response = posted(fetch, 1000, "undefined").await.unwrap();
        assert_eq!(response.status, 429);
        assert_eq!(response.body, "busy");
        assert_eq!(response.retry_after.as_deref(), Some("7"));
    }

    #[wasm_bindgen_test]
    async fn reads_a_stream_in_pieces_and_stops_at_the_limit() {
        let stream = |chunks: &str| format!("() => new Response(new Blob([{chunks}]))");
        let response = posted(&stream("'\\ufeff', 'caf', 'é'"), 1000, "undefined")
            .await
            .unwrap();
        assert_eq!(response.body, "café");
        assert_eq!(
            what(&stream("new Uint8Array(1024 * 1024 + 1)")).await,
            What::TooLarge
        );
        let endless = "() => new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)) } }))";
        assert_eq!(what(endless).await, What::TooLarge);
    }

    #[wasm_bindgen_test]
    async fn whatever_fetch_does_it_settles() {
        for (fetch, expected) in [
            ("() => { throw 'sync' }", What::Lost),
            ("() => { throw undefined }", What::Lost),
            ("async () => { throw null }", What::Lost),
            ("() => undefined", What::NotAResponse),
            ("async () => null", What::NotAResponse),
            ("() => 7", What::NotAResponse),
            ("() => ({})", What::NotAResponse),
            (
                "() => ({ status: '200', text: () => '' })",
                What::NotAResponse,
            ),
            ("() => ({ status: 200 })", What::NotAResponse),
            ("() => ({ status: 200, text: () => 5 })", What::NotAResponse),
            (
                "() => ({ status: 200, text: () => { throw 1 } })",
                What::Lost,
            ),
            (
                "() => ({ status: 200, text: () => Promise.reject() })",
                What::Lost,
            ),
            (
                "() => ({ status: 200, body: { getReader: () => ({}) } })",
                What::NotAResponse,
            ),
            (
                "() => ({ status: 200, body: { getReader: () => ({ read: async () => ({ value: 'text' }) }) } })",
                What::NotAResponse,
            ),
            (
                "() => ({ status: 200, body: { getReader() { throw 1 } } })",
                What::NotAResponse,
            ),
            (
                "() => new Proxy({}, { get() { throw new Error('no') } })",
                What::Lost,
            ),
            ("() => ({ then() { throw 'thenable' } })", What::Lost),
        ] {
            assert_eq!(what(fetch).await, expected, "{fetch}");
        }
    }

    #[wasm_bindgen_test]
    async fn the_timeout_covers_headers_and_body() {
        for fetch in [
            "() => new Promise(() => {})",
            "() => ({ status: 200, text: () => new Promise(() => {}) })",
            "() => new Response(new ReadableStream({}))",
        ] {
            let failure = posted(fetch, 20, "undefined").await.unwrap_err();
            assert_eq!(failure.what, What::Timeout, "{fetch}");
        }
    }

    #[wasm_bindgen_test]
    async fn an_abort_keeps_its_reason_whatever_it_is() {
        for reason in ["'a string'", "new Error('left')", "null"] {
            let signal = format!(
                "(() => {{ const c = new AbortController(); setTimeout(() => c.abort({reason}), 5); return c.signal }})()"
            );
            let failure = posted("() => new Promise(() => {})", 1000, &signal)
                .await
                .unwrap_err();
            assert_eq!(failure.what, What::Aborted);
            let text = |value: &JsValue| format!("{value:?}");
            let expected = javascript(reason);
            assert!(
                failure
                    .cause
                    .is_some_and(|cause| text(&cause)[..9] == text(&expected)[..9])
            );
        }
    }

    #[wasm_bindgen_test]
    async fn fetch_learns_of_the_end_and_is_called_without_this() {
        let fetch = "function (url, init) {
            if (this !== undefined && this !== globalThis) throw new Error('this');
            return new Promise((_, reject) => init.signal.addEventListener('abort', () => {
                globalThis.fetchWasTold = true;
                reject(init.signal.reason);
            }));
        }";
        assert_eq!(
            posted(fetch, 20, "undefined").await.unwrap_err().what,
            What::Timeout
        );
        assert!(javascript("globalThis.fetchWasTold").is_truthy());
    }
}
