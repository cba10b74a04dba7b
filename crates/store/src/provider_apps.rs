//! Provider apps: the client id and secret registered at a provider. They are the company's.

use crate::{Millis, Sealed, StoreError, Tx};

/// A provider app. The same struct is stored and read.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProviderApp {
    /// Which, such as `asana` or `google`.
    pub id: String,
    /// The client id; no secret.
    pub client_id: String,
    /// The client secret, sealed under the deployment's key.
    pub secret: Sealed,
    /// When it was last changed.
    pub updated_at: Millis,
    /// By whom.
    pub updated_by: String,
}

/// Stores a provider app, in place of the one that was there.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(tx: &mut Tx, new: &ProviderApp) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO provider_apps (id, client_id, secret, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, secret = excluded.secret,
             updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        &new.id,
        &new.client_id,
        &new.secret,
        new.updated_at,
        &new.updated_by
    )?;
    Ok(())
}

/// One provider app.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<ProviderApp>, StoreError> {
    company_one!(tx, ProviderApp, "SELECT * FROM provider_apps WHERE id = $1", id)
}

/// All provider apps, by id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx) -> Result<Vec<ProviderApp>, StoreError> {
    company_all!(tx, ProviderApp, "SELECT * FROM provider_apps ORDER BY id")
}
