//! `cargo xtask build`: all set-up, the wasm, the package.

use anyhow::Result;

use crate::javascript::NodeModules;
use crate::package::{self, Package};
use crate::project::Project;
use crate::step::step;
use crate::toolchain::Toolchain;
use crate::wasm::MODULES;

/// What building and testing takes.
pub(crate) struct Tools {
    pub(crate) node_modules: NodeModules,
    pub(crate) toolchain: Toolchain,
}

/// Builds the package, from a fresh clone or from what an earlier run left.
pub(crate) fn build(project: &Project) -> Result<Package> {
    package(project, &tools(project)?)
}

/// Finds or fetches the tools.
pub(crate) fn tools(project: &Project) -> Result<Tools> {
    let node_modules = step("Node and development dependencies", || {
        NodeModules::install(project)
    })?;
    let toolchain = step("Rust for wasm", || Toolchain::find(project))?;
    Ok(Tools {
        node_modules,
        toolchain,
    })
}

/// Compiles the wasm and packs the package.
pub(crate) fn package(project: &Project, tools: &Tools) -> Result<Package> {
    let folders = step("The wasm modules", || {
        MODULES
            .iter()
            .map(|module| module.build(project, &tools.toolchain, &tools.node_modules))
            .collect::<Result<Vec<_>>>()
    })?;
    step("The npm package", || {
        package::pack(project, &tools.node_modules, &folders)
    })
}
