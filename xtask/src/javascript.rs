//! Node, npm, and the npm packages that the build and the tests need.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;
use xshell::{Shell, cmd};

use crate::project::Project;
use crate::step::note;
use crate::unchanged::Inputs;

/// The installed development dependencies of one `package.json`.
pub(crate) struct NodeModules {
    folder: PathBuf,
    lock: Vec<u8>,
}

impl NodeModules {
    /// Installs what building and testing needs: `tests/package/package.json`.
    pub(crate) fn install(project: &Project) -> Result<NodeModules> {
        let node = check_node(&Shell::new()?)?;
        // Beside the package, whose tests look for modules in this folder too.
        let modules = NodeModules::locked(
            &project.root.join("tests/package"),
            &project.package_folder(),
            "esbuild, wasm-opt, TypeScript and the like",
        )?;
        note(&format!("Node {node}, development dependencies installed."));
        Ok(modules)
    }

    /// Installs the runtimes that the conformance suite runs in: `tests/runtimes/package.json`.
    pub(crate) fn runtimes(project: &Project) -> Result<NodeModules> {
        NodeModules::locked(
            &project.root.join("tests/runtimes"),
            &project.runtimes_folder(),
            "the JavaScript runtimes and frameworks, some 600 MB,",
        )
    }

    /// Installs what the package is measured beside: `benches/package.json`.
    pub(crate) fn peers(project: &Project) -> Result<NodeModules> {
        NodeModules::locked(
            &project.root.join("benches"),
            &project.bench_folder(),
            "the clients and libraries to compare with, some 130 MB,",
        )
    }

    // Installs what the lock file in `sources` names into `parent`, unless that is done already.
    fn locked(sources: &Path, parent: &Path, what: &str) -> Result<NodeModules> {
        let manifest = fs::read(sources.join("package.json"))?;
        let lock = fs::read(sources.join("package-lock.json"))?;
        let folder = parent.join("node_modules");
        Inputs::new()
            .with(&manifest)
            .with(&lock)
            .with(std::env::consts::ARCH)
            .unless_unchanged(&folder, |_| {
                note(&format!("Fetching {what} from npm."));
                fs::write(parent.join("package.json"), &manifest)?;
                fs::write(parent.join("package-lock.json"), &lock)?;
                let shell = Shell::new()?;
                shell.change_dir(parent);
                // `npm ci` would fail where the registry lacks what only another system needs.
                cmd!(shell, "npm install {NPM_QUIET...}").quiet().run()?;
                Ok(())
            })?;
        Ok(NodeModules { folder, lock })
    }

    /// The folder `node_modules`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program that one of the packages brings.
    pub(crate) fn command(&self, name: &str) -> PathBuf {
        self.folder.join(".bin").join(name)
    }

    /// A fingerprint of all versions: the lock file.
    pub(crate) fn lock(&self) -> &[u8] {
        &self.lock
    }
}

/// npm without scripts of other people, without questions to its server and without advertising.
pub(crate) const NPM_QUIET: [&str; 5] = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
];

/// Copies a folder with all that is in it, but for installed packages.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let files = WalkDir::new(from)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules");
    for entry in files {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("{} could not be copied.", entry.path().display()))?;
        }
    }
    Ok(())
}

// The oldest that the package supports.
const OLDEST_NODE: u32 = 20;

fn check_node(shell: &Shell) -> Result<String> {
    let Ok(version) = cmd!(shell, "node --version").quiet().read() else {
        bail!(
            "Node.js is missing. Install version {OLDEST_NODE} or newer, with npm: see https://nodejs.org."
        );
    };
    if major(&version) < Some(OLDEST_NODE) {
        bail!(
            "Node.js {version} is too old. Install version {OLDEST_NODE} or newer: see https://nodejs.org."
        );
    }
    if cmd!(shell, "npm --version").quiet().read().is_err() {
        bail!(
            "npm is missing. It comes with Node.js from https://nodejs.org; on Debian type `apt-get install npm`."
        );
    }
    Ok(version)
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version_of_node() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.20.2"), None);
        assert_eq!(major(""), None);
    }
}
