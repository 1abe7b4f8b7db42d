//! Programs that the tests need and that a system's own packages bring: used where they are found, installed where root
//! may do so.

use std::path::PathBuf;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::step::note;

/// What Debian has in packages.
pub(crate) struct SystemPackages {
    /// What is missing without them, as a sentence begins.
    pub(crate) programs: &'static str,
    /// Debian's names.
    pub(crate) names: &'static [&'static str],
    /// What to do where they cannot be installed.
    pub(crate) advice: &'static str,
}

impl SystemPackages {
    /// Gives what `find` finds on this machine. Where it finds nothing, root gets the packages installed.
    pub(crate) fn install<T>(&self, find: impl Fn() -> Option<T>) -> Result<T> {
        if let Some(found) = find() {
            return Ok(found);
        }
        let shell = Shell::new()?;
        if cmd!(shell, "id -u").quiet().read().ok().as_deref() != Some("0") {
            bail!("{} is missing. {}", self.programs, self.advice);
        }
        note(&format!(
            "Installing from Debian: {}.",
            self.names.join(", ")
        ));
        let install = || self.apt_get(&shell, &["install", "--no-install-recommends"], self.names);
        // The package lists may be absent, as in every slim image, or name what is gone.
        if install().is_err() {
            self.apt_get(&shell, &["update"], &[])?;
            install()?;
        }
        match find() {
            Some(found) => Ok(found),
            None => bail!(
                "Debian's packages were installed, and {} is still missing. {}",
                self.programs,
                self.advice
            ),
        }
    }

    fn apt_get(&self, shell: &Shell, subcommand: &[&str], packages: &[&str]) -> Result<()> {
        let done = cmd!(shell, "apt-get -qq --yes {subcommand...} {packages...}")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .quiet()
            .ignore_stdout()
            .run();
        match done {
            Ok(()) => Ok(()),
            Err(error) => bail!("{} is missing, and {error}. {}", self.programs, self.advice),
        }
    }
}

/// The folders of the PATH, in its order.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    match std::env::var_os("PATH") {
        Some(path) => std::env::split_paths(&path).collect(),
        None => Vec::new(),
    }
}
