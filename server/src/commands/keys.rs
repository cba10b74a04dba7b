//! `patchbay keys`.

use std::process::ExitCode;

use clap::Subcommand;
use patchbay_store::{Kek, OsEntropy};

use super::Failure;
use crate::{config::Config, setup};

/// What to do with the key.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Keys {
    /// Make the key, readable by you alone. An existing one is never replaced.
    Init,
    /// Say where the key is and whether it can be used.
    Status,
}

/// Makes the key or looks at it.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) fn run(config: &Config, command: Keys) -> Result<ExitCode, Failure> {
    let path = config.data_dir.join(setup::KEY_FILE);
    match command {
        Keys::Init => {
            setup::make_folder(&config.data_dir)?;
            Kek::generate(&OsEntropy).write_new(&path)?;
            println!("The key is {}.", path.display());
            println!("Everything that is sealed opens with it alone: keep a copy of it apart from the data.");
        }
        Keys::Status => {
            let key = setup::stored_key(config)?;
            println!("{}: in order, key id {}", path.display(), key.id());
        }
    }
    Ok(ExitCode::SUCCESS)
}
