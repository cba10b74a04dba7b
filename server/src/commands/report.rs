//! `patchbay report`.

use std::{path::Path, process::ExitCode};

use patchbay_hub::{report::Format, scratch::scratch, verify};

use super::Failure;
use crate::{config::Config, setup};

/// Writes the report of a deployment, or of this build alone.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) async fn run(
    config: Config,
    format: &str,
    out: Option<&Path>,
    fresh: bool,
) -> Result<ExitCode, Failure> {
    let format = Format::parse(format)
        .ok_or_else(|| format!("there is no report format “{format}”; there are: md, csv, json"))?;
    let hub = if fresh {
        let hub = scratch(crate::BUILD).await?;
        verify::run(&hub, None, None).await?;
        hub
    } else {
        setup::hub(&config, None).await?
    };
    let report = hub.report_now().await?;
    let text = format.write(&report)?;
    match out {
        Some(path) => std::fs::write(path, text)
            .map_err(|error| format!("{} was not written: {error}", path.display()))?,
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}
