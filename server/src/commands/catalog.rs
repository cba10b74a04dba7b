//! `patchbay catalog`.

use std::process::ExitCode;

use patchbay_catalog::Catalog;

use super::Failure;

/// Prints the catalogue, or only checks it.
#[expect(clippy::print_stdout, reason = "its output is what the command is for")]
pub(super) fn run(json: bool, check: bool) -> Result<ExitCode, Failure> {
    let catalog = Catalog::builtin()?;
    if json {
        println!("{}", serde_json::to_string_pretty(&catalog.json())?);
    } else if check {
        println!("{} integrations, all well formed", catalog.len());
    } else {
        for integration in &catalog {
            println!(
                "{:<18} {:<22} {:<10} {}",
                integration.id,
                integration.name,
                integration.auth_word(),
                integration.stage.label()
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
