//! The faults of a network in each JavaScript runtime: `tests/faults`, whose `faults.mjs` says which there are and what
//! must come of them.

use std::time::Instant;

use anyhow::Result;

use crate::build;
use crate::package::Package;
use crate::project::Project;
use crate::report::{Report, Suite};
use crate::runtimes::Script;

/// `cargo xtask faults`: builds the package and shows the table of these runtimes, all without names. Says whether
/// every outcome is as it must be.
pub(crate) fn faults(project: &Project, names: &[String]) -> Result<bool> {
    let start = Instant::now();
    let package = build::build(project)?;
    let mut report = Report::default();
    report.run_each(HEADING, || run(project, &package, names));
    report.print(start.elapsed());
    Ok(report.totals().failed == 0)
}

/// What the suites are shown under.
pub(crate) const HEADING: &str = "Faults of the network, in each runtime";

/// Meets the faults; gives a suite for each runtime.
pub(crate) fn run(project: &Project, package: &Package, names: &[String]) -> Result<Vec<Suite>> {
    let script = Script {
        file: "tests/faults/run.mjs",
        workspaces: project.runtimes_folder().join("faults"),
        prefix: "Faults in",
        needs_chromium: names.is_empty() || names.iter().any(|name| name == "chromium"),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    script.run(project, package, &names)
}
