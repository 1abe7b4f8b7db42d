//! What the suites gave, shown as a table whose last line adds them up.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::step::{note, seconds};
use crate::totals::Totals;

/// The suites that ran.
#[derive(Default)]
pub(crate) struct Report {
    suites: Vec<Suite>,
}

/// A line of the table.
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) totals: Totals,
    pub(crate) time: Duration,
}

impl Report {
    /// Runs one suite. One that could not run counts as a failed test.
    pub(crate) fn run(&mut self, name: &str, suite: impl FnOnce() -> Result<Totals>) {
        println!("\n== {name}");
        let start = Instant::now();
        let totals = suite().unwrap_or_else(|error| could_not_run(&error));
        let time = start.elapsed();
        note(&format!(
            "{} passed, {} failed in {}",
            totals.passed,
            totals.failed,
            seconds(time)
        ));
        self.suites.push(Suite {
            name: name.to_owned(),
            totals,
            time,
        });
    }

    /// Runs what is several suites in one program. Where it could not run, that is one failed test.
    pub(crate) fn run_each(&mut self, name: &str, suites: impl FnOnce() -> Result<Vec<Suite>>) {
        println!("\n== {name}");
        let start = Instant::now();
        match suites() {
            Ok(suites) => self.suites.extend(suites),
            Err(error) => self.suites.push(Suite {
                name: name.to_owned(),
                totals: could_not_run(&error),
                time: start.elapsed(),
            }),
        }
    }

    /// All suites together.
    pub(crate) fn totals(&self) -> Totals {
        self.suites.iter().map(|suite| suite.totals).sum()
    }

    /// Shows the table, with the time of all there was to do.
    pub(crate) fn print(&self, time: Duration) {
        println!(
            "\n{:<40} {:>7} {:>7} {:>9}",
            "suite", "passed", "failed", "time"
        );
        for Suite { name, totals, time } in &self.suites {
            println!(
                "{name:<40} {:>7} {:>7} {:>9}",
                totals.passed,
                totals.failed,
                seconds(*time)
            );
        }
        println!(
            "{:<40} {:>7} {:>7} {:>9}",
            "with the build",
            "",
            "",
            seconds(time)
        );
        let totals = self.totals();
        println!("\n{} passed, {} failed", totals.passed, totals.failed);
    }
}

fn could_not_run(error: &anyhow::Error) -> Totals {
    note(&format!("This suite could not run: {error:#}"));
    Totals::one(false)
}
