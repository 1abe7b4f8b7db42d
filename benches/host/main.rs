//! What the judgement of messages and the calls take on the host: `cargo bench --bench host`.

#![allow(clippy::unwrap_used, reason = "where it panics, nothing is timed")]

mod calls;
mod judgement;
mod messages;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = judgement::numbers, judgement::texts, judgement::messages, calls::send
}
criterion_main!(benches);
