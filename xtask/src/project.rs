//! This project as cargo sees it: where it lies, its version.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use xshell::{Shell, cmd};

/// The workspace.
pub(crate) struct Project {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; all that is built or fetched lies in it.
    pub(crate) target: PathBuf,
    /// The version of the crate `paydunya-crm`, which is the package's too.
    pub(crate) version: String,
    /// The oldest Rust that compiles the crate.
    pub(crate) rust_version: RustVersion,
}

/// Major and minor number of a Rust release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RustVersion(pub(crate) u32, pub(crate) u32);

impl RustVersion {
    /// Reads the beginning of `1.95`, `1.96.0 (ac68faa20 2026-05-25)` or `1.96.0+dfsg1-1~deb12u2`.
    pub(crate) fn parse(text: &str) -> Option<RustVersion> {
        let mut numbers = text
            .split(|c: char| !c.is_ascii_digit())
            .map(str::parse)
            .map_while(Result::ok);
        Some(RustVersion(numbers.next()?, numbers.next()?))
    }
}

impl std::fmt::Display for RustVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Held while a task runs, because two tasks would write the same files.
pub(crate) struct Lock {
    _file: File,
}

impl Project {
    /// Asks cargo about the workspace that this binary was built from.
    pub(crate) fn open() -> Result<Project> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let shell = Shell::new()?;
        let json = cmd!(
            shell,
            "cargo metadata --no-deps --format-version 1 --manifest-path {manifest}"
        )
        .quiet()
        .read()?;
        let metadata: Metadata = serde_json::from_str(&json)?;
        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.name == "paydunya-crm")
            .context("The workspace has no package named paydunya-crm.")?;
        Ok(Project {
            root: metadata.workspace_root,
            target: metadata.target_directory,
            rust_version: RustVersion::parse(&package.rust_version)
                .context("The rust-version in Cargo.toml is not a version.")?,
            version: package.version,
        })
    }

    /// Waits until no other task runs in this target folder.
    pub(crate) fn lock(&self) -> Result<Lock> {
        fs::create_dir_all(&self.target)?;
        let file = File::create(self.target.join(".xtask-lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("Waiting for another `cargo xtask` in this folder to end.");
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(Lock { _file: file })
    }

    /// Where the npm package is built, packed and tested.
    pub(crate) fn package_folder(&self) -> PathBuf {
        self.target.join("package")
    }

    /// Where the conformance suite runs: the runtimes, and a folder for each row of the matrix.
    pub(crate) fn runtimes_folder(&self) -> PathBuf {
        self.package_folder().join("runtimes")
    }

    /// Where the package is measured, beside other clients and libraries.
    pub(crate) fn bench_folder(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// The packed npm package.
    pub(crate) fn tarball(&self) -> PathBuf {
        self.package_folder()
            .join(format!("paydunya-crm-{}.tgz", self.version))
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    rust_version: String,
    version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_versions_that_rust_and_debian_write() {
        for (text, version) in [
            ("1.95", RustVersion(1, 95)),
            ("1.96.0 (ac68faa20 2026-05-25)", RustVersion(1, 96)),
            ("1.96.0+dfsg1-1~deb12u2", RustVersion(1, 96)),
            ("1.100.0-nightly", RustVersion(1, 100)),
        ] {
            assert_eq!(RustVersion::parse(text), Some(version), "{text}");
        }
        assert_eq!(RustVersion::parse("(none)"), None);
        assert_eq!(RustVersion::parse("1"), None);
    }

    #[test]
    fn an_older_version_is_less() {
        assert!(RustVersion(1, 85) < RustVersion(1, 95));
        assert!(RustVersion(1, 100) > RustVersion(1, 95));
    }
}
