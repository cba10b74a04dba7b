//! Provider apps: the client id and secret registered at a provider. They are the company's.
//!
//! While a secret is replaced there are two: the one that is used, and the other one that is tried where the provider
//! does not accept it. How far an app is, and who looks after it, is in [`app_progress`](crate::app_progress).

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
    /// When that secret was typed; none: before this was kept.
    pub secret_since: Option<Millis>,
    /// The start of the last day on which it may be used; none: it has no end that is known.
    pub secret_ends_at: Option<Millis>,
    /// Since when the provider is known to accept it. Only kept while two are held: then it says which one must not be
    /// lost.
    pub secret_accepted_at: Option<Millis>,
    /// The other secret, sealed, where two are held.
    pub other_secret: Option<Sealed>,
    /// When the other secret was typed.
    pub other_since: Option<Millis>,
    /// The start of the last day on which the other secret may be used.
    pub other_ends_at: Option<Millis>,
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
        "INSERT INTO provider_apps (id, client_id, secret, secret_since, secret_ends_at, secret_accepted_at, other_secret,
             other_since, other_ends_at, updated_at, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET client_id = excluded.client_id, secret = excluded.secret,
             secret_since = excluded.secret_since, secret_ends_at = excluded.secret_ends_at,
             secret_accepted_at = excluded.secret_accepted_at,
             other_secret = excluded.other_secret, other_since = excluded.other_since,
             other_ends_at = excluded.other_ends_at,
             updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        &new.id,
        &new.client_id,
        &new.secret,
        new.secret_since,
        new.secret_ends_at,
        new.secret_accepted_at,
        &new.other_secret,
        new.other_since,
        new.other_ends_at,
        new.updated_at,
        &new.updated_by
    )?;
    Ok(())
}

/// Stores what a provider app's secrets have become, unless someone else changed the other one since `seen` was read.
/// False: they did, and nothing was stored.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_secrets(tx: &mut Tx, new: &ProviderApp, seen: &Sealed) -> Result<bool, StoreError> {
    let changed = company_run!(
        tx,
        "UPDATE provider_apps SET secret = $3, secret_since = $4, secret_ends_at = $5, secret_accepted_at = $6,
             other_secret = $7, other_since = $8, other_ends_at = $9, updated_at = $10, updated_by = $11
         WHERE id = $1 AND other_secret = $2",
        &new.id,
        seen,
        &new.secret,
        new.secret_since,
        new.secret_ends_at,
        new.secret_accepted_at,
        &new.other_secret,
        new.other_since,
        new.other_ends_at,
        new.updated_at,
        &new.updated_by
    )?;
    Ok(changed > 0)
}

/// Writes down, once, that the provider accepts the secret in use, unless someone else changed the other one since `seen`
/// was read. False: it was known, or they did.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn accepted(tx: &mut Tx, id: &str, seen: &Sealed, at: Millis) -> Result<bool, StoreError> {
    let changed = company_run!(
        tx,
        "UPDATE provider_apps SET secret_accepted_at = $3
         WHERE id = $1 AND other_secret = $2 AND secret_accepted_at IS NULL",
        id,
        seen,
        at
    )?;
    Ok(changed > 0)
}

/// Forgets the other secret of every app where its last day began at `began` or earlier, and gives their ids.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_ended(tx: &mut Tx, began: Millis) -> Result<Vec<String>, StoreError> {
    let ended: Vec<(String,)> = company_all!(
        tx,
        (String,),
        "UPDATE provider_apps SET other_secret = NULL, other_since = NULL, other_ends_at = NULL
         WHERE other_secret IS NOT NULL AND other_ends_at <= $1 RETURNING id",
        began
    )?;
    Ok(ended.into_iter().map(|(id,)| id).collect())
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
