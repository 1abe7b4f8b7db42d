//! Whose `fetch` `runtime.js` takes a function for.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::javascript;

#[wasm_bindgen(module = "/pkg-template/runtime.js")]
extern "C" {
    #[wasm_bindgen(js_name = runtimeOf)]
    pub(super) fn runtime_of(fetch: &JsValue) -> Option<String>;
}

#[wasm_bindgen_test]
fn in_node_it_knows_the_runtime_s_own() {
    assert_eq!(runtime_of(&javascript("fetch")), Some("node".to_owned()));
}

#[wasm_bindgen_test]
fn in_node_it_knows_no_other() {
    for fetch in [
        "async function fetch(input, init) { return globalThis.fetch(input, init) }",
        "fetch.bind(globalThis)",
        "(() => {}).bind()",
        "new Proxy(fetch, {})",
        "(...args) => fetch(...args)",
        "Object.assign(() => {}, { toString: () => fetch.toString() })",
        "Object.setPrototypeOf(() => {}, { toString: () => fetch.toString() })",
        "(() => { const { proxy, revoke } = Proxy.revocable(fetch, {}); revoke(); return proxy })()",
        "undefined",
        "'function fetch() { [native code] }'",
    ] {
        assert_eq!(
            runtime_of(&javascript(&format!("({fetch})"))),
            None,
            "{fetch}"
        );
    }
}

// Stands in for another runtime: the text of its function, and its version.
fn elsewhere(source: &str, global: &str, members: &str) -> Option<String> {
    let runtime = javascript(&format!(
        "globalThis.text = Function.prototype.toString;
         globalThis.native = () => {{}};
         native.preconnect = () => {{}};
         Object.defineProperty(native, 'name', {{ value: 'fetch' }});
         Function.prototype.toString = function () {{
             return this === native ? `{source}` : 'function preconnect() {{ [native code] }}'
         }};
         Object.assign(native, {members});
         globalThis.{global};
         native"
    ));
    let found = runtime_of(&runtime);
    javascript("Function.prototype.toString = text; delete globalThis.Bun; delete globalThis.Deno");
    found
}

#[wasm_bindgen_test]
fn knows_deno_s_from_the_first_version_that_never_posts_again() {
    let source = "function fetch(...e){return lazyFetch().fetch(...new n(e))}";
    for (version, expected) in [
        ("2.9.5", None),
        ("2.8.3", None),
        ("2.9.6", Some("deno")),
        ("2.10.0", Some("deno")),
        ("3.0.0", Some("deno")),
        ("2.9.7-rc.1", None),
        ("2.9", None),
        ("", None),
    ] {
        let global = format!("Deno = {{ version: {{ deno: '{version}' }} }}");
        assert_eq!(
            elsewhere(source, &global, "{}").as_deref(),
            expected,
            "{version}"
        );
        assert_eq!(
            elsewhere("function fetch(...e){return 1}", &global, "{}"),
            None
        );
    }
}

#[wasm_bindgen_test]
fn knows_bun_s_from_the_version_that_was_studied() {
    let source = "function fetch() { [native code] }";
    for (version, members, expected) in [
        ("1.4.5", "{}", Some("bun")),
        ("1.5.0", "{}", Some("bun")),
        ("1.4.4", "{}", None),
        ("1.3.14", "{}", None),
        ("1.4.5", "{ mock: {} }", None),
        ("1.4.5", "{ preconnect: 5 }", None),
    ] {
        let global = format!("Bun = {{ version: '{version}' }}");
        assert_eq!(
            elsewhere(source, &global, members).as_deref(),
            expected,
            "{version} {members}"
        );
    }
    assert_eq!(elsewhere(source, "Bun = undefined", "{}"), None);
}
