//! The npm package: `pkg-template/`, the wasm and its glue, bundled and packed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use paydunya_crm::error::ErrorCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use xshell::{Shell, cmd};

use crate::javascript::{NodeModules, copy_folder};
use crate::printable::printable;
use crate::project::Project;
use crate::step::note;
use crate::wasm::MODULES;

/// The packed package.
pub(crate) struct Package {
    /// The `.tgz` file.
    pub(crate) tarball: PathBuf,
    /// Files that are packed and should not be, or the other way round; a sentence for each.
    pub(crate) faults: Vec<String>,
}

/// Assembles, bundles and packs the package. `wasm` are the folders of the wasm modules.
pub(crate) fn pack(
    project: &Project,
    node_modules: &NodeModules,
    wasm: &[PathBuf],
) -> Result<Package> {
    let folder = project.package_folder().join("build");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    assemble(project, wasm, &folder)?;
    assemble_decoder(&folder, node_modules)?;
    bundle(&folder, node_modules)?;
    let packed = npm_pack(project, &folder)?;

    let names: BTreeSet<&str> = packed.files.iter().map(|file| file.path.as_str()).collect();
    let faults = contents_faults(&names);
    note(&format!(
        "{} files, {} bytes packed, {} unpacked",
        packed.files.len(),
        packed.size,
        packed.unpacked_size
    ));
    Ok(Package {
        tarball: project.tarball(),
        faults,
    })
}

/// What a user of the package imports: `x` is `x.js` in `pkg-template/`.
const ENTRIES: [Entry; 9] = [
    Entry::everywhere("index"),
    Entry::everywhere("slim"),
    Entry::everywhere("sandbox"),
    Entry::everywhere("node"),
    Entry::everywhere("cloudflare-queues"),
    Entry::bundled("workerd"),
    Entry::bundled("edge-light"),
    Entry::bundled("sandbox-workerd"),
    Entry::bundled("sandbox-edge-light"),
];

struct Entry {
    name: &'static str,
    formats: &'static [Format],
    /// Whether `x.d.ts` is there too; an entry for one runtime has the types of the entry that it stands for.
    typed: bool,
}

impl Entry {
    const fn everywhere(name: &'static str) -> Entry {
        Entry {
            name,
            formats: &[Format::EsModule, Format::CommonJs],
            typed: true,
        }
    }

    /// For runtimes whose programs come out of a bundler, which reads ES modules whatever it was asked for.
    const fn bundled(name: &'static str) -> Entry {
        Entry {
            name,
            formats: &[Format::EsModule],
            typed: false,
        }
    }
}

#[derive(Clone, Copy)]
enum Format {
    EsModule,
    CommonJs,
}

impl Format {
    /// The words of esbuild, of a file and of its declarations.
    const fn words(self) -> [&'static str; 3] {
        match self {
            Format::EsModule => ["esm", "mjs", "mts"],
            Format::CommonJs => ["cjs", "cjs", "cts"],
        }
    }
}

/// The files of the package, neither more nor fewer.
const CONTENTS: [&str; 40] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "NOTICE",
    "README.md",
    "benches/results/figures.svg",
    "bin/paydunya-crm.mjs",
    "cloudflare-queues/package.json",
    "dist/cloudflare-queues.cjs",
    "dist/cloudflare-queues.d.cts",
    "dist/cloudflare-queues.d.mts",
    "dist/cloudflare-queues.mjs",
    "dist/crm_bg.wasm",
    "dist/crm_bg.wasm.d.ts",
    "dist/edge-light.mjs",
    "dist/index.cjs",
    "dist/index.d.cts",
    "dist/index.d.mts",
    "dist/index.mjs",
    "dist/node.cjs",
    "dist/node.d.cts",
    "dist/node.d.mts",
    "dist/node.mjs",
    "dist/sandbox-edge-light.mjs",
    "dist/sandbox-workerd.mjs",
    "dist/sandbox.cjs",
    "dist/sandbox.d.cts",
    "dist/sandbox.d.mts",
    "dist/sandbox.mjs",
    "dist/sandbox_bg.wasm",
    "dist/slim.cjs",
    "dist/slim.d.cts",
    "dist/slim.d.mts",
    "dist/slim.mjs",
    "dist/workerd.mjs",
    "node/package.json",
    "package.json",
    "sandbox/README.md",
    "sandbox/package.json",
    "slim/package.json",
];

// The guides, what they show and the licences, under the same paths as in the project: links between them hold in both.
const FROM_THE_ROOT: [&str; 7] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "NOTICE",
    "README.md",
    "benches/results/figures.svg",
    "sandbox/README.md",
];

fn assemble(project: &Project, wasm: &[PathBuf], folder: &Path) -> Result<()> {
    let template = project.root.join("pkg-template");
    copy_folder(&template, folder)?;
    for name in FROM_THE_ROOT {
        let (file, copy) = (project.root.join(name), folder.join(name));
        if file.exists() {
            fs::create_dir_all(copy.parent().unwrap_or(folder))?;
            fs::copy(file, copy)?;
        }
    }
    let dist = folder.join("dist");
    fs::create_dir_all(&dist)?;
    for (module, from) in MODULES.iter().zip(wasm) {
        let (glue, wasm) = (module.glue(), module.wasm());
        fs::copy(from.join(&glue), folder.join(&glue))?;
        let bytes = fs::read(from.join(&wasm))?;
        let inline = Value::from(placeholder(&wasm));
        fs::write(
            folder.join(format!("{wasm}.js")),
            format!("export default {inline};\n"),
        )?;
        fs::write(dist.join(&wasm), bytes)?;
    }
    let declarations = "crm_bg.wasm.d.ts";
    fs::copy(template.join(declarations), dist.join(declarations))?;
    let manifest = fs::read_to_string(template.join("package.json"))?;
    fs::write(
        folder.join("package.json"),
        with_version(&manifest, &project.version)?,
    )?;
    fs::write(folder.join("metadata.js"), metadata(&project.version))?;
    let commands = folder.join("bin");
    if commands.exists() {
        for entry in fs::read_dir(commands)? {
            fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}

/// Writes the wasm of `decoder.wat` as a module with the list of its bytes.
fn assemble_decoder(folder: &Path, node_modules: &NodeModules) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(folder);
    let wasm_as = node_modules.command("wasm-as");
    cmd!(shell, "{wasm_as} decoder.wat -o decoder.wasm")
        .quiet()
        .run()?;
    let bytes = serde_json::to_string(&fs::read(folder.join("decoder.wasm"))?)?;
    fs::write(
        folder.join("decoder.wasm.js"),
        format!("export default {bytes};\n"),
    )?;
    Ok(())
}

/// The manifest with the version of Cargo.toml below the name.
fn with_version(manifest: &str, version: &str) -> Result<String> {
    let mut manifest: Map<String, Value> = serde_json::from_str(manifest)?;
    if manifest.contains_key("version") {
        bail!("pkg-template/package.json has a version; it comes from Cargo.toml alone.");
    }
    manifest.shift_insert(1, "version".to_owned(), version.into());
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

/// The module that carries the crate's own tables into JavaScript.
fn metadata(version: &str) -> String {
    let codes: String = ErrorCode::all()
        .map(|code| {
            let row = json!({
                "message": code.message(),
                "meaning": code.meaning(),
                "advice": code.advice(),
            });
            format!("  {}: Object.freeze({row}),\n", code.as_str())
        })
        .collect();
    let version = Value::from(version);
    let phone_data_version = Value::from(paydunya_crm::phone::data_version());
    format!(
        "// Written by the build, from Cargo.toml, src/error/code.rs and src/phone/table.bin.\n\
         export const version = {version};\n\
         export const phoneDataVersion = {phone_data_version};\n\
         export const errorCodes = Object.freeze({{\n{codes}}});\n"
    )
}

fn bundle(folder: &Path, node_modules: &NodeModules) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(folder);
    let esbuild = node_modules.command("esbuild");
    for entry in ENTRIES {
        let name = entry.name;
        for &format in entry.formats {
            // Only for Node esbuild adds what lets `import` see the names that CommonJS exports.
            let platform = match format {
                Format::EsModule => "neutral",
                Format::CommonJs => "node",
            };
            let [format, extension, declarations] = format.words();
            let arguments = [
                format!("--platform={platform}"),
                format!("--format={format}"),
                format!("--outfile=dist/{name}.{extension}"),
            ];
            cmd!(shell, "{esbuild} {name}.js {ESBUILD...} {arguments...}")
                .quiet()
                .run()?;
            let bundled = folder.join(format!("dist/{name}.{extension}"));
            let text = fs::read_to_string(&bundled)?;
            fs::write(&bundled, with_wasm(&text, folder)?)?;
            if entry.typed {
                let text = fs::read_to_string(folder.join(format!("{name}.d.ts")))?;
                fs::write(
                    folder.join(format!("dist/{name}.d.{declarations}")),
                    declarations_for(&text, declarations),
                )?;
            }
        }
    }
    Ok(())
}

// The lines are short: a runtime that reports an uncaught error prints the one that made it.
const ESBUILD: [&str; 10] = [
    "--bundle",
    "--external:node:*",
    "--external:*.wasm",
    "--external:*.wasm?module",
    "--inject:text-coding.js",
    "--legal-comments=none",
    "--log-level=warning",
    "--line-limit=160",
    "--minify",
    "--target=es2022",
];

/// What stands in a bundle in the place of a wasm: esbuild would cut a long string into lines.
fn placeholder(wasm: &str) -> String {
    format!("the bytes of {wasm}")
}

/// Puts each wasm where its placeholder is, on a line of its own, for the sake of whoever sees the code beside it in an
/// error.
fn with_wasm(bundled: &str, folder: &Path) -> Result<String> {
    let mut bundled = bundled.to_owned();
    for module in MODULES {
        let wasm = module.wasm();
        let placeholder = format!("\"{}\"", placeholder(&wasm));
        if bundled.contains(&placeholder) {
            let text = printable(&fs::read(folder.join("dist").join(&wasm))?);
            bundled = bundled.replace(&placeholder, &format!("\n\"{text}\"\n"));
        }
    }
    Ok(bundled)
}

/// The declarations of one entry, which name another as `./index.js`, for the extension `mts` or `cts`.
fn declarations_for(text: &str, extension: &str) -> String {
    let runtime = extension.replace("ts", "js");
    ENTRIES
        .iter()
        .fold(text.to_owned(), |text, Entry { name, .. }| {
            text.replace(
                &format!("\"./{name}.js\""),
                &format!("\"./{name}.{runtime}\""),
            )
        })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packed {
    filename: String,
    files: Vec<PackedFile>,
    size: u64,
    unpacked_size: u64,
}

#[derive(Deserialize)]
struct PackedFile {
    path: String,
}

fn npm_pack(project: &Project, folder: &Path) -> Result<Packed> {
    let shell = Shell::new()?;
    shell.change_dir(folder);
    let unfinished = project.package_folder().join("packing");
    fs::create_dir_all(&unfinished)?;
    let json = cmd!(
        shell,
        "npm pack --json --ignore-scripts --loglevel=error --pack-destination {unfinished}"
    )
    .quiet()
    .read()?;
    let packed: Vec<Packed> = serde_json::from_str(&json)?;
    let packed = packed.into_iter().next().context("npm packed nothing.")?;
    fs::rename(unfinished.join(&packed.filename), project.tarball())?;
    fs::remove_dir_all(unfinished)?;
    Ok(packed)
}

fn contents_faults(packed: &BTreeSet<&str>) -> Vec<String> {
    let expected = BTreeSet::from(CONTENTS);
    let missing = expected
        .difference(packed)
        .map(|file| format!("{file} is missing from the package."));
    let extra = packed
        .difference(&expected)
        .map(|file| format!("{file} is in the package and is not expected there."));
    missing.chain(extra).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_comes_from_cargo_alone() {
        let manifest = with_version(r#"{"name":"x","type":"module"}"#, "1.2.3").unwrap();
        assert_eq!(
            manifest,
            "{\n  \"name\": \"x\",\n  \"version\": \"1.2.3\",\n  \"type\": \"module\"\n}\n"
        );
        assert!(with_version(r#"{"name":"x","version":"0.0.0"}"#, "1.2.3").is_err());
    }

    #[test]
    fn each_format_names_its_own_declarations() {
        let text = "import { CrmClient } from \"./index.js\";";
        assert_eq!(
            declarations_for(text, "mts"),
            "import { CrmClient } from \"./index.mjs\";"
        );
        assert_eq!(
            declarations_for(text, "cts"),
            "import { CrmClient } from \"./index.cjs\";"
        );
    }

    #[test]
    fn every_error_code_reaches_javascript() {
        let module = metadata("1.2.3");
        assert!(module.contains("export const version = \"1.2.3\";"));
        for code in ErrorCode::all() {
            assert!(module.contains(&format!("{}: Object.freeze({{", code.as_str())));
        }
    }

    #[test]
    fn a_missing_or_unexpected_file_is_a_fault() {
        let mut packed = BTreeSet::from(CONTENTS);
        assert!(contents_faults(&packed).is_empty());
        packed.remove("README.md");
        packed.insert("dist/index.mjs.map");
        assert_eq!(
            contents_faults(&packed),
            [
                "README.md is missing from the package.",
                "dist/index.mjs.map is in the package and is not expected there."
            ]
        );
    }
}
