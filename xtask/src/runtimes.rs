//! The conformance suite in each JavaScript runtime: `tests/runtimes`, whose `matrix.json` says which there are.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::build;
use crate::chromium::Chromium;
use crate::consumer;
use crate::javascript::NodeModules;
use crate::package::Package;
use crate::project::Project;
use crate::report::{Report, Suite};
use crate::step::{note, run_shown, step};
use crate::totals::Totals;

/// Which rows of the matrix are run.
pub(crate) enum Selection {
    All,
    /// Those that the matrix calls quick.
    Quick,
    Named(Vec<String>),
}

impl Selection {
    pub(crate) fn of(quick: bool) -> Selection {
        if quick {
            Selection::Quick
        } else {
            Selection::All
        }
    }

    fn arguments(&self) -> Vec<&str> {
        match self {
            Selection::All => Vec::new(),
            Selection::Quick => vec!["--quick"],
            Selection::Named(names) => names.iter().map(String::as_str).collect(),
        }
    }

    // Whether any of the rows is run by this runner.
    fn wants(&self, project: &Project, runner: &str) -> Result<bool> {
        let matrix = fs::read_to_string(project.root.join("tests/runtimes/matrix.json"))?;
        let rows: Vec<MatrixRow> = serde_json::from_str(&matrix)?;
        Ok(rows.iter().any(|row| {
            row.runner == runner
                && match self {
                    Selection::All => true,
                    Selection::Quick => row.quick,
                    Selection::Named(names) => names.contains(&row.name),
                }
        }))
    }
}

/// `cargo xtask runtimes`: builds the package and runs these rows alone, all without names. Says whether all passed.
pub(crate) fn runtimes(project: &Project, names: Vec<String>) -> Result<bool> {
    let selection = if names.is_empty() {
        Selection::All
    } else {
        Selection::Named(names)
    };
    let start = Instant::now();
    let package = build::build(project)?;
    let mut report = Report::default();
    report.run_each("The package in each runtime", || {
        run(project, &package, &selection)
    });
    report.print(start.elapsed());
    Ok(report.totals().failed == 0)
}

/// Runs the rows; gives a suite for each.
pub(crate) fn run(
    project: &Project,
    package: &Package,
    selection: &Selection,
) -> Result<Vec<Suite>> {
    let script = Script {
        file: "tests/runtimes/run.mjs",
        workspaces: project.runtimes_folder(),
        prefix: "In",
        needs_chromium: selection.wants(project, "chromium")?,
    };
    script.run(project, package, &selection.arguments())
}

/// A program for Node that runs something in each runtime.
pub(crate) struct Script {
    pub(crate) file: &'static str,
    /// A folder for each runtime is made in it.
    pub(crate) workspaces: PathBuf,
    /// Of the names of its suites.
    pub(crate) prefix: &'static str,
    pub(crate) needs_chromium: bool,
}

impl Script {
    /// Gives a suite for each runtime.
    pub(crate) fn run(
        &self,
        project: &Project,
        package: &Package,
        arguments: &[&str],
    ) -> Result<Vec<Suite>> {
        let modules = step("The runtimes, from npm", || NodeModules::runtimes(project))?;
        let consumer = consumer::install(project, package)?;
        fs::create_dir_all(&self.workspaces)?;
        let report = self.workspaces.join("report.json");
        if report.exists() {
            fs::remove_file(&report)?;
        }
        let mut command = Command::new("node");
        command
            .arg(project.root.join(self.file))
            .arg("--project")
            .arg(consumer)
            .arg("--modules")
            .arg(modules.folder())
            .arg("--workspaces")
            .arg(&self.workspaces)
            .arg("--report")
            .arg(&report)
            .args(arguments);
        if self.needs_chromium {
            // Without it the rows themselves fail.
            match Chromium::install() {
                Ok(chromium) => _ = command.env("CHROMIUM", chromium.browser),
                Err(error) => note(&error.to_string()),
            }
        }
        let (success, _) = run_shown(&mut command)?;
        let file = self.file;
        let rows =
            fs::read_to_string(&report).with_context(|| format!("{file} left no report."))?;
        let rows: Vec<Row> = serde_json::from_str(&rows)?;
        let suites: Vec<Suite> = rows.into_iter().map(|row| row.suite(self.prefix)).collect();
        let failed: u64 = suites.iter().map(|suite| suite.totals.failed).sum();
        if suites.is_empty() || !success && failed == 0 {
            bail!("{file} failed, and none of its rows did.");
        }
        Ok(suites)
    }
}

/// A row of `matrix.json`; `run.mjs` describes it.
#[derive(Deserialize)]
struct MatrixRow {
    name: String,
    runner: String,
    #[serde(default)]
    quick: bool,
}

/// What `run.mjs` reports of a row.
#[derive(Deserialize)]
struct Row {
    name: String,
    passed: u64,
    failed: u64,
    seconds: f64,
}

impl Row {
    fn suite(self, prefix: &str) -> Suite {
        Suite {
            name: format!("{prefix} {}", self.name),
            totals: Totals {
                passed: self.passed,
                failed: self.failed,
            }
            .judged(true),
            time: Duration::try_from_secs_f64(self.seconds).unwrap_or_default(),
        }
    }
}
