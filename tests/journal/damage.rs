//! Journals that were cut off or damaged.

use paydunya_crm::campaign::Status;
use proptest::prelude::*;

use crate::crashes::{Plan, plans};
use crate::planted::Bug;
use crate::process::*;
use crate::world::World;

/// Opens the journal cut off at each of its bytes: what may have left before is not sent again.
fn cut_off_anywhere(plan: &Plan) -> Result<(), TestCaseError> {
    let whole = plan.killed(Bug::None).map_err(TestCaseError::fail)?;
    let rows = plan.rows();
    let last = run_whole(&whole, &rows, plan.concurrency);
    prop_assert!(last.is_ok());
    let bytes = whole.disk().synced();
    for length in 0..=bytes.len() {
        let world = World::holding(&bytes[..length]);
        let ended = run_whole(&world, &rows, plan.concurrency);
        let outcomes = ended.map_err(|error| {
            TestCaseError::fail(format!("cut off at {length}: {}", error.message))
        })?;
        for post in whole.api().posts() {
            let again = post.messages.iter().any(|key| world.api().count(key) > 0);
            let fine = post.harmless || post.durable > length || !again;
            prop_assert!(fine, "cut off at {}", length);
        }
        let known = count(&outcomes, Status::Sent) + count(&outcomes, Status::Unknown);
        prop_assert_eq!(known, rows.len(), "cut off at {}", length);
        // What was torn is torn for ever, and disturbs no later run.
        prop_assert!(run_whole(&world, &rows, plan.concurrency).is_ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_off_at_any_byte_it_sends_no_message_again_that_may_have_left(plan in plans(7, false)) {
        cut_off_anywhere(&plan)?;
    }
}

#[test]
fn what_was_torn_at_its_very_beginning_is_a_journal() {
    let (world, rows) = (World::sound(), rows(7, true));
    for whim in [2, 129, 65, 253] {
        assert!(
            run(&world, &rows, 1, 1).is_none(),
            "killed at its first write"
        );
        world.crash(&[whim]);
    }
    let outcomes = run_whole(&world, &rows, 1).expect("outcomes");
    assert_eq!(count(&outcomes, Status::Sent), 7);
}

#[test]
fn any_other_damage_is_an_error_that_names_the_line() {
    let whole = World::sound();
    let rows = rows(7, false);
    run_whole(&whole, &rows, 2).expect("outcomes");
    let text = String::from_utf8(whole.disk().synced()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let opened = |lines: Vec<String>| {
        let world = World::holding(lines.join("\n").as_bytes());
        let ended = run_whole(&world, &rows, 2);
        (
            ended.err().map(|error| error.message.clone()),
            world.api().posts().len(),
        )
    };
    // The last line may be torn, and of two POSTs at once the other's.
    for damaged in 0..lines.len() - 2 {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[damaged] = changed[damaged].replace('5', "6").replace('"', "'");
        let (error, posts) = opened(changed.clone());
        let error = error.unwrap_or_default();
        assert!(
            error.starts_with(&format!("journal, line {}: ", damaged + 1)) || damaged == 0,
            "{damaged} {error}"
        );
        assert!(error.starts_with("journal, line "), "{error}");
        changed.remove(damaged);
        let (error, more) = opened(changed);
        assert!(error.unwrap_or_default().starts_with("journal, line "));
        assert_eq!(posts + more, 0);
    }
    for other in ["to,text", "to,text\n77,Bonjour", "\0to"] {
        let (error, posts) = opened(vec![other.to_owned()]);
        assert!(error.unwrap_or_default().contains("not a journal"));
        assert_eq!(posts, 0);
    }
}
