//! Revocations: tokens that are to be revoked at the provider. A row is work: it commits with the disconnect that
//! asks for it, and is tried until it is done or given up.

use std::time::Duration;

use crate::{ConnectionId, Fenced, GrantId, Millis, RevocationId, StoreError, TenantId, Tx};

words! {
    /// How a revocation stands.
    pub enum RevocationState {
        /// Still to be done, or being done.
        Pending => "pending",
        /// The provider has revoked.
        Done => "done",
        /// Given up.
        Failed => "failed",
        /// The provider has no call for it: there is nothing to do there.
        NoCall => "no_call",
    }
}

/// A token that is to be revoked.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Revocation {
    /// Its id.
    pub id: RevocationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// Which grant's tokens.
    pub grant_id: GrantId,
    /// When to try next.
    pub due_at: Millis,
    /// How often it was tried.
    pub attempt: i64,
    /// Who is at it.
    pub lease_owner: Option<String>,
    /// Until when nobody else takes it.
    pub lease_until: Option<Millis>,
    /// Grows with every claim: only the last claimant may write.
    pub lease_generation: i64,
    /// How it stands.
    pub state: RevocationState,
    /// What went wrong last, in the hub's words.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When it ended.
    pub done_at: Option<Millis>,
}

/// A revocation to be asked for.
#[derive(Clone, Debug)]
pub struct NewRevocation {
    /// Its id.
    pub id: RevocationId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// Which grant's tokens.
    pub grant_id: GrantId,
    /// [`RevocationState::Pending`], or [`RevocationState::NoCall`] where there is nothing to call.
    pub state: RevocationState,
    /// When to try first.
    pub due_at: Millis,
    /// When it is asked for.
    pub created_at: Millis,
}

/// Asks for a revocation.
///
/// # Errors
/// [`StoreError::WrongScope`].
pub async fn insert(tx: &mut Tx, new: &NewRevocation) -> Result<(), StoreError> {
    let done_at = (new.state != RevocationState::Pending).then_some(new.created_at);
    insert!(
        tx,
        Some(&new.tenant_id),
        "INSERT INTO revocations (tenant_id, id, connection_id, grant_id, due_at, attempt, lease_generation, state,
             created_at, done_at)
         VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8)",
        &new.id,
        &new.connection_id,
        &new.grant_id,
        new.due_at,
        new.state,
        new.created_at,
        done_at
    )?;
    Ok(())
}

/// Claims the revocation that has been due longest, for so long. Its attempt grows by one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim_due(
    tx: &mut Tx,
    now: Millis,
    owner: &str,
    lease: Duration,
) -> Result<Option<Revocation>, StoreError> {
    scoped_claim!(
        tx,
        Revocation,
        "UPDATE revocations SET lease_owner = $3, lease_until = $4, lease_generation = lease_generation + 1,
             attempt = attempt + 1
         WHERE ($1 = '*' OR tenant_id = $1) AND id = (
             SELECT id FROM revocations
             WHERE ($1 = '*' OR tenant_id = $1) AND state = 'pending' AND due_at <= $2
                 AND (lease_until IS NULL OR lease_until <= $2)
             ORDER BY due_at, id LIMIT 1",
        " FOR UPDATE SKIP LOCKED",
        ") RETURNING *",
        now,
        owner,
        now.plus(lease)
    )
}

/// The revocation is done.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn done(
    tx: &mut Tx,
    id: &RevocationId,
    lease_generation: i64,
    now: Millis,
) -> Result<Fenced, StoreError> {
    finish(tx, id, lease_generation, RevocationState::Done, None, now).await
}

/// The revocation is given up.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn fail(
    tx: &mut Tx,
    id: &RevocationId,
    lease_generation: i64,
    error: &str,
    now: Millis,
) -> Result<Fenced, StoreError> {
    finish(
        tx,
        id,
        lease_generation,
        RevocationState::Failed,
        Some(error),
        now,
    )
    .await
}

/// The revocation is tried again later; the lease is given back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn retry_at(
    tx: &mut Tx,
    id: &RevocationId,
    lease_generation: i64,
    due_at: Millis,
    error: &str,
) -> Result<Fenced, StoreError> {
    let rows = scoped_run!(
        tx,
        "UPDATE revocations SET due_at = $4, last_error = $5, lease_owner = NULL, lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'pending'",
        id,
        lease_generation,
        due_at,
        error
    )?;
    Ok(Fenced::from_affected(rows))
}

/// A connection's revocations that are still to be done, oldest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn pending_of(tx: &mut Tx, connection: &ConnectionId) -> Result<Vec<Revocation>, StoreError> {
    scoped_all!(
        tx,
        Revocation,
        "SELECT * FROM revocations
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND state = 'pending' ORDER BY created_at, id",
        connection
    )
}

/// The newest revocation of a connection.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn latest_of(tx: &mut Tx, connection: &ConnectionId) -> Result<Option<Revocation>, StoreError> {
    scoped_one!(
        tx,
        Revocation,
        "SELECT * FROM revocations WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2
         ORDER BY created_at DESC, id DESC LIMIT 1",
        connection
    )
}

async fn finish(
    tx: &mut Tx,
    id: &RevocationId,
    lease_generation: i64,
    state: RevocationState,
    error: Option<&str>,
    now: Millis,
) -> Result<Fenced, StoreError> {
    let rows = scoped_run!(
        tx,
        "UPDATE revocations SET state = $4, last_error = $5, done_at = $6, lease_owner = NULL, lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'pending'",
        id,
        lease_generation,
        state,
        error,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}
