//! The command line.

mod apps;
mod attest;
mod audit;
mod catalog;
mod keys;
mod report;
mod serve;
mod simulator;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Connects customers' accounts to 39 services, and proves and reports how far that rollout is.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version)]
pub struct Cli {
    /// A settings file; variables called `PATCHBAY_…` beat it.
    #[arg(long, global = true, env = "PATCHBAY_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the console.
    Serve,
    /// The key that seals everything.
    Keys {
        #[command(subcommand)]
        command: keys::Keys,
    },
    /// The trail of who did what.
    Audit {
        #[command(subcommand)]
        command: audit::Audit,
    },
    /// Provider apps: client ids, secrets and how far each one is.
    Apps {
        #[command(subcommand)]
        command: apps::Apps,
    },
    /// Print the catalogue, with the integrations of this deployment's own.
    #[command(args_conflicts_with_subcommands = true)]
    Catalog {
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// Only check it. Exit code 1 if a file is not right.
        #[arg(long)]
        check: bool,
        #[command(subcommand)]
        command: Option<catalog::New>,
    },
    /// Drive integrations through the production code against the simulator. Exit code 1 if any fails.
    Verify {
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
        /// Only these integrations.
        ids: Vec<String>,
    },
    /// Start the simulated providers alone, for development. Prints as JSON where they are and which apps they know.
    Simulator {
        /// The port on 127.0.0.1; 0 for any that is free.
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Write down what independent programs have confirmed; `cargo xtask attest` runs them first.
    #[command(hide = true)]
    Attest {
        #[command(subcommand)]
        command: attest::Attest,
    },
    /// Write the completion report.
    Report {
        /// md, csv or json
        #[arg(long, default_value = "md")]
        format: String,
        /// Where to; without it, standard output.
        #[arg(long)]
        out: Option<PathBuf>,
        /// Verify first, in a throw-away database, and report on that alone.
        #[arg(long)]
        fresh: bool,
    },
}

/// A failure in words for whoever typed the command.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs one command.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub async fn run(cli: Cli) -> ExitCode {
    let result = match Config::load(cli.config.as_deref()) {
        Ok(config) => match cli.command {
            Command::Serve => serve::run(config).await,
            Command::Audit { command } => audit::run(&config, command).await,
            Command::Keys { command } => keys::run(&config, command),
            Command::Apps { command } => apps::run(&config, command).await,
            Command::Catalog {
                command: Some(new), ..
            } => catalog::write_new(&config, &new),
            Command::Catalog { json, check, .. } => catalog::run(&config, json, check),
            Command::Verify { json, ids } => verify::run(&config, json, &ids).await,
            Command::Simulator { port } => simulator::run(port).await,
            Command::Attest { command } => attest::run(&command).await,
            Command::Report { format, out, fresh } => {
                report::run(config, &format, out.as_deref(), fresh).await
            }
        },
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("patchbay: {error}");
            let mut cause = error.source();
            while let Some(deeper) = cause {
                eprintln!("  because: {deeper}");
                cause = deeper.source();
            }
            ExitCode::FAILURE
        }
    }
}
