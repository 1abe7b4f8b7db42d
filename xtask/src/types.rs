//! The package's declarations, as the compilers and the checkers of its users see them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use crate::javascript::NodeModules;
use crate::package::Package;
use crate::project::Project;
use crate::suites::check as checked;
use crate::totals::Totals;

/// Checks the manifest and the declarations of the packed package, and compiles programs of users in the folder
/// `consumer`, where it is installed.
pub(crate) fn check(
    project: &Project,
    node_modules: &NodeModules,
    package: &Package,
    consumer: &Path,
) -> Result<Totals> {
    let shell = Shell::new()?;
    shell.change_dir(consumer);
    let tarball = &package.tarball;
    let publint = node_modules.command("publint");
    let attw = node_modules.command("attw");
    let checkers = [
        cmd!(shell, "{publint} run {tarball} --strict"),
        // The wasm is no JavaScript: what a runtime or a bundler makes of it is theirs to say.
        cmd!(
            shell,
            "{attw} {tarball} --format ascii --exclude-entrypoints crm_bg.wasm"
        ),
    ];
    let checkers: Totals = checkers.into_iter().map(checked).sum();

    for extension in ["mts", "cts"] {
        fs::copy(
            consumer.join("consumer.ts"),
            consumer.join(format!("consumer.{extension}")),
        )?;
    }
    let examples = guide_examples(project, consumer)?;
    let programs: Totals = USERS
        .iter()
        .map(|user| {
            let config = consumer.join(format!("tsconfig.{}.json", user.name));
            fs::write(&config, user.config(&examples).to_string())?;
            let compiler = node_modules.folder().join(user.compiler).join("bin/tsc");
            Ok(checked(cmd!(shell, "node {compiler} --project {config}")))
        })
        .sum::<Result<Totals>>()?;
    Ok(checkers + programs)
}

/// Whoever compiles a program that imports the package.
struct User {
    name: &'static str,
    /// The folder of the compiler.
    compiler: &'static str,
    module: &'static str,
    resolution: &'static str,
    /// What the names of the web come from: the library `dom` or `@types/node`.
    dom: bool,
    files: &'static [&'static str],
}

const OLDEST: &str = "typescript-5.0";
const LATEST: &str = "typescript";

const USERS: [User; 8] = [
    User::new("oldest-node16", OLDEST, "node16", "node16", &NODE),
    User::new("oldest-nodenext", OLDEST, "nodenext", "nodenext", &NODE),
    User::new("oldest-bundler", OLDEST, "esnext", "bundler", &BUNDLER),
    // As editors and Jest still resolve; later compilers don't.
    User::new(
        "oldest-node10",
        OLDEST,
        "commonjs",
        "node",
        &["consumer.ts"],
    ),
    User::new("latest-node16", LATEST, "node16", "node16", &NODE),
    User::new("latest-nodenext", LATEST, "nodenext", "nodenext", &NODE),
    User::new("latest-bundler", LATEST, "esnext", "bundler", &BUNDLER),
    User {
        dom: false,
        ..User::new(
            "types-node",
            LATEST,
            "nodenext",
            "nodenext",
            &["consumer.mts", "consumer.cts"],
        )
    },
];

const NODE: [&str; 3] = ["consumer.mts", "consumer.cts", "wasm-import.mts"];
const BUNDLER: [&str; 2] = ["consumer.ts", "wasm-import.mts"];

impl User {
    const fn new(
        name: &'static str,
        compiler: &'static str,
        module: &'static str,
        resolution: &'static str,
        files: &'static [&'static str],
    ) -> User {
        User {
            name,
            compiler,
            module,
            resolution,
            dom: true,
            files,
        }
    }

    fn config(&self, examples: &[String]) -> Value {
        let (libraries, types): (&[&str], &[&str]) = if self.dom {
            (&["es2022", "dom"], &[])
        } else {
            (&["es2022"], &["node"])
        };
        // They are for Node.
        let examples = if self.dom { &[] } else { examples };
        json!({
            "compilerOptions": {
                "noEmit": true,
                "strict": true,
                "exactOptionalPropertyTypes": true,
                "target": "es2022",
                "module": self.module,
                "moduleResolution": self.resolution,
                "lib": libraries,
                "types": types,
                "skipLibCheck": false,
            },
            "files": self.files.iter().copied().chain(examples.iter().map(String::as_str)).collect::<Vec<_>>(),
        })
    }
}

/// Writes each example of the README into a file of its own, as a TypeScript user would; gives the files.
fn guide_examples(project: &Project, folder: &Path) -> Result<Vec<String>> {
    let readme =
        fs::read_to_string(project.root.join("README.md")).context("The guide is missing.")?;
    let examples = readme
        .split("```js\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("```")?.0));
    (1..)
        .map(|number| format!("example-{number}.mts"))
        .zip(examples)
        .map(|(file, text)| {
            fs::write(folder.join(&file), text)?;
            Ok(file)
        })
        .collect()
}
