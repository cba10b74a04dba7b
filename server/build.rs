//! Names the build: the commit, and a digest of uncommitted changes where there are any.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    process::Command,
};

/// What the program is made of.
const SOURCES: &[&str] = &[
    "../app/src",
    "../app/Cargo.toml",
    "../crates",
    "../server/src",
    "../server/Cargo.toml",
    "../migrations",
    "../Cargo.lock",
];

/// What changes with a commit: not the index, which changes when someone only looks.
const COMMITS: &[&str] = &["../.git/HEAD", "../.git/logs/HEAD"];

fn main() {
    for watched in SOURCES.iter().chain(COMMITS) {
        println!("cargo::rerun-if-changed={watched}");
    }
    println!("cargo::rustc-env=PATCHBAY_BUILD={}", build());
}

/// `3f9c2e1`, `3f9c2e1+1a2b3c4d` with uncommitted changes, or the version outside a checkout.
fn build() -> String {
    let Some(commit) = git(&["rev-parse", "--short=7", "HEAD"]) else {
        return format!("v{}", env!("CARGO_PKG_VERSION"));
    };
    match git(&[&["diff", "HEAD", "--"], SOURCES].concat()) {
        Some(changes) if !changes.is_empty() => {
            let mut hasher = DefaultHasher::new();
            changes.hash(&mut hasher);
            format!("{commit}+{:08x}", hasher.finish() & 0xffff_ffff)
        }
        _ => commit,
    }
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
