//! `patchbay catalog`.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::Subcommand;
use patchbay_catalog::TEMPLATE;

use super::Failure;
use crate::{catalog, config::Config};

/// `patchbay catalog new`.
#[derive(Debug, Subcommand)]
pub(super) enum New {
    /// Write a commented file to begin an integration of your own with.
    New {
        /// Its id: letters a to z, digits and hyphens. Also the file's name.
        id: String,
    },
}

/// Prints the catalogue, or only checks it.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is what the command is for"
)]
pub(super) fn run(config: &Config, json: bool, check: bool) -> Result<ExitCode, Failure> {
    let found = catalog::read(config)?;
    for problem in &found.problems {
        eprintln!("left out: {problem}");
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&found.catalog.json())?);
    } else if check {
        println!("{} integrations, all well formed", found.catalog.len());
    } else {
        for integration in &found.catalog {
            println!(
                "{:<18} {:<22} {:<10} {}",
                integration.id,
                integration.name,
                integration.auth_word(),
                integration.stage.label()
            );
        }
    }
    Ok(if check && !found.problems.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Writes the file to begin with; one that is there already stays as it is.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) fn write_new(config: &Config, new: &New) -> Result<ExitCode, Failure> {
    let New::New { id } = new;
    let is_id = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_id {
        return Err(format!("“{id}” can't be an id: use letters a to z, digits and hyphens").into());
    }
    let found = catalog::read(config)?;
    if found.catalog.get(id).is_some() {
        return Err(
            format!("there is an integration called {id} already; `patchbay catalog` lists them").into(),
        );
    }
    let folder = config.catalog_dir.clone().unwrap_or_else(|| PathBuf::from("."));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{id}.toml"));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| format!("{} was not written: {error}", path.display()))?;
    file.write_all(filled(id).as_bytes())?;
    println!("{} written.", path.display());
    if config.catalog_dir.is_none() {
        println!("Set PATCHBAY_CATALOG_DIR to its folder, so that it is read.");
    }
    println!("Fill it in, then check it: patchbay catalog --check");
    Ok(ExitCode::SUCCESS)
}

/// The template with an id and a name made from it.
fn filled(id: &str) -> String {
    let name: Vec<String> = id
        .split('-')
        .filter(|word| !word.is_empty())
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    TEMPLATE
        .replace("id = \"ID\"", &format!("id = \"{id}\""))
        .replace("name = \"Name\"", &format!("name = \"{}\"", name.join(" ")))
        .replace("provider_app = \"ID\"", &format!("provider_app = \"{id}\""))
}
