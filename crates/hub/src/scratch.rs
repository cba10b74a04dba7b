//! A hub on a database in memory that is gone afterwards: for the command line's verification and for tests.

use std::sync::Arc;

use patchbay_catalog::Catalog;
use patchbay_oauth::http::{Client, Route};
use patchbay_store::{Kek, OsEntropy, Store, Vault, entropy::Entropy, time::SystemClock};

use crate::{Hub, Mode, Settings};

/// A hub that keeps nothing. Its client reaches nobody: a verification brings its own.
///
/// # Errors
/// A broken catalogue, or a database that can't be opened.
pub async fn scratch(build: &str) -> Result<Hub, Box<dyn std::error::Error + Send + Sync>> {
    scratch_with(build, Catalog::builtin()?).await
}

/// The same with another catalogue.
///
/// # Errors
/// A database that can't be opened.
pub async fn scratch_with(
    build: &str,
    catalog: Catalog,
) -> Result<Hub, Box<dyn std::error::Error + Send + Sync>> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    let store = Store::open("sqlite::memory:", vault).await?;
    // Port 9 is "discard": nothing listens there.
    let client = Client::new(Route::Simulated { port: 9 })?;
    let settings = Settings {
        mode: Mode::Demo,
        public_url: "http://localhost:3000".to_owned(),
        build: build.to_owned(),
        offer_unproven: false,
        left_out: Vec::new(),
    };
    Ok(Hub::new(
        store,
        Arc::new(catalog),
        client,
        Arc::new(SystemClock),
        entropy,
        settings,
    ))
}
