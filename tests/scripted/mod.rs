//! A host that follows a script: a virtual clock, no network, and a log of what was posted.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "each story uses a part of it; where it panics, a test fails"
)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use paydunya_crm::api::login::Token;
use paydunya_crm::client::{CallOptions, Client, Rules};
use paydunya_crm::credentials::{Credentials, Secret};
use paydunya_crm::event::Event;
use paydunya_crm::host::{Failure, Host, Request, Response, What};
use paydunya_crm::message::{Batch, Given, Policy, Row};
use paydunya_crm::retry::DEFAULT_RETRIES;
use paydunya_crm::sender::Sender;

pub const BASE_URL: &str = "https://crm.example/api/v1";
pub const TIMEOUT: u32 = 30_000;
/// When the host begins: Tue, 14 Nov 2023 22:13:20 GMT.
const START: u64 = 1_700_000_000_000;

pub const LOGIN: &str = include_str!("../data/document/login-answer.json");
pub const SENT: &str = include_str!("../data/document/send-answer.json");

/// One POST as it left.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// Milliseconds since the host began.
    pub at: u64,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// What the script answers to one POST.
#[derive(Clone, Debug)]
pub struct Scripted {
    after: u64,
    outcome: Result<Response, Failure<&'static str>>,
}

pub fn answer(status: u16, body: &str) -> Scripted {
    Scripted {
        after: 10,
        outcome: Ok(Response {
            status,
            retry_after: None,
            date: None,
            body: body.to_owned(),
        }),
    }
}

pub fn code(code: &str) -> Scripted {
    answer(
        400,
        &format!(r#"{{"code":"{code}","message":"m","description":"d"}}"#),
    )
}

pub fn failure(what: What) -> Scripted {
    Scripted {
        after: 10,
        outcome: Err(Failure {
            what,
            status: None,
            cause: Some("the cause"),
        }),
    }
}

impl Scripted {
    pub fn after(self, after: u64) -> Scripted {
        Scripted { after, ..self }
    }

    pub fn retry_after(mut self, value: &str) -> Scripted {
        if let Ok(response) = &mut self.outcome {
            response.retry_after = Some(value.to_owned());
        }
        self
    }

    pub fn date(mut self, value: &str) -> Scripted {
        if let Ok(response) = &mut self.outcome {
            response.date = Some(value.to_owned());
        }
        self
    }
}

/// What a caller aborts with: at this time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signal(pub Option<u64>);

#[derive(Clone)]
struct Store {
    takes: u64,
    token: Option<Token>,
}

/// Answers what is posted, in the place of a script.
pub type Answers = dyn FnMut(&Posted) -> Scripted;

#[derive(Default)]
struct World {
    events: RefCell<Vec<Event>>,
    store: RefCell<Option<Store>>,
    store_log: RefCell<Vec<String>>,
    now: Cell<u64>,
    /// What every roll of the dice gives.
    random: Cell<f64>,
    timers: RefCell<Vec<(u64, Waker)>>,
    script: RefCell<VecDeque<Scripted>>,
    answers: RefCell<Option<Box<Answers>>>,
    posted: RefCell<Vec<Posted>>,
}

#[derive(Clone, Default)]
pub struct ScriptedHost(Rc<World>);

impl ScriptedHost {
    pub fn new(script: impl IntoIterator<Item = Scripted>) -> ScriptedHost {
        let host = ScriptedHost::default();
        host.0.now.set(START);
        host.0.script.borrow_mut().extend(script);
        host
    }

    /// A host that answers each POST by what it is.
    pub fn answering(answers: impl FnMut(&Posted) -> Scripted + 'static) -> ScriptedHost {
        let host = ScriptedHost::new([]);
        *host.0.answers.borrow_mut() = Some(Box::new(answers));
        host
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.0.posted.borrow().clone()
    }

    /// The calls in order: `login`, `send`, `stats`.
    pub fn calls(&self) -> Vec<String> {
        let last = |posted: &Posted| {
            posted
                .path
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        self.0.posted.borrow().iter().map(last).collect()
    }

    /// What every roll of the dice gives, from 0 to 1.
    pub fn roll(&self, random: f64) {
        self.0.random.set(random);
    }

    /// When each POST left, in ms since the host began.
    pub fn times(&self) -> Vec<u64> {
        self.0
            .posted
            .borrow()
            .iter()
            .map(|posted| posted.at)
            .collect()
    }

    /// What a listener was told.
    pub fn events(&self) -> Vec<Event> {
        self.0.events.borrow().clone()
    }

    pub fn pass(&self, ms: u64) {
        self.0.now.set(self.0.now.get() + ms);
    }

    pub fn clock(&self) -> u64 {
        self.0.now.get()
    }

    /// Gives the client a store, which takes so long to answer.
    pub fn with_store(self, takes: u64) -> ScriptedHost {
        *self.0.store.borrow_mut() = Some(Store { takes, token: None });
        self
    }

    /// Puts a token into the store, as another process would.
    pub fn bring(&self, token: Token) {
        if let Some(store) = self.0.store.borrow_mut().as_mut() {
            store.token = Some(token);
        }
    }

    /// What the store was asked, in order: `get`, `set TOKEN`.
    pub fn store_log(&self) -> Vec<String> {
        self.0.store_log.borrow().clone()
    }

    /// Waits for something that takes so long; none where it takes too long or the caller aborts.
    async fn within(&self, takes: u64, timeout: u32, signal: &Signal) -> Option<()> {
        let now = self.clock();
        let end = (now + u64::from(timeout)).min(signal.0.unwrap_or(u64::MAX));
        let done = now.saturating_add(takes);
        self.until(done.min(end)).await;
        (done < end).then_some(())
    }

    fn until(&self, at: u64) -> Timer {
        Timer {
            world: self.0.clone(),
            at,
        }
    }

    /// Goes to the next timer; false where there is none.
    fn advance(&self) -> bool {
        let mut timers = self.0.timers.borrow_mut();
        let Some(next) = timers.iter().map(|(at, _)| *at).min() else {
            return false;
        };
        self.0.now.set(next.max(self.0.now.get()));
        timers.retain(|(at, waker)| {
            let due = *at <= next;
            if due {
                waker.wake_by_ref();
            }
            !due
        });
        true
    }
}

struct Timer {
    world: Rc<World>,
    at: u64,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.world.now.get() >= self.at {
            return Poll::Ready(());
        }
        let timer = (self.at, context.waker().clone());
        self.world.timers.borrow_mut().push(timer);
        Poll::Pending
    }
}

impl Host for ScriptedHost {
    type Cause = &'static str;
    type Signal = Signal;

    async fn send(
        &self,
        request: &Request<'_>,
        timeout: u32,
        signal: &Signal,
    ) -> Result<Response, Failure<&'static str>> {
        let posted = Posted {
            at: self.clock() - START,
            path: request
                .url
                .strip_prefix(BASE_URL)
                .unwrap_or(request.url)
                .to_owned(),
            headers: request.headers().collect(),
            body: request.body.to_owned(),
        };
        self.0.posted.borrow_mut().push(posted.clone());
        let scripted = match &mut *self.0.answers.borrow_mut() {
            Some(answers) => answers(&posted),
            None => self
                .0
                .script
                .borrow_mut()
                .pop_front()
                .expect("the script has no more answers"),
        };
        let now = self.clock();
        let end = |what, cause| {
            Err(Failure {
                what,
                status: None,
                cause,
            })
        };
        let answered = now + scripted.after;
        let late = now + u64::from(timeout);
        let aborted = signal.0.unwrap_or(u64::MAX);
        let first = answered.min(late).min(aborted);
        self.until(first).await;
        if first == answered {
            scripted.outcome
        } else if first == aborted {
            end(What::Aborted, Some("the caller's reason"))
        } else {
            end(What::Timeout, None)
        }
    }

    async fn stored_token(&self, timeout: u32, signal: &Signal) -> Option<Token> {
        let store = self.0.store.borrow().clone()?;
        self.0.store_log.borrow_mut().push("get".to_owned());
        self.within(store.takes, timeout, signal).await?;
        self.0.store.borrow().as_ref()?.token.clone()
    }

    async fn store_token(&self, token: &Token, timeout: u32, signal: &Signal) {
        let Some(store) = self.0.store.borrow().clone() else {
            return;
        };
        let set = format!("set {}", token.access_token.expose());
        self.0.store_log.borrow_mut().push(set);
        if self.within(store.takes, timeout, signal).await.is_some() {
            self.bring(token.clone());
        }
    }

    async fn sleep(&self, ms: u32, signal: &Signal) -> Result<(), &'static str> {
        let at = self.clock() + u64::from(ms);
        let aborted = signal.0.unwrap_or(u64::MAX);
        self.until(at.min(aborted)).await;
        if aborted <= at {
            Err("the caller's reason")
        } else {
            Ok(())
        }
    }

    fn aborted(&self, signal: &Signal) -> Option<&'static str> {
        signal
            .0
            .is_some_and(|at| at <= self.clock())
            .then_some("the caller's reason")
    }

    fn tell(&self, event: Event) {
        self.0.events.borrow_mut().push(event);
    }

    fn now(&self) -> u64 {
        self.clock()
    }

    fn random(&self) -> f64 {
        self.0.random.get()
    }
}

/// Runs calls at once until all have settled; one that never does fails the test.
#[track_caller]
pub fn settle<T: 'static>(
    host: &ScriptedHost,
    calls: impl IntoIterator<Item = impl Future<Output = T> + 'static>,
) -> Vec<T> {
    let mut pool = LocalPool::new();
    let settled = Rc::new(RefCell::new(Vec::new()));
    let mut count = 0;
    for (index, call) in calls.into_iter().enumerate() {
        let settled = settled.clone();
        count += 1;
        pool.spawner()
            .spawn_local(async move {
                let value = call.await;
                settled.borrow_mut().push((index, value));
            })
            .expect("the pool runs");
    }
    pool.run_until_stalled();
    while settled.borrow().len() < count {
        assert!(host.advance(), "a call never settles");
        pool.run_until_stalled();
    }
    let mut settled = settled.take();
    settled.sort_by_key(|(index, _)| *index);
    settled.into_iter().map(|(_, value)| value).collect()
}

/// What a call on workerd comes to whose request ends at `at`, in ms since the host began: from then on nobody polls it,
/// and nobody drops it either.
pub async fn until_the_request_ends(host: &ScriptedHost, at: u64, call: impl Future) {
    let mut end = Box::pin(host.until(START + at));
    let mut call = Box::pin(call);
    poll_fn(|context| match end.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => call.as_mut().poll(context).map(|_| ()),
    })
    .await;
    std::mem::forget(call);
}

/// Runs a call until it has settled, or until it is to be killed: then it gives nothing.
pub fn settle_until<T: 'static>(
    host: &ScriptedHost,
    call: impl Future<Output = T> + 'static,
    killed: impl Fn() -> bool,
) -> Option<T> {
    let mut pool = LocalPool::new();
    let settled = Rc::new(RefCell::new(None));
    let of_call = settled.clone();
    pool.spawner()
        .spawn_local(async move {
            let value = call.await;
            *of_call.borrow_mut() = Some(value);
        })
        .expect("the pool runs");
    pool.run_until_stalled();
    while settled.borrow().is_none() && !killed() {
        assert!(host.advance(), "a call never settles");
        pool.run_until_stalled();
    }
    settled.take()
}

#[track_caller]
pub fn settle_one<T: 'static>(host: &ScriptedHost, call: impl Future<Output = T> + 'static) -> T {
    settle(host, [call]).pop().expect("one call")
}

pub fn client(host: &ScriptedHost) -> Rc<Client<ScriptedHost>> {
    client_with(host)
}

pub fn client_with<R: Rules>(host: &ScriptedHost) -> Rc<Client<ScriptedHost, R>> {
    let key = |key| Secret::parse(key).ok();
    let credentials = Credentials {
        user_key: key("USER-KEY"),
        secret_key: key("SECRET-KEY"),
        app_key: key("APP-KEY"),
    };
    let base_url = BASE_URL.to_owned();
    Rc::new(Client::with_rules(host.clone(), base_url, credentials))
}

pub fn patiently() -> CallOptions<Signal> {
    CallOptions {
        timeout: TIMEOUT,
        max_retries: DEFAULT_RETRIES,
        signal: Signal::default(),
    }
}

pub fn policy() -> Policy {
    Policy {
        sender: Sender::parse("SENDER-ID").ok(),
        ..Policy::default()
    }
}

pub fn row(to: &str, text: &str) -> Row {
    Row {
        to: Given::Value(to.to_owned()),
        text: Given::Value(text.to_owned()),
        ..Row::default()
    }
}

#[track_caller]
pub fn batch(rows: &[(&str, &str)]) -> Batch {
    let rows: Vec<Row> = rows.iter().map(|(to, text)| row(to, text)).collect();
    Batch::parse(&rows, &policy()).expect("messages that may be sent")
}

/// The document's own message.
pub fn document_batch() -> Batch {
    batch(&[("+221776665544", "Un sms de test.")])
}
