//! Campaigns that are killed anywhere, again and again, with faults of the network in between and a disk that loses
//! what was not synced.

use std::collections::BTreeSet;

use paydunya_crm::campaign::{Outcome, Status};
use paydunya_crm::journal::{DEFAULT_SETTLE, Report};
use paydunya_crm::message::Row;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::api::{Api, Fault, Key};
use crate::disk::Disk;
use crate::judge::Judge;
use crate::planted::Bug;
use crate::process::*;
use crate::world::{Cause, World};

/// What happens to a campaign.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) keys: Vec<Key>,
    pub(crate) with_ids: bool,
    pub(crate) concurrency: usize,
    /// Of the first sends.
    faults: Vec<Fault>,
    /// Processes that are killed.
    lives: Vec<Life>,
}

/// A process, for so many steps.
#[derive(Clone, Debug)]
struct Life {
    steps: usize,
    /// It asks the stats so late, and sends nothing.
    reconciles: Option<u64>,
    /// What the disk does then with each write that is not synced.
    whims: Vec<u8>,
}

impl Plan {
    pub(crate) fn rows(&self) -> Vec<Row> {
        named(&self.keys, self.with_ids)
    }

    /// What becomes of it up to the last kill.
    pub(crate) fn killed(&self, bug: Bug) -> Result<World, String> {
        let judge = Judge::of(self.keys.clone());
        let world = World::new(Disk::default(), Api::default(), judge, bug);
        world.api().script(&self.faults);
        for life in &self.lives {
            // Killed, or at its end before that.
            let failed = match life.reconciles {
                Some(after) => ask(&world, after, false, life.steps)
                    .and_then(Result::err)
                    .map(|error| error.message),
                None => run(&world, &self.rows(), self.concurrency, life.steps)
                    .and_then(Result::err)
                    .map(|error| error.message.clone()),
            };
            failed.map_or(Ok(()), Err)?;
            world.crash(&life.whims);
        }
        world.api().script(&[]);
        Ok(world)
    }

    /// Carries it out, lets the campaign go through and asks the stats; gives what went wrong.
    fn carry_out(&self, bug: Bug) -> Result<(), String> {
        let world = self.killed(bug)?;
        let outcomes = self.whole_run(&world)?;
        let found = world.api().accepted().len() - count(&outcomes, Status::Sent);
        let left = count(&outcomes, Status::Unknown) - found;
        let report = whole_question(&world, false)?;
        self.whole_run(&world)?;
        check("stats settle what was sent", report.sent == found)?;
        check("stats settle nothing else", report.held == left)?;
        let report = whole_question(&world, true)?;
        check("nothing is held", report.held == 0 && report.sent == 0)?;
        let outcomes = self.whole_run(&world)?;
        check(
            "all are sent",
            count(&outcomes, Status::Sent) == self.keys.len(),
        )?;
        let once = |key| world.api().count(key) == world.judge().rows(key).count();
        check("none is lost", self.keys.iter().all(once))
    }

    /// A run that nothing disturbs: each message is sent, in doubt, or behind one in doubt that is the same.
    fn whole_run(&self, world: &World) -> Result<Vec<Outcome<Cause>>, String> {
        let ended =
            run(world, &self.rows(), self.concurrency, usize::MAX).ok_or("it never ends")?;
        world.crash(&[]);
        let outcomes = ended.map_err(|error| error.message.clone())?;
        if let Some(broken) = world.judge().broken() {
            return Err(broken.to_owned());
        }
        let in_doubt = |key: &Key| {
            let mut rows = world.judge().rows(key);
            rows.any(|row| outcomes[row].status == Status::Unknown)
        };
        let fine = outcomes
            .iter()
            .zip(&self.keys)
            .all(|(outcome, key)| match outcome.status {
                Status::Sent | Status::Unknown => true,
                Status::NotSent => in_doubt(key),
                _ => false,
            });
        check("sent, or in doubt", fine)?;
        Ok(outcomes)
    }
}

/// The stats are asked when all is settled.
fn whole_question(world: &World, requeue: bool) -> Result<Report, String> {
    let asked = ask(world, DEFAULT_SETTLE, requeue, usize::MAX).ok_or("it never ends")?;
    world.crash(&[]);
    asked.map_err(|error| error.message)
}

fn check(what: &str, fine: bool) -> Result<(), String> {
    if fine { Ok(()) } else { Err(what.to_owned()) }
}

/// Half of the sends meet a fault. With `twins` some rows have the number and the text of the one before.
pub(crate) fn plans(rows: usize, twins: bool) -> impl Strategy<Value = Plan> {
    let fault = prop_oneof![Just(Fault::None), select(&Fault::ALL[..])];
    let life = (
        1..60_usize,
        prop::option::weighted(0.2, select(&[0, DEFAULT_SETTLE][..])),
        vec(any::<u8>(), 4),
    );
    let life = life.prop_map(|(steps, reconciles, whims)| Life {
        steps,
        reconciles,
        whims,
    });
    let shape = (
        any::<bool>(),
        prop::bool::weighted(if twins { 0.5 } else { 0.0 }),
        1..4_usize,
    );
    (shape, vec(fault, 0..12), vec(life, 0..5)).prop_map(
        move |((with_ids, twins, concurrency), faults, lives)| Plan {
            keys: (0..rows)
                .map(|index| {
                    key(if twins && index % 4 == 3 {
                        index - 1
                    } else {
                        index
                    })
                })
                .collect(),
            with_ids,
            concurrency,
            faults,
            lives,
        },
    )
}

const ROWS: usize = 11;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_twice_or_lost_wherever_it_is_killed_and_whatever_fails(
        plan in plans(ROWS, true),
    ) {
        prop_assert_eq!(plan.carry_out(Bug::None), Ok(()));
    }
}

/// Carries out plans, always the same ones, until one breaks this promise; else gives what else was broken.
fn search(bug: Bug, promise: &str) -> Result<(), BTreeSet<String>> {
    let mut runner = TestRunner::deterministic();
    let plans = plans(ROWS, true);
    let mut others = BTreeSet::new();
    for _ in 0..100 {
        let plan = plans.new_tree(&mut runner).expect("a plan").current();
        match plan.carry_out(bug) {
            Err(broken) if broken == promise => return Ok(()),
            Err(broken) => _ = others.insert(broken),
            Ok(()) => {}
        }
    }
    Err(others)
}

#[test]
fn each_planted_bug_is_found_as_what_it_is() {
    for (bug, promise) in [
        (
            Bug::IntentAfterPost,
            "sent twice: its intent was not written",
        ),
        (Bug::NoSync, "sent twice: its intent was not synced"),
        (Bug::ResendAfterCrash, "sent twice: it was in doubt"),
        (Bug::ResendOnReset, "sent twice by one process"),
        (Bug::HtmlIsSent, "sent, and not accepted"),
        (Bug::CodeTwice, "a code of two messages"),
        (Bug::Forgets, "sent twice: it was settled"),
        (Bug::FallsBack, "what was settled fell back"),
    ] {
        assert_eq!(search(bug, promise), Ok(()), "{bug:?}");
    }
    assert_eq!(search(Bug::None, ""), Err(BTreeSet::new()));
}
