//! Work that is skipped while its inputs stay the same.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A fingerprint of all that a piece of work depends on.
#[derive(Default)]
pub(crate) struct Inputs {
    hash: Sha256,
}

impl Inputs {
    pub(crate) fn new() -> Inputs {
        Inputs::default()
    }

    /// Adds one input.
    pub(crate) fn with(mut self, input: impl AsRef<[u8]>) -> Inputs {
        // Each with its length, so that no two lists of inputs run together alike.
        let input = input.as_ref();
        self.hash.update(input.len().to_le_bytes());
        self.hash.update(input);
        self
    }

    /// Does the work into an empty folder, or leaves the folder as it is if it comes from the same inputs. Work that
    /// is broken off counts as not done.
    pub(crate) fn unless_unchanged(
        self,
        folder: &Path,
        work: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        let stamp = folder.join(STAMP);
        let inputs = hexadecimal(&self.hash.finalize());
        if fs::read_to_string(&stamp).is_ok_and(|before| before == inputs) {
            return Ok(());
        }
        if folder.exists() {
            // First, because a folder that is half removed would still look whole.
            if stamp.exists() {
                fs::remove_file(&stamp)?;
            }
            fs::remove_dir_all(folder)
                .with_context(|| format!("{} could not be emptied.", folder.display()))?;
        }
        fs::create_dir_all(folder)?;
        work(folder)?;
        fs::write(stamp, inputs)?;
        Ok(())
    }
}

const STAMP: &str = ".made-from";

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::path::PathBuf;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn works_again_only_when_an_input_changed() {
        let folder = folder("inputs");
        let count = Cell::new(0);
        for input in ["a", "a", "b", "b", "a"] {
            Inputs::new()
                .with(input)
                .unless_unchanged(&folder, |_| {
                    count.set(count.get() + 1);
                    Ok(())
                })
                .unwrap();
        }
        assert_eq!(count.get(), 3);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn work_that_failed_is_done_again_from_an_empty_folder() {
        let folder = folder("broken-off");
        let first = Inputs::new().unless_unchanged(&folder, |folder| {
            fs::write(folder.join("half"), "")?;
            anyhow::bail!("broken off")
        });
        assert!(first.is_err());
        Inputs::new()
            .unless_unchanged(&folder, |folder| {
                assert!(!folder.join("half").exists());
                Ok(())
            })
            .unwrap();
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn inputs_do_not_run_together() {
        let folder = folder("apart");
        let worked = Cell::new(0);
        for inputs in [["ab", "c"], ["a", "bc"]] {
            Inputs::new()
                .with(inputs[0])
                .with(inputs[1])
                .unless_unchanged(&folder, |_| {
                    worked.set(worked.get() + 1);
                    Ok(())
                })
                .unwrap();
        }
        assert_eq!(worked.get(), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
