//! Which messages are sent next, and which never: a pure machine that is told what happened.

use std::collections::VecDeque;
use std::rc::Rc;

use super::ledger::{Entry, Known, Ledger};
use super::pace::Pace;
use super::verdict::{Course, Stop, Verdict};
use super::{End, Limits, Outcome, Status, window};
use crate::error::{Error, Field, Issue, Kind, Reason, Severity};
use crate::message::{Batch, Given, MOST, Message, Policy, Row};

/// So many batches in a row that nobody answered are an outage.
const OUTAGE: u8 = 2;

/// The rows that were taken from the source and whose outcomes are not handed over.
pub(super) struct Queue<Cause> {
    /// The index of the first slot.
    first: usize,
    /// One for each row; its outcome once there is one.
    slots: VecDeque<Option<Outcome<Cause>>>,
    /// To be sent, in this order.
    waiting: VecDeque<Waiting>,
    /// Of these so many wait for a twin.
    deferred: usize,
    /// Receivers and texts that must not be sent now.
    twins: Twins,
    in_flight: usize,
    /// POSTs in flight at most.
    concurrency: usize,
    /// Messages of one POST at most: halved where the API calls a batch too large.
    most: usize,
    pace: Pace,
    course: Mood<Cause>,
    end: Option<End>,
    /// The rows have to be compared with those of an earlier run before any is sent.
    comparing: bool,
    /// The row that is another one than in an earlier run.
    contradiction: Option<usize>,
    /// The source is slow, or ended: what waits is sent though it is no whole batch.
    flush: bool,
}

struct Waiting {
    entry: Entry,
    message: Message,
}

/// Receivers and texts that must not be sent now, by their key. Sorted: a hash table would cost the wasm three kilobytes.
#[derive(Default)]
struct Twins(Vec<(u64, Twin)>);

/// A message with the same receiver and text.
#[derive(Clone, Copy)]
enum Twin {
    InFlight,
    /// The message of this index may have been sent.
    Unknown(usize),
}

impl Twins {
    fn place(&self, key: u64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(key, _)| *key)
    }

    fn get(&self, key: u64) -> Option<Twin> {
        let place = self.place(key).ok()?;
        self.0.get(place).map(|(_, twin)| *twin)
    }

    fn insert(&mut self, key: u64, twin: Twin) {
        match self.place(key) {
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    known.1 = twin;
                }
            }
            Err(place) => self.0.insert(place, (key, twin)),
        }
    }

    /// Forgets one that is in flight no more.
    fn landed(&mut self, key: u64) {
        if let Ok(place) = self.place(key)
            && let Some((_, Twin::InFlight)) = self.0.get(place)
        {
            self.0.remove(place);
        }
    }
}

enum Mood<Cause> {
    /// The first batch goes alone: it brings the token, and what is wrong with all of them shows on it.
    First,
    /// So many batches in a row had no answer.
    Running(u8),
    /// It looks like an outage. When nothing is in flight any more, one message shows whether it is.
    Doubtful,
    /// That message is in flight.
    Canary,
    /// Nothing is sent any more.
    Stopped(Stop, Rc<Error<Cause>>),
}

/// Messages that are about to be posted; `entries[i]` is about the batch's `messages()[i]`.
pub(super) struct Sending {
    pub(super) entries: Vec<Entry>,
    pub(super) batch: Batch,
}

pub(super) enum Next {
    Post(Sending),
    /// Ask again at this time (ms since 1970).
    Wait(u64),
    /// Ask again when something happened.
    Nothing,
}

impl<Cause: Clone> Queue<Cause> {
    pub(super) fn new(limits: Limits) -> Self {
        let pace = Pace::new(limits.per_second);
        Queue {
            first: 0,
            slots: VecDeque::new(),
            waiting: VecDeque::new(),
            deferred: 0,
            twins: Twins::default(),
            in_flight: 0,
            concurrency: limits.concurrency,
            most: pace.most(),
            pace,
            course: Mood::First,
            end: None,
            comparing: false,
            contradiction: None,
            flush: false,
        }
    }

    /// Asks the ledger whether rows that are still to come have to be compared first.
    pub(super) fn compare<L: Ledger<Cause>>(&mut self, ledger: &L) {
        let next = self.first.saturating_add(self.slots.len());
        self.comparing = ledger.expects(next);
        match self.end {
            // Rows are missing at the end.
            Some(End::Done) if self.comparing && self.contradiction.is_none() => {
                self.contradiction = Some(next);
            }
            // Those that were read cannot be compared with what would have followed.
            Some(End::Failed) if self.comparing => {
                self.stop(Stop::Source, Rc::new(Error::new(Kind::Invalid, "")));
            }
            _ => {}
        }
    }

    /// The row that is another one than in an earlier run.
    pub(super) fn contradiction(&self) -> Option<usize> {
        match self.course {
            Mood::Stopped(..) => None,
            _ => self.contradiction,
        }
    }

    /// So many rows as there is room for are compared before the first is sent.
    fn is_comparing(&self) -> bool {
        let room = window(self.concurrency).saturating_sub(MOST.saturating_mul(2));
        self.comparing && self.slots.len() <= room
    }

    /// Whether a batch could be filled up if there were more rows.
    pub(super) fn wants_rows(&self) -> bool {
        let sendable = self.waiting.len().saturating_sub(self.deferred);
        self.end.is_none() && (sendable < self.most || self.is_comparing())
    }

    /// Whether a part of a batch waits.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether every row of the source has had its outcome.
    pub(super) fn is_empty(&self) -> bool {
        self.end.is_some() && self.slots.is_empty()
    }

    /// Whether nothing is sent any more.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.course, Mood::Stopped(..))
    }

    /// Whether nothing is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    /// Why it did not come to its end as planned.
    pub(super) fn stopped(&self) -> Option<Stop> {
        match &self.course {
            Mood::Stopped(stop, _) => Some(*stop),
            _ if self.end == Some(End::Failed) => Some(Stop::Source),
            _ => None,
        }
    }

    /// Takes a row from the source, and judges it.
    pub(super) fn take<L: Ledger<Cause>>(&mut self, row: Row<&str>, policy: &Policy, ledger: &L) {
        let index = self.first.saturating_add(self.slots.len());
        let outcome = match &self.course {
            Mood::Stopped(_, error) => Some(skipped(error)),
            _ => match Message::parse(&row, index, policy) {
                Ok((message, warnings)) => {
                    let entry = Entry {
                        index,
                        id: match row.id {
                            Given::Value(id) => Some(id.to_owned()),
                            _ => None,
                        },
                        twin_key: message.twin_key(),
                        warnings,
                    };
                    self.enqueue(entry, message, ledger)
                }
                Err(issues) => Some(Outcome {
                    issues,
                    ..Outcome::new(Status::Invalid)
                }),
            },
        };
        self.slots.push_back(outcome);
    }

    /// So many rows were there to be taken.
    pub(super) fn took(&mut self, count: usize, end: Option<End>) {
        self.end = end;
        self.flush = end.is_some() || count < MOST;
    }

    /// Gives the outcome of a message that has one already.
    fn enqueue<L: Ledger<Cause>>(
        &mut self,
        entry: Entry,
        message: Message,
        ledger: &L,
    ) -> Option<Outcome<Cause>> {
        let outcome = match ledger.known(&entry, &message) {
            None => {
                self.waiting.push_back(Waiting { entry, message });
                return None;
            }
            Some(Known::Sent(code)) => Outcome {
                code,
                segments: message.text.measure().segments,
                ..Outcome::new(Status::Sent)
            },
            Some(Known::Refused(code)) => Outcome {
                code,
                ..Outcome::new(Status::Refused)
            },
            Some(Known::Unknown) => {
                self.twins
                    .insert(entry.twin_key, Twin::Unknown(entry.index));
                Outcome::new(Status::Unknown)
            }
            Some(Known::Repeated) => return Some(repeated(entry.index)),
            Some(Known::Contradicted) => {
                self.contradiction.get_or_insert(entry.index);
                Outcome::new(Status::Skipped)
            }
        };
        Some(Outcome {
            issues: entry.warnings,
            ..outcome
        })
    }

    /// What to do at `now`, in ms since 1970.
    pub(super) fn next(&mut self, now: u64) -> Next {
        let (allowed, most) = match self.course {
            Mood::First => (1, self.most),
            Mood::Running(_) => (self.concurrency, self.most),
            Mood::Doubtful => (1, 1),
            Mood::Canary | Mood::Stopped(..) => return Next::Nothing,
        };
        let holds = self.is_comparing() || self.contradiction.is_some();
        if holds || self.in_flight >= allowed || self.waiting.len() < most && !self.flush {
            return Next::Nothing;
        }
        let (batch, deferred) = self.choose(most);
        let count = batch.len();
        let at = match count {
            0 => now,
            _ if count < most && !self.flush => now,
            _ => self.pace.at(count, now),
        };
        if count == 0 || count < most && !self.flush || at > now {
            self.put_back(batch);
            self.put_back(deferred);
            return if at > now {
                Next::Wait(at)
            } else {
                Next::Nothing
            };
        }
        self.put_back(deferred);
        for waiting in &batch {
            self.twins.insert(waiting.entry.twin_key, Twin::InFlight);
        }
        self.pace.leave(count, now);
        self.in_flight = self.in_flight.saturating_add(1);
        if let Mood::Doubtful = self.course {
            self.course = Mood::Canary;
        }
        let (entries, messages) = batch
            .into_iter()
            .map(|waiting| (waiting.entry, waiting.message))
            .unzip();
        match Batch::of(messages) {
            Some(batch) => Next::Post(Sending { entries, batch }),
            // It has 1 to 50 messages.
            None => Next::Nothing,
        }
    }

    /// Takes at most so many out of those that wait, and those before them that have to go on waiting for a twin. Of
    /// twins within a batch, an answer that is lost would leave two that nobody can tell apart: so they go one after
    /// the other.
    fn choose(&mut self, most: usize) -> (Vec<Waiting>, Vec<Waiting>) {
        let (mut batch, mut deferred) = (Vec::with_capacity(most), Vec::new());
        while batch.len() < most {
            let Some(waiting) = self.waiting.pop_front() else {
                break;
            };
            let key = waiting.entry.twin_key;
            match self.twins.get(key) {
                Some(Twin::Unknown(first)) => {
                    let outcome = held(waiting.entry.index, first);
                    self.record(waiting.entry, outcome);
                }
                None if batch
                    .iter()
                    .all(|other: &Waiting| other.entry.twin_key != key) =>
                {
                    batch.push(waiting);
                }
                _ => deferred.push(waiting),
            }
        }
        self.deferred = deferred.len();
        (batch, deferred)
    }

    fn put_back(&mut self, waiting: Vec<Waiting>) {
        for waiting in waiting.into_iter().rev() {
            self.waiting.push_front(waiting);
        }
    }

    /// What came of a batch.
    pub(super) fn settle(&mut self, sending: Sending, verdict: Verdict<Cause>, now: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Mood::First = self.course {
            self.pace.left_late(now);
        }
        let Sending { entries, batch } = sending;
        for entry in &entries {
            self.twins.landed(entry.twin_key);
        }
        self.deferred = 0;
        if let (Course::Halve, false) = (&verdict.course, self.is_stopped()) {
            self.most = self.most.min(entries.len().div_ceil(2));
            let waiting = entries.into_iter().zip(batch.into_messages());
            self.put_back(
                waiting
                    .map(|(entry, message)| Waiting { entry, message })
                    .collect(),
            );
            self.follow(Course::GoOn);
            return;
        }
        for (entry, mut outcome) in entries.into_iter().zip(verdict.outcomes) {
            for issue in &mut outcome.issues {
                issue.index = Some(entry.index);
            }
            if outcome.status == Status::Unknown {
                self.twins
                    .insert(entry.twin_key, Twin::Unknown(entry.index));
            }
            self.record(entry, outcome);
        }
        self.follow(verdict.course);
    }

    fn follow(&mut self, course: Course<Cause>) {
        match (&self.course, course) {
            (Mood::Stopped(..), _) => {}
            (_, Course::Stop(stop, why)) => self.stop(stop, why),
            (Mood::Canary, Course::Doubt(why)) => self.stop(Stop::Outage, why),
            (Mood::Doubtful, _) => {}
            (Mood::Running(before), Course::Doubt(_)) => {
                let doubts = before.saturating_add(1);
                self.course = if doubts < OUTAGE {
                    Mood::Running(doubts)
                } else {
                    Mood::Doubtful
                };
            }
            (_, Course::Doubt(_)) => self.course = Mood::Running(1),
            _ => self.course = Mood::Running(0),
        }
    }

    /// Nothing is sent from here on. The first reason counts.
    pub(super) fn stop(&mut self, stop: Stop, why: Rc<Error<Cause>>) {
        if self.is_stopped() {
            return;
        }
        let error = stop.error(&why);
        while let Some(waiting) = self.waiting.pop_front() {
            self.record(waiting.entry, skipped(&error));
        }
        self.deferred = 0;
        self.course = Mood::Stopped(stop, error);
    }

    /// The outcome of a message that was judged before, with what was doubtful then.
    fn record(&mut self, entry: Entry, mut outcome: Outcome<Cause>) {
        let mut issues = entry.warnings;
        issues.append(&mut outcome.issues);
        outcome.issues = issues;
        let place = entry.index.saturating_sub(self.first);
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = Some(outcome);
        }
    }

    /// The outcomes that are there, up to the first that is not.
    pub(super) fn settled(&mut self) -> Vec<Outcome<Cause>> {
        let mut settled = Vec::new();
        while let Some(Some(_)) = self.slots.front() {
            settled.extend(self.slots.pop_front().flatten());
            self.first = self.first.saturating_add(1);
        }
        settled
    }
}

fn skipped<Cause>(error: &Rc<Error<Cause>>) -> Outcome<Cause> {
    Outcome {
        error: Some(error.clone()),
        ..Outcome::new(Status::Skipped)
    }
}

/// A message that is not sent because an id names one message alone.
fn repeated<Cause>(index: usize) -> Outcome<Cause> {
    Outcome {
        issues: vec![Issue {
            severity: Severity::Error,
            field: Field::Id,
            index: Some(index),
            reason: Reason::Duplicate,
            code: None,
            message: "id: an earlier message has it: with a journal each needs its own".to_owned(),
        }],
        ..Outcome::new(Status::Invalid)
    }
}

/// A message that is not sent because it could not be told from one that may have been.
fn held<Cause>(index: usize, first: usize) -> Outcome<Cause> {
    let message = format!(
        "the same number and text as message {first}, which may have been sent: ask stats before sending it again"
    );
    Outcome {
        issues: vec![Issue {
            severity: Severity::Error,
            field: Field::Batch,
            index: Some(index),
            reason: Reason::Duplicate,
            code: None,
            message,
        }],
        ..Outcome::new(Status::NotSent)
    }
}
