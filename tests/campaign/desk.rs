//! A source that gives rows on time, a reader of their outcomes, and an API that answers by its script.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use paydunya_crm::campaign::{
    self, Campaign, Desk, End, Ledger, Limits, NoLedger, Outcome, Progress, Report, Status,
};
use paydunya_crm::client::CallOptions;
use paydunya_crm::error::Error;
use paydunya_crm::host::Host;
use paydunya_crm::message::Row;

use crate::scripted::*;

/// Receiver and text of each message.
pub(crate) type Posts = Vec<(String, String)>;

/// A source that gives rows on time, and a reader of outcomes that takes its time.
pub(crate) struct ScriptedDesk {
    pub(crate) host: ScriptedHost,
    pub(crate) started: u64,
    pub(crate) rows: RefCell<Vec<Option<Row>>>,
    /// Milliseconds between two rows.
    pub(crate) gap: u64,
    /// Milliseconds that the reader needs for an outcome.
    pub(crate) slowness: u64,
    pub(crate) room: usize,
    pub(crate) end: End,
    pub(crate) taken: Cell<usize>,
    pub(crate) most_held: Cell<usize>,
    pub(crate) outcomes: RefCell<Vec<Outcome<&'static str>>>,
    pub(crate) closes: Option<u64>,
    pub(crate) told: RefCell<Vec<(u64, Progress)>>,
}

impl ScriptedDesk {
    pub(crate) fn new(host: &ScriptedHost, rows: Vec<Row>) -> ScriptedDesk {
        ScriptedDesk {
            host: host.clone(),
            started: host.clock(),
            rows: RefCell::new(rows.into_iter().map(Some).collect()),
            gap: 0,
            slowness: 0,
            room: usize::MAX,
            end: End::Done,
            taken: Cell::new(0),
            most_held: Cell::new(0),
            outcomes: RefCell::default(),
            closes: None,
            told: RefCell::default(),
        }
    }

    pub(crate) fn passed(&self) -> u64 {
        self.host.clock() - self.started
    }

    pub(crate) fn given(&self) -> usize {
        let all = self.rows.borrow().len();
        match self.passed().checked_div(self.gap) {
            Some(given) => all.min(given as usize),
            None => all,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closes.is_some_and(|at| at <= self.host.clock())
    }

    pub(crate) fn held(&self) -> usize {
        let put = self.outcomes.borrow().len();
        let read = match self.passed().checked_div(self.slowness) {
            Some(read) => put.min(read as usize),
            None => put,
        };
        self.taken.get() - read
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_closed() || self.taken.get() == self.rows.borrow().len()
    }

    pub(crate) fn statuses(&self) -> Vec<Status> {
        self.outcomes
            .borrow()
            .iter()
            .map(|outcome| outcome.status)
            .collect()
    }

    pub(crate) fn count_of(&self, status: Status) -> usize {
        self.statuses()
            .iter()
            .filter(|found| **found == status)
            .count()
    }
}

impl Desk<&'static str> for ScriptedDesk {
    async fn ready(&self, least: usize) {
        while !self.is_over() && self.count() < least {
            self.host
                .sleep(5, &Signal::default())
                .await
                .expect("nobody aborts");
        }
    }

    fn count(&self) -> usize {
        (self.given() - self.taken.get()).min(self.room.saturating_sub(self.held()))
    }

    fn take(&self, most: usize, each: &mut dyn FnMut(Row<&str>)) -> Option<End> {
        if self.is_closed() {
            return Some(self.end);
        }
        let from = self.taken.get();
        let to = from + self.count().min(most);
        self.taken.set(to);
        self.most_held.set(self.most_held.get().max(self.held()));
        for row in self.rows.borrow_mut()[from..to]
            .iter_mut()
            .filter_map(Option::take)
        {
            each(Row {
                to: row.to.as_deref(),
                text: row.text.as_deref(),
                from: row.from.as_deref(),
                id: row.id.as_deref(),
            });
        }
        self.is_over().then_some(self.end)
    }

    fn total(&self) -> Option<usize> {
        Some(self.rows.borrow().len())
    }

    fn put(&self, outcomes: Vec<Outcome<&'static str>>) {
        self.outcomes.borrow_mut().extend(outcomes);
    }

    async fn closed(&self) {
        match self.closes {
            Some(at) => {
                let ms = at.saturating_sub(self.host.clock()) as u32;
                self.host
                    .sleep(ms, &Signal::default())
                    .await
                    .expect("nobody aborts");
            }
            None => std::future::pending().await,
        }
    }

    fn progress(&self, progress: &Progress) {
        self.told.borrow_mut().push((self.host.clock(), *progress));
    }
}

pub(crate) const LIMITS: Limits = Limits {
    concurrency: 4,
    per_second: None,
    progress: false,
};

pub(crate) fn rows(count: usize) -> Vec<Row> {
    (0..count)
        .map(|index| row(&number(index), &format!("Message {index}")))
        .collect()
}

pub(crate) fn number(index: usize) -> String {
    format!("+22177{index:07}")
}

/// The numbers of a posted batch.
pub(crate) fn numbers(posted: &Posted) -> Posts {
    let body: serde_json::Value = serde_json::from_str(&posted.body).expect("JSON");
    let sms = body["send_sms_request"]["sms"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let field =
        |sms: &serde_json::Value, name: &str| sms[name].as_str().unwrap_or_default().to_owned();
    sms.iter()
        .map(|sms| (field(sms, "to"), field(sms, "text")))
        .collect()
}

/// The API's answer that it accepted a batch; the code of a message is its number and text.
pub(crate) fn accepted(posted: &Posted) -> Scripted {
    let sms: Vec<_> = numbers(posted)
        .into_iter()
        .map(|(to, text)| {
            let code = format!("{to} {text}");
            serde_json::json!({ "code": code, "sender_addresss": "SENDER-ID", "receiver_address": to, "text": text })
        })
        .collect();
    answer(
        200,
        &serde_json::json!({ "code": "00", "data": { "sms": sms } }).to_string(),
    )
}

/// A host that logs in, and answers the n-th send by a script, or else accepts it.
pub(crate) fn api(
    mut script: impl FnMut(usize, &Posted) -> Option<Scripted> + 'static,
) -> ScriptedHost {
    let mut sends = 0;
    ScriptedHost::answering(move |posted| {
        if posted.path == "/auth/login" {
            return answer(200, LOGIN);
        }
        sends += 1;
        script(sends, posted).unwrap_or_else(|| accepted(posted))
    })
}

pub(crate) fn batches(host: &ScriptedHost) -> Vec<Posts> {
    host.posted()
        .iter()
        .filter(|posted| posted.path == "/sms/send")
        .map(numbers)
        .collect()
}

pub(crate) fn sizes(host: &ScriptedHost) -> Vec<usize> {
    batches(host).iter().map(Vec::len).collect()
}

pub(crate) type Ended = Result<Report, Rc<Error<&'static str>>>;

pub(crate) fn run_with<L: Ledger<&'static str> + 'static>(
    desk: ScriptedDesk,
    limits: Limits,
    signal: Signal,
    ledger: L,
) -> (Rc<ScriptedDesk>, Ended) {
    let host = desk.host.clone();
    let (client, desk) = (client(&host), Rc::new(desk));
    let (of_run, policy) = (desk.clone(), policy());
    let (clock, options) = (
        host.clone(),
        CallOptions {
            signal,
            max_retries: 0,
            ..patiently()
        },
    );
    let ended = settle_one(&host, async move {
        campaign::run(Campaign {
            client: &*client,
            host: &clock,
            policy: &policy,
            options: &options,
            limits,
            desk: &*of_run,
            ledger: &ledger,
        })
        .await
    });
    if let Ok(report) = &ended {
        let counted = [
            (Status::Sent, report.totals.sent),
            (Status::Invalid, report.totals.invalid),
            (Status::Refused, report.totals.refused),
            (Status::NotSent, report.totals.not_sent),
            (Status::Unknown, report.totals.unknown),
            (Status::Skipped, report.totals.skipped),
        ];
        for (status, count) in counted {
            assert_eq!(desk.count_of(status), count, "{status:?}");
        }
        assert_eq!(
            report.totals.total,
            desk.taken.get(),
            "one outcome for each row"
        );
        assert_eq!(desk.outcomes.borrow().len(), desk.taken.get());
    }
    (desk, ended)
}

pub(crate) fn run(desk: ScriptedDesk) -> (Rc<ScriptedDesk>, Report) {
    let (desk, ended) = run_with(desk, LIMITS, Signal::default(), NoLedger);
    (desk, ended.expect("a report"))
}
