//! A process that runs a campaign with a journal, or reconciles it, until it ends or dies.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use paydunya_crm::campaign::{self, Campaign, Desk, End, Limits, Outcome, Progress, Status};
use paydunya_crm::client::{CallOptions, Client, Rules, TheRules};
use paydunya_crm::error::Error;
use paydunya_crm::journal::{DEFAULT_SETTLE, Journal, Report, Settings, reconcile};
use paydunya_crm::message::{Given, Row};

use crate::api::Key;
use crate::disk::File;
use crate::planted::{Bug, Buggy, HtmlIsSent, ResendOnReset};
use crate::scripted::*;
use crate::world::{Cause, World};

/// An array, whose outcomes are kept.
struct Rows {
    world: World,
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
        for outcome in outcomes {
            let index = self.outcomes.borrow().len();
            self.world.judge().tell(index, &outcome, self.world.api());
            self.outcomes.borrow_mut().push(outcome);
        }
    }

    async fn closed(&self) {
        std::future::pending().await
    }

    fn progress(&self, _: &Progress) {}
}

pub(crate) fn number(index: usize) -> String {
    format!("+22177{index:07}")
}

pub(crate) fn rows(count: usize, with_ids: bool) -> Vec<Row> {
    named(&(0..count).map(key).collect::<Vec<_>>(), with_ids)
}

/// The number and the text of a row that is like no other.
pub(crate) fn key(index: usize) -> Key {
    (number(index), format!("Bonjour {index}"))
}

pub(crate) fn named(keys: &[Key], with_ids: bool) -> Vec<Row> {
    let keys = keys.iter().enumerate();
    keys.map(|(index, (number, text))| Row {
        id: match with_ids {
            true => Given::Value(format!("id-{index}")),
            false => Given::Absent,
        },
        ..row(number, text)
    })
    .collect()
}

pub(crate) type Ended = Result<Vec<Outcome<Cause>>, Rc<Error<Cause>>>;

/// Runs a campaign until it ends, or the process dies; then it has no end.
pub(crate) fn run(world: &World, rows: &[Row], concurrency: usize, lives: usize) -> Option<Ended> {
    match world.bug() {
        Bug::ResendOnReset => run_by::<ResendOnReset>(world, rows, concurrency, lives),
        Bug::HtmlIsSent => run_by::<HtmlIsSent>(world, rows, concurrency, lives),
        _ => run_by::<TheRules>(world, rows, concurrency, lives),
    }
}

/// Runs one that nothing kills.
#[track_caller]
pub(crate) fn run_whole(world: &World, rows: &[Row], concurrency: usize) -> Ended {
    run(world, rows, concurrency, usize::MAX).expect("an end")
}

fn run_by<R: Rules + 'static>(
    world: &World,
    rows: &[Row],
    concurrency: usize,
    lives: usize,
) -> Option<Ended> {
    let host = world.start(lives);
    let desk = Rc::new(Rows {
        world: world.clone(),
        rows: rows.to_vec(),
        taken: Cell::new(0),
        outcomes: RefCell::default(),
    });
    let ledger = Buggy {
        journal: journal(world, false),
        bug: world.bug(),
    };
    let client: Rc<Client<_, R>> = client_with(&host);
    let (clock, of_run) = (host.clone(), desk.clone());
    let call = async move {
        let ended = campaign::run(Campaign {
            client: &*client,
            host: &clock,
            policy: &policy(),
            options: &CallOptions {
                max_retries: 1,
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
    let ended = settle_until(&host, call, || world.is_dead());
    if let Some(Ok(outcomes)) = &ended {
        world.judge().ended(outcomes, world.api());
    }
    ended
}

fn journal(world: &World, reconciles: bool) -> Journal<File> {
    Journal::new(File {
        world: world.clone(),
        reconciles,
    })
}

pub(crate) type Reconciled = Result<Report, Error<Cause>>;

/// Asks the stats so many ms after all that happened, and requeues what they don't know where that is wanted.
pub(crate) fn ask(world: &World, after: u64, requeue: bool, lives: usize) -> Option<Reconciled> {
    let host = world.start(lives);
    host.pass(after);
    let (client, journal) = (client(&host), journal(world, true));
    let settings = Settings {
        settle: DEFAULT_SETTLE,
        requeue,
    };
    let call =
        async move { reconcile(&*client, &journal, settings, &patiently(), &str::to_owned).await };
    settle_until(&host, call, || world.is_dead())
}

pub(crate) fn count(outcomes: &[Outcome<Cause>], status: Status) -> usize {
    let of = |outcome: &&Outcome<Cause>| outcome.status == status;
    outcomes.iter().filter(of).count()
}
