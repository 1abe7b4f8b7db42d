//! PostgreSQL's programs, for the tests of a queue in a database.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::system_packages::{SystemPackages, path_folders};

/// Gives the folder of `initdb` and `postgres`. Root gets them from Debian's package where they are missing.
pub(crate) fn install() -> Result<PathBuf> {
    PACKAGES.install(|| {
        let debians = versions(Path::new(DEBIANS));
        path_folders()
            .into_iter()
            .chain(debians)
            .find(|folder| is_whole(folder))
    })
}

const PACKAGES: SystemPackages = SystemPackages {
    programs: "PostgreSQL",
    names: &["postgresql"],
    advice: "On Debian type `apt-get install postgresql` as root; elsewhere put its programs `initdb` and `postgres`, of \
        version 13 or newer, on the PATH.",
};

// Debian keeps the programs of a server off the PATH: each version in a folder of its own.
const DEBIANS: &str = "/usr/lib/postgresql";

/// The folders of the programs of each version, the newest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions
        .into_iter()
        .map(|version| folder.join(version.to_string()).join("bin"))
        .collect()
}

// Some programs of it are often on the PATH alone.
fn is_whole(folder: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_first() {
        let folder =
            std::env::temp_dir().join(format!("postgresql-versions-{}", std::process::id()));
        for version in ["9", "15", "13", "common"] {
            fs::create_dir_all(folder.join(version)).unwrap();
        }
        let found = versions(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let expected: Vec<PathBuf> = ["15/bin", "13/bin", "9/bin"]
            .iter()
            .map(|version| folder.join(version))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_machine_without_it_has_no_version() {
        assert!(versions(Path::new("/nonexistent")).is_empty());
    }
}
