//! Any number of messages: it only schedules [`Client::send`], and is no second way to the network.
//!
//! What decides is pure: `verdict.rs` (what the outcome of a batch means), `queue.rs` (what is sent next and what
//! never), `pace.rs` (when), `progress.rs` (how far it got). [`run`] is the loop that does it.

mod ledger;
mod pace;
mod progress;
mod queue;
mod tasks;
mod verdict;

pub use ledger::{Entry, Known, Ledger, NoLedger};
pub use progress::{Progress, Totals};
pub use verdict::Stop;

use std::cell::Cell;
use std::rc::Rc;

use self::progress::Meter;
use self::queue::{Next, Queue, Sending};
use self::tasks::{Tasks, first};
use self::verdict::{Course, Verdict};
use crate::client::{CallOptions, Client, Rules, TheRules};
use crate::error::{Error, Issue, Kind};
use crate::host::Host;
use crate::message::{MOST, Policy, Row};

/// POSTs in flight at once where nobody says.
pub const DEFAULT_CONCURRENCY: usize = 4;

/// POSTs in flight at once that a caller may ask for at most.
pub const MOST_CONCURRENCY: u32 = 100;

/// A source that gives no whole batch within so many ms has what it gave sent.
const LINGER: u32 = 100;

/// Where the rows of a campaign come from, and where their outcomes go.
// Everything runs on the one thread of a JavaScript realm, so no future has to be `Send`.
#[expect(async_fn_in_trait, reason = "no future has to be Send")]
pub trait Desk<Cause> {
    /// Waits until so many rows can be taken, or the last ones. It waits too while whoever reads the outcomes is behind.
    async fn ready(&self, least: usize);

    /// Rows that can be taken now.
    fn count(&self) -> usize;

    /// Gives at most so many of them, one after the other, and then says whether any may follow.
    fn take(&self, most: usize, each: &mut dyn FnMut(Row<&str>)) -> Option<End>;

    /// How many rows there are, where that is known.
    fn total(&self) -> Option<usize>;

    /// Hands over outcomes, in the order of the rows.
    fn put(&self, outcomes: Vec<Outcome<Cause>>);

    /// Waits until nobody wants the outcomes any more, or the caller's signal is aborted.
    async fn closed(&self);

    /// Tells how far it got, at most ten times a second.
    fn progress(&self, progress: &Progress);
}

/// Why no row follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// These were all.
    Done,
    /// The source failed.
    Failed,
}

/// What became of one message.
#[derive(Clone, Debug)]
pub struct Outcome<Cause> {
    /// In one word.
    pub status: Status,
    /// Of one that was sent: its identity (the API document's CODE-SMS); of one that was refused: the API's code.
    pub code: Option<String>,
    /// Faults of one that is invalid, doubts of another.
    pub issues: Vec<Issue>,
    /// Why it was not sent, or is not known; all messages of a batch share one.
    pub error: Option<Rc<Error<Cause>>>,
    /// SMS segments, of one that was sent.
    pub segments: usize,
}

impl Status {
    /// The word that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Sent => "sent",
            Status::Invalid => "invalid",
            Status::Refused => "refused",
            Status::NotSent => "not-sent",
            Status::Unknown => "unknown",
            Status::Skipped => "skipped",
        }
    }
}

impl<Cause> Outcome<Cause> {
    fn new(status: Status) -> Self {
        Outcome {
            status,
            code: None,
            issues: Vec::new(),
            error: None,
            segments: 0,
        }
    }
}

/// What became of one message, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The API accepted it.
    Sent,
    /// It was never sent, because it is no message that may be.
    Invalid,
    /// The API refused it.
    Refused,
    /// Surely not sent: sending it again is safe.
    NotSent,
    /// It may have been sent: ask the stats before sending it again.
    Unknown,
    /// The campaign stopped before it.
    Skipped,
}

/// What a campaign is told.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// POSTs in flight at most, from 1.
    pub concurrency: usize,
    /// Messages in any second at most, from 1.
    pub per_second: Option<u32>,
    /// Whether [`Desk::progress`] is called.
    pub progress: bool,
}

/// How a campaign ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// All outcomes, counted.
    pub totals: Totals,
    /// Why it stopped before its end.
    pub stopped: Option<Stop>,
}

/// All that a campaign needs.
pub struct Campaign<'a, H: Host, D, L, R = TheRules> {
    /// Posts.
    pub client: &'a Client<H, R>,
    /// The clock.
    pub host: &'a H,
    /// Judges the rows.
    pub policy: &'a Policy,
    /// Of each POST.
    pub options: &'a CallOptions<H::Signal>,
    /// How fast.
    pub limits: Limits,
    /// Rows in, outcomes out.
    pub desk: &'a D,
    /// What outlives the process.
    pub ledger: &'a L,
}

/// Rows that were taken and have no consumed outcome yet, at most: what bounds the memory. A [`Desk`] keeps it.
pub const fn window(concurrency: usize) -> usize {
    // Each POST in flight with the batch that follows it, and one in the making.
    concurrency
        .saturating_mul(2)
        .saturating_add(2)
        .saturating_mul(MOST)
}

fn contradicted<Cause>(index: usize) -> Error<Cause> {
    let message = format!(
        "sendAll: message {index} is not the one that the journal has in its place, so any could be sent twice: give the \
         same source again, or give every message an `id`."
    );
    Error::new(Kind::Invalid, message)
}

/// What the loop waits for.
enum Event<Cause> {
    Ready,
    Time,
    Closed,
    Settled(Sending, Verdict<Cause>),
}

/// Sends all rows. Each row has one outcome, in the order of the rows, whatever happens.
///
/// # Errors
/// Of misuse alone, as a client without keys; then nothing was sent. And where the ledger cannot be read.
pub async fn run<H, D, L, R>(
    campaign: Campaign<'_, H, D, L, R>,
) -> Result<Report, Rc<Error<H::Cause>>>
where
    H: Host,
    D: Desk<H::Cause>,
    L: Ledger<H::Cause>,
    R: Rules,
{
    let Campaign {
        host,
        policy,
        limits,
        desk,
        ledger,
        ..
    } = campaign;
    ledger.open().await.map_err(Rc::new)?;
    let mut queue = Queue::new(limits);
    queue.compare(ledger);
    let mut meter = Meter::new(host.now());
    let stopped = Cell::new(false);
    let mut tasks: Tasks<'_, Event<H::Cause>> = Tasks::default();
    tasks.push(async {
        desk.closed().await;
        Event::Closed
    });
    let (mut reading, mut sleeping, mut closed) = (false, false, false);
    loop {
        let cause = host.aborted(&campaign.options.signal);
        if cause.is_some() || closed {
            let stop = match cause {
                Some(_) => Stop::Aborted,
                None => Stop::Closed,
            };
            let why = Error {
                cause,
                ..Error::new(Kind::Aborted, "")
            };
            queue.stop(stop, Rc::new(why));
        }
        stopped.set(queue.is_stopped());
        if let Some(index) = queue.contradiction() {
            let error = Rc::new(contradicted(index));
            if queue.is_idle() {
                return Err(error);
            }
            queue.stop(Stop::Journal, error);
        }
        let now = host.now();
        loop {
            match queue.next(now) {
                Next::Post(sending) => tasks.push(post(&campaign, sending, &stopped)),
                Next::Wait(until) => {
                    if !sleeping {
                        sleeping = true;
                        let ms = until.saturating_sub(now).min(u64::from(u32::MAX)) as u32;
                        tasks.push(async move {
                            // Where it is aborted, `closed` says so too.
                            let _ = host.sleep(ms, &campaign.options.signal).await;
                            Event::Time
                        });
                    }
                    break;
                }
                Next::Nothing => break,
            }
        }
        if !reading && queue.wants_rows() {
            reading = true;
            let patient = !queue.has_waiting();
            tasks.push(async move {
                ready(host, desk, &campaign.options.signal, patient).await;
                Event::Ready
            });
        }
        let settled = queue.settled();
        if !settled.is_empty() {
            meter.count(&settled);
            desk.put(settled);
        }
        let ended = queue.is_empty();
        if limits.progress && (ended || meter.is_due(now)) {
            desk.progress(&meter.progress(desk.total(), now));
        }
        if ended {
            break;
        }
        match tasks.next().await {
            Event::Ready => {
                reading = false;
                let mut count: usize = 0;
                let end = desk.take(MOST, &mut |row| {
                    count = count.saturating_add(1);
                    queue.take(row, policy, ledger);
                });
                queue.took(count, end);
                queue.compare(ledger);
            }
            Event::Time => sleeping = false,
            // Where it is aborted, that is seen above.
            Event::Closed => closed = true,
            Event::Settled(
                _,
                Verdict {
                    course: Course::Misuse(error),
                    ..
                },
            ) => return Err(error),
            Event::Settled(sending, verdict) => queue.settle(sending, verdict, host.now()),
        }
    }
    Ok(Report {
        totals: meter.totals(),
        stopped: queue.stopped(),
    })
}

/// Waits for the rows of a whole batch, but only a little while when there is a part of one. Who is patient has none.
async fn ready<H: Host, D: Desk<H::Cause>>(host: &H, desk: &D, signal: &H::Signal, patient: bool) {
    if patient {
        desk.ready(1).await;
    }
    if desk.count() < MOST {
        first(desk.ready(MOST), async {
            let _ = host.sleep(LINGER, signal).await;
        })
        .await;
    }
}

/// Posts a batch, with the ledger told before and after.
async fn post<H, D, L, R>(
    campaign: &Campaign<'_, H, D, L, R>,
    sending: Sending,
    stopped: &Cell<bool>,
) -> Event<H::Cause>
where
    H: Host,
    L: Ledger<H::Cause>,
    R: Rules,
{
    let Campaign { client, ledger, .. } = campaign;
    let count = sending.entries.len();
    let verdict = match ledger.intend(&sending.entries, &sending.batch).await {
        Ok(()) => {
            // Writing it down took its time.
            let verdict = if stopped.get() {
                Verdict::halted(count)
            } else {
                let sent = client.send(&sending.batch, campaign.options).await;
                Verdict::new(sent, count)
            };
            let told = ledger
                .settle(&sending.entries, &sending.batch, &verdict.outcomes)
                .await;
            match told {
                Ok(()) => verdict,
                // What became of them is known, but nothing may follow.
                Err(error) => verdict.unrecorded(error),
            }
        }
        Err(error) => Verdict::unintended(error, count),
    };
    Event::Settled(sending, verdict)
}
