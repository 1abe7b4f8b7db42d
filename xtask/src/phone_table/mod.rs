//! `cargo xtask phone-table`: makes the library's `src/phone/table.bin` from libphonenumber's metadata.

mod automaton;
mod blob;
mod encoder;
mod metadata;
mod names;
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Writes the numbering table, or says how it would change.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Writes nothing and fails when the table is not the one that would be written
    #[arg(long)]
    check: bool,
}

/// Carries out `cargo xtask phone-table`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = make(&root.join(PACKAGE))?;
    let path = root.join("src/phone/table.bin");
    if !options.check {
        return Ok(fs::write(path, table)?);
    }
    if fs::read(path)? != table {
        bail!("src/phone/table.bin is not what {PACKAGE} makes: run `cargo xtask phone-table`");
    }
    Ok(())
}

/// The development dependency that holds the metadata.
const PACKAGE: &str = "tests/package/node_modules/libphonenumber-js";

/// The table that a copy of libphonenumber-js makes.
fn make(package: &Path) -> Result<Vec<u8>> {
    let read = |name: &str| {
        let path: PathBuf = package.join(name);
        fs::read_to_string(&path).with_context(|| {
            format!(
                "{} can't be read: run `npm ci` in tests/package",
                path.display()
            )
        })
    };
    let plans = metadata::read(&read("metadata.max.json")?)?;
    blob::write(version(&read("CHANGELOG.md")?)?, &plans)
}

/// The version of libphonenumber's metadata. Only the package's list of changes says it.
fn version(changelog: &str) -> Result<&str> {
    const PHRASE: &str = "Updated metadata to version ";
    let (_, rest) = changelog
        .split_once(PHRASE)
        .context("the list of changes names no metadata version")?;
    let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
    Ok(rest[..end.unwrap_or(rest.len())].trim_end_matches('.'))
}
