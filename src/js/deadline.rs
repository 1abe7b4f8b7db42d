//! One attempt's end: the timer and the caller's signal, whichever comes first.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::given::{member, method};
use crate::host::What;

#[wasm_bindgen]
extern "C" {
    // Looked up at each call, so that fake timers of test runners are seen. What they return differs by runtime.
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(handler: &Function, ms: u32) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue) -> Result<JsValue, JsValue>;

    // Every member may throw: a polyfill may stand in its place.
    #[wasm_bindgen(js_name = AbortController)]
    #[derive(Clone)]
    type Controller;

    #[wasm_bindgen(catch, constructor, js_class = "AbortController")]
    fn new() -> Result<Controller, JsValue>;

    #[wasm_bindgen(method, catch, getter)]
    fn signal(this: &Controller) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn abort(this: &Controller, reason: &JsValue) -> Result<(), JsValue>;

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

/// Lets any number of calls listen to one signal. Node before 22 has a limit of ten for signals too, and warns of a leak
/// beyond it; its own `fetch` lifts it for each signal that it is given.
pub(super) fn let_many_listen(signal: &JsValue) {
    let process = member(&js_sys::global(), "process");
    let events = method(&process, "getBuiltinModule")
        .and_then(|load| load.call1(&process, &JsValue::from_str("node:events")).ok())
        .unwrap_or_default();
    // They throw where the signal is no `EventTarget`.
    let limit = method(&events, "getMaxListeners").and_then(|of| of.call1(&events, signal).ok());
    // One that its owner has set stays.
    if limit.is_some_and(|limit| limit == member(&events, "defaultMaxListeners")) {
        let lifted = method(&events, "setMaxListeners");
        let _ = lifted.map(|set| set.call2(&events, &JsValue::from(0), signal));
    }
}

/// The end of one attempt. Dropping it stops the timer and the listening.
pub(super) struct Deadline {
    /// Why it came, once it came.
    came: Rc<Cell<Option<What>>>,
    /// Resolves when it comes, never rejects.
    promise: Promise,
    /// Told when it comes, so that `fetch` stops too.
    controller: Option<Controller>,
    timer: JsValue,
    signal: Option<JsValue>,
    /// Taken when this is dropped.
    on_abort: Option<Closure<dyn FnMut()>>,
    on_timeout: Option<Closure<dyn FnMut()>>,
}

impl Deadline {
    /// Starts the timer of `ms` and listens to the signal.
    pub(super) fn start(ms: u32, signal: &Option<JsValue>) -> Result<Deadline, JsValue> {
        let came = Rc::new(Cell::new(None));
        let mut resolve = None;
        let promise = Promise::new(&mut |resolver, _| resolve = Some(resolver));
        let controller = Controller::new().ok();
        let end = |what: What, signal: Option<JsValue>| {
            let (came, resolve, controller) = (came.clone(), resolve.clone(), controller.clone());
            Closure::new(move || {
                if came.get().is_some() {
                    return;
                }
                came.set(Some(what));
                if let Some(resolve) = &resolve {
                    // The resolver of a promise does not throw.
                    let _ = resolve.call0(&JsValue::UNDEFINED);
                }
                if let Some(controller) = &controller {
                    // Whether the request stops or not, nobody waits for it any more.
                    let _ = controller.abort(&aborted(&signal).unwrap_or_default());
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
            on_abort: Some(on_abort),
            on_timeout: Some(on_timeout),
        };
        if let Some(signal) = signal {
            let signal: &Listens = signal.unchecked_ref();
            if let Some(listener) = &deadline.on_abort {
                let listener: &Function = listener.as_ref().unchecked_ref();
                signal.add_event_listener("abort", listener)?;
                // Who listens to a signal that is aborted already hears nothing any more.
                if aborted(&deadline.signal).is_some() {
                    // It does not throw.
                    let _ = listener.call0(&JsValue::UNDEFINED);
                }
            }
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
            .and_then(|controller| controller.signal().ok())
            .unwrap_or_default()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        // What cannot be stopped may still call, and a call of what is gone throws: then it is leaked.
        if let (Err(_), Some(handler)) = (clear_timeout(&self.timer), self.on_timeout.take()) {
            handler.forget();
        }
        if let (Some(signal), Some(listener)) = (&self.signal, self.on_abort.take()) {
            let signal: &Listens = signal.unchecked_ref();
            let removed = signal.remove_event_listener("abort", listener.as_ref().unchecked_ref());
            if removed.is_err() {
                listener.forget();
            }
        }
    }
}
