//! `patchbay simulator`: the simulated providers alone, for development and for `cargo xtask attest`.

use std::{io::Write as _, net::Ipv4Addr, process::ExitCode, sync::Arc};

use patchbay_catalog::Catalog;
use patchbay_hub::{attest, demo, scratch::scratch_with};
use patchbay_simulator::{Simulator, SimulatorConfig};
use patchbay_store::time::{Clock as _, SystemClock};

use tokio::signal::unix::{SignalKind, signal};

use super::Failure;

/// Starts them, prints on one line of JSON where they are and which apps they know, and runs until it is told to stop.
pub(super) async fn run(port: u16) -> Result<ExitCode, Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let simulator = Simulator::start(SimulatorConfig {
        listen: (Ipv4Addr::LOCALHOST, port).into(),
        seed: 39,
        clock: Arc::new(|| SystemClock.now().0),
        state_file: None,
    })
    .await?;
    let hub = scratch_with(crate::BUILD, Catalog::builtin()?).await?;
    demo::register(&hub, &simulator).await?;
    let line = serde_json::json!({
        "port": simulator.port(),
        "integrations": attest::plan(&hub).await?,
    });
    writeln!(std::io::stdout(), "{line}")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    simulator.stop().await?;
    Ok(ExitCode::SUCCESS)
}
