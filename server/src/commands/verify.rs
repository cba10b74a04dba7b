//! `patchbay verify`.

use std::process::ExitCode;

use patchbay_hub::{scratch::scratch_with, verify};

use super::Failure;
use crate::{catalog, config::Config};

/// Verifies in a throw-away database and prints what came of it.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) async fn run(config: &Config, json: bool, ids: &[String]) -> Result<ExitCode, Failure> {
    let found = catalog::read(config)?;
    let hub = scratch_with(&found.build, found.catalog).await?;
    if let Some(unknown) = ids.iter().find(|id| hub.catalog().get(id).is_none()) {
        return Err(
            format!("there is no integration called “{unknown}”; `patchbay catalog` lists them").into(),
        );
    }
    let only = (!ids.is_empty()).then_some(ids);
    verify::run(&hub, None, only).await?;
    let result = verify::summary(&hub, only).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        println!("{result}");
    }
    Ok(if result.any_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
