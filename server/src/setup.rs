//! Puts a deployment together from its settings: key, database, client, and in demo mode the simulator.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use patchbay_hub::{Hub, Mode, Settings, demo};
use patchbay_oauth::http::{Client, Route};
use patchbay_simulator::{Simulator, SimulatorConfig};
use patchbay_store::{
    Kek, OsEntropy, Store, Vault, VaultError,
    entropy::Entropy,
    time::{Clock as _, SystemClock},
};

use crate::{catalog, commands::Failure, config::Config};

/// Name of the key file in the data folder.
pub(crate) const KEY_FILE: &str = "patchbay.key";

/// Opens the deployment's database and puts a hub on it. `simulator` is where a demo's calls go.
///
/// # Errors
/// In words for an operator: a missing or unsafe key, a data folder of the other mode, a newer database.
pub async fn hub(config: &Config, simulator: Option<&Simulator>) -> Result<Hub, Failure> {
    make_folder(&config.data_dir)?;
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let kek = key(config, entropy.as_ref())?;
    let store = Store::open(&config.database_url, Vault::new(kek, Arc::clone(&entropy))).await?;
    store.claim_mode(config.mode.as_str()).await?;
    let route = match (config.mode, simulator) {
        (Mode::Demo, Some(simulator)) => Route::Simulated {
            port: simulator.port(),
        },
        // Commands that call no provider; port 9 is "discard", so a demo can't reach a real one by mistake.
        (Mode::Demo, None) => Route::Simulated { port: 9 },
        (Mode::Live, _) => Route::Direct,
    };
    let found = catalog::read(config)?;
    let settings = Settings {
        mode: config.mode,
        public_url: config.public_url.clone(),
        build: found.build,
        offer_unproven: false,
        left_out: found.problems.iter().map(ToString::to_string).collect(),
    };
    Ok(Hub::new(
        store,
        Arc::new(found.catalog),
        Client::new(route)?,
        Arc::new(SystemClock),
        entropy,
        settings,
    ))
}

/// The simulator of demo mode. What it knows survives a restart, as hashes, so that demo connections do too.
///
/// # Errors
/// When no port is free or its state can't be read.
pub async fn simulator(config: &Config) -> Result<Simulator, Failure> {
    make_folder(&config.data_dir)?;
    let simulator = Simulator::start(SimulatorConfig {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        seed: 39,
        clock: Arc::new(|| SystemClock.now().0),
        state_file: Some(config.data_dir.join("simulator.json")),
    })
    .await?;
    Ok(simulator)
}

/// Sample people, tenants and provider apps, where they are not there yet.
///
/// # Errors
/// When the database or the simulator refuses.
pub async fn prepare_demo(hub: &Hub, simulator: &Simulator) -> Result<(), Failure> {
    demo::seed(hub).await?;
    demo::register(hub, simulator).await?;
    Ok(())
}

/// The key that seals everything. Demo mode makes one; live mode never does (S43).
fn key(config: &Config, entropy: &dyn Entropy) -> Result<Kek, Failure> {
    let path = config.data_dir.join(KEY_FILE);
    let named = config.key.is_some() || config.key_file.is_some();
    if !named && !path.exists() && config.mode == Mode::Demo {
        let kek = Kek::generate(entropy);
        kek.write_new(&path)?;
        return Ok(kek);
    }
    stored_key(config)
}

/// The key of the settings or of the data folder.
pub(crate) fn stored_key(config: &Config) -> Result<Kek, Failure> {
    if let Some(text) = &config.key {
        return Ok(Kek::from_base64(text).map_err(|error| format!("PATCHBAY_KEY: {error}"))?);
    }
    let path = config
        .key_file
        .clone()
        .unwrap_or_else(|| config.data_dir.join(KEY_FILE));
    Kek::from_file(&path).map_err(|error| match error {
        VaultError::KeyMissing { .. } => Failure::from(format!(
            "there is no key at {}: make one with `patchbay keys init`, or name one with PATCHBAY_KEY_FILE or \
             PATCHBAY_KEY",
            path.display()
        )),
        error => Failure::from(format!("{}: {error}", path.display())),
    })
}

/// Stores the provider apps that variables or files of the settings hold.
///
/// # Errors
/// When the catalogue knows no such app.
pub async fn apps_from_settings(hub: &Hub, config: &Config) -> Result<(), Failure> {
    for app in &config.apps {
        hub.put_app_from_settings(&app.id, &app.client_id, &app.client_secret)
            .await
            .map_err(|error| format!("the provider app “{}” of the settings: {error}", app.id))?;
    }
    Ok(())
}

/// The data folder, for its owner only.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| {
            Failure::from(format!(
                "the data folder {} can't be made: {error}",
                path.display()
            ))
        })
}
