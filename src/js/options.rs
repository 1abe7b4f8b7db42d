//! Options, read strictly: own properties, once, unknown names refused, `undefined` is absent.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;

use super::base_url;
use super::deadline::let_many_listen;
use super::given::{is_array, member, string, type_name, unreadable};
use super::journal::is_journal;
use super::store::TokenStore;
use crate::campaign::{DEFAULT_CONCURRENCY, Limits, MOST_CONCURRENCY};
use crate::credentials::{Credentials, Secret};
use crate::error::{Error, Field, Issue, Reason, Severity};
use crate::journal::{DEFAULT_SETTLE, Settings};
use crate::message::{Given, PhoneCheck, Policy};
use crate::phone::Country;
use crate::retry::{DEFAULT_RETRIES, MOST_RETRIES};
use crate::sender::Sender;
use crate::text::{self, SmartEncoding};

/// Milliseconds that an attempt may take where nobody says.
pub(super) const DEFAULT_TIMEOUT: u32 = 30_000;

/// The longest time that a runtime's timer takes; a longer one fires at once.
const LONGEST_TIMEOUT: u32 = 2_147_483_647;

/// What a client is made from.
pub(super) struct ClientOptions {
    pub(super) credentials: Credentials,
    pub(super) policy: Policy,
    pub(super) base_url: String,
    pub(super) timeout: u32,
    pub(super) max_retries: u32,
    pub(super) fetch: Option<Function>,
    pub(super) store: Option<TokenStore>,
    pub(super) listener: Option<Function>,
}

impl ClientOptions {
    pub(super) fn read(value: &JsValue) -> Result<ClientOptions, Error<JsValue>> {
        let mut options = Properties::read(
            value,
            &[
                "userKey",
                "secretKey",
                "appKey",
                "sender",
                "defaultCountry",
                "phoneCheck",
                "smartEncoding",
                "maxSegments",
                "baseUrl",
                "timeout",
                "maxRetries",
                "fetch",
                "tokenStore",
                "onEvent",
                "dangerouslyAllowBrowser",
            ],
        )?;
        options.refuse_public_keys();
        let read = ClientOptions {
            credentials: Credentials {
                user_key: options.secret("userKey"),
                secret_key: options.secret("secretKey"),
                app_key: options.secret("appKey"),
            },
            policy: Policy {
                sender: options.parsed("sender", |typed| {
                    Sender::parse(typed).map_err(|refusal| refusal.hint.to_string())
                }),
                default_country: options.country("defaultCountry"),
                phone_check: options
                    .parsed("phoneCheck", |typed| {
                        PhoneCheck::parse(typed)
                            .ok_or("expected \"length\", \"warn\" or \"strict\"")
                    })
                    .unwrap_or_default(),
                smart_encoding: options
                    .parsed("smartEncoding", |typed| {
                        SmartEncoding::parse(typed)
                            .ok_or("expected \"off\", \"typographic\" or \"strip-accents\"")
                    })
                    .unwrap_or(SmartEncoding::Off),
                max_segments: options
                    .whole("maxSegments", 1, text::DEFAULT_MAX_SEGMENTS as u32)
                    .map_or(text::DEFAULT_MAX_SEGMENTS, |segments| segments as usize),
            },
            base_url: options
                .parsed("baseUrl", base_url::parse)
                .unwrap_or_else(|| crate::base_url::DEFAULT.to_owned()),
            timeout: options
                .whole("timeout", 1, LONGEST_TIMEOUT)
                .unwrap_or(DEFAULT_TIMEOUT),
            max_retries: options
                .whole("maxRetries", 0, MOST_RETRIES)
                .unwrap_or(DEFAULT_RETRIES),
            fetch: options.function("fetch"),
            store: options.token_store("tokenStore"),
            listener: options.function("onEvent"),
        };
        options.finish(read)
    }
}

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./browser.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/browser.js"))]
extern "C" {
    // Without `catch` the wasm would import it itself, past the glue.
    #[wasm_bindgen(js_name = inBrowser, catch)]
    fn in_browser() -> Result<bool, JsValue>;
}

/// What one call is told.
pub(super) struct CallOptions {
    pub(super) timeout: Option<u32>,
    pub(super) max_retries: Option<u32>,
    pub(super) signal: Option<JsValue>,
}

impl CallOptions {
    pub(super) fn read(value: &JsValue) -> Result<CallOptions, Error<JsValue>> {
        let mut options = Properties::read(value, &["signal", "timeout", "maxRetries"])?;
        let read = CallOptions::of(&mut options);
        options.finish(read)
    }

    fn of(options: &mut Properties) -> CallOptions {
        CallOptions {
            timeout: options.whole("timeout", 1, LONGEST_TIMEOUT),
            max_retries: options.whole("maxRetries", 0, MOST_RETRIES),
            signal: options.signal("signal"),
        }
    }
}

/// What a campaign is told.
pub(super) struct SendAllOptions {
    pub(super) call: CallOptions,
    pub(super) limits: Limits,
    pub(super) journal: Option<JsValue>,
    pub(super) on_progress: Option<Function>,
}

impl SendAllOptions {
    pub(super) fn read(value: &JsValue) -> Result<SendAllOptions, Error<JsValue>> {
        let mut options = Properties::read(
            value,
            &[
                "signal",
                "timeout",
                "maxRetries",
                "concurrency",
                "ratePerSecond",
                "journal",
                "onProgress",
            ],
        )?;
        let on_progress = options.function("onProgress");
        let read = SendAllOptions {
            call: CallOptions::of(&mut options),
            limits: Limits {
                concurrency: options
                    .whole("concurrency", 1, MOST_CONCURRENCY)
                    .map_or(DEFAULT_CONCURRENCY, |concurrency| concurrency as usize),
                per_second: options.whole("ratePerSecond", 1, u32::MAX),
                progress: on_progress.is_some(),
            },
            journal: options.journal("journal"),
            on_progress,
        };
        options.finish(read)
    }
}

/// What a reconcile is told.
pub(super) struct ReconcileOptions {
    pub(super) call: CallOptions,
    pub(super) settings: Settings,
}

impl ReconcileOptions {
    pub(super) fn read(value: &JsValue) -> Result<ReconcileOptions, Error<JsValue>> {
        let known = ["signal", "timeout", "maxRetries", "settle", "requeue"];
        let mut options = Properties::read(value, &known)?;
        let read = ReconcileOptions {
            call: CallOptions::of(&mut options),
            settings: Settings {
                settle: options
                    .whole("settle", 0, u32::MAX)
                    .map_or(DEFAULT_SETTLE, u64::from),
                requeue: options.boolean("requeue").unwrap_or_default(),
            },
        };
        options.finish(read)
    }
}

/// The own properties of an object, each read once.
pub(super) struct Properties {
    values: Vec<(String, JsValue)>,
    issues: Vec<Issue>,
}

impl Properties {
    /// Reads those that are `known`; any other is an issue.
    pub(super) fn read(object: &JsValue, known: &[&str]) -> Result<Properties, Error<JsValue>> {
        let mut properties = Properties {
            values: Vec::new(),
            issues: Vec::new(),
        };
        if object.is_undefined() {
            return Ok(properties);
        }
        if !object.is_object() || is_array(object) {
            properties.refuse(
                Reason::WrongType,
                format!(
                    "expected an object with {}, got {}",
                    known.join(", "),
                    type_name(object)
                ),
            );
            return Err(Error::invalid(properties.issues));
        }
        let keys = Reflect::own_keys(object).map_err(unreadable_options)?;
        for key in keys.iter() {
            match key
                .as_string()
                .filter(|name| known.contains(&name.as_str()))
            {
                Some(name) => {
                    let value = Reflect::get(object, &key).map_err(unreadable_options)?;
                    if !value.is_undefined() {
                        properties.values.push((name, value));
                    }
                }
                None => {
                    let name: String = match key.as_string() {
                        // A number in a name's place is not repeated.
                        Some(name) => name
                            .chars()
                            .take(40)
                            .map(|c| if c.is_ascii_digit() { '#' } else { c })
                            .collect(),
                        None => "a symbol".to_owned(),
                    };
                    properties.refuse(
                        Reason::UnknownOption,
                        format!("option {name}: unknown; there are {}", known.join(", ")),
                    );
                }
            }
        }
        Ok(properties)
    }

    /// The value of an option, as it was given.
    pub(super) fn take(&mut self, name: &str) -> JsValue {
        match self.values.iter().position(|(known, _)| known == name) {
            Some(index) => self.values.swap_remove(index).1,
            None => JsValue::UNDEFINED,
        }
    }

    /// A country, by its ISO 3166 alpha-2 code.
    pub(super) fn country(&mut self, name: &str) -> Option<Country> {
        self.parsed(name, |typed| {
            Country::parse(typed)
                .ok_or("expected the two capitals of an ISO 3166 country, as \"SN\"")
        })
    }

    /// What was read, unless there were faults.
    pub(super) fn finish<T>(self, read: T) -> Result<T, Error<JsValue>> {
        if self.issues.is_empty() {
            Ok(read)
        } else {
            Err(Error::invalid(self.issues))
        }
    }

    /// Keys in a browser are an issue, unless `dangerouslyAllowBrowser` is true.
    fn refuse_public_keys(&mut self) {
        let allowed = self.boolean("dangerouslyAllowBrowser").unwrap_or_default();
        let keys = self
            .values
            .iter()
            .any(|(name, _)| ["userKey", "secretKey", "appKey"].contains(&name.as_str()));
        if keys && !allowed && in_browser().unwrap_or_default() {
            let message = "options userKey, secretKey, appKey: whoever opens this page can read them and send at \
                           your cost: leave them on your server and let the page ask it, or set \
                           dangerouslyAllowBrowser to true";
            self.refuse(Reason::KeysInBrowser, message.to_owned());
        }
    }

    fn secret(&mut self, name: &str) -> Option<Secret> {
        self.parsed(name, |typed| {
            Secret::parse(typed).map_err(|fault| fault.to_string())
        })
    }

    fn parsed<T, E: Into<String>>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let typed = self.text(name)?;
        match parse(&typed) {
            Ok(parsed) => Some(parsed),
            Err(fault) => {
                self.refuse(
                    Reason::BadOption,
                    format!("option {name}: {}", fault.into()),
                );
                None
            }
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name);
        let (reason, fault) = match string(&value) {
            Given::Absent => return None,
            Given::Value(typed) => return Some(typed),
            Given::WrongType(kind) => (Reason::WrongType, format!("expected a string, got {kind}")),
            Given::LoneSurrogate => (Reason::LoneSurrogate, "half of a character".to_owned()),
        };
        self.refuse(reason, format!("option {name}: {fault}"));
        None
    }

    fn whole(&mut self, name: &str, least: u32, most: u32) -> Option<u32> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        match value.as_f64() {
            Some(number)
                if number.fract() == 0.0
                    && (f64::from(least)..=f64::from(most)).contains(&number) =>
            {
                Some(number as u32)
            }
            found => {
                let reason = match found {
                    Some(_) => Reason::BadOption,
                    None => Reason::WrongType,
                };
                self.refuse(
                    reason,
                    format!("option {name}: expected a whole number from {least} to {most}"),
                );
                None
            }
        }
    }

    fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        let read = value.as_bool();
        if read.is_none() {
            let message = format!(
                "option {name}: expected true or false, got {}",
                type_name(&value)
            );
            self.refuse(Reason::WrongType, message);
        }
        read
    }

    fn function(&mut self, name: &str) -> Option<Function> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        let function = value.dyn_into::<Function>();
        if let Err(value) = &function {
            let message = format!(
                "option {name}: expected a function, got {}",
                type_name(value)
            );
            self.refuse(Reason::WrongType, message);
        }
        function.ok()
    }

    fn token_store(&mut self, name: &str) -> Option<TokenStore> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        let kind = type_name(&value);
        let store = TokenStore::read(value);
        if store.is_none() {
            let message = format!(
                "option {name}: expected an object with the methods get and set, got {kind}"
            );
            self.refuse(Reason::WrongType, message);
        }
        store
    }

    fn journal(&mut self, name: &str) -> Option<JsValue> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        let fits = is_journal(&value);
        if !fits {
            let kind = type_name(&value);
            let message = format!(
                "option {name}: expected an object with the methods append and read, got {kind}"
            );
            self.refuse(Reason::WrongType, message);
        }
        fits.then_some(value)
    }

    /// Any object that listens as an `AbortSignal` does: polyfills and other realms have their own class.
    fn signal(&mut self, name: &str) -> Option<JsValue> {
        let value = self.take(name);
        if value.is_undefined() {
            return None;
        }
        let listens = value.is_object()
            && member(&value, "aborted").as_bool().is_some()
            && member(&value, "addEventListener").is_function();
        if !listens {
            let message = format!(
                "option {name}: expected an AbortSignal, got {}",
                type_name(&value)
            );
            self.refuse(Reason::WrongType, message);
            return None;
        }
        let_many_listen(&value);
        Some(value)
    }

    fn refuse(&mut self, reason: Reason, message: String) {
        self.issues.push(Issue {
            severity: Severity::Error,
            field: Field::Option,
            index: None,
            reason,
            code: None,
            message,
        });
    }
}

fn unreadable_options(thrown: JsValue) -> Error<JsValue> {
    unreadable(
        "options: a getter or a proxy threw while they were read",
        thrown,
    )
}
