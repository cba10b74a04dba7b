//! `patchbay apps`.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use patchbay_hub::apps::{
    By, TemplateFormat,
    import::{Imported, RefusedRow},
};
use secrecy::SecretString;

use super::Failure;
use crate::{config::Config, setup};

/// What to do with provider apps.
#[derive(Debug, Clone, Subcommand)]
pub enum Apps {
    /// Store the apps of a file, TOML or JSON. Exit code 1 if a line could not be used; the rest is stored.
    Import {
        /// The file. Its secrets are sealed; delete it afterwards.
        file: PathBuf,
    },
    /// Print a file to fill in.
    Template {
        /// As JSON instead of TOML.
        #[arg(long)]
        json: bool,
    },
}

/// Imports apps, or prints what to fill in.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) async fn run(config: &Config, command: Apps) -> Result<ExitCode, Failure> {
    let hub = setup::hub(config, None).await?;
    let code = match command {
        Apps::Import { file } => {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("{} can't be read: {error}", file.display()))?;
            let imported = hub.import_apps(By::Command, &SecretString::from(text)).await?;
            report(&imported)
        }
        Apps::Template { json } => {
            let format = if json {
                TemplateFormat::Json
            } else {
                TemplateFormat::Toml
            };
            print!("{}", hub.apps_template(By::Command, format).await?);
            ExitCode::SUCCESS
        }
    };
    hub.store.close().await;
    Ok(code)
}

/// Says what became of the file. It quotes nothing of it but the apps' ids.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line speaks to a person"
)]
fn report(imported: &Imported) -> ExitCode {
    for name in &imported.stored {
        println!("{name}: stored");
    }
    for name in &imported.empty {
        println!("{name}: nothing to store");
    }
    for RefusedRow { line, app, reason } in &imported.refused {
        let app = app.as_ref().map_or_else(String::new, |app| format!(", {app}"));
        eprintln!("line {line}{app}: {reason}");
    }
    if imported.refused.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
