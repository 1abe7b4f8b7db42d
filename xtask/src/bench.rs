//! `cargo xtask bench`: the package beside the libraries that do the same work, timed in one run.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::build;
use crate::consumer;
use crate::javascript::copy_folder;
use crate::project::Project;
use crate::step::step;

/// Builds the package, installs it as a user would, runs the benchmarks and says whether all budgets hold. A quick
/// run is short and leaves the recorded results alone.
pub(crate) fn bench(project: &Project, quick: bool) -> Result<bool> {
    let package = build::build(project)?;
    let folder = step("A user's project, with the peers", || {
        let folder = consumer::install(project, &package)?.join("benches");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        copy_folder(&project.root.join("benches"), &folder)?;
        Ok(folder)
    })?;
    let run = |name: &str, arguments: &[PathBuf]| {
        let mut node = Command::new("node");
        node.arg("--expose-gc")
            .arg(folder.join(format!("{name}.mjs")))
            .args(arguments);
        if quick {
            node.arg("--quick");
        } else {
            let results = project.root.join("benches/results");
            node.arg("--json").arg(results.join(format!("{name}.json")));
        }
        Ok(node.status()?.success())
    };
    let judgement = step("The judgement of numbers and texts", || {
        run("judgement", &[project.root.join("tests/data")])
    })?;
    let campaign = step("sendAll beside a hand-written loop", || {
        run("campaign", &[])
    })?;
    Ok(judgement && campaign)
}
