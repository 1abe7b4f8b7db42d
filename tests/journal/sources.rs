//! Which message of a source is which of the journal.

use paydunya_crm::campaign::Status;
use paydunya_crm::journal::Report;
use paydunya_crm::message::{Given, Row};

use crate::process::*;
use crate::world::World;

/// What comes of a second run with another source.
fn second(first: &[Row], then: &[Row], lives: usize) -> (World, Ended) {
    let world = World::sound();
    run(&world, first, 1, lives);
    world.crash(&[]);
    world.api().forget();
    let ended = run_whole(&world, then, 1);
    (world, ended)
}

#[test]
fn another_source_is_an_error_before_anything_is_sent() {
    let mut first = rows(20, false);
    // Never sent: the place of this row is free.
    first[4].to = Given::Value("+22177".to_owned());
    let mut without = first.clone();
    without.remove(4);
    let mut other = first.clone();
    other[15].text = Given::Value("Au revoir".to_owned());
    let mut named = first.clone();
    named[3].id = Given::Value("three".to_owned());
    for changed in [without, other, named, first[..12].to_vec()] {
        let (world, ended) = second(&first, &changed, usize::MAX);
        let error = ended.expect_err("a contradiction");
        assert!(
            error
                .message
                .contains("is not the one that the journal has"),
            "{}",
            error.message
        );
        assert!(world.api().accepted().is_empty());
    }
}

#[test]
fn rows_that_were_mended_or_are_new_are_sent() {
    let mut first = rows(9, false);
    first[4].to = Given::Value("+22177".to_owned());
    let (world, ended) = second(&first, &rows(12, false), usize::MAX);
    assert_eq!(count(&ended.expect("outcomes"), Status::Sent), 12);
    assert_eq!(
        world.api().numbers(),
        [number(4), number(9), number(10), number(11)]
    );
}

#[test]
fn a_message_with_an_id_is_the_same_wherever_it_stands_and_whatever_its_text() {
    let first = rows(9, true);
    let mut then = first.clone();
    then.reverse();
    then[0].text = Given::Value("Another".to_owned());
    let (world, ended) = second(&first, &then, usize::MAX);
    assert_eq!(count(&ended.expect("outcomes"), Status::Sent), 9);
    assert!(world.api().accepted().is_empty());
    then[0].to = Given::Value(number(77));
    let (_, ended) = second(&first, &then, usize::MAX);
    assert!(ended.is_err(), "the id of another");
}

#[test]
fn an_id_names_one_message() {
    let mut twice = rows(3, true);
    twice[2].id = twice[0].id.clone();
    let outcomes = run_whole(&World::sound(), &twice, 1).expect("outcomes");
    assert_eq!(count(&outcomes, Status::Sent), 2);
    assert_eq!(outcomes[2].status, Status::Invalid);
}

#[test]
fn young_messages_are_held() {
    let world = World::sound();
    // Killed between a POST and its answer.
    run(&world, &rows(2, true), 1, 6);
    assert_eq!(world.api().accepted().len(), 2);
    world.crash(&[]);
    let report = ask(&world, 0, true, usize::MAX).expect("an end");
    let held = Report {
        asked: 0,
        sent: 0,
        held: 2,
    };
    assert_eq!(report.expect("a report"), held);
}
