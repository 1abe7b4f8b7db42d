//! How often the parts of a send ask for memory on the host, and for how much: `cargo bench --bench allocations`.
//!
//! They are counted and not timed: the counts are the same on every machine. The last line is for programs.

#![allow(clippy::unwrap_used, reason = "where it panics, nothing is counted")]

#[path = "host/messages.rs"]
mod messages;

use std::hint::black_box;

use allocation_counter::measure;
use paydunya_crm::api::{Reply, send};
use paydunya_crm::credentials::Secret;
use paydunya_crm::message::{Batch, check};
use paydunya_crm::phone::{Country, Phone};
use paydunya_crm::text;
use serde_json::json;

use messages::{UCS_2, answer, fifty, policy};

fn main() {
    let (rows, policy) = (fifty(), policy());
    let app_key = Secret::parse("app-key").unwrap();
    let batch = Batch::parse(&rows, &policy).unwrap();
    let answer = answer(&batch);
    let senegal = Country::parse("SN");

    let counted = [
        counted("Phone::parse", || Phone::parse("77 666 55 44", senegal)),
        counted("measure, UCS-2", || text::measure(UCS_2)),
        counted("check of 50", || check(&rows, &policy)),
        counted("judging the rows of 50", || Batch::parse(&rows, &policy)),
        counted("building the body of 50", || {
            send::request(&app_key, &batch)
        }),
        counted("reading the answer to 50", || match Reply::read(&answer) {
            Reply::Success(success) => send::answer(success, &batch),
            _ => None,
        }),
    ];
    println!("{}", json!(counted));
}

fn counted<T>(name: &str, work: impl Fn() -> T) -> serde_json::Value {
    // What is made once, such as a table, is no cost of each call.
    black_box(work());
    let found = measure(|| {
        black_box(work());
    });
    println!(
        "{name:<30} {:>6} allocations, {:>7} bytes",
        found.count_total, found.bytes_total
    );
    json!({ "name": name, "allocations": found.count_total, "bytes": found.bytes_total })
}
