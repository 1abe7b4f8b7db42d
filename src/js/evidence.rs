//! Proof that no byte of a request left, as an allow-list by runtime. What is not recognised is no proof: an error
//! that a runtime renames costs a look at the stats, never a second SMS.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::given::{is_array, member};

/// How deep the causes of an error are followed; Node's own go two deep.
const DEPTH: u32 = 5;

/// How many attempts at a connection are looked at; Node makes one for each address of a name.
const ATTEMPTS: f64 = 64.0;

/// OpenSSL's words for a certificate that was refused before the request.
const CERTIFICATE: [&str; 9] = [
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "HOSTNAME_MISMATCH",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/// Whether what the runtime's own `fetch` rejected with proves that nothing left.
///
/// Only Node's errors are believed. Deno posts again by itself on a pooled connection, so that even "refused" may
/// come after a request that was served; workerd and browsers say the same for all failures.
pub(super) fn never_left(thrown: &JsValue) -> bool {
    is_node() && proves(thrown, DEPTH)
}

fn is_node() -> bool {
    let global = js_sys::global();
    let node = member(&member(&member(&global, "process"), "versions"), "node");
    node.is_string()
        && member(&global, "Deno").is_undefined()
        && member(&global, "Bun").is_undefined()
}

fn proves(error: &JsValue, depth: u32) -> bool {
    let Some(deeper) = depth.checked_sub(1) else {
        return false;
    };
    let errors = member(error, "errors");
    if is_array(&errors) {
        // Several addresses were tried: each attempt has to prove it.
        let attempts = member(&errors, "length").as_f64();
        return attempts.is_some_and(|attempts| {
            (1.0..=ATTEMPTS).contains(&attempts)
                && (0..attempts as u32).all(|index| {
                    Reflect::get_u32(&errors, index).is_ok_and(|error| proves(&error, deeper))
                })
        });
    }
    let word = |name| member(error, name).as_string().unwrap_or_default();
    matches!(word("syscall").as_str(), "connect" | "getaddrinfo")
        || CERTIFICATE.contains(&word("code").as_str())
        || {
            let cause = member(error, "cause");
            cause.is_object() && proves(&cause, deeper)
        }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn in_node_a_connection_that_was_never_made_is_proof() {
        for error in [
            "{ cause: { code: 'ECONNREFUSED', syscall: 'connect' } }",
            "{ cause: { code: 'ENOTFOUND', syscall: 'getaddrinfo' } }",
            "{ cause: { code: 'CERT_HAS_EXPIRED' } }",
            "{ cause: { code: 'ECONNREFUSED', errors: [{ syscall: 'connect' }, { syscall: 'connect' }] } }",
        ] {
            assert!(never_left(&javascript(&format!("({error})"))), "{error}");
        }
    }

    #[wasm_bindgen_test]
    fn in_a_browser_it_is_none() {
        for error in [
            "{ cause: { syscall: 'connect' } }",
            "{ syscall: 'connect' }",
        ] {
            assert!(!never_left(&javascript(&format!("({error})"))), "{error}");
        }
    }

    #[wasm_bindgen_test]
    fn anything_else_is_none() {
        for error in [
            "{ cause: { code: 'ECONNRESET', syscall: 'read' } }",
            "{ cause: { code: 'ETIMEDOUT', syscall: 'read' } }",
            "{ cause: { code: 'UND_ERR_SOCKET' } }",
            "{ cause: { code: 'ECONNREFUSED' } }",
            "{ cause: { errors: [{ syscall: 'connect' }, { syscall: 'read' }] } }",
            "{ cause: { errors: [] } }",
            "{ errors: new Proxy([], { get() { throw new Error('no') } }) }",
            "{ errors: new Proxy([], { get: (_, name) => name === 'length' ? 2 ** 32 - 1 : { syscall: 'connect' } }) }",
            "{ errors: (() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy })() }",
            "{ cause: null }",
            "'ECONNREFUSED'",
            "undefined",
            "(() => { const e = {}; e.cause = e; return e })()",
            "new Proxy({}, { get() { throw new Error('no') } })",
        ] {
            assert!(!never_left(&javascript(&format!("({error})"))), "{error}");
        }
    }

    #[wasm_bindgen_test]
    fn other_runtimes_prove_nothing() {
        javascript("globalThis.Deno = {}");
        let believed = never_left(&javascript("({ syscall: 'connect' })"));
        javascript("delete globalThis.Deno");
        assert!(!believed);
    }
}
