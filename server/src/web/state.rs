//! What every handler can reach.

use std::path::PathBuf;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use patchbay_hub::Hub;
use tokio::sync::watch;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The product.
    pub hub: Hub,
    /// Where the built site is and how its files are named.
    pub leptos: LeptosOptions,
    /// Folder of the built site.
    pub site_root: PathBuf,
    /// Turns true when the server stops, so that open streams end.
    pub stopping: watch::Receiver<bool>,
}

impl FromRef<AppState> for Hub {
    fn from_ref(state: &AppState) -> Self {
        state.hub.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
