//! `cargo xtask build`: all set-up, the wasm, the package.

use anyhow::Result;

use crate::javascript::NodeModules;
use crate::package::{self, Package};
use crate::project::Project;
use crate::step::step;
use crate::toolchain::Toolchain;
use crate::wasm::MODULES;

/// Does it all, from a fresh clone or from what an earlier run left.
pub(crate) fn build(project: &Project) -> Result<Package> {
    let node_modules = step("Node and development dependencies", || {
        NodeModules::install(project)
    })?;
    let toolchain = step("Rust for wasm", || Toolchain::find(project))?;
    let folders = step("The wasm modules", || {
        MODULES
            .iter()
            .map(|module| module.build(project, &toolchain, &node_modules))
            .collect::<Result<Vec<_>>>()
    })?;
    step("The npm package", || {
        package::pack(project, &node_modules, &folders)
    })
}
