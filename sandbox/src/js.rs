//! The border to JavaScript: text and numbers alone cross it, and lists as JSON. `pkg-template/sandbox.js` is its one user.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Options, Request, Sandbox};

/// [`Sandbox`], for `sandbox.js`.
#[wasm_bindgen(js_name = MemoryApi)]
pub struct JsSandbox(Sandbox);

#[wasm_bindgen(js_class = MemoryApi)]
impl JsSandbox {
    /// `options` is a JSON object.
    ///
    /// # Errors
    /// A `TypeError` that names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<JsSandbox, js_sys::TypeError> {
        match Options::parse(options) {
            Ok(options) => Ok(JsSandbox(Sandbox::new(options))),
            Err(error) => Err(js_sys::TypeError::new(&error.to_string())),
        }
    }

    /// JSON of an [`Answer`](crate::Answer).
    pub fn answer(
        &mut self,
        method: &str,
        path: &str,
        authorization: Option<String>,
        content_type: Option<String>,
        body: &str,
        now: f64,
    ) -> String {
        let request = Request {
            method,
            path,
            authorization: authorization.as_deref(),
            content_type: content_type.as_deref(),
            body,
        };
        // A float that is no time (a fake clock may give anything) becomes the nearest one.
        json(&self.0.answer(&request, now as u64))
    }

    /// JSON of the SMS from this index on.
    pub fn sent(&self, from: usize) -> String {
        json(&self.0.sent().get(from..).unwrap_or_default())
    }

    /// How many SMS were accepted.
    #[wasm_bindgen(getter, js_name = sentCount)]
    pub fn sent_count(&self) -> usize {
        self.0.sent().len()
    }

    /// JSON of the requests from this index on.
    pub fn received(&self, from: usize) -> String {
        json(&self.0.received().get(from..).unwrap_or_default())
    }

    /// How many requests came.
    #[wasm_bindgen(getter, js_name = receivedCount)]
    pub fn received_count(&self) -> usize {
        self.0.received().len()
    }

    /// Segments that are left, or `undefined`.
    #[wasm_bindgen(getter)]
    pub fn balance(&self) -> Option<f64> {
        // Exact: the option takes no more than 2^53 - 1.
        self.0.balance().map(|balance| balance as f64)
    }

    /// See [`Sandbox::log_out`].
    #[wasm_bindgen(js_name = logOut)]
    pub fn log_out(&mut self) {
        self.0.log_out();
    }

    /// See [`Sandbox::reset`].
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
