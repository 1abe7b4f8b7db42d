//! What a task says while it works.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Does one step of a task under a heading, and says how long it took.
pub(crate) fn step<T>(heading: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {heading}");
    let start = Instant::now();
    let result = work().with_context(|| format!("This step failed: {heading}"));
    let end = if result.is_ok() { "done" } else { "failed" };
    println!("   {end} in {}", seconds(start.elapsed()));
    result
}

/// A line below the heading.
pub(crate) fn note(text: &str) {
    println!("   {text}");
}

/// Each cause on a line, without a backtrace, which says nothing to whoever only wants to build.
pub(crate) fn causes(error: &anyhow::Error) -> String {
    Vec::from_iter(error.chain().map(ToString::to_string)).join("\n")
}

/// A time as `12.3 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Runs a program, shows what it writes and keeps what it writes to its standard output; says whether it succeeded.
pub(crate) fn run_shown(command: &mut Command) -> Result<(bool, String)> {
    let name = command.get_program().to_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} could not be started.", name.display()))?;
    let mut kept = Vec::new();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            io::stdout().write_all(&line)?;
            kept.append(&mut line);
        }
    }
    let success = child.wait()?.success();
    Ok((success, String::from_utf8_lossy(&kept).into_owned()))
}
