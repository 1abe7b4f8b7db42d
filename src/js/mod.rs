//! The border to JavaScript: the only files that name a JavaScript crate.
//!
//! Every exported method takes `&self` and holds no borrow over an `.await`: a call that waits never locks another
//! out, and freeing the client while calls run lets them end.
//!
//! Every exported function that gives a value of JavaScript gives a `Result`, though few can fail: then it returns several
//! values to the glue. V8 compiles a call that returns one into its caller, and that of Node 20 ends the whole process
//! ("unreachable code") where such a caller's code is thrown away while the call runs.

mod base_url;
mod campaign;
#[cfg(all(test, target_arch = "wasm32"))]
mod connection;
mod date;
mod deadline;
mod error;
#[cfg(all(test, target_arch = "wasm32"))]
mod evidence;
mod given;
mod host;
mod journal;
mod listener;
mod options;
mod report;
mod request;
#[cfg(all(test, target_arch = "wasm32"))]
mod runtime;
mod store;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{JsString, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use self::error::throwable;
use self::host::FetchHost;
use self::journal::JsStorage;
use self::options::{ClientOptions, Properties, ReconcileOptions, SendAllOptions};
use crate::api::login::Token;
use crate::api::stats::Query;
use crate::client::{self, Client};
use crate::error::{Delivery, Error, Field, Reason};
use crate::journal::{Journal, reconcile};
use crate::message::{Batch, Given, Policy, check};
use crate::phone::{Phone, Refusal};
use crate::text::measure;

#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// The client as JavaScript sees it; `index.d.ts` documents it.
#[wasm_bindgen]
pub struct CrmClient {
    client: Rc<Client<FetchHost>>,
    policy: Policy,
    timeout: u32,
    max_retries: u32,
}

/// Messages of a `send` that are judged at most. A batch that is too large is judged as well, so that all its faults
/// come at once; but whoever passes thousands has not split a campaign, and needs to hear only that.
const JUDGED: u32 = 1000;

type CallOptions = client::CallOptions<Option<JsValue>>;

#[wasm_bindgen]
impl CrmClient {
    /// Reads the options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<CrmClient, JsValue> {
        let options = ClientOptions::read(options).map_err(throwable)?;
        let host = FetchHost::new(options.fetch, options.store, options.listener);
        Ok(CrmClient {
            client: Rc::new(Client::new(host, options.base_url, options.credentials)),
            policy: options.policy,
            timeout: options.timeout,
            max_retries: options.max_retries,
        })
    }

    /// Resolves to a `Token`.
    pub fn login(&self, options: &JsValue) -> Result<Promise, JsValue> {
        let client = self.client.clone();
        self.start(options, None, |options| {
            Ok(async move {
                let token = client.login(&options).await?;
                Ok(to_value(&TokenView::from(token)))
            })
        })
    }

    /// Resolves to a `SendReceipt`.
    pub fn send(&self, messages: &JsValue, options: &JsValue) -> Result<Promise, JsValue> {
        let client = self.client.clone();
        let read = given::messages(messages, JUDGED).and_then(|messages| {
            let rows = messages.rows();
            let batch = Batch::parse(&rows, &self.policy).map_err(Error::invalid)?;
            Ok((
                messages.originals(&rows, &batch, self.policy.smart_encoding),
                batch,
            ))
        });
        self.start(options, Some(Delivery::NotSent), |options| {
            let (originals, batch) = read?;
            Ok(async move {
                let receipt = client.send(&batch, &options).await?;
                Ok(report::receipt(&receipt, &batch, &originals))
            })
        })
    }

    /// Resolves to `Stats`.
    pub fn stats(&self, query: &JsValue, options: &JsValue) -> Result<Promise, JsValue> {
        let client = self.client.clone();
        let query = read_query(query, &self.policy);
        self.start(options, None, |options| {
            let query = query?;
            Ok(async move {
                let stats = client.stats(&query, &options).await?;
                Ok(to_value(&stats))
            })
        })
    }

    /// Gives a `Campaign`.
    #[wasm_bindgen(js_name = sendAll)]
    pub fn send_all(&self, messages: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = SendAllOptions::read(options).map_err(throwable)?;
        campaign::open(messages, self, options).map_err(throwable)
    }

    /// Resolves to a `ReconcileReport`.
    pub fn reconcile(&self, journal: &JsValue, options: &JsValue) -> Result<Promise, JsValue> {
        let client = self.client.clone();
        let read = ReconcileOptions::read(options).and_then(|options| {
            let storage = JsStorage::parse(journal)?;
            Ok((self.of_call(options.call), options.settings, storage))
        });
        promise(async move {
            let (options, settings, storage) = read?;
            let journal = Journal::new(storage);
            let report = reconcile(&client, &journal, settings, &options, &nfc).await?;
            Ok(to_value(&report))
        })
    }

    /// Gives a `CheckReport`.
    pub fn check(&self, messages: &JsValue) -> Result<JsValue, JsValue> {
        let messages = given::messages(messages, given::LONGEST).map_err(throwable)?;
        Ok(report::check_report(&check(&messages.rows(), &self.policy)))
    }

    /// What one call is told, or else the client was.
    fn of_call(&self, options: options::CallOptions) -> CallOptions {
        CallOptions {
            timeout: options.timeout.unwrap_or(self.timeout),
            max_retries: options.max_retries.unwrap_or(self.max_retries),
            signal: options.signal,
        }
    }

    /// The promise of a call: whatever is wrong before it starts is a rejection too, with this `delivery`.
    fn start<F>(
        &self,
        options: &JsValue,
        delivery: Option<Delivery>,
        call: impl FnOnce(CallOptions) -> Result<F, Error<JsValue>>,
    ) -> Result<Promise, JsValue>
    where
        F: Future<Output = Result<JsValue, Error<JsValue>>> + 'static,
    {
        let started =
            options::CallOptions::read(options).and_then(|options| call(self.of_call(options)));
        match started {
            Ok(future) => promise(future),
            Err(error) => Ok(Promise::reject(&throwable(error.with_delivery(delivery)))),
        }
    }
}

/// A text as `rows.js` gives those that are sent.
fn nfc(text: &str) -> String {
    String::from(JsString::from(text).normalize("NFC"))
}

fn promise(
    call: impl Future<Output = Result<JsValue, Error<JsValue>>> + 'static,
) -> Result<Promise, JsValue> {
    // Boxed, so that the wasm holds the machinery of a promise once and not for each call.
    let call: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> =
        Box::pin(async { call.await.map_err(throwable) });
    Ok(future_to_promise(call))
}

/// Gives a `Phone` or a `PhoneRefusal`, whatever comes.
#[wasm_bindgen(js_name = parsePhone)]
#[expect(unreachable_pub, reason = "exported to JavaScript alone")]
pub fn parse_phone(input: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    Ok(phone_or_refusal(input, options))
}

fn phone_or_refusal(input: &JsValue, options: &JsValue) -> JsValue {
    let read = || {
        let mut options = Properties::read(options, &["defaultCountry"])?;
        let country = options.country("defaultCountry");
        options.finish(country)
    };
    let refusal = |reason: Reason, hint: &str| report::phone_refusal(reason.as_str(), hint, None);
    let country = match read() {
        Ok(country) => country,
        Err(error) => {
            let reason = error
                .issues
                .first()
                .map_or(Reason::BadOption, |issue| issue.reason);
            return refusal(reason, &error.message);
        }
    };
    match given::string(input) {
        Given::Value(typed) => match Phone::parse(&typed, country) {
            Ok(phone) => report::phone(&phone),
            Err(Refusal {
                reason,
                hint,
                index,
            }) => report::phone_refusal(reason.as_str(), &hint, index),
        },
        Given::LoneSurrogate => refusal(
            Reason::LoneSurrogate,
            "half of a character (a UTF-16 surrogate without its partner)",
        ),
        Given::Absent | Given::WrongType(_) => refusal(
            Reason::WrongType,
            &format!("expected a string, got {}", given::type_name(input)),
        ),
    }
}

/// Gives a `TextMeasure` of the text as it is.
#[wasm_bindgen(js_name = measureText)]
#[expect(unreachable_pub, reason = "exported to JavaScript alone")]
pub fn measure_text(text: &JsValue) -> Result<JsValue, JsValue> {
    // A lone surrogate crosses the border as U+FFFD: UCS-2 and one unit as well.
    match text.as_string() {
        Some(text) => Ok(report::text_measure(&measure(&text))),
        None => Err(throwable(given::wrong_type(
            Field::Text,
            "expected a string",
            text,
        ))),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenView {
    access_token: String,
    token_type: String,
    expires_in: u32,
    expires_at: u64,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        TokenView {
            access_token: token.access_token.expose().to_owned(),
            token_type: token.token_type,
            expires_in: token.expires_in,
            expires_at: token.expires_at,
        }
    }
}

fn read_query(value: &JsValue, policy: &Policy) -> Result<Query, Error<JsValue>> {
    let mut query = Properties::read(value, &["receivers", "startDate", "endDate"])?;
    let (receivers, start, end) = (
        query.take("receivers"),
        query.take("startDate"),
        query.take("endDate"),
    );
    query.finish(())?;
    Query::parse(
        &given::receivers(&receivers)?,
        &date::instant(&start),
        &date::instant(&end),
        policy.default_country,
    )
    .map_err(Error::invalid)
}

/// A result as a plain object of JavaScript.
fn to_value(value: &impl Serialize) -> JsValue {
    // It cannot fail: no map with other keys than strings, no number beyond 2^53, no serializer of our own errs.
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

/// The value of a script, for the unit tests.
#[cfg(all(test, target_arch = "wasm32"))]
fn javascript(script: &str) -> JsValue {
    js_sys::eval(script).expect("a script that runs")
}
