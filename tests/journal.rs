//! Stories of journals: campaigns that are killed at any point, on a disk that loses and tears what was not synced, and
//! go on. No message leaves twice, and none is lost.
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "where it panics, a test fails"
)]

mod scripted;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use paydunya_crm::campaign::{
    self, Campaign, Desk, End, Entry, Known, Ledger, Limits, Outcome, Progress, Status,
};
use paydunya_crm::client::CallOptions;
use paydunya_crm::error::Error;
use paydunya_crm::host::Host;
use paydunya_crm::journal::{DEFAULT_SETTLE, Journal, Report, Settings, Storage, reconcile};
use paydunya_crm::message::{Batch, Given, Message, Row};
use proptest::prelude::*;
use scripted::*;

type Cause = &'static str;

/// What outlives a process: a disk, the API, and the clock.
#[derive(Clone)]
struct World(Rc<Outside>);

struct Outside {
    synced: RefCell<Vec<u8>>,
    unsynced: RefCell<Vec<u8>>,
    host: RefCell<Option<ScriptedHost>>,
    clock: Cell<u64>,
    /// How often each message was accepted, by number.
    accepted: RefCell<HashMap<String, usize>>,
    /// Of each POST: the bytes that were durable, and its numbers.
    posts: RefCell<Vec<(usize, Vec<String>)>>,
    /// Things that happen until the process is killed.
    lives: Cell<usize>,
    bug: Cell<Bug>,
}

/// A bug that is planted, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    IntentAfterPost,
    NoSync,
    Forgets,
}

impl World {
    fn new(bug: Bug) -> World {
        World(Rc::new(Outside {
            synced: RefCell::default(),
            unsynced: RefCell::default(),
            host: RefCell::default(),
            clock: Cell::default(),
            accepted: RefCell::default(),
            posts: RefCell::default(),
            lives: Cell::new(usize::MAX),
            bug: Cell::new(bug),
        }))
    }

    /// Something happens; false where the process is dead already.
    fn step(&self) -> bool {
        let left = self.0.lives.get().saturating_sub(1);
        self.0.lives.set(left);
        left > 0
    }

    fn is_dead(&self) -> bool {
        self.0.lives.get() == 0
    }

    /// A new process, with a connection to the API.
    fn start(&self, lives: usize) -> ScriptedHost {
        self.0.lives.set(lives);
        let world = self.clone();
        let host = ScriptedHost::answering(move |posted| world.answer(posted));
        host.pass(self.0.clock.get());
        *self.0.host.borrow_mut() = Some(host.clone());
        host
    }

    fn answer(&self, posted: &Posted) -> Scripted {
        let body: serde_json::Value = serde_json::from_str(&posted.body).expect("JSON");
        match posted.path.as_str() {
            "/auth/login" => answer(200, LOGIN),
            "/sms/send" => self.send(&body),
            _ => self.stats(&body),
        }
    }

    fn send(&self, body: &serde_json::Value) -> Scripted {
        let never = 1 << 40;
        if !self.step() {
            return answer(200, "").after(never);
        }
        let sms = body["send_sms_request"]["sms"].as_array().cloned();
        let sms = sms.unwrap_or_default();
        let numbers: Vec<String> = sms
            .iter()
            .map(|sms| sms["to"].as_str().unwrap_or_default().to_owned())
            .collect();
        for number in &numbers {
            *self
                .0
                .accepted
                .borrow_mut()
                .entry(number.clone())
                .or_default() += 1;
        }
        let durable = self.0.synced.borrow().len();
        self.0.posts.borrow_mut().push((durable, numbers.clone()));
        let answers: Vec<_> = sms
            .iter()
            .map(|sms| serde_json::json!({ "code": format!("CODE-{}", sms["to"]), "receiver_address": sms["to"], "text": sms["text"] }))
            .collect();
        let body = serde_json::json!({ "code": "00", "data": { "sms": answers } });
        let delay = if self.step() { 10 } else { never };
        answer(200, &body.to_string()).after(delay)
    }

    fn stats(&self, body: &serde_json::Value) -> Scripted {
        let receivers = body["sms_sent"]["filters"]["receiver_address"].as_array();
        let valid: Vec<_> = receivers
            .into_iter()
            .flatten()
            .map(|receiver| {
                let number = receiver["value"].as_str().unwrap_or_default();
                let count = self.0.accepted.borrow().get(number).copied().unwrap_or(0);
                let sms: Vec<_> = (0..count)
                    .map(|_| {
                        let code = format!("CODE-\"{number}\"");
                        serde_json::json!({ "code": code, "content": text(number) })
                    })
                    .collect();
                serde_json::json!({ number.trim_start_matches('+'): sms })
            })
            .collect();
        answer(
            200,
            &serde_json::json!({ "code": "00", "data": { "valid_number": valid } }).to_string(),
        )
    }

    /// The power goes: of what was not synced some of the bytes stay.
    fn crash(&self, kept: usize) {
        let unsynced = self.0.unsynced.take();
        let kept = kept % (unsynced.len() + 1);
        self.0.synced.borrow_mut().extend(&unsynced[..kept]);
        let host = self.0.host.take().expect("a process");
        self.0
            .clock
            .set(host.times().last().copied().unwrap_or(0) + self.0.clock.get() + 1_000);
    }

    fn doubles(&self) -> usize {
        self.0
            .accepted
            .borrow()
            .values()
            .filter(|count| **count > 1)
            .count()
    }
}

/// A file of lines.
struct Disk(World);

impl Storage<Cause> for Disk {
    async fn read(&self, each: &mut dyn FnMut(&str)) -> Result<(), Error<Cause>> {
        let bytes = self.0.0.synced.borrow().clone();
        String::from_utf8_lossy(&bytes).split('\n').for_each(each);
        Ok(())
    }

    async fn append(&self, line: &str) -> Result<(), Error<Cause>> {
        let world = &self.0;
        if world.is_dead() {
            std::future::pending::<()>().await;
        }
        let bytes = [line.as_bytes(), b"\n"].concat();
        world.0.unsynced.borrow_mut().extend(bytes);
        if !world.step() {
            std::future::pending::<()>().await;
        }
        if world.0.bug.get() == Bug::NoSync {
            return Ok(());
        }
        let host = world.0.host.borrow().clone().expect("a process");
        // Nobody aborts.
        let _ = host.sleep(1, &Signal::default()).await;
        if world.is_dead() {
            std::future::pending::<()>().await;
        }
        let unsynced = world.0.unsynced.take();
        world.0.synced.borrow_mut().extend(unsynced);
        if !world.step() {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    fn now(&self) -> u64 {
        self.0
            .0
            .host
            .borrow()
            .as_ref()
            .map_or(0, ScriptedHost::clock)
    }
}

/// A journal with a planted bug.
struct Buggy {
    journal: Journal<Disk>,
    bug: Bug,
}

impl Ledger<Cause> for Buggy {
    async fn open(&self) -> Result<(), Error<Cause>> {
        self.journal.open().await
    }

    fn expects(&self, index: usize) -> bool {
        Ledger::<Cause>::expects(&self.journal, index)
    }

    fn known(&self, entry: &Entry, message: &Message) -> Option<Known> {
        let known = Ledger::<Cause>::known(&self.journal, entry, message);
        known.filter(|known| self.bug != Bug::Forgets || !matches!(known, Known::Sent(_)))
    }

    async fn intend(&self, entries: &[Entry], batch: &Batch) -> Result<(), Error<Cause>> {
        match self.bug {
            Bug::IntentAfterPost => Ok(()),
            _ => self.journal.intend(entries, batch).await,
        }
    }

    async fn settle(
        &self,
        entries: &[Entry],
        batch: &Batch,
        outcomes: &[Outcome<Cause>],
    ) -> Result<(), Error<Cause>> {
        if self.bug == Bug::IntentAfterPost {
            self.journal.intend(entries, batch).await?;
        }
        self.journal.settle(entries, batch, outcomes).await
    }
}

/// An array, whose outcomes are kept.
struct Rows {
    rows: Vec<Row>,
    taken: Cell<usize>,
    outcomes: RefCell<Vec<Outcome<Cause>>>,
}

impl Desk<Cause> for Rows {
    async fn ready(&self, _: usize) {}

    fn count(&self) -> usize {
        self.rows.len() - self.taken.get()
    }

    fn take(&self, most: usize, each: &mut dyn FnMut(Row<&str>)) -> Option<End> {
        let from = self.taken.get();
        // A few at a time, so that it takes several takings.
        let to = self.rows.len().min(from + most.min(3));
        self.taken.set(to);
        for row in &self.rows[from..to] {
            each(Row {
                to: row.to.as_deref(),
                text: row.text.as_deref(),
                from: row.from.as_deref(),
                id: row.id.as_deref(),
            });
        }
        (to == self.rows.len()).then_some(End::Done)
    }

    fn total(&self) -> Option<usize> {
        None
    }

    fn put(&self, outcomes: Vec<Outcome<Cause>>) {
        self.outcomes.borrow_mut().extend(outcomes);
    }

    async fn closed(&self) {
        std::future::pending().await
    }

    fn progress(&self, _: &Progress) {}
}

fn number(index: usize) -> String {
    format!("+22177{index:07}")
}

fn text(number: &str) -> String {
    format!("Bonjour {number}")
}

fn rows(count: usize, with_ids: bool) -> Vec<Row> {
    (0..count)
        .map(|index| Row {
            id: match with_ids {
                true => Given::Value(format!("id-{index}")),
                false => Given::Absent,
            },
            ..row(&number(index), &text(&number(index)))
        })
        .collect()
}

type Ended = Result<Vec<Outcome<Cause>>, Rc<Error<Cause>>>;

/// Runs a campaign until it ends, or the process dies; then it has no end.
fn run(world: &World, rows: &[Row], concurrency: usize, lives: usize) -> Option<Ended> {
    let host = world.start(lives);
    let desk = Rc::new(Rows {
        rows: rows.to_vec(),
        taken: Cell::new(0),
        outcomes: RefCell::default(),
    });
    let ledger = Buggy {
        journal: Journal::new(Disk(world.clone())),
        bug: world.0.bug.get(),
    };
    let (client, clock, of_run) = (client(&host), host.clone(), desk.clone());
    let call = async move {
        let ended = campaign::run(Campaign {
            client: &*client,
            host: &clock,
            policy: &policy(),
            options: &CallOptions {
                max_retries: 0,
                timeout: 1 << 30,
                ..patiently()
            },
            limits: Limits {
                concurrency,
                per_second: Some(2),
                progress: false,
            },
            desk: &*of_run,
            ledger: &ledger,
        })
        .await;
        ended.map(|_| of_run.outcomes.take())
    };
    settle_until(&host, call, || world.is_dead())
}

fn ask(world: &World, requeue: bool) -> Report {
    let host = world.start(usize::MAX);
    host.pass(DEFAULT_SETTLE);
    let journal = Journal::new(Disk(world.clone()));
    let client = client(&host);
    let settings = Settings {
        settle: DEFAULT_SETTLE,
        requeue,
    };
    let report = settle_one(&host, async move {
        reconcile(&*client, &journal, settings, &patiently(), &str::to_owned).await
    });
    world.0.clock.set(world.0.clock.get() + DEFAULT_SETTLE);
    report.expect("a report")
}

fn count(outcomes: &[Outcome<Cause>], status: Status) -> usize {
    outcomes
        .iter()
        .filter(|outcome| outcome.status == status)
        .count()
}

/// Kills a campaign again and again, and lets it end; gives what went wrong.
fn killed(
    bug: Bug,
    with_ids: bool,
    concurrency: usize,
    kills: &[(usize, usize)],
) -> Result<(), String> {
    let world = World::new(bug);
    let rows = rows(11, with_ids);
    for &(lives, kept) in kills {
        let ended = run(&world, &rows, concurrency, lives);
        match ended {
            Some(Err(error)) => return Err(error.message.clone()),
            // Killed, or at its end before that.
            _ => world.crash(kept),
        }
    }
    let outcomes = run(&world, &rows, concurrency, usize::MAX)
        .ok_or("it never ends")?
        .map_err(|error| error.message.clone())?;
    let check = |what: &str, fine: bool| match fine {
        true => Ok(()),
        false => Err(what.to_owned()),
    };
    check("a message was sent twice", world.doubles() == 0)?;
    check("one outcome for each", outcomes.len() == rows.len())?;
    let (sent, unknown) = (
        count(&outcomes, Status::Sent),
        count(&outcomes, Status::Unknown),
    );
    check("sent or unknown", sent + unknown == rows.len())?;
    for (index, outcome) in outcomes.iter().enumerate() {
        let accepted = world.0.accepted.borrow().contains_key(&number(index));
        let code = format!("CODE-\"{}\"", number(index));
        if outcome.status == Status::Sent {
            check(
                "sent is sent, and has its code",
                accepted && outcome.code == Some(code),
            )?;
        }
    }
    world.crash(0);
    let report = ask(&world, false);
    let accepted = world.0.accepted.borrow().len();
    check("stats settle what was sent", report.sent == accepted - sent)?;
    check(
        "stats settle nothing else",
        report.held == rows.len() - accepted,
    )?;
    world.crash(0);
    let report = ask(&world, true);
    check(
        "nothing is held any more",
        report.held == 0 && report.sent == 0,
    )?;
    world.crash(0);
    let outcomes = run(&world, &rows, concurrency, usize::MAX)
        .ok_or("it never ends")?
        .map_err(|error| error.message.clone())?;
    check("all are sent", count(&outcomes, Status::Sent) == rows.len())?;
    check("all are sent once", world.doubles() == 0)?;
    check(
        "none is lost",
        world.0.accepted.borrow().len() == rows.len(),
    )
}

fn kills() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((1..40_usize, 0..2_000_usize), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_twice_or_lost_wherever_it_is_killed(
        with_ids in any::<bool>(),
        concurrency in 1..4_usize,
        kills in kills(),
    ) {
        prop_assert_eq!(killed(Bug::None, with_ids, concurrency, &kills), Ok(()));
    }
}

#[test]
fn planted_bugs_are_found() {
    for bug in [Bug::IntentAfterPost, Bug::NoSync, Bug::Forgets] {
        let found = (1..40).any(|lives| {
            killed(bug, false, 2, &[(lives, 0)]) == Err("a message was sent twice".to_owned())
        });
        assert!(found, "{bug:?}");
    }
}

#[test]
fn cut_off_at_any_byte_it_sends_no_message_again_that_may_have_left() {
    let whole = World::new(Bug::None);
    let rows = rows(7, true);
    run(&whole, &rows, 2, usize::MAX)
        .expect("an end")
        .expect("outcomes");
    let bytes = whole.0.synced.borrow().clone();
    for length in 0..=bytes.len() {
        let world = World::new(Bug::None);
        world.0.synced.borrow_mut().extend(&bytes[..length]);
        let ended = run(&world, &rows, 2, usize::MAX).expect("an end");
        let outcomes = ended.unwrap_or_else(|error| panic!("{length}: {}", error.message));
        for (durable, numbers) in whole.0.posts.borrow().iter() {
            let again = numbers
                .iter()
                .any(|number| world.0.accepted.borrow().contains_key(number));
            assert!(*durable > length || !again, "cut off at {length}");
        }
        let (sent, unknown) = (
            count(&outcomes, Status::Sent),
            count(&outcomes, Status::Unknown),
        );
        assert_eq!(sent + unknown, rows.len());
        // What was torn is torn for ever, and disturbs no later run.
        assert!(run(&world, &rows, 2, usize::MAX).expect("an end").is_ok());
    }
}

#[test]
fn any_other_damage_is_an_error_that_names_the_line() {
    let whole = World::new(Bug::None);
    let rows = rows(7, false);
    run(&whole, &rows, 2, usize::MAX)
        .expect("an end")
        .expect("outcomes");
    let text = String::from_utf8(whole.0.synced.borrow().clone()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let opened = |lines: Vec<String>| {
        let world = World::new(Bug::None);
        world.0.synced.borrow_mut().extend(lines.join("\n").bytes());
        let ended = run(&world, &rows, 2, usize::MAX).expect("an end");
        (
            ended.err().map(|error| error.message.clone()),
            world.0.posts.borrow().len(),
        )
    };
    // The last line may be torn, and of two POSTs at once the other's.
    for damaged in 0..lines.len() - 2 {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[damaged] = changed[damaged].replace('5', "6").replace('"', "'");
        let (error, posts) = opened(changed.clone());
        let error = error.unwrap_or_default();
        assert!(
            error.starts_with(&format!("journal, line {}: ", damaged + 1)) || damaged == 0,
            "{damaged} {error}"
        );
        assert!(error.starts_with("journal, line "), "{error}");
        changed.remove(damaged);
        let (error, more) = opened(changed);
        assert!(error.unwrap_or_default().starts_with("journal, line "));
        assert_eq!(posts + more, 0);
    }
    let (error, _) = opened(vec!["to,text".to_owned(), "77,Bonjour".to_owned()]);
    assert!(error.unwrap_or_default().contains("not a journal"));
}

/// What comes of a second run with another source.
fn second(first: &[Row], then: &[Row], lives: usize) -> (World, Ended) {
    let world = World::new(Bug::None);
    run(&world, first, 1, lives);
    world.crash(0);
    world.0.accepted.borrow_mut().clear();
    let ended = run(&world, then, 1, usize::MAX).expect("an end");
    (world, ended)
}

#[test]
fn another_source_is_an_error_before_anything_is_sent() {
    let mut first = rows(20, false);
    // Never sent: the place of this row is free.
    first[4].to = Given::Value("+22177".to_owned());
    let mut without = first.clone();
    without.remove(4);
    let mut other = first.clone();
    other[15].text = Given::Value("Au revoir".to_owned());
    let mut named = first.clone();
    named[3].id = Given::Value("three".to_owned());
    for changed in [without, other, named, first[..12].to_vec()] {
        let (world, ended) = second(&first, &changed, usize::MAX);
        let error = ended.expect_err("a contradiction");
        assert!(
            error
                .message
                .contains("is not the one that the journal has"),
            "{}",
            error.message
        );
        assert!(world.0.accepted.borrow().is_empty());
    }
}

#[test]
fn rows_that_were_mended_or_are_new_are_sent() {
    let mut first = rows(9, false);
    first[4].to = Given::Value("+22177".to_owned());
    let (world, ended) = second(&first, &rows(12, false), usize::MAX);
    assert_eq!(count(&ended.expect("outcomes"), Status::Sent), 12);
    let mut sent: Vec<String> = world.0.accepted.borrow().keys().cloned().collect();
    sent.sort();
    assert_eq!(sent, [number(4), number(9), number(10), number(11)]);
}

#[test]
fn a_message_with_an_id_is_the_same_wherever_it_stands_and_whatever_its_text() {
    let first = rows(9, true);
    let mut then = first.clone();
    then.reverse();
    then[0].text = Given::Value("Another".to_owned());
    let (world, ended) = second(&first, &then, usize::MAX);
    assert_eq!(count(&ended.expect("outcomes"), Status::Sent), 9);
    assert!(world.0.accepted.borrow().is_empty());
    then[0].to = Given::Value(number(77));
    let (_, ended) = second(&first, &then, usize::MAX);
    assert!(ended.is_err(), "the id of another");
}

#[test]
fn an_id_names_one_message() {
    let mut twice = rows(3, true);
    twice[2].id = twice[0].id.clone();
    let world = World::new(Bug::None);
    let outcomes = run(&world, &twice, 1, usize::MAX)
        .expect("an end")
        .expect("outcomes");
    assert_eq!(count(&outcomes, Status::Sent), 2);
    assert_eq!(outcomes[2].status, Status::Invalid);
}

#[test]
fn young_messages_are_held() {
    let world = World::new(Bug::None);
    // Killed between a POST and its answer.
    run(&world, &rows(2, true), 1, 6);
    assert_eq!(world.0.accepted.borrow().len(), 2);
    world.crash(0);
    let host = world.start(usize::MAX);
    let (client, journal) = (client(&host), Journal::new(Disk(world.clone())));
    let settings = Settings {
        settle: DEFAULT_SETTLE,
        requeue: true,
    };
    let report = settle_one(&host, async move {
        reconcile(&*client, &journal, settings, &patiently(), &str::to_owned).await
    });
    let held = Report {
        asked: 0,
        sent: 0,
        held: 2,
    };
    assert_eq!(report.expect("a report"), held);
}
