//! Proof that no byte of a request left, as an allow-list by runtime. What is not recognised is no proof: an error
//! that a runtime renames costs a look at the stats, never a second SMS.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::given::{is_array, member, method};
use super::runtime::Runtime;

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

/// Bun's words for a name or a connection that could not be had. A TLS handshake that fails is a reset to it, as one
/// after the request.
const BUN: [&str; 2] = ["ECONNREFUSED", "ENOTFOUND"];

/// Deno's words for the same, after an address in brackets.
const DENO: &str = "): client error (Connect): ";

/// The name under which Node's `fetch` tells of each request that it begins to write.
const BEGINS_TO_WRITE: &str = "undici:client:sendHeaders";

/// What is watched while the runtime's own `fetch` posts, to judge later why it rejected.
pub(super) enum Evidence {
    /// Node.
    Node(Posts),
    /// Bun says what failed, and never posts again.
    Bun,
    /// Deno posted on a connection of its own, and never posts again there.
    Deno,
    /// Nothing that this runtime says would prove anything. workerd and browsers say the same for all failures.
    None,
}

impl Evidence {
    /// To be called before `fetch`; `owns_connection` says that it won't take one that was used before.
    pub(super) fn gather(runtime: Option<Runtime>, url: &str, owns_connection: bool) -> Evidence {
        match runtime {
            Some(Runtime::Node) => Posts::watch(url).map_or(Evidence::None, Evidence::Node),
            Some(Runtime::Bun) => Evidence::Bun,
            Some(Runtime::Deno) if owns_connection => Evidence::Deno,
            _ => Evidence::None,
        }
    }

    /// Whether what `fetch` rejected with proves that no byte left.
    pub(super) fn never_left(&self, thrown: &JsValue) -> bool {
        match self {
            Evidence::Node(posts) => !posts.seen.get() && proves(thrown, DEPTH),
            Evidence::Bun => {
                let code = word(thrown, "code");
                BUN.contains(&code.as_str()) || CERTIFICATE.contains(&code.as_str())
            }
            Evidence::Deno => {
                let says = |error: &JsValue| word(error, "message").contains(DENO);
                says(thrown) || says(&member(thrown, "cause"))
            }
            Evidence::None => false,
        }
    }
}

/// Looks out for POSTs to one URL: a dispatcher that somebody put under Node's `fetch` may repeat a request, and end
/// with one that could not connect.
pub(super) struct Posts {
    seen: Rc<Cell<bool>>,
    channels: JsValue,
    /// Taken when this is dropped.
    listener: Option<Closure<dyn Fn(JsValue)>>,
}

impl Posts {
    fn watch(url: &str) -> Option<Posts> {
        let process = member(&js_sys::global(), "process");
        let channels = method(&process, "getBuiltinModule")?
            .call1(&process, &JsValue::from_str("node:diagnostics_channel"))
            .ok()?;
        let subscribe = method(&channels, "subscribe")?;
        let seen = Rc::new(Cell::new(false));
        let (url, tell) = (url.to_owned(), seen.clone());
        let listener: Closure<dyn Fn(JsValue)> = Closure::new(move |message: JsValue| {
            // The path as it is written; a request of somebody else's to the same one costs the proof, no more.
            let path = member(&member(&message, "request"), "path").as_string();
            if path.is_none_or(|path| url.ends_with(&path)) {
                tell.set(true);
            }
        });
        let name = JsValue::from_str(BEGINS_TO_WRITE);
        subscribe.call2(&channels, &name, listener.as_ref()).ok()?;
        Some(Posts {
            seen,
            channels,
            listener: Some(listener),
        })
    }
}

impl Drop for Posts {
    fn drop(&mut self) {
        let Some(listener) = self.listener.take() else {
            return;
        };
        let name = JsValue::from_str(BEGINS_TO_WRITE);
        let stopped = method(&self.channels, "unsubscribe").is_some_and(|unsubscribe| {
            unsubscribe
                .call2(&self.channels, &name, listener.as_ref())
                .is_ok_and(|stopped| stopped.is_truthy())
        });
        // A call of what is gone throws: rather it is leaked.
        if !stopped {
            listener.forget();
        }
    }
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
    let code = word(error, "code");
    matches!(word(error, "syscall").as_str(), "connect" | "getaddrinfo")
        || code == "UND_ERR_CONNECT_TIMEOUT"
        || CERTIFICATE.contains(&code.as_str())
        || {
            let cause = member(error, "cause");
            cause.is_object() && proves(&cause, deeper)
        }
}

fn word(object: &JsValue, name: &str) -> String {
    member(object, name).as_string().unwrap_or_default()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn proof(evidence: Evidence, error: &str) -> bool {
        evidence.never_left(&javascript(&format!("({error})")))
    }

    fn here() -> Evidence {
        let fetch = javascript("fetch");
        Evidence::gather(Runtime::of(&fetch), "https://crm.example/sms/send", false)
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
            assert!(!proof(Evidence::None, error), "{error}");
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
                    .channel('{BEGINS_TO_WRITE}').publish({{ request: {{ path: {path} }} }})"
            ));
            let found = proof(evidence, "{ cause: { syscall: 'connect' } }");
            assert_eq!(found, expected, "{path}");
        }
        let listens = format!(
            "process.getBuiltinModule('node:diagnostics_channel').hasSubscribers('{BEGINS_TO_WRITE}')"
        );
        assert!(javascript(&listens).is_falsy());
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
            assert_eq!(proof(Evidence::Bun, error), expected, "{error}");
        }
    }

    #[wasm_bindgen_test]
    fn deno_says_it_in_a_sentence() {
        let url = "error sending request for url (https://crm.example/sms/send)";
        for (error, expected) in [
            (
                format!(
                    "{{ cause: {{ message: '{url}: client error (Connect): dns error: no' }} }}"
                ),
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
            assert_eq!(proof(Evidence::Deno, &error), expected, "{error}");
        }
    }
}
