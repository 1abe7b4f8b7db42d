//! What the judgement of numbers and texts takes on the host: `cargo bench --bench judgement`.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use paydunya_crm::message::{Given, Policy, Row, check};
use paydunya_crm::phone::{Country, Phone};
use paydunya_crm::sender::Sender;
use paydunya_crm::text::measure;

// 86 characters, all of them in GSM-7.
const GSM_7: &str =
    "Rappel : votre facture 10000 arrive à échéance demain. Réglez-la par Wave ou en agence";

// 86 characters, of which GSM-7 lacks one.
const UCS_2: &str =
    "Votre commande 10037 est prête. Venez la retirer ce soir à la boutique du Plateau, svp";

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = numbers, texts, messages
}
criterion_main!(benches);

fn numbers(criterion: &mut Criterion) {
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

fn texts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("measure, 86 characters");
    for (name, text) in [("GSM-7", GSM_7), ("UCS-2", UCS_2)] {
        group.bench_function(name, |bencher| bencher.iter(|| measure(black_box(text))));
    }
}

fn messages(criterion: &mut Criterion) {
    let rows = fifty();
    let policy = Policy {
        sender: Sender::parse("MaBoutique").ok(),
        default_country: Country::parse("SN"),
        ..Policy::default()
    };
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(50));
    group.bench_function("50 messages of 86 characters", |bencher| {
        bencher.iter(|| check(black_box(&rows), &policy));
    });
}

/// Every second one in GSM-7, every second number in E.164.
fn fifty() -> Vec<Row> {
    (0..50)
        .map(|number| {
            let (to, text) = if number % 2 == 0 {
                (format!("+2217766655{number:02}"), GSM_7)
            } else {
                (format!("77 666 55 {number:02}"), UCS_2)
            };
            Row {
                to: Given::Value(to),
                text: Given::Value(text.replace("100", &format!("1{number:02}"))),
                ..Row::default()
            }
        })
        .collect()
}
