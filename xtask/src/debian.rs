//! Rust's compiler and library sources from Debian's packages, unpacked below the target folder: nothing on the
//! system is changed, and no root is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::project::RustVersion;
use crate::step::note;

/// Fetches and unpacks the packages into `folder`, which appears only when it is whole. `lists` is where package lists
/// of our own may lie.
pub(crate) fn unpack(folder: &Path, lists: &Path, at_least: RustVersion) -> Result<(), Obstacle> {
    let shell = Shell::new().map_err(Obstacle::other)?;
    if cmd!(shell, "apt-get --version").quiet().read().is_err()
        || cmd!(shell, "dpkg-deb --version").quiet().read().is_err()
    {
        return Err(Obstacle::NoApt);
    }
    // The system's lists may be absent, as in every slim image, or so old that what they name is gone.
    let system = Apt {
        configuration: None,
    };
    if system.offer(&shell) >= Some(at_least) {
        match unpack_with(&system, &shell, folder) {
            Ok(()) => return Ok(()),
            Err(error) => note(&format!(
                "The system's package lists do not help: {error:#}"
            )),
        }
    }
    note("Fetching package lists of our own, because the system's are missing or old.");
    let own = Apt::with_own_lists(lists).map_err(Obstacle::other)?;
    own.update(&shell).map_err(|error| Obstacle::NoLists {
        error: format!("{error:#}"),
    })?;
    let offer = own.offer(&shell);
    if offer < Some(at_least) {
        return Err(Obstacle::TooOld { offer, at_least });
    }
    unpack_with(&own, &shell, folder).map_err(Obstacle::other)?;
    fs::remove_dir_all(lists).map_err(Obstacle::other)
}

/// The compiler among what was unpacked.
pub(crate) fn rustc(folder: &Path) -> PathBuf {
    folder.join("rustc")
}

/// Where the sources of the standard library lie among what was unpacked.
pub(crate) fn library_sources(folder: &Path) -> PathBuf {
    folder.join("root/usr/lib/rustlib/src/rust")
}

/// Why Debian's packages can't be had.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// Not a Debian machine.
    NoApt,
    /// `apt-get update` failed.
    NoLists { error: String },
    /// This release of Debian has no Rust that is new enough.
    TooOld {
        offer: Option<RustVersion>,
        at_least: RustVersion,
    },
    /// Something else, in its own words.
    Other { error: String },
}

impl Obstacle {
    fn other(error: impl Into<anyhow::Error>) -> Obstacle {
        Obstacle::Other {
            error: format!("{:#}", error.into()),
        }
    }
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Obstacle::NoApt => f.write_str(
                "Debian's packages can't be used: this machine has no apt-get and dpkg-deb. \
                 They are needed only where rustup can't fetch the target.",
            ),
            Obstacle::NoLists { error } => write!(
                f,
                "Debian's packages can't be used: their lists could not be fetched. \
                 Type `apt-get update` as root and see what it says. Here it was: {error}"
            ),
            Obstacle::TooOld { offer, at_least } => {
                let found = match offer {
                    Some(version) => format!("has rustc-web {version}"),
                    None => "has no rustc-web".to_owned(),
                };
                write!(
                    f,
                    "Debian's packages can't be used: this machine's package source {found}, and {at_least} is \
                     needed. On Debian 12 add the suite bookworm-security to the sources, then type `apt-get update` \
                     as root."
                )
            }
            Obstacle::Other { error } => write!(f, "Debian's packages can't be used: {error}"),
        }
    }
}

// The compiler, and the sources that the standard library for wasm is built from.
const ROOTS: [&str; 2] = ["rustc-web", "rust-web-src"];

// What links for the host is there already: it linked this program.
const LINKS_FOR_THE_HOST: [&str; 4] = ["binutils", "gcc", "libc-dev", "libc6-dev"];

/// apt with the system's package lists or with lists of our own.
struct Apt {
    configuration: Option<PathBuf>,
}

impl Apt {
    fn with_own_lists(folder: &Path) -> Result<Apt> {
        fs::create_dir_all(folder.join("lists/partial"))?;
        fs::create_dir_all(folder.join("cache/archives/partial"))?;
        let configuration = folder.join("apt.conf");
        // The hooks of the system's own `apt-get update` are for the system's own lists.
        fs::write(
            &configuration,
            format!(
                "Dir::State::Lists \"{0}/lists\";\n\
                 Dir::Cache \"{0}/cache\";\n\
                 #clear APT::Update::Pre-Invoke;\n\
                 #clear APT::Update::Post-Invoke;\n\
                 #clear APT::Update::Post-Invoke-Success;\n",
                folder.display()
            ),
        )?;
        Ok(Apt {
            configuration: Some(configuration),
        })
    }

    fn arguments(&self) -> Vec<String> {
        // Without it apt warns when root writes into a folder that the user _apt may not enter.
        let mut arguments = vec!["-oAPT::Sandbox::User=root".to_owned()];
        if let Some(configuration) = &self.configuration {
            arguments.push(format!("-c{}", configuration.display()));
        }
        arguments
    }

    fn update(&self, shell: &Shell) -> Result<()> {
        let arguments = self.arguments();
        // Without the option a list that could not be fetched is a warning.
        let strict = "-oAPT::Update::Error-Mode=any";
        cmd!(shell, "apt-get {arguments...} {strict} -qq update")
            .quiet()
            .run()?;
        Ok(())
    }

    fn offer(&self, shell: &Shell) -> Option<RustVersion> {
        let arguments = self.arguments();
        let policy = cmd!(shell, "apt-cache {arguments...} policy rustc-web")
            .env("LC_ALL", "C")
            .quiet()
            .ignore_stderr()
            .read()
            .ok()?;
        RustVersion::parse(candidate(&policy)?)
    }

    fn packages(&self, shell: &Shell) -> Result<BTreeSet<String>> {
        let arguments = self.arguments();
        let depends = cmd!(
            shell,
            "apt-cache {arguments...} depends --recurse --important {ROOTS...}"
        )
        .env("LC_ALL", "C")
        .quiet()
        .read()?;
        let format = "--showformat=${Package}\\t${db:Status-Abbrev}\\n";
        let status = cmd!(shell, "dpkg-query --show {format}").quiet().read()?;
        Ok(needed(&depends, &installed(&status)))
    }

    fn download(
        &self,
        shell: &Shell,
        packages: &BTreeSet<String>,
        into: &Path,
    ) -> Result<Vec<PathBuf>> {
        let arguments = self.arguments();
        let _there = shell.push_dir(into);
        cmd!(shell, "apt-get {arguments...} -qq download {packages...}")
            .quiet()
            .run()?;
        Ok(shell.read_dir(into)?)
    }
}

fn unpack_with(apt: &Apt, shell: &Shell, folder: &Path) -> Result<()> {
    let parent = folder.parent().context("The folder has no parent.")?;
    let unfinished = parent.join("unpacking");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    let (archives, root) = (unfinished.join("archives"), unfinished.join("root"));
    fs::create_dir_all(&archives)?;
    fs::create_dir_all(&root)?;

    let packages = apt.packages(shell)?;
    note(&format!(
        "Fetching from Debian: {}",
        Vec::from_iter(packages.iter().map(String::as_str)).join(", ")
    ));
    for archive in apt.download(shell, &packages, &archives)? {
        cmd!(shell, "dpkg-deb --extract {archive} {root}")
            .quiet()
            .run()?;
    }
    fs::remove_dir_all(&archives)?;
    write_wrapper(&unfinished)?;
    if !library_sources(&unfinished).join("library/std").exists() {
        bail!("The package rust-web-src holds no sources where they are expected.");
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(&unfinished, folder)?;
    Ok(())
}

// The compiler finds its libraries where they were unpacked, wherever the project is moved to.
fn write_wrapper(folder: &Path) -> Result<()> {
    let libraries = fs::read_dir(folder.join("root/usr/lib"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|name| name.contains("-linux-gnu"))
        .context("The packages hold no libraries.")?;
    let wrapper = rustc(folder);
    fs::write(
        &wrapper,
        format!(
            "#!/bin/sh\n\
             root=${{0%/*}}/root\n\
             libraries=$root/usr/lib/{libraries}:$root/lib/{libraries}\n\
             export LD_LIBRARY_PATH=\"$libraries${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\"\n\
             exec \"$root/usr/bin/rustc\" \"$@\"\n"
        ),
    )?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// The version that `apt-cache policy` would install.
fn candidate(policy: &str) -> Option<&str> {
    policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))
        .filter(|version| *version != "(none)")
}

/// The packages that `dpkg-query` calls installed.
fn installed(status: &str) -> BTreeSet<&str> {
    status
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(_, state)| state.starts_with("ii"))
        .map(|(package, _)| package)
        .collect()
}

/// The packages to fetch, by what `apt-cache depends --recurse` says: the roots and all that they need and that is not
/// installed. What belongs to the compiler itself is fetched even if it is installed, so that all of it lies together.
fn needed(depends: &str, installed: &BTreeSet<&str>) -> BTreeSet<String> {
    let graph = dependencies(depends);
    let mut wanted = BTreeSet::new();
    let mut open = Vec::from(ROOTS);
    while let Some(package) = open.pop() {
        let of_the_compiler = package.contains("rust") || package.starts_with("libllvm");
        if LINKS_FOR_THE_HOST.contains(&package)
            || (installed.contains(package) && !of_the_compiler)
            || !wanted.insert(package.to_owned())
        {
            continue;
        }
        open.extend(graph.get(package).into_iter().flatten());
    }
    wanted
}

// A package's name begins a line; below it, indented, are the packages that it depends on. A name in angle brackets is
// a virtual package, whose providers follow it, indented further; none that is needed here depends on one.
fn dependencies(depends: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut graph: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut package = "";
    for line in depends.lines() {
        if !line.starts_with([' ', '|', '<']) {
            package = line.trim();
            graph.entry(package).or_default();
        } else if let Some((_, name)) = line.split_once("Depends: ")
            && !name.starts_with('<')
        {
            graph.entry(package).or_default().push(name);
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPENDS: &str = "\
rustc-web
  Depends: libc6
  Depends: libstd-rust-web-dev
  Depends: gcc
  Depends: <libc-dev>
    libc6-dev
  Depends: binutils
rust-web-src
libc6
  Depends: libgcc-s1
libgcc-s1
libstd-rust-web-dev
  Depends: libstd-rust-web-1.96
libstd-rust-web-1.96
  Depends: libllvm22
libllvm22
  Depends: libc6
 |Depends: libedit2
  PreDepends: libz3-4
libedit2
libz3-4
gcc
  Depends: cpp
<libc-dev>
libc6-dev
";

    fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
        names.iter().copied().collect()
    }

    fn wanted(already: &[&str]) -> Vec<String> {
        needed(DEPENDS, &set(already)).into_iter().collect()
    }

    #[test]
    fn fetches_the_compiler_and_the_libraries_that_are_missing() {
        assert_eq!(
            wanted(&["libc6", "libgcc-s1", "libedit2"]),
            [
                "libllvm22",
                "libstd-rust-web-1.96",
                "libstd-rust-web-dev",
                "libz3-4",
                "rust-web-src",
                "rustc-web"
            ]
        );
    }

    #[test]
    fn fetches_the_compiler_even_where_it_is_installed() {
        assert!(wanted(&["rustc-web", "libllvm22"]).contains(&"libllvm22".to_owned()));
    }

    #[test]
    fn never_fetches_a_linker_for_the_host() {
        let packages = wanted(&[]);
        for name in ["gcc", "cpp", "binutils", "libc6-dev", "<libc-dev>"] {
            assert!(!packages.contains(&name.to_owned()), "{name}");
        }
    }

    #[test]
    fn reads_the_candidate_of_a_policy() {
        let policy = "rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n  Version table:\n";
        assert_eq!(candidate(policy), Some("1.96.0+dfsg1-1~deb12u2"));
        assert_eq!(candidate("rustc-web:\n  Candidate: (none)\n"), None);
        assert_eq!(candidate(""), None);
    }

    #[test]
    fn a_package_that_was_removed_is_not_installed() {
        let status = "libedit2\tii \nlibz3-4\trc \nlibllvm22\tun \n";
        assert_eq!(installed(status), set(&["libedit2"]));
    }
}
