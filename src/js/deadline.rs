//! One attempt's end: the timer and the caller's signal, whichever comes first.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use crate::host::What;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers of test runners are seen. What they return differs by runtime.
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(handler: &Function, ms: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue) -> Result<JsValue, JsValue>;

    type Listens;

    #[wasm_bindgen(method, catch, getter)]
    fn aborted(this: &Listens) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, getter)]
    fn reason(this: &Listens) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(
        this: &Listens,
        event: &str,
        listener: &Function,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(
        this: &Listens,
        event: &str,
        listener: &Function,
    ) -> Result<JsValue, JsValue>;
}

/// The reason of a signal that is aborted already.
pub(super) fn aborted(signal: &Option<JsValue>) -> Option<JsValue> {
    let signal: &Listens = signal.as_ref()?.unchecked_ref();
    let aborted = signal.aborted().is_ok_and(|aborted| aborted.is_truthy());
    aborted.then(|| signal.reason().unwrap_or_default())
}

/// The end of one attempt. Dropping it stops the timer and the listening.
pub(super) struct Deadline {
    /// Why it came, once it came.
    came: Rc<Cell<Option<What>>>,
    /// Resolves when it comes, never rejects.
    promise: Promise,
    /// Told when it comes, so that `fetch` stops too.
    controller: Option<AbortController>,
    timer: JsValue,
    signal: Option<JsValue>,
    on_abort: Closure<dyn FnMut()>,
    // Only kept: the timer holds it.
    _on_timeout: Closure<dyn FnMut()>,
}

impl Deadline {
    /// Starts the timer of `ms` and listens to the signal.
    pub(super) fn start(ms: u32, signal: &Option<JsValue>) -> Result<Deadline, JsValue> {
        let came = Rc::new(Cell::new(None));
        let mut resolve = None;
        let promise = Promise::new(&mut |resolver, _| resolve = Some(resolver));
        let controller = AbortController::new().ok();
        let end = |what: What, signal: Option<JsValue>| {
            let (came, resolve, controller) = (came.clone(), resolve.clone(), controller.clone());
            Closure::new(move || {
                if came.get().is_some() {
                    return;
                }
                came.set(Some(what));
                if let Some(controller) = &controller {
                    match aborted(&signal) {
                        Some(reason) => controller.abort_with_reason(&reason),
                        None => controller.abort(),
                    }
                }
                if let Some(resolve) = &resolve {
                    // The resolver of a promise does not throw.
                    let _ = resolve.call0(&JsValue::UNDEFINED);
                }
            })
        };
        let on_timeout: Closure<dyn FnMut()> = end(What::Timeout, None);
        let on_abort: Closure<dyn FnMut()> = end(What::Aborted, signal.clone());
        let timer = set_timeout(on_timeout.as_ref().unchecked_ref(), ms)?;
        // Made before anything else can fail: dropping it stops the timer.
        let deadline = Deadline {
            came,
            promise,
            controller,
            timer,
            signal: signal.clone(),
            on_abort,
            _on_timeout: on_timeout,
        };
        if let Some(signal) = signal {
            let signal: &Listens = signal.unchecked_ref();
            let listener = deadline.on_abort.as_ref().unchecked_ref();
            signal.add_event_listener("abort", listener)?;
        }
        Ok(deadline)
    }

    /// Why it came, once it came.
    pub(super) fn came(&self) -> Option<What> {
        self.came.get()
    }

    /// Waits for it.
    pub(super) async fn wait(&self) -> What {
        // It never rejects.
        let _ = JsFuture::from(self.promise.clone()).await;
        self.came().unwrap_or(What::Timeout)
    }

    /// What `promise` gives, or why it came too late. It may be any value: a thenable is one too, and what throws
    /// when it is looked at is a rejection.
    pub(super) async fn race(&self, promise: &JsValue) -> Result<Result<JsValue, JsValue>, What> {
        let first = Promise::race(&Array::of2(promise, &self.promise));
        let outcome = JsFuture::from(first).await;
        match self.came() {
            Some(what) => Err(what),
            None => Ok(outcome),
        }
    }

    /// The signal that `fetch` is given: the runtime's own, whatever class the caller's is of.
    pub(super) fn signal(&self) -> JsValue {
        self.controller
            .as_ref()
            .map_or(JsValue::UNDEFINED, |controller| controller.signal().into())
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        // Neither has anything to report, and a foreign signal may throw what it likes.
        let _ = clear_timeout(&self.timer);
        if let Some(signal) = &self.signal {
            let signal: &Listens = signal.unchecked_ref();
            let _ = signal.remove_event_listener("abort", self.on_abort.as_ref().unchecked_ref());
        }
    }
}
