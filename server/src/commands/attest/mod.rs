//! `patchbay attest`: our own part of `cargo xtask attest`, which runs the independent programs.

mod engine;
mod seal;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use patchbay_catalog::Catalog;
use patchbay_hub::{
    attest::{self, Attestations, Documents, Ground, Judgement, Opinion},
    rollout::GATES,
    scratch::scratch_with,
    verify,
};

use super::Failure;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Attest {
    /// Run our engine against independent servers and write down what came of it.
    Engine(Engine),
    /// Make a database with sealed tokens.
    Seal {
        /// An empty folder for it and its key.
        folder: PathBuf,
    },
    /// Verify, read what independent programs said, and write down which words have been earned.
    Judge(Judge),
}

/// Where the servers are.
#[derive(Debug, Args)]
pub struct Engine {
    /// Port of the OAuth 2.0 server.
    #[arg(long)]
    oauth2: u16,
    /// Its name and version.
    #[arg(long)]
    oauth2_tool: String,
    /// Port of the OAuth 1.0a server.
    #[arg(long)]
    oauth1: u16,
    /// Its name and version.
    #[arg(long)]
    oauth1_tool: String,
    /// The file of opinions to write.
    #[arg(long)]
    out: PathBuf,
    /// Only these integrations.
    ids: Vec<String>,
}

/// What a judgement rests on.
#[derive(Debug, Args)]
pub struct Judge {
    /// Files of opinions: JSON, written by the programs that were run.
    #[arg(long, required = true)]
    opinions: Vec<PathBuf>,
    /// Which document covers which gate.
    #[arg(long)]
    documents: PathBuf,
    /// The file of words: read first, then written.
    #[arg(long)]
    out: PathBuf,
    /// Today, as YYYY-MM-DD.
    #[arg(long)]
    date: String,
    /// Only these integrations; the words of others stay.
    ids: Vec<String>,
}

/// Does it.
pub(super) async fn run(asked: &Attest) -> Result<ExitCode, Failure> {
    match asked {
        Attest::Engine(asked) => try_engine(asked).await,
        Attest::Seal { folder } => seal::run(folder).await.map(|()| ExitCode::SUCCESS),
        Attest::Judge(asked) => judge(asked).await,
    }
}

/// Always ends well: what failed is an opinion like any other.
async fn try_engine(asked: &Engine) -> Result<ExitCode, Failure> {
    let servers = engine::Servers {
        oauth2: (asked.oauth2, asked.oauth2_tool.clone()),
        oauth1: (asked.oauth1, asked.oauth1_tool.clone()),
    };
    let only = asked.ids.iter().cloned().collect();
    let opinions = engine::run(&Catalog::builtin()?, &servers, &only).await?;
    write(&asked.out, &serde_json::to_string_pretty(&opinions)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Judges and writes. Exit code 1 if a second opinion or a gate failed.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
async fn judge(asked: &Judge) -> Result<ExitCode, Failure> {
    let catalog = Catalog::builtin()?;
    if let Some(unknown) = asked.ids.iter().find(|id| catalog.get(id).is_none()) {
        return Err(format!("there is no integration called “{unknown}”").into());
    }
    let only = (!asked.ids.is_empty()).then_some(asked.ids.as_slice());
    let mut opinions: Vec<Opinion> = Vec::new();
    for path in &asked.opinions {
        let read: Vec<Opinion> = serde_json::from_str(&text(path)?)
            .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
        opinions.extend(read);
    }
    let documents: Documents = toml::from_str(&text(&asked.documents)?)?;
    let before = Attestations::parse(&text(&asked.out)?)?;
    let hub = scratch_with(crate::BUILD, catalog.clone()).await?;
    verify::run(&hub, None, only).await?;
    let summary = verify::summary(&hub, only).await?;
    let passed: BTreeSet<_> = summary
        .integrations
        .iter()
        .flat_map(|row| {
            GATES
                .into_iter()
                .filter(|gate| row.gates.get(gate.as_str()) == Some(&"passed"))
                .map(|gate| (row.id.clone(), gate))
        })
        .collect();
    let ground = Ground {
        catalog: &catalog,
        passed: &passed,
        opinions: &opinions,
        documents: &documents,
        date: &asked.date,
    };
    let judgement = attest::judge(&ground, only, before);
    write(&asked.out, &attest::render(&judgement.words))?;
    println!("{}", words(&judgement));
    if summary.any_failed() {
        println!("{summary}");
    }
    Ok(if summary.any_failed() || !judgement.failed.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What came of it, for whoever ran it.
fn words(judgement: &Judgement) -> String {
    let mut lines = Vec::new();
    for (id, gates) in &judgement.words.0 {
        for (gate, word) in gates {
            lines.push(format!(
                "{id:<18} {:<10} {} ({})",
                gate.as_str(),
                word.word.as_str(),
                word.source
            ));
        }
    }
    for (id, gate, why) in &judgement.without {
        lines.push(format!("{id:<18} {:<10} simulated: {why}", gate.as_str()));
    }
    lines.sort();
    for failed in &judgement.failed {
        lines.push(format!("FAILED {failed}"));
    }
    lines.join("\n")
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| format!("{} can't be written: {error}", path.display()).into())
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{} can't be read: {error}", path.display()).into())
}
