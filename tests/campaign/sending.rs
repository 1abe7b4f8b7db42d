//! What leaves, in which batches, how fast, and the order of the outcomes.

use std::collections::HashSet;

use paydunya_crm::campaign::{Limits, NoLedger, Status, window};
use paydunya_crm::error::Reason;
use paydunya_crm::host::What;

use crate::desk::*;
use crate::scripted::*;

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
