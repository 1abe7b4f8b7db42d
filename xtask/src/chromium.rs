//! Chromium and its driver, for the tests that run in a browser.

use std::path::PathBuf;

use anyhow::Result;

use crate::system_packages::{SystemPackages, path_folders};

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
        PACKAGES.install(Chromium::find)
    }

    fn find() -> Option<Chromium> {
        Some(Chromium {
            browser: on_the_path("chromium")?,
            driver: on_the_path("chromedriver")?,
        })
    }
}

const PACKAGES: SystemPackages = SystemPackages {
    programs: "Chromium or its driver",
    names: &["chromium", "chromium-driver"],
    advice: "On Debian type `apt-get install chromium chromium-driver` as root; elsewhere put the programs `chromium` and \
        `chromedriver` of one version on the PATH.",
};

fn on_the_path(program: &str) -> Option<PathBuf> {
    path_folders()
        .into_iter()
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
