//! Provider apps: the client id and secret registered at a provider. They are the company's.

use secrecy::SecretString;

use crate::{Millis, Place, Sealed, StoreError, Tx};

/// A provider app.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProviderApp {
    /// Which, such as `asana` or `google`.
    pub id: String,
    /// The client id; no secret.
    pub client_id: String,
    /// The client secret, under the deployment's key.
    pub secret: Sealed,
    /// When it was last changed.
    pub updated_at: Millis,
    /// By whom.
    pub updated_by: String,
}

/// A provider app to be stored.
#[derive(Clone, Debug)]
pub struct NewProviderApp {
    /// Which, such as `asana` or `google`.
    pub id: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; sealed on the way in.
    pub client_secret: SecretString,
    /// When.
    pub updated_at: Millis,
    /// By whom.
    pub updated_by: String,
}

/// Stores a provider app, in place of the one that was there.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Vault`].
pub async fn put(tx: &mut Tx, new: &NewProviderApp) -> Result<(), StoreError> {
    tx.require_system()?;
    let secret = tx.seal(&Place::provider_secret(&new.id), &new.client_secret).await?;
    company_run!(
        tx,
        "INSERT INTO provider_apps (id, client_id, secret, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, secret = excluded.secret,
             updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        &new.id,
        &new.client_id,
        secret,
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

/// The client secret, opened.
///
/// # Errors
/// [`StoreError::Vault`] if it does not open.
pub async fn open_secret(tx: &mut Tx, app: &ProviderApp) -> Result<SecretString, StoreError> {
    tx.open(&Place::provider_secret(&app.id), &app.secret).await
}
