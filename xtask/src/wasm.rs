//! From a crate to the wasm and its JavaScript glue.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Shell, cmd};

use crate::javascript::NodeModules;
use crate::project::Project;
use crate::step::note;
use crate::toolchain::Toolchain;
use crate::unchanged::Inputs;

/// A crate that becomes a wasm.
pub(crate) struct Module {
    /// The crate's name.
    pub(crate) package: &'static str,
    /// What the glue is named after: `<name>_bg.js` and `<name>_bg.wasm`.
    pub(crate) name: &'static str,
}

/// The wasm modules of the package.
pub(crate) const MODULES: [Module; 2] = [
    Module {
        package: "paydunya-crm",
        name: "crm",
    },
    // It depends on the other, so one call of cargo for both would switch the other's JavaScript border on here too.
    Module {
        package: "paydunya-crm-sandbox",
        name: "sandbox",
    },
];

impl Module {
    /// Compiles the crate, makes the glue and shrinks the wasm; gives the folder that holds both files.
    pub(crate) fn build(
        &self,
        project: &Project,
        toolchain: &Toolchain,
        node_modules: &NodeModules,
    ) -> Result<PathBuf> {
        let shell = Shell::new()?;
        let package = self.package;
        toolchain
            .cargo_release(&shell, project, "rustc")
            // In the manifest, "cdylib" would make cargo forget one build when it does another with other features.
            .args(["--lib", "--crate-type", "cdylib"])
            .args(["--package", package])
            .quiet()
            .run()?;
        let file = format!("{}.wasm", package.replace('-', "_"));
        let compiled = fs::read(toolchain.release_folder().join(file))?;

        let folder = project.package_folder().join("wasm").join(self.name);
        let inputs = Inputs::new()
            .with(&compiled)
            .with(BINDGEN_VERSION)
            .with(CAUGHT)
            .with(node_modules.lock())
            .with(WASM_OPT.join(" "));
        inputs.unless_unchanged(&folder, |folder| {
            self.bind(compiled, folder)?;
            self.shrink(folder, node_modules)
        })?;
        let size = fs::metadata(folder.join(self.wasm()))?.len();
        note(&format!("{}: {size} bytes", self.wasm()));
        Ok(folder)
    }

    /// The name of the JavaScript that a build leaves.
    pub(crate) fn glue(&self) -> String {
        format!("{}_bg.js", self.name)
    }

    /// The name of the wasm that a build leaves.
    pub(crate) fn wasm(&self) -> String {
        format!("{}_bg.wasm", self.name)
    }

    fn bind(&self, compiled: Vec<u8>, folder: &Path) -> Result<()> {
        let mut output = Bindgen::new()
            .input_bytes(self.name, compiled)
            .bundler(true)?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate_output()?;
        // `instantiate` gives the wasm this one module.
        let expected = format!("./{}", self.glue());
        for import in output.wasm().imports.iter() {
            if import.module != expected {
                bail!(
                    "The wasm of {} imports {} from {}, and only {expected} is given to it.",
                    self.package,
                    import.name,
                    import.module
                );
            }
        }
        let inline = output.snippets().values().any(|list| !list.is_empty());
        if inline || !output.local_modules().is_empty() {
            bail!(
                "The crate {} or a dependency carries JavaScript of its own (`inline_js` or a `module` path): \
                 use `raw_module`.",
                self.package
            );
        }
        let names = shorten_imports(output.wasm_mut());
        output.emit(folder)?;
        let glue = folder.join(self.glue());
        let mut text = fs::read_to_string(&glue)?;
        for (long, short) in names {
            text = text.replace(&long, &short);
        }
        fs::write(glue, catching(&text)?)?;
        // It would import the wasm as a module, which few runtimes can.
        fs::remove_file(folder.join(format!("{}.js", self.name)))?;
        Ok(())
    }

    fn shrink(&self, folder: &Path, node_modules: &NodeModules) -> Result<()> {
        let shell = Shell::new()?;
        let (wasm, smaller) = (folder.join(self.wasm()), folder.join("smaller.wasm"));
        let wasm_opt = node_modules.command("wasm-opt");
        cmd!(shell, "{wasm_opt} {WASM_OPT...} {wasm} -o {smaller}")
            .quiet()
            .run()?;
        fs::rename(smaller, wasm).context("wasm-opt left no file.")
    }
}

/// Gives each import a short name; tells which, the longest of the old ones first. What bindgen calls them ends in 16 digits
/// that nothing can compress, and stands in the wasm and in the glue.
pub(crate) fn shorten_imports(module: &mut walrus::Module) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = module
        .imports
        .iter_mut()
        .enumerate()
        .map(|(place, import)| {
            let short = format!("${place}");
            (std::mem::replace(&mut import.name, short.clone()), short)
        })
        .collect();
    // A name may be the beginning of another.
    names.sort_by_key(|(long, _)| std::cmp::Reverse(long.len()));
    names
}

/// Lets each import that catches what it throws do so itself. bindgen wraps its body into a function that it makes at each call and
/// hands over with its `arguments`; and as the import then names no parameter, engines compile one way more to call it.
fn catching(glue: &str) -> Result<String> {
    if glue.contains("function handleError") && !glue.contains(HANDLER) {
        bail!("The glue has another `handleError` than expected.");
    }
    let mut caught = String::with_capacity(glue.len());
    for line in glue.replace(HANDLER, CAUGHT).lines() {
        match line.split_once("() { return handleError(function (") {
            Some((name, parameters)) => caught += &format!("{name}({parameters} try {{"),
            None if line == "}, arguments); }" => caught += "} catch (e) { handleError(e); } }",
            None => caught += line,
        }
        caught.push('\n');
    }
    if caught.contains("handleError(function") || caught.contains("arguments);") {
        bail!("The glue calls `handleError` in another way than expected.");
    }
    Ok(caught)
}

const HANDLER: &str = "function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store(idx);
    }
}
";

const CAUGHT: &str = "function handleError(e) {
    const idx = addToExternrefTable0(e);
    wasm.__wbindgen_exn_store(idx);
}
";

// As in Cargo.toml.
const BINDGEN_VERSION: &str = "0.2.130";

// The features that the wasm may use are those that rustc lists in it, so no runtime needs more than before.
const WASM_OPT: [&str; 3] = ["-Oz", "--strip-producers", "--strip-target-features"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_catches_without_a_function_of_its_own() {
        let import = "export function $1() { return handleError(function (arg0, arg1) {
    return arg0.call(arg1);
}, arguments); }
";
        let expected = "export function $1(arg0, arg1) { try {
    return arg0.call(arg1);
} catch (e) { handleError(e); } }
";
        let glue = format!("{import}{HANDLER}");
        assert_eq!(catching(&glue).unwrap(), format!("{expected}{CAUGHT}"));
    }

    #[test]
    fn another_glue_than_expected_is_an_error() {
        assert!(catching("function handleError(f) {}").is_err());
        let call = "export function $1() { return handleError((arg0) => arg0(), arguments); }\n";
        assert!(catching(&format!("{call}{HANDLER}")).is_err());
    }
}
