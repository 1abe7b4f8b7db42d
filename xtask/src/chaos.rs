//! Campaigns that are killed, and go on with their journal: `tests/chaos`.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::build;
use crate::consumer;
use crate::package::Package;
use crate::project::Project;
use crate::step::run_shown;
use crate::totals::Totals;

/// What `cargo xtask test` asks for.
pub(crate) const SHORT: [&str; 2] = ["--kills=200", "--messages=20000"];

/// `cargo xtask chaos`: builds the package and kills campaigns so often. Says whether every promise held.
pub(crate) fn chaos(project: &Project, kills: u32, seed: Option<u32>) -> Result<bool> {
    let package = build::build(project)?;
    let mut arguments = vec![format!("--kills={kills}")];
    arguments.extend(seed.map(|seed| format!("--seed={seed}")));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Ok(run(project, &package, &arguments)?.failed == 0)
}

/// Kills campaigns; each is a test, and so is each bug that is planted to be found.
pub(crate) fn run(project: &Project, package: &Package, arguments: &[&str]) -> Result<Totals> {
    let consumer = consumer::install(project, package)?;
    let folder = project.package_folder();
    let report = folder.join("chaos.json");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut command = Command::new("node");
    command
        .arg(project.root.join("tests/chaos/run.mjs"))
        .arg("--project")
        .arg(consumer)
        .arg("--workspace")
        .arg(folder.join("chaos"))
        .arg("--report")
        .arg(&report)
        .args(arguments);
    let (success, _) = run_shown(&mut command)?;
    let checks = fs::read_to_string(&report).context("tests/chaos/run.mjs left no report.")?;
    let Checks { passed, failed } = serde_json::from_str(&checks)?;
    Ok(Totals { passed, failed }.judged(success))
}

/// What `run.mjs` reports.
#[derive(Deserialize)]
struct Checks {
    passed: u64,
    failed: u64,
}
