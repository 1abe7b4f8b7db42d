//! What a campaign writes down, so that another process can go on with it: nothing is sent twice, and nothing is lost.
//!
//! The rules, each with a test that fails without it:
//!
//! 1. The intent of a POST is durable before its first byte leaves, its outcome before anybody learns of it.
//! 2. An intent without an outcome is `unknown`, and is never sent again unless the caller says so. What was settled
//!    stays: an outcome that comes later changes nothing.
//! 3. A message is the same by its `id`, else by its index, number and text. A source that contradicts the journal is an
//!    error.
//! 4. Each line has a checksum, its own place and the place before which every line is durable. A line that is torn or
//!    missing is legal only if no other says that it was durable; any other damage is an error that names it.
//! 5. A run begins with a line end and a line of its own, so that nothing is glued to a torn line.
//! 6. A code of the stats belongs to one message at most.

mod history;
mod line;
mod reconcile;
mod record;

pub use reconcile::{DEFAULT_SETTLE, Report, Settings, reconcile};

use std::cell::RefCell;

use self::history::{Damage, History};
use self::line::Line;
use self::record::{Fate, Intended, Record};
use crate::campaign::{Entry, Known, Ledger, Outcome, Status};
use crate::error::{Error, Kind};
use crate::message::{Batch, Message};

/// Where lines are kept.
#[expect(async_fn_in_trait, reason = "no future has to be Send")]
pub trait Storage<Cause> {
    /// Gives all lines that were appended, oldest first. A text may be several lines, and lines may be empty.
    ///
    /// # Errors
    /// They cannot be read.
    async fn read(&self, each: &mut dyn FnMut(&str)) -> Result<(), Error<Cause>>;

    /// Resolves when the line, which has no line end behind it and may have one before it, is durable. It must stand on
    /// its own.
    ///
    /// # Errors
    /// It may not be durable.
    async fn append(&self, line: &str) -> Result<(), Error<Cause>>;

    /// Milliseconds since 1970.
    fn now(&self) -> u64;
}

/// A journal that is kept in some storage. One campaign, or one reconcile, uses it at a time.
pub struct Journal<S> {
    storage: S,
    run: RefCell<Run>,
}

/// What one campaign knows.
#[derive(Default)]
struct Run {
    history: History,
    /// The place of the next line.
    next: u32,
    /// Every line before this place is durable: at the beginning of a run that is what was found.
    durable: u32,
    /// Places of lines that are not durable yet, or never will be.
    pending: Vec<u32>,
    /// The places of the intents of batches in flight, each with the index of its first message.
    posts: Vec<(usize, u32)>,
}

impl<S> Journal<S> {
    /// Nothing is read yet.
    pub fn new(storage: S) -> Self {
        Journal {
            storage,
            run: RefCell::default(),
        }
    }

    async fn read<Cause>(&self) -> Result<(), Error<Cause>>
    where
        S: Storage<Cause>,
    {
        let mut history = History::default();
        let mut read = Ok(());
        self.storage
            .read(&mut |text| {
                if read.is_ok() {
                    read = history.read(text);
                }
            })
            .await?;
        read.map_err(damaged)?;
        *self.run.borrow_mut() = Run {
            next: history.next(),
            durable: history.whole(),
            history,
            ..Run::default()
        };
        Ok(())
    }

    /// Writes that a run begins, on a line of its own whatever stands before it.
    async fn begin<Cause>(&self) -> Result<(), Error<Cause>>
    where
        S: Storage<Cause>,
    {
        let before = if self.run.borrow().history.is_empty() {
            ""
        } else {
            "\n"
        };
        self.append(before, &Record::Start).await?;
        Ok(())
    }

    /// Gives the place of the line, when it is durable.
    async fn append<Cause>(&self, before: &str, record: &Record) -> Result<u32, Error<Cause>>
    where
        S: Storage<Cause>,
    {
        let record = record.write();
        let (place, line) = {
            let mut run = self.run.borrow_mut();
            let place = run.next;
            run.next = place.saturating_add(1);
            let durable = run.durable;
            run.pending.push(place);
            let line = Line {
                place,
                durable,
                record: &record,
            };
            (place, [before, &line.write()].concat())
        };
        self.storage.append(&line).await?;
        let run = &mut *self.run.borrow_mut();
        run.pending.retain(|pending| *pending != place);
        // Once the first line of a run is durable, nobody asks for what the run before it lost.
        run.durable = run.pending.iter().copied().min().unwrap_or(run.next);
        Ok(place)
    }
}

impl<Cause, S: Storage<Cause>> Ledger<Cause> for Journal<S> {
    async fn open(&self) -> Result<(), Error<Cause>> {
        self.read().await?;
        self.begin().await
    }

    fn expects(&self, index: usize) -> bool {
        self.run.borrow().history.expects(index)
    }

    fn known(&self, entry: &Entry, message: &Message) -> Option<Known> {
        let message = Intended::new(entry.index, entry.id.as_deref(), message);
        self.run.borrow_mut().history.known(&message)
    }

    async fn intend(&self, entries: &[Entry], batch: &Batch) -> Result<(), Error<Cause>> {
        let messages = entries
            .iter()
            .zip(batch.messages())
            .map(|(entry, message)| Intended::new(entry.index, entry.id.as_deref(), message))
            .collect();
        let at = self.storage.now();
        let place = self.append("", &Record::Intent { at, messages }).await?;
        if let Some(first) = entries.first() {
            self.run.borrow_mut().posts.push((first.index, place));
        }
        Ok(())
    }

    async fn settle(
        &self,
        entries: &[Entry],
        _: &Batch,
        outcomes: &[Outcome<Cause>],
    ) -> Result<(), Error<Cause>> {
        let of = {
            let posts = &mut self.run.borrow_mut().posts;
            let first = entries.first().map(|entry| entry.index);
            let Some(found) = posts.iter().position(|(index, _)| Some(*index) == first) else {
                // What has no intent was not posted.
                return Ok(());
            };
            posts.swap_remove(found).1
        };
        let fates = outcomes.iter().map(fate).collect();
        self.append("", &Record::Outcome { of, fates }).await?;
        Ok(())
    }
}

fn fate<Cause>(outcome: &Outcome<Cause>) -> Fate {
    match outcome.status {
        Status::Sent => Fate::Sent(outcome.code.clone()),
        Status::Refused => Fate::Refused(outcome.code.clone()),
        Status::NotSent | Status::Invalid | Status::Skipped => Fate::NotSent,
        Status::Unknown => Fate::Unknown,
    }
}

fn damaged<Cause>(Damage { line, fault }: Damage) -> Error<Cause> {
    let message = format!(
        "journal, line {line}: {fault}. Nothing was sent. Give the journal of this campaign as it was written, or ask \
         stats what was sent before you begin another."
    );
    Error::new(Kind::Invalid, message)
}
