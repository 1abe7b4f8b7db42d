//! The seam for what outlives the process: a journal writes what a campaign is about to do, and what became of it.

use super::Outcome;
use crate::error::Error;
use crate::message::{Batch, Message};

/// Told before the first byte of each POST and after its outcome, and asked for each message what is known already.
///
/// All calls of one campaign come from one task, but those of several POSTs may be under way at once.
#[expect(async_fn_in_trait, reason = "no future has to be Send")]
pub trait Ledger<Cause> {
    /// Called once, before the first row is taken: the time to read what was written before.
    ///
    /// # Errors
    /// It cannot be read: the campaign fails with this, and nothing is sent.
    async fn open(&self) -> Result<(), Error<Cause>>;

    /// Whether an earlier run may have sent a row of this index, or of a later one, which is known by its place alone. So
    /// long as the rows up to it can be held they are compared first, and only then anything is sent: in a source that
    /// lost a row each one that follows would be taken for another.
    fn expects(&self, _index: usize) -> bool {
        false
    }

    /// What an earlier run left of this message. Anything but `None` is its outcome: it is not sent.
    fn known(&self, entry: &Entry, message: &Message) -> Option<Known>;

    /// Resolves when it is durable that these messages are about to be posted; `entries[i]` is about `batch`'s
    /// `messages()[i]`. No byte leaves before.
    ///
    /// # Errors
    /// It could not be written: the messages are not sent, and the campaign stops.
    async fn intend(&self, entries: &[Entry], batch: &Batch) -> Result<(), Error<Cause>>;

    /// Resolves when it is durable what became of them; `outcomes[i]` is that of `entries[i]`. Nobody learns of the
    /// outcomes before. A batch that was too large (HTTP 413) is `not-sent` here and intended again in halves.
    ///
    /// # Errors
    /// It could not be written: the outcomes stay what they are, and the campaign stops.
    async fn settle(
        &self,
        entries: &[Entry],
        batch: &Batch,
        outcomes: &[Outcome<Cause>],
    ) -> Result<(), Error<Cause>>;
}

/// Which row a message comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the source, from 0.
    pub index: usize,
    /// The caller's own name for the message.
    pub id: Option<String>,
    pub(super) twin_key: u64,
    pub(super) warnings: Vec<crate::error::Issue>,
}

/// What an earlier run left of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was sent, with this code.
    Sent(Option<String>),
    /// The API refused it, with this code.
    Refused(Option<String>),
    /// It may have been sent.
    Unknown,
    /// A row before it in this run has the same id.
    Repeated,
    /// Another message was sent in its place: the source is not the one that it was.
    Contradicted,
}

/// None keeps nothing and knows nothing.
impl<Cause, L: Ledger<Cause>> Ledger<Cause> for Option<L> {
    async fn open(&self) -> Result<(), Error<Cause>> {
        match self {
            Some(ledger) => ledger.open().await,
            None => Ok(()),
        }
    }

    fn expects(&self, index: usize) -> bool {
        self.as_ref().is_some_and(|ledger| ledger.expects(index))
    }

    fn known(&self, entry: &Entry, message: &Message) -> Option<Known> {
        self.as_ref()?.known(entry, message)
    }

    async fn intend(&self, entries: &[Entry], batch: &Batch) -> Result<(), Error<Cause>> {
        match self {
            Some(ledger) => ledger.intend(entries, batch).await,
            None => Ok(()),
        }
    }

    async fn settle(
        &self,
        entries: &[Entry],
        batch: &Batch,
        outcomes: &[Outcome<Cause>],
    ) -> Result<(), Error<Cause>> {
        match self {
            Some(ledger) => ledger.settle(entries, batch, outcomes).await,
            None => Ok(()),
        }
    }
}

/// Keeps nothing and knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoLedger;

impl<Cause> Ledger<Cause> for NoLedger {
    async fn open(&self) -> Result<(), Error<Cause>> {
        Ok(())
    }

    fn known(&self, _: &Entry, _: &Message) -> Option<Known> {
        None
    }

    async fn intend(&self, _: &[Entry], _: &Batch) -> Result<(), Error<Cause>> {
        Ok(())
    }

    async fn settle(
        &self,
        _: &[Entry],
        _: &Batch,
        _: &[Outcome<Cause>],
    ) -> Result<(), Error<Cause>> {
        Ok(())
    }
}
