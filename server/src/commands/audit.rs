//! `patchbay audit`.

use std::process::ExitCode;

use clap::Subcommand;
use patchbay_hub::activity;
use patchbay_store::chain::Checkpoint;

use super::Failure;
use crate::{config::Config, setup};

/// What to do with the trail.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the chain over all entries and name the first place where it is broken. Exit code 1 if it is.
    Verify {
        /// A checkpoint that an earlier run or the server's log has printed and that was kept elsewhere: only it shows
        /// that the end was cut off, or all of it written anew.
        #[arg(long, value_name = "NUMBER:LINK")]
        checkpoint: Option<Checkpoint>,
    },
}

/// Checks the trail.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) async fn run(config: &Config, command: Audit) -> Result<ExitCode, Failure> {
    let Audit::Verify { checkpoint } = command;
    let hub = setup::hub(config, None).await?;
    let checked = hub.check_trail(checkpoint.as_ref()).await?;
    hub.store.close().await;
    if let Some(broken) = &checked.broken {
        println!(
            "Broken after {} entries. {}",
            checked.entries,
            activity::in_words(broken)
        );
        return Ok(ExitCode::FAILURE);
    }
    println!("Unbroken: {} entries.", checked.entries);
    if let Some(head) = &checked.head {
        println!("Checkpoint, to be kept apart from the database: {head}");
    }
    Ok(ExitCode::SUCCESS)
}
