//! What `connection.js` asks of a runtime.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::given::member;
use super::javascript;

#[wasm_bindgen(module = "/pkg-template/connection.js")]
extern "C" {
    type Connection;

    #[wasm_bindgen(js_name = connectionOfSend)]
    fn connection_of_send(body: &str) -> Connection;

    #[wasm_bindgen(method, getter)]
    fn told(this: &Connection) -> Option<js_sys::Object>;

    #[wasm_bindgen(method)]
    fn close(this: &Connection);
}

const CLIENT: &str =
    "createHttpClient: (options) => ({ options, close() { globalThis.poolClosed = true } })";

fn told(global: &str) -> js_sys::Object {
    javascript(&format!(
        "globalThis.poolClosed = false; globalThis.{global}"
    ));
    let connection = connection_of_send("{}");
    javascript("delete globalThis.Deno; delete globalThis.Bun");
    connection.close();
    connection.told().unwrap_or_default()
}

fn names(global: &str) -> Vec<String> {
    let names = js_sys::Object::keys(&told(global));
    names.iter().filter_map(|name| name.as_string()).collect()
}

#[wasm_bindgen_test]
fn deno_gets_a_client_without_a_pool_and_it_is_closed() {
    let told = told(&format!(
        "Deno = {{ version: {{ deno: '2.9.6' }}, {CLIENT} }}"
    ));
    let client = member(&told, "client");
    let most_idle = member(&member(&client, "options"), "poolMaxIdlePerHost");
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
