//! Whose `fetch` a function is. A tool that puts its own in the place of the runtime's may repeat what it likes, so a
//! function that is not recognised for sure is nobody's.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::given::{member, method};

/// A runtime whose errors are understood, in a version that they were studied in or a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    /// Node, from 20.16 on: older ones don't say what they posted.
    Node,
    /// Bun, from 1.4.5 on. Before 1.4 it posts again by itself, and then says that the connection was refused.
    Bun,
    /// Deno, from 2.9.6 on.
    Deno,
}

impl Runtime {
    /// The runtime that `fetch` is a part of.
    pub(super) fn of(fetch: &JsValue) -> Option<Runtime> {
        let source = source(fetch)?;
        // No module outside of Node can load that one.
        if source.contains("require('internal/deps/undici/undici')") {
            Some(Runtime::Node)
        } else if source.starts_with("function fetch(...")
            && source.contains("return lazyFetch().fetch(...")
            && source.len() < LONGEST_OF_DENO
        {
            deno_posts_once().then_some(Runtime::Deno)
        } else if source == "function fetch() { [native code] }" && is_bun_s(fetch) {
            let version = member(&member(&js_sys::global(), "Bun"), "version");
            at_least(&version, [1, 4, 5]).then_some(Runtime::Bun)
        } else {
            None
        }
    }
}

/// The last function that was recognised by its text alone, which cannot change: to read it takes a while.
#[derive(Default)]
pub(super) struct Recognised(RefCell<Option<(JsValue, Runtime)>>);

impl Recognised {
    /// As [`Runtime::of`].
    pub(super) fn runtime_of(&self, fetch: &JsValue) -> Option<Runtime> {
        if let Some((known, runtime)) = &*self.0.borrow()
            && known == fetch
        {
            return Some(*runtime);
        }
        let runtime = Runtime::of(fetch)?;
        if runtime != Runtime::Bun {
            self.0.replace(Some((fetch.clone(), runtime)));
        }
        Some(runtime)
    }
}

/// Whether this is a Deno that never posts again on a new connection. From 2.7 to 2.9.5 it does, and then may say that
/// it could not connect.
pub(super) fn deno_posts_once() -> bool {
    let version = member(&member(&js_sys::global(), "Deno"), "version");
    at_least(&member(&version, "deno"), [2, 9, 6])
}

/// Bytes of Deno's `fetch` are fewer: it only calls the one that does the work.
const LONGEST_OF_DENO: usize = 100;

/// The text of a function; what a function says of itself may be a lie.
fn source(function: &JsValue) -> Option<String> {
    let function: &Function = function.dyn_ref()?;
    let prototype = member(&member(&js_sys::global(), "Function"), "prototype");
    let source = method(&prototype, "toString")?.call0(function).ok()?;
    source.as_string()
}

/// A function that Bun compiled shows no text, and neither does one that was bound or mocked.
fn is_bun_s(fetch: &JsValue) -> bool {
    let native = member(fetch, "preconnect");
    member(fetch, "name").as_string().as_deref() == Some("fetch")
        && member(fetch, "mock").is_undefined()
        && source(&native).as_deref() == Some("function preconnect() { [native code] }")
}

fn at_least(version: &JsValue, oldest: [u32; 3]) -> bool {
    let read = || {
        let version = version.as_string()?;
        let mut parts = version.splitn(3, '.').map(|part| part.parse().ok());
        Some([parts.next()??, parts.next()??, parts.next()??])
    };
    read().is_some_and(|version: [u32; 3]| version >= oldest)
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn in_node_it_knows_the_runtime_s_own() {
        assert_eq!(Runtime::of(&javascript("fetch")), Some(Runtime::Node));
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
                Runtime::of(&javascript(&format!("({fetch})"))),
                None,
                "{fetch}"
            );
        }
    }

    // Stands in for another runtime: the text of its function, and its version.
    fn elsewhere(source: &str, global: &str, members: &str) -> Option<Runtime> {
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
        let found = Runtime::of(&runtime);
        javascript(
            "Function.prototype.toString = text; delete globalThis.Bun; delete globalThis.Deno",
        );
        found
    }

    #[wasm_bindgen_test]
    fn knows_deno_s_from_the_first_version_that_never_posts_again() {
        let source = "function fetch(...e){return lazyFetch().fetch(...new n(e))}";
        for (version, expected) in [
            ("2.9.5", None),
            ("2.8.3", None),
            ("2.9.6", Some(Runtime::Deno)),
            ("2.10.0", Some(Runtime::Deno)),
            ("3.0.0", Some(Runtime::Deno)),
            ("2.9.7-rc.1", None),
            ("2.9", None),
            ("", None),
        ] {
            let global = format!("Deno = {{ version: {{ deno: '{version}' }} }}");
            assert_eq!(elsewhere(source, &global, "{}"), expected, "{version}");
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
            ("1.4.5", "{}", Some(Runtime::Bun)),
            ("1.5.0", "{}", Some(Runtime::Bun)),
            ("1.4.4", "{}", None),
            ("1.3.14", "{}", None),
            ("1.4.5", "{ mock: {} }", None),
            ("1.4.5", "{ preconnect: 5 }", None),
        ] {
            let global = format!("Bun = {{ version: '{version}' }}");
            assert_eq!(
                elsewhere(source, &global, members),
                expected,
                "{version} {members}"
            );
        }
        assert_eq!(elsewhere(source, "Bun = undefined", "{}"), None);
    }
}
