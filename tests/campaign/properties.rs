//! What holds whatever the source, the network and the reader do.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use paydunya_crm::campaign::{End, Limits, NoLedger, Status, window};
use paydunya_crm::host::What;
use paydunya_crm::message::{Given, Row};
use proptest::prelude::*;

use crate::desk::*;
use crate::scripted::*;

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
                (Given::Value(to), Given::Value(text)) => (to.clone(), text.clone()),
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
