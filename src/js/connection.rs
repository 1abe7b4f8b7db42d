//! What keeps a runtime from posting a send again by itself when a connection breaks.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::given::{member, method};
use super::request::object;
use super::runtime::deno_posts_once;

#[wasm_bindgen]
extern "C" {
    type Blob;

    #[wasm_bindgen(catch, constructor)]
    fn new(parts: &Array) -> Result<Blob, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn stream(this: &Blob) -> Result<JsValue, JsValue>;
}

/// The connection of one send: a new one where the runtime posts again on those that it keeps. Made for each send,
/// because Deno closes the connections of a client no sooner than the client; dropping it closes it.
#[derive(Default)]
pub(super) struct Connection {
    /// A client of Deno's without a pool.
    client: Option<JsValue>,
    told: Vec<(&'static str, JsValue)>,
}

impl Connection {
    /// For a send with this body.
    pub(super) fn of_send(body: &str) -> Connection {
        let global = js_sys::global();
        let deno = member(&global, "Deno");
        if deno.is_object() {
            return Connection::of_deno(&deno, body);
        }
        let mut connection = Connection::default();
        if member(&global, "Bun").is_object() {
            connection.told.push(("keepalive", JsValue::FALSE));
        }
        connection
    }

    fn of_deno(deno: &JsValue, body: &str) -> Connection {
        let client = client_without_pool(deno);
        let mut told = Vec::new();
        if let Some(client) = &client {
            told.push(("client", client.clone()));
        }
        if (client.is_none() || !deno_posts_once())
            && let Ok(stream) = streamed(body)
        {
            told.push(("body", stream));
        }
        Connection { client, told }
    }

    /// Whether it is new for sure.
    pub(super) fn is_new(&self) -> bool {
        self.client.is_some()
    }

    /// Names and values in the second argument of `fetch`, which go before any others.
    pub(super) fn told(&self) -> impl Iterator<Item = (&'static str, JsValue)> {
        self.told.iter().cloned()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(client) = &self.client {
            // What fails to close is collected.
            let _ = method(client, "close").map(|close| close.call0(client));
        }
    }
}

/// What streams cannot be posted again, but leaves in chunks. That of a `Response` can: Deno knows the text behind it.
fn streamed(body: &str) -> Result<JsValue, JsValue> {
    Blob::new(&Array::of1(&JsValue::from_str(body)))?.stream()
}

fn client_without_pool(deno: &JsValue) -> Option<JsValue> {
    let create = method(deno, "createHttpClient")?;
    let options = object(&[("poolMaxIdlePerHost", JsValue::from(0))]).ok()?;
    let client = create.call1(deno, &options).ok()?;
    client.is_object().then_some(client)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    const CLIENT: &str =
        "createHttpClient: (options) => ({ options, close() { globalThis.poolClosed = true } })";

    fn told(global: &str) -> Vec<(&'static str, JsValue)> {
        javascript(&format!(
            "globalThis.poolClosed = false; globalThis.{global}"
        ));
        let connection = Connection::of_send("{}");
        javascript("delete globalThis.Deno; delete globalThis.Bun");
        connection.told().collect()
    }

    fn names(global: &str) -> Vec<&'static str> {
        told(global).into_iter().map(|(name, _)| name).collect()
    }

    #[wasm_bindgen_test]
    fn deno_gets_a_client_without_a_pool_and_it_is_closed() {
        let told = told(&format!(
            "Deno = {{ version: {{ deno: '2.9.6' }}, {CLIENT} }}"
        ));
        let [("client", client)] = told.as_slice() else {
            panic!("{told:?}");
        };
        let most_idle = member(&member(client, "options"), "poolMaxIdlePerHost");
        assert_eq!(most_idle.as_f64(), Some(0.0));
        assert!(javascript("poolClosed").is_truthy());
    }

    #[wasm_bindgen_test]
    fn a_deno_that_posts_again_even_so_gets_a_stream() {
        let global = format!("Deno = {{ version: {{ deno: '2.9.5' }}, {CLIENT} }}");
        assert_eq!(names(&global), ["client", "body"]);
        for create in [
            "",
            ", createHttpClient() { throw new Error('not allowed') }",
            ", createHttpClient() {}",
        ] {
            let global = format!("Deno = {{ version: {{ deno: '2.9.6' }}{create} }}");
            assert_eq!(names(&global), ["body"], "{create}");
        }
    }

    #[wasm_bindgen_test]
    fn bun_is_told_to_keep_none_and_others_nothing() {
        assert_eq!(names("Bun = {}"), ["keepalive"]);
        assert!(names("Bun = undefined").is_empty());
    }
}
