//! What a task says while it works.

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

/// A time as `12.3 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
