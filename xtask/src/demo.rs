//! `cargo xtask demo`: what a user of the package does, from an empty folder to messages that are sent, against the
//! sandbox on this machine.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{self, Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::build;
use crate::javascript::NPM_QUIET;
use crate::project::Project;
use crate::step::{note, step};

/// Builds the package and shows it.
pub(crate) fn demo(project: &Project) -> Result<()> {
    let package = build::build(project)?;
    show(project, &package.tarball)
}

/// Installs the package in an empty folder, starts the sandbox and runs the example.
pub(crate) fn show(project: &Project, tarball: &Path) -> Result<()> {
    let folder = project.target.join("demo");
    step(
        "A user's project: an empty folder, npm init, npm install",
        || install(project, &folder, tarball),
    )?;
    let server = step("The sandbox: npx paydunya-crm sandbox --port 0", || {
        let server = Server::start(&folder)?;
        note(&format!("It answers at {}.", server.base_url));
        Ok(server)
    })?;
    let heading = format!("The example: node {EXAMPLE}, with the sandbox's keys");
    step(&heading, || run_example(&folder, &server.base_url))?;
    step("Stopping the sandbox", || {
        drop(server);
        Ok(())
    })
}

const EXAMPLE: &str = "send-customers.mjs";

const FILES: [&str; 2] = [EXAMPLE, "customers.csv"];

// The keys that the sandbox knows unless it is told others.
const SANDBOX_ACCOUNT: [(&str, &str); 4] = [
    ("PAYDUNYA_USER_KEY", "user-key"),
    ("PAYDUNYA_SECRET_KEY", "secret-key"),
    ("PAYDUNYA_APP_KEY", "app-key"),
    ("PAYDUNYA_SENDER", "MaBoutique"),
];

fn install(project: &Project, folder: &Path, tarball: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for name in FILES {
        let file = project.root.join("examples").join(name);
        fs::copy(&file, folder.join(name))
            .with_context(|| format!("{} could not be copied.", file.display()))?;
    }
    let example = fs::read_to_string(folder.join(EXAMPLE))?;
    let manifest = fs::read_to_string(project.root.join("tests/package/package.json"))?;
    let others = others(&example, &serde_json::from_str(&manifest)?);

    let shell = Shell::new()?;
    shell.change_dir(folder);
    cmd!(shell, "npm init --yes --loglevel=error")
        .quiet()
        .ignore_stdout()
        .run()?;
    cmd!(shell, "npm install {NPM_QUIET...} {tarball} {others...}")
        .quiet()
        .run()?;
    Ok(())
}

/// What the example imports beyond the package, in the versions that the tests use.
fn others(example: &str, manifest: &Value) -> Vec<String> {
    manifest["devDependencies"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| {
            [format!("\"{name}\""), format!("\"{name}/")]
                .iter()
                .any(|import| example.contains(&format!("from {import}")))
        })
        .filter_map(|(name, version)| Some(format!("{name}@{}", version.as_str()?)))
        .collect()
}

fn run_example(folder: &Path, base_url: &str) -> Result<()> {
    let status = Command::new("node")
        .arg(EXAMPLE)
        .current_dir(folder)
        .envs(SANDBOX_ACCOUNT)
        .env("PAYDUNYA_BASE_URL", base_url)
        .stdin(Stdio::null())
        .status()?;
    if !status.success() {
        bail!("The example ended with {status}.");
    }
    Ok(())
}

/// The running sandbox. It ends when this is dropped, and when the user breaks off with Ctrl-C.
struct Server {
    child: Arc<Mutex<Child>>,
    base_url: String,
}

impl Server {
    fn start(folder: &Path) -> Result<Server> {
        // What npx runs, without npx between: so the handle is that of the server itself.
        let mut child = Command::new(folder.join("node_modules/.bin/paydunya-crm"))
            .args(["sandbox", "--port", "0"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("The package's command could not be started.")?;
        let output = child.stdout.take();
        let mut server = Server {
            child: Arc::new(Mutex::new(child)),
            base_url: String::new(),
        };
        let interrupted = Arc::clone(&server.child);
        ctrlc::set_handler(move || {
            stop(&interrupted);
            process::exit(130);
        })?;
        let line = first_line(output.context("The sandbox has no standard output.")?)?;
        server.base_url = base_url(&line)
            .with_context(|| format!("The sandbox did not say where it listens, but: {line}"))?
            .to_owned();
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&self.child);
    }
}

fn stop(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // An error says that it ended already.
    let _ = child.kill();
    let _ = child.wait();
}

const START_LIMIT: Duration = Duration::from_secs(20);

// The rest is read too, because a full pipe would stop the server.
fn first_line(output: ChildStdout) -> Result<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
        .recv_timeout(START_LIMIT)
        .context("The sandbox ended, or wrote nothing for 20 seconds.")
}

fn base_url(line: &str) -> Option<&str> {
    line.split_whitespace()
        .find(|word| word.starts_with("http://127.0.0.1:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_address_in_what_the_sandbox_writes_first() {
        let url = Some("http://127.0.0.1:8080/api/v1");
        assert_eq!(base_url("http://127.0.0.1:8080/api/v1"), url);
        assert_eq!(
            base_url("Listening at http://127.0.0.1:8080/api/v1 now"),
            url
        );
        assert_eq!(base_url("Error: the port is taken"), None);
    }

    #[test]
    fn installs_what_the_example_imports_in_the_version_of_the_tests() {
        let manifest = json!({ "devDependencies": { "csv-parse": "7.0.3", "esbuild": "0.28.2" } });
        for example in [
            "import { parse } from \"csv-parse/sync\";",
            "import { parse } from \"csv-parse\";",
        ] {
            assert_eq!(others(example, &manifest), ["csv-parse@7.0.3"]);
        }
        assert!(others("import fs from \"node:fs\"; // csv-parse", &manifest).is_empty());
    }
}
