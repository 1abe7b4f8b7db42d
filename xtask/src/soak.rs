//! `cargo xtask soak`: a million messages and 200,000 clients in one process, whose memory must not grow.

use std::process::Command;

use anyhow::Result;

use crate::build;
use crate::consumer;
use crate::project::Project;
use crate::step::step;

/// Builds the package, installs it as a user would, and says whether it passed.
pub(crate) fn soak(project: &Project) -> Result<bool> {
    let package = build::build(project)?;
    let tests = step("A user's project", || {
        consumer::with_tests(project, &package)
    })?;
    step("The soak", || {
        let mut node = Command::new("node");
        node.arg(tests.join("soak.mjs"));
        Ok(node.status()?.success())
    })
}
