//! `cargo xtask test`: all suites, one after the other, and one line that adds them up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use xshell::{Cmd, Shell, cmd};

use crate::build::{self, Tools};
use crate::chaos;
use crate::chromium::Chromium;
use crate::consumer;
use crate::demo;
use crate::faults;
use crate::javascript::NodeModules;
use crate::package::Package;
use crate::postgresql;
use crate::project::Project;
use crate::report::Report;
use crate::runtimes::{self, Selection};
use crate::step::{causes, note, run_shown};
use crate::totals::Totals;
use crate::types;
use crate::wasm_tests;

/// Runs the suites, or with `quick` those that most changes break: the host's, the package's under one Node and the
/// conformance suite in a few runtimes. Says whether all passed.
pub(crate) fn test(project: &Project, quick: bool) -> Result<bool> {
    let start = Instant::now();
    let mut report = Report::default();

    // What can't be built fails the suites that need it, and the others still run.
    let tools = shown(build::tools(project));
    let package = match &tools {
        Some(tools) => shown(build::package(project, tools)),
        None => None,
    };
    let tools = || tools.as_ref().ok_or_else(|| anyhow!("not built"));
    let package = || package.as_ref().ok_or_else(|| anyhow!("not built"));

    if !quick {
        report.run("Format, lints and documentation", || checks(project));
    }
    report.run("Rust on the host", || host(project));
    if !quick {
        report.run("Rust in wasm, under Node", || {
            wasm_tests::under_node(project, tools()?)
        });
        report.run("Rust in wasm, in Chromium", || {
            wasm_tests::in_chromium(project, tools()?)
        });
        report.run("The package's contents and types", || {
            contents_and_types(project, tools()?, package()?)
        });
    }
    report.run("The package under this machine's Node", || {
        under_node(project, package()?, Path::new("node"))
    });
    if !quick {
        report.run("The package under Node 24", || {
            under_node(project, package()?, &node_24(project)?)
        });
    }
    if !quick {
        report.run("The demo, as a user sees it", || {
            demo::show(project, &package()?.tarball)?;
            Ok(Totals::one(true))
        });
        report.run("The package in Chromium's pages and workers", || {
            pages(project, package()?)
        });
        report.run("The examples, as their users run them", || {
            examples(project, package()?)
        });
        report.run("The queue of Cloudflare, with faults", || {
            with_runtimes(project, package()?, Command::new("node"), "queues.test.mjs")
        });
        report.run("The queue of pg-boss, with kills", || {
            pg_boss(project, package()?)
        });
        report.run("Campaigns that are killed", || {
            chaos::run(project, package()?, &chaos::SHORT)
        });
    }
    report.run_each("The package in each runtime", || {
        runtimes::run(project, package()?, &Selection::of(quick))
    });
    if !quick {
        report.run_each(faults::HEADING, || faults::run(project, package()?, &[]));
    }
    report.print(start.elapsed());
    Ok(report.totals().failed == 0)
}

fn shown<T>(result: Result<T>) -> Option<T> {
    result
        .inspect_err(|error| eprintln!("\n{}", causes(error)))
        .ok()
}

fn checks(project: &Project) -> Result<Totals> {
    let shell = Shell::new()?;
    shell.change_dir(&project.root);
    let deny = ["--", "-D", "warnings"];
    let checks = [
        cmd!(shell, "cargo fmt --all --check"),
        cmd!(shell, "cargo clippy --workspace --all-targets {deny...}"),
        cmd!(
            shell,
            "cargo clippy --package paydunya-crm --all-targets --no-default-features {deny...}"
        ),
        cmd!(
            shell,
            "cargo clippy --package paydunya-crm-sandbox --all-targets --no-default-features {deny...}"
        ),
        cmd!(shell, "cargo doc --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"),
    ];
    Ok(checks.into_iter().map(check).sum())
}

// A command that is a test as a whole.
pub(crate) fn check(command: Cmd<'_>) -> Totals {
    println!("   {command}");
    Totals::one(command.quiet().run().is_ok())
}

fn host(project: &Project) -> Result<Totals> {
    // The build tool apart: together with the others its dependencies would be compiled anew, with their features.
    let selections: [&[&str]; 2] = [
        &["--workspace", "--exclude", "xtask"],
        &["--package", "xtask"],
    ];
    selections
        .into_iter()
        .map(|selection| {
            let mut command = Command::new("cargo");
            command
                .current_dir(&project.root)
                .args(["test", "--no-fail-fast"])
                .args(selection);
            let (success, output) = run_shown(&mut command)?;
            Ok(Totals::of_rust(&output).judged(success))
        })
        .sum()
}

fn contents_and_types(project: &Project, tools: &Tools, package: &Package) -> Result<Totals> {
    for fault in &package.faults {
        note(fault);
    }
    let contents = Totals::one(package.faults.is_empty());

    let consumer = consumer::with_tests(project, package)?;
    Ok(contents + types::check(project, &tools.node_modules, package, &consumer)?)
}

fn under_node(project: &Project, package: &Package, node: &Path) -> Result<Totals> {
    let consumer = consumer::with_tests(project, package)?;
    let tests = consumer::tests(&consumer)?;
    if tests.is_empty() {
        bail!("tests/package has no *.test.mjs and no *.test.cjs.");
    }
    let mut command = Command::new(node);
    command
        .current_dir(&consumer)
        .env("PAYDUNYA_CRM_ROOT", &project.root);
    node_tests(project, command, &tests)
}

fn pages(project: &Project, package: &Package) -> Result<Totals> {
    let mut command = Command::new("node");
    command.env("CHROMIUM", Chromium::install()?.browser);
    with_runtimes(project, package, command, "pages.test.mjs")
}

fn examples(project: &Project, package: &Package) -> Result<Totals> {
    with_runtimes(project, package, Command::new("node"), "examples.test.mjs")
}

fn pg_boss(project: &Project, package: &Package) -> Result<Totals> {
    let mut command = Command::new("node");
    command.env("POSTGRESQL", postgresql::install()?);
    with_runtimes(project, package, command, "pg-boss.test.mjs")
}

// Runs a file of `tests/runtimes`, which finds the package and the runtimes in the environment.
fn with_runtimes(
    project: &Project,
    package: &Package,
    mut node: Command,
    file: &str,
) -> Result<Totals> {
    node.env("PAYDUNYA_CRM_PROJECT", consumer::install(project, package)?)
        .env(
            "PAYDUNYA_CRM_MODULES",
            NodeModules::runtimes(project)?.folder(),
        );
    node_tests(
        project,
        node,
        &[project.root.join("tests/runtimes").join(file)],
    )
}

// Runs these files with Node's own test runner.
fn node_tests(project: &Project, mut node: Command, tests: &[PathBuf]) -> Result<Totals> {
    let report = project.package_folder().join("report.tap");
    // A test that hangs fails after five minutes.
    node.args(["--test", "--test-timeout=300000"])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()))
        .args(tests);
    let (success, _) = run_shown(&mut node)?;
    let totals = Totals::of_node(&fs::read_to_string(&report)?);
    fs::remove_file(report)?;
    Ok(totals.judged(success))
}

fn node_24(project: &Project) -> Result<PathBuf> {
    let modules = NodeModules::runtimes(project)?;
    let node = modules.folder().join("node24/bin/node");
    if !node.exists() {
        bail!("npm has Node 24 as a package for Linux on x86-64 alone.");
    }
    Ok(node)
}
