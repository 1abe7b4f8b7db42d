//! A model of the API and of the network before it, on a virtual clock: it knows what was accepted, whatever its
//! answers say or however they are lost, and so it can judge what a client tells its callers.
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "where it panics, a test fails"
)]

mod api;
mod host;
mod judge;
mod schedule;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use paydunya_crm::api::login::Token;
use paydunya_crm::api::send::Receipt;
use paydunya_crm::api::stats::Query;
use paydunya_crm::client::{CallOptions, Client, Rules};
use paydunya_crm::credentials::{Credentials, Secret};
use paydunya_crm::error::Error;
use paydunya_crm::message::{Batch, Given, Policy, Row};
use paydunya_crm::sender::Sender;

use host::{Model, Timer};
pub use schedule::Schedule;
use schedule::{Kind, Plan, Store};

const START: u64 = 1_700_000_000_000;
/// Part of every secret, text and number: it may be in no error and no event.
const CANARY: &str = "CANARY";
const NUMBERS: [&str; 3] = ["+221776665544", "+221776665544", "+2250700000146"];

/// What all schedules use and none changes.
pub struct Material {
    /// By call, then by size.
    batches: Vec<Vec<Batch>>,
    query: Query,
}

impl Material {
    pub fn new() -> Rc<Material> {
        let policy = Policy {
            sender: Sender::parse("SENDER-ID").ok(),
            ..Policy::default()
        };
        let row = |call, place: usize| Row {
            to: Given::Value(NUMBERS[place].to_owned()),
            text: Given::Value(text(call, place)),
            ..Row::default()
        };
        let batch = |call, size| {
            let rows: Vec<Row> = (0..size).map(|place| row(call, place)).collect();
            Batch::parse(&rows, &policy).expect("messages that may be sent")
        };
        let receivers = [Given::Value(NUMBERS[0].to_owned())];
        Rc::new(Material {
            batches: (0..schedule::MOST_CALLS)
                .map(|call| {
                    (0..=NUMBERS.len())
                        .skip(1)
                        .map(|size| batch(call, size))
                        .collect()
                })
                .collect(),
            query: Query::parse(&receivers, &Given::Absent, &Given::Absent, None).expect("a query"),
        })
    }
}

/// No other message has it, so it tells which one was accepted.
fn text(call: usize, place: usize) -> String {
    format!("{CANARY}-TEXT {call}.{place}")
}

/// Runs a schedule; the first promise that was broken, if any was.
pub fn broken<R: Rules + 'static>(schedule: &Schedule, material: &Rc<Material>) -> Option<String> {
    let world = Rc::new(World::new(schedule.clone()));
    let clients: Vec<Rc<Client<Model, R>>> = (0..2)
        .map(|client| {
            let key = |key| Secret::parse(key).ok();
            let credentials = Credentials {
                user_key: key("CANARY-USER"),
                secret_key: key("CANARY-SECRET"),
                app_key: key("CANARY-APP"),
            };
            let host = Model {
                world: world.clone(),
                client,
            };
            Rc::new(Client::with_rules(host, String::new(), credentials))
        })
        .collect();
    let calls = schedule
        .calls
        .iter()
        .enumerate()
        .map(|(call, plan)| Request {
            dies: plan.dies.map(|after| START + plan.start + after),
            call: Box::pin(carry_out(
                call,
                *plan,
                world.clone(),
                clients[plan.client].clone(),
                material.clone(),
            )),
        });
    world.run(calls.collect());
    world.judge()
}

/// A call, and what it runs in.
struct Request {
    /// From then on it is not polled.
    dies: Option<u64>,
    call: Pin<Box<dyn Future<Output = ()>>>,
}

async fn carry_out<R: Rules>(
    call: usize,
    plan: Plan,
    world: Rc<World>,
    client: Rc<Client<Model, R>>,
    material: Rc<Material>,
) {
    world.until(START + plan.start).await;
    let options = CallOptions {
        timeout: plan.timeout,
        max_retries: plan.max_retries,
        signal: Signal {
            call,
            logs_in: plan.kind == Kind::Login,
            aborts: plan.aborts.map(|after| START + plan.start + after),
        },
    };
    let result = match plan.kind {
        Kind::Login => client.login(&options).await.map(|_| None),
        Kind::Stats => client.stats(&material.query, &options).await.map(|_| None),
        Kind::Send(size) => {
            let batch = &material.batches[call][size - 1];
            client.send(batch, &options).await.map(Some)
        }
    };
    world.settled(call, result);
}

/// What a call is told: which one it is, and when its caller aborts it.
pub struct Signal {
    call: usize,
    /// It was asked to log in, whatever tokens there are.
    logs_in: bool,
    aborts: Option<u64>,
}

struct World {
    schedule: Schedule,
    now: Cell<u64>,
    timers: RefCell<BTreeSet<u64>>,
    /// How many POSTs came.
    posts: Cell<usize>,
    tokens: RefCell<Vec<Issued>>,
    /// By client: the token that it has of the last login.
    delivered: [Cell<Option<usize>>; 2],
    /// By client: the POSTs of logins that have no answer yet.
    under_way: [Cell<u32>; 2],
    /// Which attempt of a login was told last.
    login_attempt: Cell<u32>,
    /// What the API accepted: call and place.
    accepted: RefCell<Vec<(usize, usize)>>,
    /// Sends by call.
    sends: RefCell<[u32; schedule::MOST_CALLS]>,
    /// Logins by call.
    logins: RefCell<[u32; schedule::MOST_CALLS]>,
    stored: RefCell<Option<Token>>,
    outcomes: RefCell<Vec<Outcome>>,
    broken: RefCell<Option<String>>,
}

struct Issued {
    valid: bool,
    ends: u64,
}

struct Outcome {
    call: usize,
    at: u64,
    result: Result<Option<Receipt>, Error<&'static str>>,
}

impl World {
    fn new(schedule: Schedule) -> World {
        let stored = match schedule.store {
            Store::Garbage => Some(token("CANARY-STALE", START + 3_600_000)),
            _ => None,
        };
        World {
            schedule,
            now: Cell::new(START),
            timers: RefCell::default(),
            posts: Cell::new(0),
            tokens: RefCell::default(),
            delivered: [const { Cell::new(None) }; 2],
            under_way: [const { Cell::new(0) }; 2],
            login_attempt: Cell::new(0),
            accepted: RefCell::default(),
            sends: RefCell::default(),
            logins: RefCell::default(),
            stored: RefCell::new(stored),
            outcomes: RefCell::default(),
            broken: RefCell::default(),
        }
    }

    /// Done at this time.
    fn until(self: &Rc<Self>, at: u64) -> Timer {
        Timer {
            world: self.clone(),
            at,
        }
    }

    fn breaks(&self, promise: impl FnOnce() -> String) {
        self.broken.borrow_mut().get_or_insert_with(promise);
    }

    fn settled(&self, call: usize, result: Result<Option<Receipt>, Error<&'static str>>) {
        self.outcomes.borrow_mut().push(Outcome {
            call,
            at: self.now.get(),
            result,
        });
    }

    /// Polls all calls at each time that one of them waits for: nothing else can change what they see.
    fn run(&self, mut calls: Vec<Request>) {
        let mut context = Context::from_waker(Waker::noop());
        let end = START + 3_600_000;
        // Until the world ends: what is dropped would end in order.
        let mut dead = Vec::new();
        loop {
            let now = self.now.get();
            dead.extend(calls.extract_if(.., |call| call.dies.is_some_and(|dies| dies <= now)));
            calls.retain_mut(|request| request.call.as_mut().poll(&mut context).is_pending());
            if calls.is_empty() || self.broken.borrow().is_some() {
                return;
            }
            match self.timers.borrow_mut().pop_first() {
                Some(next) if next < end => self.now.set(next.max(self.now.get())),
                _ => return self.breaks(|| "a call never settles".to_owned()),
            }
        }
    }
}

fn token(name: &str, expires_at: u64) -> Token {
    Token {
        access_token: Secret::parse(name).expect("a token"),
        token_type: "bearer".to_owned(),
        expires_in: 3600,
        expires_at,
    }
}
