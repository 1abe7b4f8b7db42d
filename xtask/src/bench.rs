//! `cargo xtask bench`: the package beside the clients and libraries that do the same work, measured in one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::build;
use crate::consumer;
use crate::javascript::{NodeModules, copy_folder};
use crate::package::Package;
use crate::project::Project;
use crate::step::{note, step};
use crate::toolchain::Toolchain;
use crate::wasm::shorten_imports;

/// Builds the package, installs it as a user would and the others beside it, runs these benchmarks, all without names,
/// and says whether all budgets hold. A whole run that is not quick records what came of it.
pub(crate) fn bench(project: &Project, names: &[String], quick: bool) -> Result<bool> {
    let tools = build::tools(project)?;
    let package = build::package(project, &tools)?;
    let runtimes = step("The runtimes, from npm", || NodeModules::runtimes(project))?;
    let benches = step("A user's project, with the other clients", || {
        NodeModules::peers(project)?;
        copied(project, &package)
    })?;
    let wasm = step("The wasm, with the names of its functions", || {
        named(project, &tools.toolchain)
    })?;
    let host = project.bench_folder().join("host");
    // Compiling them takes longer than a quick run may.
    if names.is_empty() && !quick || names.iter().any(|name| name == "host") {
        step("The host, by criterion and a counting allocator", || {
            on_the_host(project, &host, quick)
        })?;
    }
    step("The package and the others", || {
        let mut node = Command::new("node");
        node.arg(benches.join("run.mjs"))
            .args(names)
            .arg("--root")
            .arg(&project.root)
            .arg("--tools")
            .arg(tools.node_modules.folder())
            .arg("--runtimes")
            .arg(runtimes.folder())
            .arg("--wasm")
            .arg(wasm)
            .arg("--host")
            .arg(&host);
        if quick {
            node.arg("--quick");
        } else if names.is_empty() {
            node.arg("--record");
        }
        Ok(node.status()?.success())
    })
}

// The benchmarks find the package in their own folder, and the others in the one above.
fn copied(project: &Project, package: &Package) -> Result<PathBuf> {
    let user = project.bench_folder().join("user");
    consumer::install_into(&user, package)?;
    let benches = user.join("benches");
    if benches.exists() {
        fs::remove_dir_all(&benches)?;
    }
    copy_folder(&project.root.join("benches"), &benches)?;
    Ok(benches)
}

/// The wasm of the package before it is shrunk, so that its functions can be told apart by their names.
fn named(project: &Project, toolchain: &Toolchain) -> Result<PathBuf> {
    let folder = project.bench_folder().join("named");
    let mut output = Bindgen::new()
        .input_path(toolchain.release_folder().join("paydunya_crm.wasm"))
        .bundler(true)?
        .typescript(false)
        .generate_output()?;
    // As in what is shipped: a name that nothing can compress would count where the part is left out, and its import with it.
    shorten_imports(output.wasm_mut());
    output.emit(&folder)?;
    Ok(folder.join("paydunya_crm_bg.wasm"))
}

/// Leaves criterion's estimates and the counted allocations in a folder.
fn on_the_host(project: &Project, folder: &Path, quick: bool) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let effort: &[&str] = if quick {
        &["--warm-up-time", "0.2", "--measurement-time", "0.5"]
    } else {
        &[]
    };
    cargo_bench(project, folder, "host", effort)?;
    let counted = cargo_bench(project, folder, "allocations", &[])?;
    let json = counted
        .lines()
        .last()
        .context("The allocations were not counted.")?;
    fs::write(folder.join("allocations.json"), json)?;
    Ok(())
}

/// Gives what the benchmark wrote to its standard output.
fn cargo_bench(project: &Project, folder: &Path, name: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new("cargo")
        .args(["bench", "--package", "paydunya-crm", "--bench", name, "--"])
        .args(arguments)
        .current_dir(&project.root)
        .env("CRITERION_HOME", folder.join("criterion"))
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        note(&String::from_utf8_lossy(&output.stderr));
        bail!("cargo bench --bench {name} ended with {}.", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
