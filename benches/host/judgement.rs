use std::hint::black_box;

use criterion::{Criterion, Throughput};
use paydunya_crm::message::check;
use paydunya_crm::phone::{Country, Phone};
use paydunya_crm::text::measure;

use crate::messages::{GSM_7, UCS_2, fifty, policy};

pub(crate) fn numbers(criterion: &mut Criterion) {
    let senegal = Country::parse("SN");
    let mut group = criterion.benchmark_group("Phone::parse");
    for (name, typed) in [
        ("E.164", "+221776665544"),
        ("as typed in Senegal", "77 666 55 44"),
        ("one digit too few", "+22177666554"),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Phone::parse(black_box(typed), senegal));
        });
    }
}

pub(crate) fn texts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("measure, 86 characters");
    for (name, text) in [("GSM-7", GSM_7), ("UCS-2", UCS_2)] {
        group.bench_function(name, |bencher| bencher.iter(|| measure(black_box(text))));
    }
}

pub(crate) fn messages(criterion: &mut Criterion) {
    let (rows, policy) = (fifty(), policy());
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(50));
    group.bench_function("50 messages of 86 characters", |bencher| {
        bencher.iter(|| check(black_box(&rows), &policy));
    });
}
