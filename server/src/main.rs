//! The `patchbay` command.

use std::process::ExitCode;

use clap::Parser as _;
use patchbay_server::commands::{self, Cli};

#[tokio::main]
async fn main() -> ExitCode {
    commands::run(Cli::parse()).await
}
