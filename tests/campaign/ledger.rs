//! What a ledger is told, and what it knows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use paydunya_crm::campaign::{Entry, Known, Ledger, Limits, Outcome, Status, Stop};
use paydunya_crm::error::{Error, Kind};
use paydunya_crm::host::Host;
use paydunya_crm::message::{Batch, Message};

use crate::desk::*;
use crate::scripted::*;

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
fn nothing_leaves_that_was_written_down_when_the_campaign_stopped() {
    // A batch comes each 100 ms, and each write takes as long: the outcome of the second batch is written down when
    // the fifth is about to be sent.
    let host = api(|nth, posted| match nth {
        1 => None,
        2 => Some(code("ERROR_102").after(10)),
        _ => Some(accepted(posted).after(1_000)),
    });
    let notes = Notes {
        host: Some(host.clone()),
        ..Notes::default()
    };
    let desk = ScriptedDesk {
        gap: 2,
        ..ScriptedDesk::new(&host, rows(400))
    };
    let (desk, ended) = run_with(desk, LIMITS, Signal::default(), notes.clone());
    let report = ended.expect("a report");
    assert_eq!(report.stopped, Some(Stop::Balance));
    let intents = notes.lines.borrow();
    let count = |word: &str| intents.iter().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("intend"), count("settle")), (5, 5));
    assert_eq!(
        (batches(&host).len(), desk.count_of(Status::NotSent)),
        (4, 50)
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
