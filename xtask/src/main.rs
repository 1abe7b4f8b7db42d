//! `cargo xtask build | demo | test`: the one command of this project, which does its own set-up.

mod build;
mod debian;
mod javascript;
mod package;
mod phone_table;
mod project;
mod step;
mod toolchain;
mod unchanged;
mod wasm;

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
    /// Generate the numbering table, or show what newer metadata would change
    PhoneTable(phone_table::Options),
    /// Run a wasm test file under Node (`cargo test` calls this itself)
    #[command(hide = true)]
    Runner {
        /// The file, and what `cargo test` passes on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without a backtrace, which says nothing to whoever only wants to build.
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Build => {
            let project = Project::open()?;
            let _lock = project.lock()?;
            let package = build::build(&project)?;
            for fault in &package.faults {
                println!("{fault}");
            }
            println!("\n{}", package.tarball.display());
            Ok(())
        }
        Task::PhoneTable(options) => phone_table::run(&options),
        Task::Runner { arguments } => wasm::run_tests(arguments),
    }
}
