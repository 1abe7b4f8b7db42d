//! `cargo xtask fuzz`: the properties of `tests/properties` under libFuzzer, each for some minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::project::Project;
use crate::step::{note, step};

/// The release of cargo-fuzz that is installed where none is.
const CARGO_FUZZ: &str = "0.13.2";

/// Fuzzes some targets, all without a name, for `minutes` each, and says whether nothing was found.
pub(crate) fn fuzz(project: &Project, names: &[String], minutes: u64) -> Result<bool> {
    let known = targets(project)?;
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        bail!("There is no target {name}. There are {}.", known.join(", "));
    }
    let chosen = if names.is_empty() { &known } else { names };
    // The fuzzers themselves run for long and change nothing that other tasks use.
    let lock = project.lock()?;
    let fuzzers = step("The fuzzers", || build(project))?;
    drop(lock);
    let mut sound = true;
    for name in chosen {
        sound &= step(&format!("{name}, for {minutes} minutes"), || {
            run(project, &fuzzers, name, minutes)
        })?;
    }
    Ok(sound)
}

fn targets(project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(project.root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a target without a name")?;
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

// Gives the folder of the fuzzers.
fn build(project: &Project) -> Result<PathBuf> {
    let shell = Shell::new()?;
    shell.change_dir(project.root.join("fuzz"));
    let tools = project.target.join("cargo-fuzz");
    let cargo_fuzz = tools.join("bin/cargo-fuzz");
    if !cargo_fuzz.exists() {
        note("Installing cargo-fuzz below the target folder.");
        cmd!(
            shell,
            "cargo install cargo-fuzz --version {CARGO_FUZZ} --locked --quiet --root {tools}"
        )
        .quiet()
        .run()?;
    }
    let target = project.target.join("fuzz");
    let nightly = cmd!(shell, "rustup run nightly rustc --version")
        .quiet()
        .ignore_stderr()
        .read();
    let build = match &nightly {
        Ok(version) => {
            note(&format!("With {version} and the address sanitizer."));
            cmd!(shell, "{cargo_fuzz} build --target-dir {target}")
                .env("RUSTUP_TOOLCHAIN", "nightly")
                // The one that runs this task is the stable one.
                .env_remove("CARGO")
        }
        Err(_) => {
            note("Without a nightly compiler: with the stable one, and without a sanitizer.");
            cmd!(
                shell,
                "{cargo_fuzz} build --sanitizer none --target-dir {target}"
            )
            .env("RUSTC_BOOTSTRAP", "1")
        }
    };
    build.quiet().run()?;
    let host = cmd!(shell, "rustc --version --verbose").quiet().read()?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not say what machine this is.")?;
    Ok(target.join(host).join("release"))
}

fn run(project: &Project, fuzzers: &Path, name: &str, minutes: u64) -> Result<bool> {
    let sources = project.root.join("fuzz");
    // What is found stays in the target folder, and the next run goes on from there.
    let corpus = project.target.join("fuzz/corpus").join(name);
    let found = project.target.join("fuzz/found");
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&found)?;
    let log = project.target.join("fuzz").join(format!("{name}.log"));
    let mut fuzzer = Command::new(fuzzers.join(name));
    fuzzer
        .arg(&corpus)
        .arg(sources.join("seeds").join(name))
        .arg(dictionary(&sources, name))
        .arg(format!("-max_total_time={}", minutes.saturating_mul(60)))
        .arg(format!("-artifact_prefix={}/{name}-", found.display()))
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?);
    let sound = fuzzer.status()?.success();
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    match sound {
        // The sanitizer may have its say behind it.
        true => note(
            said.lines()
                .rev()
                .find(|line| line.starts_with("Done "))
                .unwrap_or_default(),
        ),
        false => {
            let words = |line: &&str| line.contains("panicked at") || line.contains("SUMMARY");
            for line in said.lines().filter(words) {
                note(line);
            }
            note(&format!("What did it lies in {}.", found.display()));
            note(&format!("All that the fuzzer said: {}", log.display()));
        }
    }
    Ok(sound)
}

fn dictionary(sources: &Path, name: &str) -> String {
    let file = sources.join("dictionaries").join(name);
    format!("-dict={}", file.display())
}
