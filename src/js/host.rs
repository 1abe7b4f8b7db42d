//! The world of JavaScript: `fetch`, timers, the clock.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::answer;
use super::connection::Connection;
use super::deadline::{Deadline, aborted};
use super::evidence::Evidence;
use super::given::member;
use super::listener;
use super::request::{Templates, build, init};
use super::runtime::Recognised;
use super::store::TokenStore;
use crate::api::Call;
use crate::api::login::Token;
use crate::event::Event;
use crate::host::{Failure, Host, Request, Response, What};

#[wasm_bindgen]
extern "C" {
    // The global one, looked up at each call, so that tools that patch it are seen.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(input: &JsValue, init: &JsValue) -> Result<JsValue, JsValue>;
}

/// The host that posts through `fetch`.
pub(super) struct FetchHost {
    /// The caller's own.
    pub(super) fetch: Option<Function>,
    /// The caller's own.
    pub(super) store: Option<TokenStore>,
    /// The caller's own.
    pub(super) listener: Option<Function>,
    templates: Templates,
    recognised: Recognised,
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
            templates: Templates::default(),
            recognised: Recognised::default(),
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
        let before = |cause| Failure {
            what: What::NeverLeft,
            status: None,
            cause: Some(cause),
        };
        let deadline = Deadline::start(timeout, signal).map_err(before)?;
        let connection = match request.call {
            Call::Send if self.fetch.is_none() => Connection::of_send(request.body),
            _ => Connection::default(),
        };
        let init = init(request, &deadline, &connection).map_err(before)?;
        let (called, evidence) = match &self.fetch {
            // What a custom fetch did before it failed, nobody knows.
            Some(fetch) => {
                let url = JsValue::from_str(request.url);
                (
                    fetch.call2(&JsValue::UNDEFINED, &url, &init),
                    Evidence::None,
                )
            }
            None => {
                let fetch = member(&js_sys::global(), "fetch");
                let runtime = self.recognised.runtime_of(&fetch);
                let evidence = Evidence::gather(runtime, request.url, connection.is_new());
                let built = match runtime {
                    Some(_) => self.templates.of(request.url),
                    None => build(request),
                };
                let input = built.unwrap_or_else(|| JsValue::from_str(request.url));
                (global_fetch(&input, &init), evidence)
            }
        };
        let answered = match called {
            Ok(promise) => deadline
                .race(&promise)
                .await
                .map_err(|what| ended(what, None, signal))?,
            Err(thrown) => Err(thrown),
        };
        let answer = match answered {
            Ok(response) => answer::read(&response, &deadline).await,
            Err(thrown) => Err(Failure {
                what: if evidence.never_left(&thrown) {
                    What::NeverLeft
                } else {
                    What::Lost
                },
                status: None,
                cause: Some(thrown),
            }),
        };
        answer.map_err(|failure| match failure.what {
            What::Timeout | What::Aborted => ended(failure.what, failure.status, signal),
            _ => {
                if let (None, Some(cause)) = (&self.fetch, &failure.cause) {
                    answer::withhold(cause);
                }
                failure
            }
        })
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
        match Deadline::start(ms, signal)?.wait().await {
            What::Aborted => Err(aborted(signal).unwrap_or_default()),
            _ => Ok(()),
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
