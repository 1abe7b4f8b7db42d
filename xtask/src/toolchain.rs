//! A Rust toolchain for wasm, got in one of three ways; the first that is open is taken.
//!
//! 1. The compiler that cargo uses has the target's standard library already.
//! 2. rustup fetches it.
//! 3. Debian's compiler builds it from Debian's copy of the sources ([`crate::debian`]).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use xshell::{Cmd, Shell, cmd};

use crate::debian;
use crate::project::{Project, RustVersion};
use crate::step::note;

/// The only target of the package.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// How cargo is called for wasm.
pub(crate) struct Toolchain {
    arguments: Vec<String>,
    environment: Vec<(String, OsString)>,
    flags: Vec<String>,
    /// Where the sources of the standard library are there: a release compiles it too, for size and without messages of
    /// panics, which nobody can reach.
    builds_library: bool,
    /// Of wasm builds alone: their host parts may be another compiler's than those of `target/debug`.
    target_folder: PathBuf,
}

impl Toolchain {
    /// Finds or fetches one, or says of each way why it is closed and what would open it.
    pub(crate) fn find(project: &Project) -> Result<Toolchain> {
        let shell = Shell::new()?;
        let compiler = Compiler::of_cargo(&shell)?;
        let folder = project.target.join("toolchain/debian");
        let unpacked = unpacked_version(&shell, &folder) >= Some(project.rust_version);
        match choose(compiler.has_wasm(), unpacked, rustup_is_there(&shell)) {
            Way::Present => {
                note(&format!("{} has the target already.", compiler.name));
                Ok(Toolchain::stable(&shell, project, &compiler))
            }
            Way::Unpacked => {
                note(
                    "Debian's compiler, unpacked earlier under target/toolchain, builds the target.",
                );
                Toolchain::debian(project, &compiler, &folder)
            }
            Way::Fetch { ask_rustup } => {
                let mut obstacles = Vec::new();
                if ask_rustup {
                    match add_target(&shell) {
                        Ok(()) if compiler.has_wasm() => {
                            note("rustup fetched the target.");
                            return Ok(Toolchain::stable(&shell, project, &compiler));
                        }
                        Ok(()) => obstacles.push(RUSTUP_DID_NOT_HELP.to_owned()),
                        Err(error) => {
                            obstacles.push(format!("{RUSTUP_FAILED} Here it was: {error}"))
                        }
                    }
                } else {
                    obstacles.push(NO_RUSTUP.to_owned());
                }
                let lists = project.target.join("toolchain/apt");
                match debian::unpack(&folder, &lists, project.rust_version) {
                    Ok(()) => Toolchain::debian(project, &compiler, &folder),
                    Err(obstacle) => {
                        obstacles.push(obstacle.to_string());
                        bail!(
                            "Rust's standard library for {TARGET} can't be had on this machine.\n- {}",
                            obstacles.join("\n- ")
                        )
                    }
                }
            }
        }
    }

    /// `cargo <subcommand>` for wasm, in the project's folder.
    pub(crate) fn cargo<'a>(
        &self,
        shell: &'a Shell,
        project: &Project,
        subcommand: &str,
    ) -> Cmd<'a> {
        self.call(shell, project, subcommand, &self.arguments, &self.flags)
    }

    /// `cargo <subcommand> --release`, as the package is built.
    pub(crate) fn cargo_release<'a>(
        &self,
        shell: &'a Shell,
        project: &Project,
        subcommand: &str,
    ) -> Cmd<'a> {
        if !self.builds_library {
            let arguments = [self.arguments.as_slice(), &["--release".to_owned()]].concat();
            return self.call(shell, project, subcommand, &arguments, &self.flags);
        }
        let arguments = ["--release", BUILD_LIBRARY].map(str::to_owned);
        let flags = [self.flags.as_slice(), &SMALLEST.map(str::to_owned)].concat();
        self.call(shell, project, subcommand, &arguments, &flags)
            // A stable compiler takes -Z only so.
            .env("RUSTC_BOOTSTRAP", "1")
    }

    fn call<'a>(
        &self,
        shell: &'a Shell,
        project: &Project,
        subcommand: &str,
        arguments: &[String],
        flags: &[String],
    ) -> Cmd<'a> {
        shell.change_dir(&project.root);
        let target_folder = &self.target_folder;
        cmd!(
            shell,
            "cargo {subcommand} --target {TARGET} --target-dir {target_folder} {arguments...}"
        )
        .envs(self.environment.iter().cloned())
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
    }

    /// Where cargo leaves the wasm of a release build.
    pub(crate) fn release_folder(&self) -> PathBuf {
        self.target_folder.join(TARGET).join("release")
    }

    fn stable(shell: &Shell, project: &Project, compiler: &Compiler) -> Toolchain {
        let sources = compiler.sysroot.join("lib/rustlib/src/rust");
        let library = sources.join("library/Cargo.lock");
        if !library.exists() && rustup_is_there(shell) {
            // Without them the package is larger, and works as well.
            let _ = from_rustup(shell, &["component", "add", "rust-src"]);
        }
        let builds_library = library.exists();
        if !builds_library {
            note(
                "The sources of Rust's standard library are not there, so the wasm will be larger by a tenth. \
                 `rustup component add rust-src` brings them.",
            );
        }
        Toolchain {
            arguments: Vec::new(),
            environment: Vec::new(),
            flags: renamed_paths(project, &sources),
            builds_library,
            target_folder: project.target.join("wasm"),
        }
    }

    fn debian(project: &Project, compiler: &Compiler, folder: &Path) -> Result<Toolchain> {
        let linker = compiler.linker();
        if !linker.exists() {
            bail!(
                "The linker for wasm is missing: there is no {}. It comes with Rust as rustup installs it: \
                 see https://rustup.rs.",
                linker.display()
            );
        }
        Ok(Toolchain {
            arguments: vec![BUILD_LIBRARY.to_owned()],
            environment: vec![
                ("RUSTC".to_owned(), debian::rustc(folder).into()),
                // A stable compiler takes -Z only so.
                ("RUSTC_BOOTSTRAP".to_owned(), "1".into()),
                (
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER".to_owned(),
                    linker.into(),
                ),
            ],
            flags: renamed_paths(project, &debian::library_sources(folder)),
            builds_library: true,
            target_folder: project.target.join("wasm"),
        })
    }
}

const BUILD_LIBRARY: &str = "-Zbuild-std=std,panic_abort";

// A panic ends in a trap, and its message is not even composed: no code for that is left in the wasm.
const SMALLEST: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];

const NO_RUSTUP: &str = "rustup is not there to fetch it. Install rustup (see https://rustup.rs), then type \
    `rustup target add wasm32-unknown-unknown`.";

const RUSTUP_FAILED: &str = "rustup could not fetch it. Type `rustup target add wasm32-unknown-unknown` where its \
    server can be reached.";

const RUSTUP_DID_NOT_HELP: &str = "rustup added the target to another toolchain than cargo's. Type `rustup target \
    add wasm32-unknown-unknown --toolchain NAME` with the name that `rustup show active-toolchain` gives.";

#[derive(Debug, PartialEq, Eq)]
enum Way {
    Present,
    Unpacked,
    Fetch { ask_rustup: bool },
}

// What was unpacked before is taken before rustup is asked again: it was unpacked because rustup could not help.
fn choose(present: bool, unpacked: bool, rustup: bool) -> Way {
    match (present, unpacked) {
        (true, _) => Way::Present,
        (false, true) => Way::Unpacked,
        (false, false) => Way::Fetch { ask_rustup: rustup },
    }
}

/// The compiler that cargo itself uses.
struct Compiler {
    name: String,
    host: String,
    sysroot: PathBuf,
    wasm_libraries: PathBuf,
}

impl Compiler {
    fn of_cargo(shell: &Shell) -> Result<Compiler> {
        let verbose = cmd!(shell, "rustc -vV").quiet().read()?;
        let (name, host) = name_and_host(&verbose);
        Ok(Compiler {
            name: name.to_owned(),
            host: host.to_owned(),
            sysroot: cmd!(shell, "rustc --print sysroot").quiet().read()?.into(),
            wasm_libraries: cmd!(shell, "rustc --print target-libdir --target {TARGET}")
                .quiet()
                .read()?
                .into(),
        })
    }

    fn has_wasm(&self) -> bool {
        fs::read_dir(&self.wasm_libraries).is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with("libstd-") && name.ends_with(".rlib")
                })
            })
        })
    }

    fn linker(&self) -> PathBuf {
        self.sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("bin/rust-lld")
    }
}

/// The first line of `rustc -vV`, and the host that it names.
fn name_and_host(verbose: &str) -> (&str, &str) {
    let name = verbose.lines().next().unwrap_or_default();
    let host = verbose.lines().find_map(|line| line.strip_prefix("host: "));
    (name, host.unwrap_or_default())
}

fn unpacked_version(shell: &Shell, folder: &Path) -> Option<RustVersion> {
    let rustc = debian::rustc(folder);
    if !rustc.exists() {
        return None;
    }
    let version = cmd!(shell, "{rustc} --version").quiet().read().ok()?;
    RustVersion::parse(version.strip_prefix("rustc ")?)
}

fn rustup_is_there(shell: &Shell) -> bool {
    cmd!(shell, "rustup --version")
        .quiet()
        .ignore_stderr()
        .read()
        .is_ok()
}

fn add_target(shell: &Shell) -> Result<(), String> {
    from_rustup(shell, &["target", "add", TARGET])
}

fn from_rustup(shell: &Shell, arguments: &[&str]) -> Result<(), String> {
    note(&format!("Asking rustup: {}.", arguments.join(" ")));
    let output = cmd!(shell, "rustup {arguments...}")
        // Where nothing can be fetched, waiting longer does not help.
        .env("RUSTUP_MAX_RETRIES", "0")
        .quiet()
        .ignore_status()
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(errors
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no reason given")
        .trim()
        .to_owned())
}

// The wasm may hold the names of source files, for the messages of panics. No folder of this machine may be among them.
fn renamed_paths(project: &Project, library_sources: &Path) -> Vec<String> {
    let mut flags = Vec::new();
    let mut rename = |from: &Path, to: &str| {
        flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    };
    // Of two prefixes that fit, the last one counts.
    rename(&project.root, "paydunya-crm");
    rename(library_sources, "rust");
    // What lies below the project's folder is called by its path from there.
    if let Ok(relative) = library_sources.strip_prefix(&project.root) {
        rename(relative, "rust");
    }
    for registry in registries() {
        rename(&registry, "crates");
    }
    flags
}

// The folders that cargo unpacks crates into, one for each registry.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
        .unwrap_or_default();
    let mut folders: Vec<PathBuf> = fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_there_needs_nothing_else() {
        for (unpacked, rustup) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(choose(true, unpacked, rustup), Way::Present);
        }
    }

    #[test]
    fn rustup_is_asked_before_debian() {
        assert_eq!(choose(false, false, true), Way::Fetch { ask_rustup: true });
    }

    #[test]
    fn what_was_unpacked_is_used_without_asking_rustup_again() {
        assert_eq!(choose(false, true, true), Way::Unpacked);
    }

    #[test]
    fn a_machine_without_rustup_goes_to_debian_at_once() {
        assert_eq!(
            choose(false, false, false),
            Way::Fetch { ask_rustup: false }
        );
    }

    #[test]
    fn reads_the_host_that_the_compiler_names() {
        let verbose = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        assert_eq!(
            name_and_host(verbose),
            (
                "rustc 1.95.0 (59807616e 2026-04-14)",
                "x86_64-unknown-linux-gnu"
            )
        );
    }
}
