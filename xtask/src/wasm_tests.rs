//! The crate's tests in wasm.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use wasm_bindgen_cli::wasm_bindgen_test_runner;
use xshell::Shell;

use crate::build::Tools;
use crate::chromium::Chromium;
use crate::project::Project;
use crate::step::{note, run_shown};
use crate::toolchain::TARGET;
use crate::totals::Totals;

/// Under this machine's Node.
pub(crate) fn under_node(project: &Project, tools: &Tools) -> Result<Totals> {
    let hooks = project.root.join("xtask/package-modules.mjs");
    let mut command = tests(project, tools, ABOUT_BROWSERS)?;
    command
        .env("WASM_BINDGEN_USE_NODE_EXPERIMENTAL", "1")
        .env("NODE_ARGS", format!("--import={}", hooks.display()));
    totals(command)
}

/// In a page of Chromium, and in a worker.
pub(crate) fn in_chromium(project: &Project, tools: &Tools) -> Result<Totals> {
    let chromium = Chromium::install()?;
    let places = [
        "WASM_BINDGEN_USE_BROWSER",
        "WASM_BINDGEN_USE_DEDICATED_WORKER",
    ];
    places
        .into_iter()
        .map(|place| {
            let run = || {
                let mut command = tests(project, tools, ABOUT_NODE)?;
                command
                    .env(place, "1")
                    .env("CHROMEDRIVER", &chromium.driver)
                    .env(
                        "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                        project.root.join("xtask/webdriver.json"),
                    )
                    // A busy machine starts a browser slowly.
                    .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
                    .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
                run_shown(&mut command)
            };
            let (success, output) = run()?;
            if success || Totals::of_rust(&output) != Totals::default() {
                return Ok(Totals::of_rust(&output).judged(success));
            }
            note("The browser ran no test; once more.");
            let (success, output) = run()?;
            Ok(Totals::of_rust(&output).judged(success))
        })
        .sum()
}

/// Runs the tests in a wasm file, as `cargo test` asks.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<()> {
    // A page gets its modules from the runner's server, which gives out the files of the current folder.
    if let Some(modules) = env::var_os(MODULES) {
        env::set_current_dir(modules)?;
    }
    let mut command_line = vec![OsString::from("wasm-bindgen-test-runner")];
    command_line.extend(arguments);
    wasm_bindgen_test_runner::run_cli_with_args(command_line)
}

// Names the folder of the package's own modules, which the wasm imports as `./error.js`.
const MODULES: &str = "PAYDUNYA_CRM_MODULES";

// A test of the wasm that is about one of them says so at the beginning of its name.
const ABOUT_NODE: &str = "::in_node_";
const ABOUT_BROWSERS: &str = "::in_a_browser_";

// The tests of the crate in wasm but for those with `skipped` in their name; the environment has to say where they run.
fn tests(project: &Project, tools: &Tools, skipped: &str) -> Result<Command> {
    let shell = Shell::new()?;
    let runner = format!(
        "target.{TARGET}.runner = [{}, \"runner\"]",
        serde_json::to_string(&env::current_exe()?)?
    );
    Ok(tools
        .toolchain
        .cargo(&shell, project, "test")
        .args(["--package", "paydunya-crm", "--lib", "--no-fail-fast"])
        .args(["--config", &runner])
        .args(["--", "--skip", skipped])
        // Without it the library of the toolchain takes longer to compile, and every test run to prepare.
        .env("CARGO_PROFILE_DEV_DEBUG", "none")
        .env(MODULES, project.package_folder().join("build"))
        .into())
}

fn totals(mut command: Command) -> Result<Totals> {
    let (success, output) = run_shown(&mut command)?;
    Ok(Totals::of_rust(&output).judged(success))
}
