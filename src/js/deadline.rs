//! A timer and the caller's signal, whichever comes first. `deadline.js` listens to both.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./deadline.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/deadline.js"))]
extern "C" {
    #[wasm_bindgen(js_name = Deadline)]
    type JsDeadline;

    #[wasm_bindgen(catch, constructor, js_class = "Deadline")]
    fn new(ms: u32, signal: Option<&JsValue>) -> Result<JsDeadline, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn promise(this: &JsDeadline) -> Promise;

    #[wasm_bindgen(method)]
    fn race(this: &JsDeadline, promise: &JsValue) -> Promise;

    #[wasm_bindgen(method)]
    fn stop(this: &JsDeadline);

    // None of these throws; without `catch` the wasm would import them past its glue.
    #[wasm_bindgen(catch, js_name = isAborted)]
    fn is_aborted(signal: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_name = reasonOf)]
    fn reason_of(signal: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = letManyListen)]
    fn let_many(signal: &JsValue) -> Result<(), JsValue>;
}

/// The reason of a signal that is aborted already.
pub(super) fn aborted(signal: &Option<JsValue>) -> Option<JsValue> {
    let signal = signal.as_ref()?;
    is_aborted(signal)
        .unwrap_or_default()
        .then(|| reason_of(signal).unwrap_or_default())
}

/// Lets any number of calls listen to one signal.
pub(super) fn let_many_listen(signal: &JsValue) {
    let _ = let_many(signal);
}

/// What is waited for at most. Dropping it stops the timer and the listening.
pub(super) struct Deadline(JsDeadline);

impl Deadline {
    /// Starts the timer of `ms` and listens to the signal.
    pub(super) fn start(ms: u32, signal: &Option<JsValue>) -> Result<Deadline, JsValue> {
        JsDeadline::new(ms, signal.as_ref()).map(Deadline)
    }

    /// Waits for it.
    pub(super) async fn wait(&self) {
        // It never rejects.
        let _ = JsFuture::from(self.0.promise()).await;
    }

    /// What `promise` gives in time. It may be any value: a thenable is one too, and what throws when it is looked at is a rejection.
    pub(super) async fn race(&self, promise: &JsValue) -> Option<JsValue> {
        JsFuture::from(self.0.race(promise)).await.ok()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.stop();
    }
}
