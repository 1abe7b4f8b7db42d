//! `cargo xtask build | demo | test | runtimes | faults | chaos | bench | fuzz | soak`: the one command of this project,
//! which does its own set-up.

mod bench;
mod build;
mod chaos;
mod chromium;
mod consumer;
mod debian;
mod demo;
mod faults;
mod fuzz;
mod javascript;
mod package;
mod phone_table;
mod postgresql;
mod printable;
mod project;
mod report;
mod runtimes;
mod soak;
mod step;
mod suites;
mod system_packages;
mod toolchain;
mod totals;
mod types;
mod unchanged;
mod wasm;
mod wasm_tests;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;

/// Builds, packs and tests paydunya-crm. Every task does its own set-up; a second run takes seconds.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the wasm and pack the npm package into target/package
    Build,
    /// Build, install the package as a user would and send messages to the sandbox on this machine
    Demo,
    /// Build, run every suite and add up what passed and failed
    Test {
        /// Only the tests on the host, and those of the package under this machine's Node and in a few runtimes
        #[arg(long)]
        quick: bool,
    },
    /// Build and run the conformance suite in the runtimes of tests/runtimes/matrix.json
    Runtimes {
        /// Rows of the matrix; all without a name.
        names: Vec<String>,
    },
    /// Build, let the network fail in every way in each runtime, and say what came of it
    Faults {
        /// Runtimes of tests/faults/run.mjs; all without a name.
        names: Vec<String>,
    },
    /// Build, and kill campaigns until each could be trusted to go on
    Chaos {
        /// How often, at least
        #[arg(long, default_value_t = 1_000)]
        kills: u32,
        /// Of an earlier run, or the number of one of its campaigns
        #[arg(long)]
        seed: Option<u32>,
    },
    /// Build, measure the package beside other clients and libraries and say whether the budgets hold
    Bench {
        /// Benchmarks of benches/run.mjs; all without a name. Only all of them are recorded
        names: Vec<String>,
        /// A short run that leaves the recorded results alone
        #[arg(long)]
        quick: bool,
    },
    /// Hold the properties of tests/properties against whatever libFuzzer makes up
    Fuzz {
        /// Those of fuzz/fuzz_targets; all without a name
        names: Vec<String>,
        /// For each
        #[arg(long, default_value_t = 3)]
        minutes: u64,
    },
    /// Build and send a million messages in one process, whose memory must not grow
    Soak,
    /// Generate the numbering table, or show what newer metadata would change
    PhoneTable(phone_table::Options),
    /// Run a wasm test file under Node or in a browser (`cargo test` calls this itself)
    #[command(hide = true)]
    Runner {
        /// The file, and what `cargo test` passes on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\n{}", step::causes(&error));
            ExitCode::FAILURE
        }
    }
}

// Says whether all is well; what failed is then shown already.
fn run(task: Task) -> Result<bool> {
    match task {
        Task::Build => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            let package = build::build(&project)?;
            for fault in &package.faults {
                println!("{fault}");
            }
            println!("\n{}", package.tarball.display());
        }
        Task::Demo => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            demo::demo(&project)?;
        }
        Task::Test { quick } => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return suites::test(&project, quick);
        }
        Task::Runtimes { names } => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return runtimes::runtimes(&project, names);
        }
        Task::Faults { names } => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return faults::faults(&project, &names);
        }
        Task::Chaos { kills, seed } => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return chaos::chaos(&project, kills, seed);
        }
        Task::Bench { names, quick } => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return bench::bench(&project, &names, quick);
        }
        Task::Fuzz { names, minutes } => {
            return fuzz::fuzz(&Project::open()?, &names, minutes);
        }
        Task::Soak => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            return soak::soak(&project);
        }
        Task::Runner { arguments } => wasm_tests::run(arguments)?,
        Task::PhoneTable(options) => phone_table::run(&options)?,
    }
    Ok(true)
}
