//! Bugs that are planted, to see that they are found.

use flate2::Crc;
use paydunya_crm::api::send::{self, Receipt, SentSms, Status};
use paydunya_crm::api::{Call, Data, Reply, Success};
use paydunya_crm::campaign::{Entry, Known, Ledger, Outcome};
use paydunya_crm::client::Rules;
use paydunya_crm::error::Error;
use paydunya_crm::host::What;
use paydunya_crm::journal::Journal;
use paydunya_crm::message::{Batch, Message};
use paydunya_crm::retry::{self, Next, Setback, Tried};

use crate::disk::File;
use crate::world::Cause;

/// Which bug there is: in the client's rules, in the journal, or on the disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bug {
    None,
    IntentAfterPost,
    NoSync,
    ResendAfterCrash,
    ResendOnReset,
    HtmlIsSent,
    /// What is asked of the stats forgets which codes the answers gave.
    CodeTwice,
    /// A message that was sent is unheard of.
    Forgets,
    /// A message that was sent is in doubt again.
    FallsBack,
}

/// A send whose connection broke is posted again.
pub(crate) struct ResendOnReset;

impl Rules for ResendOnReset {
    fn next(tried: Tried, setback: Setback, wait: Option<u32>, jitter: f64) -> Next {
        match setback {
            Setback::Failure(What::Lost) if tried.call == Call::Send && tried.repeats == 0 => {
                Next::Repeat { in_ms: 1 }
            }
            _ => retry::next(tried, setback, wait, jitter),
        }
    }
}

/// Any page with status 200 is taken for success.
pub(crate) struct HtmlIsSent;

const PAGE: &str = "a page";

impl Rules for HtmlIsSent {
    fn reply(body: &str) -> Reply<'_> {
        match Reply::read(body) {
            Reply::Bare if body.starts_with("<!doctype html>") => Reply::Success(Success {
                message: PAGE.to_owned(),
                description: String::new(),
                data: Data::default(),
            }),
            reply => reply,
        }
    }

    fn receipt(success: Success<'_>, batch: &Batch) -> Option<Receipt> {
        if success.message != PAGE {
            return send::answer(success, batch);
        }
        let sms = |_: &Message| SentSms {
            status: Status::Sent,
            code: None,
            segments: 1,
        };
        Some(Receipt {
            code: "00",
            message: success.message,
            description: success.description,
            sms: batch.messages().iter().map(sms).collect(),
            unknown: Vec::new(),
            warnings: Vec::new(),
        })
    }
}

/// The journal, with a bug or none.
pub(crate) struct Buggy {
    pub(crate) journal: Journal<File>,
    pub(crate) bug: Bug,
}

impl Ledger<Cause> for Buggy {
    async fn open(&self) -> Result<(), Error<Cause>> {
        self.journal.open().await
    }

    fn expects(&self, index: usize) -> bool {
        Ledger::<Cause>::expects(&self.journal, index)
    }

    fn known(&self, entry: &Entry, message: &Message) -> Option<Known> {
        match (
            self.bug,
            Ledger::<Cause>::known(&self.journal, entry, message),
        ) {
            (Bug::Forgets, Some(Known::Sent(_))) => None,
            (Bug::FallsBack, Some(Known::Sent(_))) => Some(Known::Unknown),
            (Bug::ResendAfterCrash, Some(Known::Unknown)) => None,
            (_, known) => known,
        }
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

/// The lines of a journal without the codes of what was sent.
pub(crate) fn without_codes(text: &str) -> String {
    let checked = |body: &str| {
        let mut crc = Crc::new();
        crc.update(body.as_bytes());
        format!("{:08x} {body}", crc.sum())
    };
    let line = |line: &str| match line.split_once(' ') {
        // One that was torn stays so.
        Some((_, body)) if checked(body) == line => {
            let mut parts = body.split("\"sent ");
            let mut without = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                without.push_str("\"sent\"");
                without.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
            }
            checked(&without)
        }
        _ => line.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
