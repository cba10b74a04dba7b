//! What the tests share: a client that leads to the canary, integrations, an app.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use patchbay_catalog::{Catalog, Integration};
use patchbay_oauth::App;
use patchbay_oauth::http::{Client, Limits, Route, SystemLookup};
use secrecy::SecretString;

use crate::canary::Canary;

/// A client whose calls arrive at the canary.
pub fn client(canary: &Canary) -> Client {
    client_within(canary, Limits::default())
}

/// The same with limits of its own.
pub fn client_within(canary: &Canary, limits: Limits) -> Client {
    Client::with(
        Route::Simulated { port: canary.port },
        Arc::new(SystemLookup),
        limits,
    )
    .unwrap()
}

/// Limits that a test can wait for.
pub fn hasty() -> Limits {
    Limits {
        total: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// An integration of the built-in catalogue.
pub fn integration(id: &str) -> Integration {
    Catalog::builtin().unwrap().get(id).unwrap().clone()
}

/// An app whose secret is easy to find where it should not be.
pub fn app() -> App {
    App {
        client_id: "app-id".to_owned(),
        client_secret: secret("canary-secret-1"),
    }
}

/// A secret of this text.
pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// No values.
pub fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}
