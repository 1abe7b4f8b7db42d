//! Stories of campaigns: which messages leave, in what order their outcomes come, and when nothing more is sent.
#![allow(
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "where it panics, a test fails"
)]

mod scripted;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use paydunya_crm::campaign::{
    self, Campaign, Desk, End, Entry, Known, Ledger, Limits, NoLedger, Outcome, Progress, Report,
    Status, Stop, window,
};
use paydunya_crm::client::CallOptions;
use paydunya_crm::error::{Delivery, Error, Kind, Reason};
use paydunya_crm::host::{Host, What};
use paydunya_crm::message::{Batch, Message, Row};
use proptest::prelude::*;
use scripted::*;

/// A source that gives rows on time, and a reader of outcomes that takes its time.
struct ScriptedDesk {
    host: ScriptedHost,
    started: u64,
    rows: RefCell<Vec<Option<Row>>>,
    /// Milliseconds between two rows.
    gap: u64,
    /// Milliseconds that the reader needs for an outcome.
    slowness: u64,
    room: usize,
    end: End,
    taken: Cell<usize>,
    most_held: Cell<usize>,
    outcomes: RefCell<Vec<Outcome<&'static str>>>,
    closes: Option<u64>,
    told: RefCell<Vec<(u64, Progress)>>,
}

impl ScriptedDesk {
    fn new(host: &ScriptedHost, rows: Vec<Row>) -> ScriptedDesk {
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

    fn passed(&self) -> u64 {
        self.host.clock() - self.started
    }

    fn given(&self) -> usize {
        let all = self.rows.borrow().len();
        match self.passed().checked_div(self.gap) {
            Some(given) => all.min(given as usize),
            None => all,
        }
    }

    fn is_closed(&self) -> bool {
        self.closes.is_some_and(|at| at <= self.host.clock())
    }

    fn held(&self) -> usize {
        let put = self.outcomes.borrow().len();
        let read = match self.passed().checked_div(self.slowness) {
            Some(read) => put.min(read as usize),
            None => put,
        };
        self.taken.get() - read
    }

    fn is_over(&self) -> bool {
        self.is_closed() || self.taken.get() == self.rows.borrow().len()
    }

    fn statuses(&self) -> Vec<Status> {
        self.outcomes
            .borrow()
            .iter()
            .map(|outcome| outcome.status)
            .collect()
    }

    fn count_of(&self, status: Status) -> usize {
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

const LIMITS: Limits = Limits {
    concurrency: 4,
    per_second: None,
    progress: false,
};

fn rows(count: usize) -> Vec<Row> {
    (0..count)
        .map(|index| row(&number(index), &format!("Message {index}")))
        .collect()
}

fn number(index: usize) -> String {
    format!("+22177{index:07}")
}

/// The numbers of a posted batch.
fn numbers(posted: &Posted) -> Posts {
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
fn accepted(posted: &Posted) -> Scripted {
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
fn api(mut script: impl FnMut(usize, &Posted) -> Option<Scripted> + 'static) -> ScriptedHost {
    let mut sends = 0;
    ScriptedHost::answering(move |posted| {
        if posted.path == "/auth/login" {
            return answer(200, LOGIN);
        }
        sends += 1;
        script(sends, posted).unwrap_or_else(|| accepted(posted))
    })
}

fn batches(host: &ScriptedHost) -> Vec<Posts> {
    host.posted()
        .iter()
        .filter(|posted| posted.path == "/sms/send")
        .map(numbers)
        .collect()
}

fn sizes(host: &ScriptedHost) -> Vec<usize> {
    batches(host).iter().map(Vec::len).collect()
}

type Ended = Result<Report, Rc<Error<&'static str>>>;

fn run_with<L: Ledger<&'static str> + 'static>(
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

fn run(desk: ScriptedDesk) -> (Rc<ScriptedDesk>, Report) {
    let (desk, ended) = run_with(desk, LIMITS, Signal::default(), NoLedger);
    (desk, ended.expect("a report"))
}

#[test]
fn sends_all_in_batches_of_fifty_with_one_login() {
    let host = api(|_, _| None);
    let (desk, report) = run(ScriptedDesk::new(&host, rows(1_020)));
    assert_eq!(
        (report.totals.sent, report.totals.total, report.stopped),
        (1_020, 1_020, None)
    );
    assert_eq!(report.totals.segments, 1_020);
    let mut expected = vec![50; 20];
    expected.push(20);
    assert_eq!(sizes(&host), expected);
    assert_eq!(
        host.calls().iter().filter(|call| *call == "login").count(),
        1
    );
    assert!(desk.statuses().iter().all(|status| *status == Status::Sent));
}

#[test]
fn outcomes_come_in_the_order_of_the_source_whatever_order_the_answers_have() {
    // The later a POST, the sooner its answer, four at a time.
    let host = api(|nth, posted| Some(accepted(posted).after(400 - 100 * (nth as u64 % 4))));
    let (desk, _) = run(ScriptedDesk::new(&host, rows(600)));
    for (index, outcome) in desk.outcomes.borrow().iter().enumerate() {
        assert_eq!(
            outcome.code,
            Some(format!("{} Message {index}", number(index)))
        );
    }
}

#[test]
fn no_more_posts_are_in_flight_than_allowed_and_the_first_goes_alone() {
    let host = api(|_, posted| Some(accepted(posted).after(1_000)));
    let started = host.clock();
    run(ScriptedDesk::new(&host, rows(50 * 9)));
    // The login, one batch alone, then twice four.
    assert_eq!(host.clock() - started, 10 + 1_000 + 1_000 + 1_000);
}

#[test]
fn an_invalid_row_never_leaves_and_its_batch_is_filled_up_with_others() {
    let host = api(|_, _| None);
    let mut rows = rows(104);
    for index in [0, 7, 60, 103] {
        rows[index] = row("7", "");
    }
    let (desk, report) = run(ScriptedDesk::new(&host, rows));
    assert_eq!(sizes(&host), [50, 50]);
    assert_eq!((report.totals.invalid, report.totals.sent), (4, 100));
    for index in [0, 7, 60, 103] {
        let outcome = &desk.outcomes.borrow()[index];
        assert_eq!(outcome.status, Status::Invalid);
        assert!(
            outcome
                .issues
                .iter()
                .all(|issue| issue.index == Some(index))
        );
        assert!(outcome.issues.iter().any(|issue| issue.is_error()));
    }
}

#[test]
fn a_refused_batch_has_the_apis_code_and_the_others_go_on() {
    let host = api(|nth, _| (nth == 2).then(|| code("ERROR_110")));
    let (desk, report) = run(ScriptedDesk::new(&host, rows(200)));
    assert_eq!(
        (report.totals.refused, report.totals.sent, report.stopped),
        (50, 150, None)
    );
    assert_eq!(
        desk.outcomes.borrow()[50].code.as_deref(),
        Some("ERROR_110")
    );
}

#[test]
fn messages_that_an_answer_does_not_name_are_unknown() {
    let host = api(|_, posted| {
        let mut named = posted.clone();
        let first = number(3);
        named.body = named.body.replace(&first, "+221770009999");
        Some(accepted(&named))
    });
    let (desk, report) = run(ScriptedDesk::new(&host, rows(10)));
    assert_eq!((report.totals.unknown, report.totals.sent), (1, 9));
    assert_eq!(desk.statuses()[3], Status::Unknown);
}

#[track_caller]
fn stops(answered: fn() -> Scripted, stop: Stop, status: Status) {
    let host = api(move |nth, _| (nth == 2).then(answered));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (desk, ended) = run_with(
        ScriptedDesk::new(&host, rows(500)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(report.stopped, Some(stop));
    assert_eq!(
        (
            report.totals.sent,
            desk.count_of(status),
            report.totals.skipped
        ),
        (50, 50, 400)
    );
    assert_eq!(batches(&host).len(), 2);
    let outcomes = desk.outcomes.borrow();
    let (tried, skipped) = (&outcomes[50], &outcomes[499]);
    let (tried, skipped) = (
        tried.error.as_ref().expect("why"),
        skipped.error.as_ref().expect("why"),
    );
    assert_eq!(
        (skipped.kind, skipped.code, skipped.status),
        (tried.kind, tried.code, tried.status)
    );
    assert_eq!(skipped.delivery, Some(Delivery::NotSent));
    assert!(
        skipped
            .message
            .starts_with("sendAll: stopped before this message: ")
    );
}

#[test]
fn without_money_nothing_more_is_sent() {
    stops(|| code("ERROR_102"), Stop::Balance, Status::Unknown);
}

#[test]
fn with_a_wrong_key_nothing_more_is_sent() {
    stops(|| code("ERROR_107"), Stop::Credentials, Status::Refused);
    stops(|| code("ERROR_117"), Stop::Credentials, Status::NotSent);
}

#[test]
fn after_a_redirect_nothing_more_is_sent() {
    stops(|| answer(302, ""), Stop::Redirect, Status::Unknown);
}

#[test]
fn two_unknown_batches_in_a_row_and_a_canary_that_fails_stop_it() {
    let host = api(|nth, _| (nth > 1).then(|| failure(What::Lost)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(1_000)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(sizes(&host), [50, 50, 50, 1]);
    assert_eq!(report.stopped, Some(Stop::Outage));
    assert_eq!(
        (
            report.totals.sent,
            report.totals.unknown,
            report.totals.skipped
        ),
        (50, 101, 849)
    );
}

#[test]
fn a_canary_that_is_answered_lets_it_go_on() {
    let host = api(|nth, _| [2, 3].contains(&nth).then(|| failure(What::Timeout)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(1_000)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!(sizes(&host)[..6], [50, 50, 50, 1, 50, 50]);
    assert_eq!(
        (report.stopped, report.totals.unknown, report.totals.sent),
        (None, 100, 900)
    );
}

#[test]
fn the_canary_waits_until_nothing_is_in_flight() {
    let host = api(|nth, posted| match nth {
        2 | 3 => Some(failure(What::Lost)),
        4 | 5 => Some(accepted(posted).after(5_000)),
        _ => None,
    });
    let (_, report) = run(ScriptedDesk::new(&host, rows(1_000)));
    // The sixth left between the two losses.
    assert_eq!(sizes(&host)[..8], [50, 50, 50, 50, 50, 50, 1, 50]);
    assert_eq!((report.stopped, report.totals.unknown), (None, 100));
}

#[test]
fn unknown_batches_that_are_not_in_a_row_stop_nothing() {
    let host = api(|nth, _| (nth % 2 == 0).then(|| failure(What::Lost)));
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(500)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let report = ended.expect("a report");
    assert_eq!((report.stopped, report.totals.unknown), (None, 250));
    assert_eq!(sizes(&host), [50; 10]);
}

#[test]
fn a_batch_that_is_too_large_is_sent_in_halves() {
    let host = api(|_, posted| (numbers(posted).len() > 13).then(|| answer(413, "")));
    let (desk, report) = run(ScriptedDesk::new(&host, rows(130)));
    assert_eq!((report.totals.sent, report.stopped), (130, None));
    assert_eq!(sizes(&host)[..3], [50, 25, 25]);
    let sent = batches(&host)
        .into_iter()
        .filter(|batch| batch.len() <= 13)
        .flatten();
    let sent: HashSet<_> = sent.collect();
    assert_eq!(sent.len(), 130, "each once");
    assert_eq!(desk.statuses(), [Status::Sent; 130]);
}

#[test]
fn a_single_message_that_is_too_large_is_refused() {
    let host = api(|_, _| Some(answer(413, "")));
    let (_, report) = run(ScriptedDesk::new(&host, rows(4)));
    assert_eq!((report.totals.refused, report.stopped), (4, None));
}

#[test]
fn the_same_number_and_text_is_never_in_flight_twice() {
    let same = |_| row("+221776665544", "Bonjour");
    let host = api(|_, posted| Some(accepted(posted).after(1_000)));
    let mut rows = rows(100);
    rows.splice(10..10, (0..5).map(same));
    let (desk, report) = run(ScriptedDesk::new(&host, rows));
    assert_eq!(report.totals.sent, 105);
    for batch in batches(&host) {
        let different: HashSet<_> = batch.iter().collect();
        assert_eq!(different.len(), batch.len());
    }
    assert_eq!(desk.statuses(), [Status::Sent; 105]);
}

#[test]
fn a_twin_of_an_unknown_message_is_not_sent() {
    let same = |_| row("+221776665544", "Bonjour");
    let host = api(|nth, _| (nth == 1).then(|| failure(What::Lost)));
    let (desk, report) = run(ScriptedDesk::new(&host, (0..3).map(same).collect()));
    assert_eq!(sizes(&host), [1]);
    assert_eq!((report.totals.unknown, report.totals.not_sent), (1, 2));
    let held = &desk.outcomes.borrow()[2];
    assert_eq!(
        (held.issues[0].reason, held.issues[0].index),
        (Reason::Duplicate, Some(2))
    );
    assert!(held.issues[0].message.contains("message 0"));
}

#[test]
fn no_second_has_more_messages_than_the_rate() {
    let host = api(|_, _| None);
    let started = host.clock();
    let desk = ScriptedDesk::new(&host, rows(600));
    let limits = Limits {
        per_second: Some(60),
        ..LIMITS
    };
    let (_, ended) = run_with(desk, limits, Signal::default(), NoLedger);
    assert_eq!(ended.expect("a report").totals.sent, 600);
    let took = host.clock() - started;
    assert!((9_000..9_100).contains(&took), "{took}");
    assert_eq!(sizes(&host), [30; 20]);
}

#[test]
fn what_a_slow_source_gave_is_sent_without_waiting_for_a_whole_batch() {
    let host = api(|_, _| None);
    let desk = ScriptedDesk {
        gap: 60_000,
        ..ScriptedDesk::new(&host, rows(3))
    };
    let (_, report) = run(desk);
    assert_eq!((report.totals.sent, sizes(&host)), (3, vec![1, 1, 1]));
}

#[test]
fn what_is_left_of_a_batch_does_not_wait_for_a_silent_source() {
    let host = api(|_, _| None);
    // One of the first fifty is invalid; the 51st row comes a day later.
    let mut first = rows(50);
    first[4] = row("7", "");
    let desk = ScriptedDesk {
        gap: 1,
        ..ScriptedDesk::new(&host, first)
    };
    run(desk);
    assert_eq!(sizes(&host).iter().sum::<usize>(), 49);
}

#[test]
fn a_slow_reader_slows_the_sending() {
    let host = api(|_, _| None);
    let room = window(LIMITS.concurrency);
    let desk = ScriptedDesk {
        slowness: 10,
        room,
        ..ScriptedDesk::new(&host, rows(5_000))
    };
    let (desk, report) = run(desk);
    assert_eq!(report.totals.sent, 5_000);
    assert!(desk.most_held.get() <= room);
    assert!(
        desk.passed() >= 10 * (5_000 - room as u64),
        "{}",
        desk.passed()
    );
}

#[test]
fn a_reader_that_leaves_stops_it_after_what_is_in_flight() {
    let host = api(|nth, posted| (nth > 1).then(|| accepted(posted).after(1_000)));
    let closes = Some(host.clock() + 500);
    let desk = ScriptedDesk {
        closes,
        ..ScriptedDesk::new(&host, rows(1_000))
    };
    let (_, report) = run(desk);
    assert_eq!(report.stopped, Some(Stop::Closed));
    assert_eq!((batches(&host).len(), report.totals.sent), (5, 250));
    assert_eq!(report.totals.skipped, report.totals.total - 250);
}

#[test]
fn a_reader_that_leaves_does_not_wait_for_the_rate() {
    let host = api(|_, _| None);
    let started = host.clock();
    let desk = ScriptedDesk {
        closes: Some(started + 300),
        ..ScriptedDesk::new(&host, rows(100))
    };
    let limits = Limits {
        per_second: Some(1),
        ..LIMITS
    };
    let (_, ended) = run_with(desk, limits, Signal::default(), NoLedger);
    assert_eq!(ended.expect("a report").totals.sent, 1);
    assert_eq!(host.clock() - started, 300);
}

#[test]
fn an_abort_leaves_what_was_in_flight_unknown_and_skips_the_rest() {
    let host = api(|nth, posted| (nth > 1).then(|| accepted(posted).after(1_000)));
    let at = host.clock() + 500;
    let desk = ScriptedDesk {
        closes: Some(at),
        ..ScriptedDesk::new(&host, rows(1_000))
    };
    let (desk, ended) = run_with(desk, LIMITS, Signal(Some(at)), NoLedger);
    let report = ended.expect("a report");
    assert_eq!(
        (report.stopped, report.totals.sent, report.totals.unknown),
        (Some(Stop::Aborted), 50, 200)
    );
    assert_eq!(desk.host.clock(), at);
}

#[test]
fn a_source_that_fails_has_what_it_gave_sent() {
    let host = api(|_, _| None);
    let desk = ScriptedDesk {
        end: End::Failed,
        ..ScriptedDesk::new(&host, rows(70))
    };
    let (_, report) = run(desk);
    assert_eq!(
        (report.totals.sent, report.stopped),
        (70, Some(Stop::Source))
    );
}

#[test]
fn a_client_without_keys_is_misuse_and_sends_nothing() {
    let host = ScriptedHost::new([]);
    let keyless = Rc::new(paydunya_crm::client::Client::new(
        host.clone(),
        BASE_URL.to_owned(),
        paydunya_crm::credentials::Credentials {
            user_key: None,
            secret_key: None,
            app_key: None,
        },
    ));
    let (clock, desk) = (host.clone(), ScriptedDesk::new(&host, rows(3)));
    let ended = settle_one(&host, async move {
        campaign::run(Campaign {
            client: &*keyless,
            host: &clock,
            policy: &policy(),
            options: &patiently(),
            limits: LIMITS,
            desk: &desk,
            ledger: &NoLedger,
        })
        .await
    });
    assert_eq!(ended.unwrap_err().kind, Kind::Invalid);
    assert!(host.calls().is_empty());
}

#[test]
fn an_empty_source_logs_in_for_nothing() {
    let host = ScriptedHost::new([]);
    let (_, report) = run(ScriptedDesk::new(&host, Vec::new()));
    assert_eq!((report.totals.total, report.stopped), (0, None));
}

#[test]
fn progress_is_told_at_most_ten_times_a_second_and_once_at_the_end() {
    let host = api(|_, _| None);
    let limits = Limits {
        concurrency: 1,
        progress: true,
        ..LIMITS
    };
    let (desk, _) = run_with(
        ScriptedDesk::new(&host, rows(20_000)),
        limits,
        Signal::default(),
        NoLedger,
    );
    let told = desk.told.borrow();
    for (start, _) in told.iter() {
        let second = told
            .iter()
            .filter(|(at, _)| (*start..start + 1000).contains(at));
        assert!(second.count() <= 10);
    }
    assert!(told.len() > 20);
    let (_, last) = told.last().expect("the end");
    assert_eq!(
        (last.done, last.total, last.sent, last.seconds_left),
        (20_000, Some(20_000), 20_000, Some(0.0))
    );
    assert!(told.windows(2).all(|two| two[0].1.done <= two[1].1.done));
}

/// A ledger that writes down what it is told, and knows some messages already.
#[derive(Clone, Default)]
struct Notes {
    lines: Rc<RefCell<Vec<String>>>,
    known: HashMap<usize, Known>,
    /// The n-th write fails.
    fails: Option<usize>,
    host: Option<ScriptedHost>,
}

impl Notes {
    async fn write(&self, line: String) -> Result<(), Error<&'static str>> {
        if let Some(host) = &self.host {
            // To be durable takes its time.
            host.sleep(100, &Signal::default())
                .await
                .expect("nobody aborts");
        }
        self.lines.borrow_mut().push(line);
        match self.fails {
            Some(nth) if self.lines.borrow().len() == nth => {
                Err(Error::new(Kind::Invalid, "the disk is full"))
            }
            _ => Ok(()),
        }
    }
}

impl Ledger<&'static str> for Notes {
    async fn open(&self) -> Result<(), Error<&'static str>> {
        self.write("open".to_owned()).await
    }

    fn known(&self, entry: &Entry, _: &Message) -> Option<Known> {
        self.known.get(&entry.index).cloned()
    }

    async fn intend(&self, entries: &[Entry], batch: &Batch) -> Result<(), Error<&'static str>> {
        assert_eq!(entries.len(), batch.messages().len());
        let posts = self.host.as_ref().map_or(0, |host| host.calls().len());
        self.write(format!("intend {} after {posts} POSTs", entries.len()))
            .await
    }

    async fn settle(
        &self,
        entries: &[Entry],
        _: &Batch,
        outcomes: &[Outcome<&'static str>],
    ) -> Result<(), Error<&'static str>> {
        assert_eq!(entries.len(), outcomes.len());
        self.write(format!("settle {:?}", outcomes[0].status)).await
    }
}

#[test]
fn the_ledger_is_told_before_each_post_and_after_its_outcome() {
    let host = api(|nth, _| (nth == 2).then(|| answer(413, "")));
    let notes = Notes {
        host: Some(host.clone()),
        ..Notes::default()
    };
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    let desk = ScriptedDesk::new(&host, rows(100));
    let (_, ended) = run_with(desk, limits, Signal::default(), notes.clone());
    assert_eq!(ended.expect("a report").totals.sent, 100);
    assert_eq!(
        *notes.lines.borrow(),
        [
            "open",
            "intend 50 after 0 POSTs",
            "settle Sent",
            "intend 50 after 2 POSTs",
            "settle NotSent",
            "intend 25 after 3 POSTs",
            "settle Sent",
            "intend 25 after 4 POSTs",
            "settle Sent"
        ]
    );
}

#[test]
fn what_the_ledger_knows_is_not_sent_again() {
    let host = api(|_, _| None);
    let known = HashMap::from([
        (0, Known::Sent(Some("OLD".to_owned()))),
        (1, Known::Refused(Some("ERROR_110".to_owned()))),
        (2, Known::Unknown),
    ]);
    let notes = Notes {
        known,
        ..Notes::default()
    };
    let mut rows = rows(5);
    // A twin of the one that may have been sent.
    rows[4] = rows[2].clone();
    let (desk, ended) = run_with(
        ScriptedDesk::new(&host, rows),
        LIMITS,
        Signal::default(),
        notes,
    );
    assert_eq!(ended.expect("a report").stopped, None);
    assert_eq!(
        desk.statuses(),
        [
            Status::Sent,
            Status::Refused,
            Status::Unknown,
            Status::Sent,
            Status::NotSent
        ]
    );
    assert_eq!(desk.outcomes.borrow()[0].code.as_deref(), Some("OLD"));
    assert_eq!(batches(&host), [[(number(3), "Message 3".to_owned())]]);
}

#[test]
fn nothing_is_sent_that_could_not_be_written_down() {
    let limits = Limits {
        concurrency: 1,
        ..LIMITS
    };
    // The first intent, then the first outcome.
    for (fails, sends, status) in [(2, 0, Status::NotSent), (3, 1, Status::Sent)] {
        let host = api(|_, _| None);
        let notes = Notes {
            fails: Some(fails),
            ..Notes::default()
        };
        let desk = ScriptedDesk::new(&host, rows(200));
        let (desk, ended) = run_with(desk, limits, Signal::default(), notes);
        let report = ended.expect("a report");
        assert_eq!(
            (report.stopped, batches(&host).len()),
            (Some(Stop::Journal), sends)
        );
        assert_eq!((desk.statuses()[0], report.totals.skipped), (status, 150));
    }
    let host = api(|_, _| None);
    let notes = Notes {
        fails: Some(1),
        ..Notes::default()
    };
    let (_, ended) = run_with(
        ScriptedDesk::new(&host, rows(5)),
        LIMITS,
        Signal::default(),
        notes,
    );
    assert!(ended.is_err() && host.calls().is_empty());
}

#[derive(Clone, Debug)]
struct Plan {
    rows: Vec<u8>,
    answers: Vec<(u8, u16)>,
    limits: Limits,
    gap: u64,
    slowness: u64,
    closes: Option<u64>,
    aborts: bool,
    end: End,
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        prop::collection::vec(any::<u8>(), 0..400),
        prop::collection::vec((0u8..14, 1u16..2_000), 1..12),
        (1usize..6, prop::option::weighted(0.3, 1u32..200)),
        (0u64..4, 0u64..4),
        (prop::option::weighted(0.3, 0u64..8_000), any::<bool>()),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(
                rows,
                answers,
                (concurrency, per_second),
                (gap, slowness),
                (closes, aborts),
                fails,
            )| Plan {
                rows,
                answers,
                limits: Limits {
                    concurrency,
                    per_second,
                    progress: true,
                },
                gap,
                slowness,
                closes,
                aborts,
                end: if fails { End::Failed } else { End::Done },
            },
        )
}

/// Receiver and text of each message.
type Posts = Vec<(String, String)>;

/// What happened on the network.
#[derive(Default)]
struct Log {
    /// When it left, when it was answered, what it held.
    sends: Vec<(u64, u64, Posts)>,
    /// When an answer came after which nothing may leave.
    stop: Option<u64>,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn whatever_happens_each_message_has_one_outcome_and_no_promise_is_broken(plan in plan()) {
        let log = Rc::new(RefCell::new(Log::default()));
        let clock: Rc<RefCell<Option<ScriptedHost>>> = Rc::default();
        let (of_host, of_clock, answers) = (log.clone(), clock.clone(), plan.answers.clone());
        let host = api(move |nth, posted| {
            let now = of_clock.borrow().as_ref().map_or(0, ScriptedHost::clock);
            let (kind, after) = answers[nth % answers.len()];
            let after = u64::from(after);
            let answered = match kind {
                0 => failure(What::Lost),
                1 => failure(What::NeverLeft),
                2 => answer(500, "<html>"),
                3 => answer(413, ""),
                4 => code("ERROR_110"),
                5 if nth % 5 == 0 => code("ERROR_102"),
                6 if nth % 5 == 0 => answer(302, ""),
                7 => answer(429, ""),
                _ => accepted(posted),
            };
            let mut log = of_host.borrow_mut();
            if matches!(kind, 5 | 6) && nth % 5 == 0 {
                log.stop = Some(log.stop.unwrap_or(u64::MAX).min(now + after));
            }
            log.sends.push((now, now + after, numbers(posted)));
            Some(answered.after(after))
        });
        *clock.borrow_mut() = Some(host.clone());
        // Some rows are the same, some are invalid.
        let rows: Vec<Row> = plan.rows.iter().enumerate().map(|(index, kind)| match kind {
            0..20 => row("7", "x"),
            20..60 => row(&number(usize::from(*kind)), "Bonjour"),
            _ => row(&number(index), &format!("Message {index}")),
        }).collect();
        let closes = plan.closes.map(|after| host.clock() + after);
        let room = window(plan.limits.concurrency);
        let desk = ScriptedDesk {
            gap: plan.gap, slowness: plan.slowness, closes, room, end: plan.end,
            ..ScriptedDesk::new(&host, rows.clone())
        };
        let signal = if plan.aborts { Signal(closes) } else { Signal::default() };
        let (desk, ended) = run_with(desk, plan.limits, signal, NoLedger);
        *clock.borrow_mut() = None;
        let report = ended.expect("no misuse");

        // One outcome for each row, in order; `run_with` compares the sums.
        let outcomes = desk.outcomes.borrow();
        if closes.is_none() {
            prop_assert_eq!(outcomes.len(), rows.len());
        }
        prop_assert!(desk.most_held.get() <= room);
        let log = log.borrow();
        let mut attempts: HashMap<&(String, String), usize> = HashMap::new();
        for message in log.sends.iter().flat_map(|(.., batch)| batch) {
            *attempts.entry(message).or_default() += 1;
        }
        for (index, outcome) in outcomes.iter().enumerate() {
            let key = match (&rows[index].to, &rows[index].text) {
                (paydunya_crm::message::Given::Value(to), paydunya_crm::message::Given::Value(text)) => (to.clone(), text.clone()),
                _ => continue,
            };
            match outcome.status {
                Status::Sent => prop_assert_eq!(outcome.code.clone(), Some(format!("{} {}", key.0, key.1))),
                Status::Invalid => prop_assert_eq!(attempts.get(&key), None),
                Status::Unknown => prop_assert!(attempts.contains_key(&key)),
                Status::Skipped => prop_assert!(report.stopped.is_some()),
                Status::Refused | Status::NotSent => {}
            }
        }
        // Nothing leaves after the stop, nor more at once than allowed, nor more in a second.
        for (left, _, batch) in &log.sends {
            let first_stop = log.stop.unwrap_or(u64::MAX).min(closes.unwrap_or(u64::MAX));
            prop_assert!(*left <= first_stop, "a POST after the stop");
            let at_once = log.sends.iter().filter(|(from, to, _)| from <= left && left < to).count();
            prop_assert!(at_once <= plan.limits.concurrency);
            if let Some(rate) = plan.limits.per_second {
                let second = log.sends.iter().filter(|(at, ..)| (*left..left + 1000).contains(at));
                let sum: usize = second.map(|(.., batch)| batch.len()).sum();
                prop_assert!(sum <= rate as usize);
            }
            let different: HashSet<_> = batch.iter().collect();
            prop_assert_eq!(different.len(), batch.len());
        }
        // The same number and text is never in flight twice.
        for (place, (left, answered, batch)) in log.sends.iter().enumerate() {
            for (from, _, other) in &log.sends[place + 1..] {
                if (left..answered).contains(&from) {
                    prop_assert!(other.iter().all(|message| !batch.contains(message)));
                }
            }
        }
        let told = desk.told.borrow();
        prop_assert_eq!(told.last().map(|(_, last)| last.done), Some(outcomes.len()));
    }
}
