//! Names the code that attestations are about: a digest of its sources, so that a word that was earned with other code
//! is not worn by this one.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// By variable: what speaks to providers, and what seals.
const ADAPTERS: [(&str, &[&str]); 2] = [
    ("PATCHBAY_OAUTH_DIGEST", &["../oauth/src"]),
    (
        "PATCHBAY_VAULT_DIGEST",
        &[
            "../store/src/vault.rs",
            "../store/src/sealed.rs",
            "../store/src/place.rs",
            "../store/src/kek.rs",
        ],
    ),
];

fn main() -> io::Result<()> {
    let home = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut out = io::stdout();
    for (variable, places) in ADAPTERS {
        let mut digest = Sha256::new();
        for place in places {
            writeln!(out, "cargo::rerun-if-changed={place}")?;
            let mut files = Vec::new();
            collect(&home.join(place), &mut files)?;
            files.sort();
            for file in files {
                let (name, text) = (file.strip_prefix(&home).unwrap_or(&file), fs::read(&file)?);
                for part in [name.as_os_str().as_encoded_bytes(), &text] {
                    digest.update((part.len() as u64).to_be_bytes());
                    digest.update(part);
                }
            }
        }
        let mut hex = String::new();
        for byte in &digest.finalize()[..16] {
            write!(hex, "{byte:02x}").map_err(io::Error::other)?;
        }
        writeln!(out, "cargo::rustc-env={variable}={hex}")?;
    }
    Ok(())
}

/// A file, or every file below a folder.
fn collect(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(place.to_owned());
    }
    Ok(())
}
