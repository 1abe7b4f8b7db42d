//! Chromium and its driver, for the tests that run in a browser.

use std::path::PathBuf;

use anyhow::{Result, bail};
use xshell::{Shell, cmd};

use crate::step::note;

/// An installed Chromium.
pub(crate) struct Chromium {
    /// The browser itself.
    pub(crate) browser: PathBuf,
    /// The program by which a WebDriver client controls it.
    pub(crate) driver: PathBuf,
}

impl Chromium {
    /// Finds the programs on the PATH. Root gets what is missing from Debian's packages.
    pub(crate) fn install() -> Result<Chromium> {
        if let Some(found) = Chromium::find() {
            return Ok(found);
        }
        let shell = Shell::new()?;
        if cmd!(shell, "id -u").quiet().read().ok().as_deref() != Some("0") {
            bail!("Chromium or its driver is missing. {ADVICE}");
        }
        note("Installing Debian's packages chromium and chromium-driver.");
        let install = || apt_get(&shell, &["install", "--no-install-recommends"], &PACKAGES);
        // The package lists may be absent, as in every slim image, or name what is gone.
        if install().is_err() {
            apt_get(&shell, &["update"], &[])?;
            install()?;
        }
        match Chromium::find() {
            Some(found) => Ok(found),
            None => bail!("Debian's packages brought no Chromium. {ADVICE}"),
        }
    }

    fn find() -> Option<Chromium> {
        Some(Chromium {
            browser: on_the_path("chromium")?,
            driver: on_the_path("chromedriver")?,
        })
    }
}

const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

const ADVICE: &str = "On Debian type `apt-get install chromium chromium-driver` as root; elsewhere put the programs \
    `chromium` and `chromedriver` of one version on the PATH.";

fn apt_get(shell: &Shell, subcommand: &[&str], packages: &[&str]) -> Result<()> {
    let done = cmd!(shell, "apt-get -qq --yes {subcommand...} {packages...}")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .quiet()
        .ignore_stdout()
        .run();
    match done {
        Ok(()) => Ok(()),
        Err(error) => bail!("Chromium or its driver is missing, and {error}. {ADVICE}"),
    }
}

fn on_the_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
