//! What `evidence.js` takes for a proof.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::javascript;
use super::runtime::runtime_of;

#[wasm_bindgen(module = "/pkg-template/evidence.js")]
extern "C" {
    type Evidence;

    fn evidence(runtime: Option<&str>, url: &str, owns_connection: bool) -> Evidence;

    #[wasm_bindgen(method, js_name = neverLeft)]
    fn never_left(this: &Evidence, thrown: &JsValue) -> bool;

    #[wasm_bindgen(method)]
    fn end(this: &Evidence);
}

const URL: &str = "https://crm.example/sms/send";

fn proof(evidence: Evidence, error: &str) -> bool {
    let proof = evidence.never_left(&javascript(&format!("({error})")));
    evidence.end();
    proof
}

fn here() -> Evidence {
    evidence(runtime_of(&javascript("fetch")).as_deref(), URL, false)
}

fn elsewhere(runtime: &str) -> Evidence {
    evidence(Some(runtime), URL, true)
}

#[wasm_bindgen_test]
fn in_node_a_connection_that_was_never_made_is_proof() {
    for error in [
        "{ cause: { code: 'ECONNREFUSED', syscall: 'connect' } }",
        "{ cause: { code: 'ENOTFOUND', syscall: 'getaddrinfo' } }",
        "{ cause: { code: 'CERT_HAS_EXPIRED' } }",
        "{ cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }",
        "{ cause: { code: 'ECONNREFUSED', errors: [{ syscall: 'connect' }, { syscall: 'connect' }] } }",
    ] {
        assert!(proof(here(), error), "{error}");
        assert!(!proof(evidence(None, URL, false), error), "{error}");
    }
}

#[wasm_bindgen_test]
fn in_a_browser_it_is_none() {
    for error in [
        "{ cause: { syscall: 'connect' } }",
        "{ code: 'ECONNREFUSED', syscall: 'connect' }",
    ] {
        assert!(!proof(here(), error), "{error}");
    }
}

#[wasm_bindgen_test]
fn in_node_anything_else_is_none() {
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
        assert!(!proof(here(), error), "{error}");
    }
}

#[wasm_bindgen_test]
fn in_node_a_request_that_was_written_disproves_it() {
    for (path, expected) in [
        ("'/sms/send'", false),
        ("'https://crm.example/sms/send'", false),
        ("undefined", false),
        ("'/sms/stats'", true),
        ("'/other'", true),
    ] {
        let evidence = here();
        javascript(&format!(
            "process.getBuiltinModule('node:diagnostics_channel')
                .channel('undici:client:sendHeaders').publish({{ request: {{ path: {path} }} }})"
        ));
        let found = proof(evidence, "{ cause: { syscall: 'connect' } }");
        assert_eq!(found, expected, "{path}");
    }
}

#[wasm_bindgen_test]
fn bun_says_it_by_a_code() {
    for (error, expected) in [
        ("{ code: 'ECONNREFUSED' }", true),
        ("{ code: 'ENOTFOUND', syscall: 'getaddrinfo' }", true),
        ("{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }", true),
        ("{ code: 'ConnectionRefused' }", false),
        ("{ code: 'ECONNRESET' }", false),
        ("{ code: 'EPROTO' }", false),
        ("{ cause: { code: 'ECONNREFUSED' } }", false),
        ("{ syscall: 'connect' }", false),
        ("undefined", false),
    ] {
        assert_eq!(proof(elsewhere("bun"), error), expected, "{error}");
    }
}

#[wasm_bindgen_test]
fn deno_says_it_in_a_sentence() {
    let url = "error sending request for url (https://crm.example/sms/send)";
    for (error, expected) in [
        (
            format!("{{ cause: {{ message: '{url}: client error (Connect): dns error: no' }} }}"),
            true,
        ),
        (
            format!("{{ message: '{url}: client error (Connect): tcp connect error: no' }}"),
            true,
        ),
        (
            format!("{{ message: '{url}: client error (SendRequest): connection closed' }}"),
            false,
        ),
        (
            "{ message: 'Connection reset by peer (os error 104)' }".to_owned(),
            false,
        ),
        ("{ code: 'ECONNREFUSED' }".to_owned(), false),
        ("undefined".to_owned(), false),
    ] {
        assert_eq!(proof(elsewhere("deno"), &error), expected, "{error}");
    }
}

#[wasm_bindgen_test]
fn in_deno_a_connection_that_was_used_before_proves_nothing() {
    let kept = evidence(Some("deno"), URL, false);
    let error = "{ message: 'error sending request for url (x): client error (Connect): no' }";
    assert!(!proof(kept, error));
}
