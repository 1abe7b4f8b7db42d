use std::hint::black_box;

use criterion::{Criterion, Throughput};
use paydunya_crm::api::{Reply, send};
use paydunya_crm::credentials::Secret;
use paydunya_crm::message::Batch;

use crate::messages::{answer, fifty, policy};

/// A send without its network: rows to messages, messages to a body, an answer to a receipt.
pub(crate) fn send(criterion: &mut Criterion) {
    let (rows, policy) = (fifty(), policy());
    let app_key = Secret::parse("app-key").unwrap();
    let batch = Batch::parse(&rows, &policy).unwrap();
    let answer = answer(&batch);

    let mut group = criterion.benchmark_group("send of 50");
    group.throughput(Throughput::Elements(50));
    group.bench_function("judging the rows", |bencher| {
        bencher.iter(|| Batch::parse(black_box(&rows), &policy));
    });
    group.bench_function("building the body", |bencher| {
        bencher.iter(|| send::request(&app_key, black_box(&batch)));
    });
    group.bench_function("reading the answer", |bencher| {
        bencher.iter(|| match Reply::read(black_box(&answer)) {
            Reply::Success(success) => send::answer(success, &batch),
            _ => None,
        });
    });
}
