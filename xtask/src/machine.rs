//! Is on this machine what only the person can put there? Everything missing is named at once, with
//! the command that installs it.

use std::path::{Path, PathBuf};

use crate::console::Step;
use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::process;

/// The oldest compiler that builds us; `rust-version` in the root Cargo.toml says the same.
const RUST: Version = Version(1, 95, 0);
/// The oldest Node that runs Tailwind's and Playwright's command lines.
const NODE: Version = Version(20, 0, 0);
/// What islands are compiled for.
const WASM: &str = "wasm32-unknown-unknown";

/// A version of three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// The first word of a text that is a version, such as in "rustc 1.95.0 (…)" or "v20.1.2".
    pub fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::read)
    }

    fn read(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let plain = word.split(['-', '+']).next()?;
        let mut numbers = plain.split('.').map(str::parse);
        let version = Self(
            numbers.next()?.ok()?,
            numbers.next()?.ok()?,
            numbers.next().map_or(Some(0), Result::ok)?,
        );
        numbers.next().is_none().then_some(version)
    }
}

/// Compiler, C compiler, Node and npm are there, and the wasm target (which is added if not).
pub fn check(context: &Context) -> Outcome<()> {
    let missing: Vec<String> = [rust(), c_compiler(), node(), npm()]
        .into_iter()
        .flatten()
        .collect();
    if !missing.is_empty() {
        return Err(Failure::says(format!(
            "Missing on this machine:\n\n{}\n\nThen run the same command again.",
            missing.join("\n\n")
        )));
    }
    wasm_target(context)
}

fn rust() -> Option<String> {
    let found = process::answer("rustc", &["--version"]);
    match found.as_deref().and_then(Version::find) {
        Some(version) if version >= RUST => None,
        _ => Some(format!(
            "  Rust {}.{} or newer ({})\n    rustup update stable",
            RUST.0,
            RUST.1,
            found.map_or_else(|| "none found".to_owned(), |text| format!("found {text}")),
        )),
    }
}

fn c_compiler() -> Option<String> {
    let there = std::env::var_os("CC").is_some() || on_path("cc").is_some();
    (!there).then(|| {
        "  a C compiler, for the embedded database and the cryptography\n    \
         Debian, Ubuntu:  sudo apt-get install build-essential\n    \
         Fedora:          sudo dnf install gcc\n    \
         macOS:           xcode-select --install"
            .to_owned()
    })
}

fn node() -> Option<String> {
    let found = process::answer("node", &["--version"]);
    match found.as_deref().and_then(Version::find) {
        Some(version) if version >= NODE => None,
        _ => Some(format!(
            "  Node {} or newer ({})\n    {}",
            NODE.0,
            found.map_or_else(|| "none found".to_owned(), |text| format!("found {text}")),
            "Debian 13, Ubuntu 25: sudo apt-get install nodejs npm\n    \
             Fedora:               sudo dnf install nodejs npm\n    \
             macOS:                brew install node\n    \
             elsewhere:            https://nodejs.org/en/download"
        )),
    }
}

fn npm() -> Option<String> {
    on_path("npm").is_none().then(|| {
        "  npm, which comes with Node from nodejs.org\n    \
         Debian, Ubuntu:  sudo apt-get install npm\n    \
         Fedora:          sudo dnf install npm\n    \
         macOS:           brew install node"
            .to_owned()
    })
}

/// Looks in the compiler's own folder, because a Rust without rustup has no other answer.
fn wasm_target(context: &Context) -> Outcome<()> {
    let there = || {
        process::answer("rustc", &["--print", "sysroot"]).is_some_and(|root| {
            Path::new(&root)
                .join("lib/rustlib")
                .join(WASM)
                .join("lib")
                .is_dir()
        })
    };
    if there() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return Err(Failure::says(format!(
            "The Rust target {WASM} is missing and there is no rustup to add it.\n\
             Install rustup (https://rustup.rs), or your distribution's package:\n    \
             Debian, Ubuntu:  sudo apt-get install libstd-rust-dev-wasm32\n    \
             Fedora:          sudo dnf install rust-std-static-{WASM}"
        )));
    }
    let log = context.log("rustup");
    let step = Step {
        label: "Adding the Rust target for WebAssembly",
        usual: "about 10 s",
        log: &log,
    };
    context.console.step(&step, || {
        process::run(
            context,
            context.command("rustup").args(["target", "add", WASM]),
            &log,
        )
    })?;
    if there() {
        return Ok(());
    }
    Err(Failure::says(format!(
        "rustup added {WASM} to another toolchain than the one in use. Try: rustup target add {WASM} --toolchain stable"
    )))
}

/// Where a program is on PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// True where we may install packages: uid 0.
pub fn is_root() -> bool {
    process::answer("id", &["-u"]).is_some_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        for (text, version) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Some(Version(1, 95, 0))),
            ("rustc 1.97.0-nightly (abc 2026-06-01)", Some(Version(1, 97, 0))),
            ("v20.20.2", Some(Version(20, 20, 2))),
            ("wasm-bindgen 0.2.129", Some(Version(0, 2, 129))),
            (
                "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)",
                Some(Version(15, 14, 0)),
            ),
            ("command not found", None),
            ("1.2.3.4", None),
        ] {
            assert_eq!(Version::find(text), version, "{text}");
        }
        assert!(Version(1, 94, 9) < RUST);
    }

    #[test]
    fn the_oldest_compiler_is_the_one_that_cargo_asks_for() {
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("rust-version = \"{}.{}\"", RUST.0, RUST.1)));
    }
}
