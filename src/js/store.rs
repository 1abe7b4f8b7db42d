//! The caller's own store of tokens: whatever it does, no call fails for it, and none waits for it longer than its share.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::TokenView;
use super::deadline::Deadline;
use super::given::{member, own};
use crate::api::login::Token;
use crate::credentials::Secret;

/// An object with the methods `get` and `set`, which may be those of its class.
pub(super) struct TokenStore {
    object: JsValue,
    get: Function,
    set: Function,
}

impl TokenStore {
    /// Reads the methods, once. None where one is missing; what somebody hung on `Object.prototype` is none.
    pub(super) fn read(object: JsValue) -> Option<TokenStore> {
        let root = js_sys::Object::get_prototype_of(&js_sys::Object::new());
        let method = |name| {
            let method = member(&object, name);
            let method = Some(method).filter(|method| *method != member(&root, name))?;
            method.dyn_into::<Function>().ok()
        };
        let (get, set) = (method("get")?, method("set")?);
        Some(TokenStore { object, get, set })
    }

    /// The token that it holds.
    pub(super) async fn token(&self, timeout: u32, signal: &Option<JsValue>) -> Option<Token> {
        let deadline = Deadline::start(timeout, signal).ok()?;
        let promise = self.get.call0(&self.object).ok()?;
        let stored = deadline.race(&promise).await?;
        token(&stored)
    }

    /// Gives it a token.
    pub(super) async fn keep(&self, token: &Token, timeout: u32, signal: &Option<JsValue>) {
        let token = super::to_value(&TokenView::from(token.clone()));
        if let Ok(deadline) = Deadline::start(timeout, signal)
            && let Ok(promise) = self.set.call1(&self.object, &token)
        {
            // Whether it was kept is its own business.
            let _ = deadline.race(&promise).await;
        }
    }
}

/// Reads a `Token` of JavaScript: its own properties, each once. Anything else is none.
fn token(stored: &JsValue) -> Option<Token> {
    let whole = |name| {
        let number = own(stored, name).as_f64()?;
        (number.fract() == 0.0 && number >= 0.0).then_some(number)
    };
    Some(Token {
        access_token: Secret::parse(&own(stored, "accessToken").as_string()?).ok()?,
        token_type: own(stored, "tokenType").as_string()?,
        // `as` saturates.
        expires_in: whole("expiresIn")? as u32,
        expires_at: whole("expiresAt")? as u64,
    })
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::js::javascript;
    use wasm_bindgen_test::wasm_bindgen_test;

    const WHOLE: &str =
        "accessToken: 'T', tokenType: 'bearer', expiresIn: 3600, expiresAt: 1800000000000";

    #[wasm_bindgen_test]
    fn reads_a_token_as_login_gives_it() {
        let read = token(&javascript(&format!("({{ {WHOLE}, more: 1 }})"))).unwrap();
        assert_eq!(read.access_token.expose(), "T");
        assert_eq!(
            (read.expires_in, read.expires_at),
            (3600, 1_800_000_000_000)
        );
    }

    #[wasm_bindgen_test]
    fn anything_else_is_none() {
        for script in [
            "undefined".to_owned(),
            "null".to_owned(),
            "'T'".to_owned(),
            "({})".to_owned(),
            format!("JSON.stringify({{ {WHOLE} }})"),
            format!("Object.create({{ {WHOLE} }})"),
            format!("({{ {WHOLE}, accessToken: '' }})"),
            format!("({{ {WHOLE}, accessToken: 'a b' }})"),
            format!("({{ {WHOLE}, tokenType: undefined }})"),
            format!("({{ {WHOLE}, expiresAt: '1800000000000' }})"),
            format!("({{ {WHOLE}, expiresAt: NaN }})"),
            format!("({{ {WHOLE}, expiresAt: -1 }})"),
            format!("({{ {WHOLE}, expiresAt: 1n }})"),
            format!("({{ {WHOLE}, expiresIn: 0.5 }})"),
            format!("({{ {WHOLE}, get accessToken() {{ throw 1 }} }})"),
            "new Proxy({}, { getOwnPropertyDescriptor() { throw 1 } })".to_owned(),
        ] {
            assert_eq!(token(&javascript(&script)), None, "{script}");
        }
    }
}
