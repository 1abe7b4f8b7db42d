//! A campaign's border: rows come in and outcomes go out a batch at a time. `campaign.js` keeps the caller's own rows
//! and the protocols of iterators.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::throwable;
use super::given::{self, Chunk, Fields};
use super::host::FetchHost;
use super::journal::JsStorage;
use super::listener;
use super::options::SendAllOptions;
use super::report::Tape;
use super::{CallOptions, CrmClient, promise, to_value};
use crate::campaign::{Campaign, Desk, End, Limits, Outcome, Progress, Report, run, window};
use crate::client::Client;
use crate::error::{Error, Field};
use crate::journal::Journal;
use crate::message::{Policy, Row};

// The unit tests have no package around them, so they bring the file along.
#[cfg_attr(not(test), wasm_bindgen(raw_module = "./campaign.js"))]
#[cfg_attr(test, wasm_bindgen(module = "/pkg-template/campaign.js"))]
extern "C" {
    #[wasm_bindgen(js_name = openCampaign, catch)]
    fn open_campaign(
        source: &JsValue,
        run: Run,
        window: u32,
        signal: &JsValue,
    ) -> Result<JsValue, JsValue>;

    type JsDesk;

    #[wasm_bindgen(method)]
    fn ready(this: &JsDesk, least: u32) -> Option<Promise>;

    #[wasm_bindgen(method)]
    fn count(this: &JsDesk) -> u32;

    #[wasm_bindgen(method)]
    fn take(this: &JsDesk, most: u32) -> Fields;

    #[wasm_bindgen(method)]
    fn end(this: &JsDesk) -> u32;

    #[wasm_bindgen(method)]
    fn total(this: &JsDesk) -> Option<u32>;

    #[wasm_bindgen(method)]
    fn closed(this: &JsDesk) -> Promise;

    #[wasm_bindgen(method)]
    fn put(this: &JsDesk, numbers: &[u32], strings: &str, errors: &Array);
}

/// A `Campaign` of `index.d.ts`, which has not begun.
pub(super) fn open(
    source: &JsValue,
    client: &CrmClient,
    options: SendAllOptions,
) -> Result<JsValue, Error<JsValue>> {
    let SendAllOptions {
        call,
        limits,
        journal,
        on_progress,
    } = options;
    let signal = call.signal.clone().unwrap_or_default();
    let run = Run {
        client: client.client.clone(),
        policy: client.policy.clone(),
        options: client.of_call(call),
        limits,
        journal,
        on_progress,
    };
    let campaign = open_campaign(source, run, window(limits.concurrency) as u32, &signal).map_err(
        |thrown| given::unreadable("the source of the messages could not be read", thrown),
    )?;
    if campaign.is_undefined() {
        return Err(given::wrong_type(
            Field::Batch,
            "expected an array, an iterable or a stream of messages",
            source,
        ));
    }
    Ok(campaign)
}

/// All that a campaign needs but its desk. Where it is never started, JavaScript's collector frees it.
#[wasm_bindgen]
pub struct Run {
    client: Rc<Client<FetchHost>>,
    policy: Policy,
    options: CallOptions,
    limits: Limits,
    journal: Option<JsValue>,
    on_progress: Option<Function>,
}

#[wasm_bindgen]
impl Run {
    /// Resolves to the report, but for its failures.
    pub fn start(self, desk: JsValue) -> Result<Promise, JsValue> {
        promise(async move {
            let desk = Border {
                desk: desk.unchecked_into(),
                on_progress: self.on_progress,
                last_error: RefCell::default(),
            };
            // It only tells the time: the client's own posts.
            let clock = FetchHost::clock();
            let ledger = match &self.journal {
                Some(journal) => Some(Journal::new(JsStorage::open(journal)?)),
                None => None,
            };
            let ended = run(Campaign {
                client: &*self.client,
                host: &clock,
                policy: &self.policy,
                options: &self.options,
                limits: self.limits,
                desk: &desk,
                ledger: &ledger,
            })
            .await;
            match ended {
                Ok(report) => Ok(view(report)),
                Err(error) => Err((*error).clone()),
            }
        })
    }
}

/// A `CampaignReport` of `index.d.ts`, but for its failures.
fn view(report: Report) -> JsValue {
    let view = to_value(&report.totals);
    if let Some(stop) = report.stopped {
        // It cannot fail: `view` is a plain object of our own.
        let _ = Reflect::set(&view, &"stoppedBecause".into(), &stop.as_str().into());
    }
    view
}

struct Border {
    desk: JsDesk,
    on_progress: Option<Function>,
    /// As JavaScript has it: the messages of a batch share one.
    last_error: RefCell<Option<(Rc<Error<JsValue>>, JsValue)>>,
}

impl Border {
    fn error(&self, error: &Rc<Error<JsValue>>) -> JsValue {
        let mut last = self.last_error.borrow_mut();
        match &*last {
            Some((known, thrown)) if Rc::ptr_eq(known, error) => thrown.clone(),
            _ => {
                let thrown = throwable((**error).clone());
                *last = Some((error.clone(), thrown.clone()));
                thrown
            }
        }
    }
}

impl Desk<JsValue> for Border {
    async fn ready(&self, least: usize) {
        if let Some(promise) = self.desk.ready(least as u32) {
            // It never rejects.
            let _ = JsFuture::from(promise).await;
        }
    }

    fn count(&self) -> usize {
        self.desk.count() as usize
    }

    fn take(&self, most: usize, each: &mut dyn FnMut(Row<&str>)) -> Option<End> {
        let chunk = Chunk::read(&self.desk.take(most as u32));
        chunk.rows().for_each(each);
        match self.desk.end() {
            0 => None,
            1 => Some(End::Done),
            _ => Some(End::Failed),
        }
    }

    fn total(&self) -> Option<usize> {
        self.desk.total().map(|total| total as usize)
    }

    fn put(&self, outcomes: Vec<Outcome<JsValue>>) {
        let mut tape = Tape::default();
        let errors = Array::new();
        tape.number(outcomes.len());
        for outcome in &outcomes {
            tape.word(outcome.status.as_str());
            tape.option(outcome.code.as_deref(), Tape::string);
            tape.list(&outcome.issues, Tape::issue);
            tape.option(outcome.error.as_ref(), |tape, error| {
                tape.number(errors.length() as usize);
                errors.push(&self.error(error));
            });
        }
        self.desk.put(&tape.numbers, &tape.strings, &errors);
    }

    async fn closed(&self) {
        // It never rejects.
        let _ = JsFuture::from(self.desk.closed()).await;
    }

    fn progress(&self, progress: &Progress) {
        if let Some(function) = &self.on_progress {
            listener::call(function, progress);
        }
    }
}
