//! `cargo xtask phone-table`: makes the library's `src/phone/table.bin` from libphonenumber's metadata.

mod automaton;
mod blob;
mod diff;
mod encoder;
mod metadata;
mod names;
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use metadata::Plan;

/// Makes the numbering table anew, or says what would change.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write nothing, and fail when the table is not the one that would be written
    #[arg(long)]
    check: bool,
    /// Write nothing, and print per country what this version of libphonenumber-js (its folder, or its metadata.max.json) would change
    #[arg(long, value_name = "PATH", conflicts_with = "check")]
    diff: Option<PathBuf>,
}

/// Carries out `cargo xtask phone-table`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let package = root().join(PACKAGE);
    if let Some(newer) = &options.diff {
        let metadata = if newer.is_dir() {
            &newer.join(METADATA)
        } else {
            newer
        };
        let report = diff::report(&plans(&package.join(METADATA))?, &plans(metadata)?)?;
        print!(
            "{}",
            if report.is_empty() {
                "Nothing would change.\n"
            } else {
                &report
            }
        );
        return Ok(());
    }
    let table = make(&package)?;
    let path = root().join(TABLE);
    if !options.check {
        return fs::write(&path, table).with_context(|| format!("{TABLE} can't be written"));
    }
    if fs::read(&path).with_context(|| format!("{TABLE} can't be read"))? != table {
        bail!("{TABLE} is not what {PACKAGE} makes: run `cargo xtask phone-table`");
    }
    Ok(())
}

const TABLE: &str = "src/phone/table.bin";
/// The pinned development dependency that holds the metadata.
const PACKAGE: &str = "target/package/node_modules/libphonenumber-js";
const METADATA: &str = "metadata.max.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The table that a copy of libphonenumber-js makes.
fn make(package: &Path) -> Result<Vec<u8>> {
    let changelog = read(&package.join("CHANGELOG.md"))?;
    blob::write(version(&changelog)?, &plans(&package.join(METADATA))?)
}

fn plans(metadata: &Path) -> Result<Vec<Plan>> {
    metadata::read(&read(metadata)?).with_context(|| metadata.display().to_string())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| {
        format!(
            "{} can't be read: has `npm ci` been run in tests/package?",
            path.display()
        )
    })
}

/// The version of libphonenumber's metadata. Only the package's list of changes says it.
fn version(changelog: &str) -> Result<&str> {
    let (_, rest) = changelog
        .split_once("Updated metadata to version ")
        .context("CHANGELOG.md names no metadata version")?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
    Ok(rest[..end.unwrap_or(rest.len())].trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_the_pinned_metadata_makes() {
        let made = make(&root().join(PACKAGE)).unwrap();
        assert!(
            made == fs::read(root().join(TABLE)).unwrap(),
            "run `cargo xtask phone-table`"
        );
    }

    #[test]
    fn equal_metadata_changes_nothing() {
        let plans = plans(&root().join(PACKAGE).join(METADATA)).unwrap();
        assert_eq!(diff::report(&plans, &plans).unwrap(), "");
    }

    #[test]
    fn a_difference_names_the_country_and_the_range() {
        let path = root().join(PACKAGE).join(METADATA);
        let old = plans(&path).unwrap();
        let widened = read(&path).unwrap().replace(
            "7(?:[015-8]\\\\d|21|90)\\\\d{6}",
            "7(?:[0135-8]\\\\d|21|90)\\\\d{6}",
        );
        let report = diff::report(&old, &metadata::read(&widened).unwrap()).unwrap();
        assert_eq!(
            report,
            "+221 SN Senegal\n  13.9 % of the SMS-capable numbers are new\n  9 digits, Unknown -> Sms: 73\n"
        );
    }
}
