//! The project of a user of the package, which the package's tests run in.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::javascript::{NPM_QUIET, copy_folder};
use crate::package::Package;
use crate::project::Project;
use crate::unchanged::Inputs;

/// Installs the package from its tarball into an empty folder, and gives that folder.
pub(crate) fn install(project: &Project, package: &Package) -> Result<PathBuf> {
    let folder = project.package_folder().join("consumer");
    install_into(&folder, package)?;
    Ok(folder)
}

/// Installs the package from its tarball into this folder, which holds nothing else.
pub(crate) fn install_into(folder: &Path, package: &Package) -> Result<()> {
    Inputs::new()
        .with(fs::read(&package.tarball)?)
        .unless_unchanged(folder, |folder| {
            let shell = Shell::new()?;
            shell.change_dir(folder);
            fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
            let tarball = &package.tarball;
            cmd!(shell, "npm install {NPM_QUIET...} {tarball}")
                .quiet()
                .run()?;
            Ok(())
        })
}

/// Copies `tests/package` into the folder where the package is installed, and gives the folder of the copy. What the
/// tests import beyond the package lies in the `node_modules` of a folder above.
pub(crate) fn with_tests(project: &Project, package: &Package) -> Result<PathBuf> {
    let tests = install(project, package)?.join("tests");
    if tests.exists() {
        fs::remove_dir_all(&tests)?;
    }
    copy_folder(&project.root.join("tests/package"), &tests)?;
    Ok(tests)
}

/// The files of a folder that `node --test` is to run.
pub(crate) fn tests(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut tests = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    tests.retain(|path| is_test(path));
    tests.sort();
    Ok(tests)
}

fn is_test(path: &Path) -> bool {
    path.file_name()
        .and_then(OsStr::to_str)
        .is_some_and(|name| name.ends_with(".test.mjs") || name.ends_with(".test.cjs"))
}
