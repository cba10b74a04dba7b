//! Changes of integrations' computed statuses, for the rollout's history.

use crate::{Millis, StoreError, Tx};

/// An integration's status changed. The same struct is stored and read.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct StatusEvent {
    /// Its id.
    pub id: String,
    /// Of which integration.
    pub integration_id: String,
    /// When.
    pub at: Millis,
    /// To what, in the hub's words.
    pub status: String,
    /// In which build.
    pub build: String,
    /// What made it so, such as a verification or a hold.
    pub source: String,
}

/// Adds a change.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn append(tx: &mut Tx, new: &StatusEvent) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO status_events (id, integration_id, at, status, build, source) VALUES ($1, $2, $3, $4, $5, $6)",
        &new.id,
        &new.integration_id,
        new.at,
        &new.status,
        &new.build,
        &new.source
    )?;
    Ok(())
}

/// All changes, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn list(tx: &mut Tx) -> Result<Vec<StatusEvent>, StoreError> {
    company_all!(tx, StatusEvent, "SELECT * FROM status_events ORDER BY at, id")
}
