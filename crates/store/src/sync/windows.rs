//! Windows under a lease: saving pages, finishing, putting off, setting aside.

use crate::records::{self, NewRecord};
use crate::{ConnectionId, Fenced, Millis, StoreError, SyncRunId, TenantId, Tx, WindowId};

#[derive(sqlx::FromRow)]
struct Owner {
    tenant_id: TenantId,
    run_id: SyncRunId,
    connection_id: ConnectionId,
    stream: String,
}

/// Saves one page of a window: its records, where the next page starts, and how far it has come. All or nothing
/// with the transaction. A record that is there already is replaced.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Vault`].
pub async fn save_page(
    tx: &mut Tx,
    window: &WindowId,
    lease_generation: i64,
    page: &[NewRecord],
    cursor: Option<&str>,
    reached_at: Option<Millis>,
    now: Millis,
) -> Result<Fenced, StoreError> {
    // The fence, which also locks the row until the page is in.
    let owner = scoped_one!(
        tx,
        Owner,
        "UPDATE sync_windows SET cursor = $4, reached_at = coalesce($5, reached_at)
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'running'
         RETURNING tenant_id, run_id, connection_id, stream",
        window,
        lease_generation,
        cursor,
        reached_at
    )?;
    let Some(owner) = owner else {
        return Ok(Fenced::Lost);
    };
    let target = records::Target {
        tenant: &owner.tenant_id,
        connection: &owner.connection_id,
        run: &owner.run_id,
        stream: &owner.stream,
    };
    let new = records::upsert_all(tx, &target, page, now).await?;
    scoped_run!(
        tx,
        "UPDATE sync_windows SET records = records + $3 WHERE ($1 = '*' OR tenant_id = $1) AND id = $2",
        window,
        new
    )?;
    Ok(Fenced::Saved)
}

/// All of the window has arrived.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn finish_window(
    tx: &mut Tx,
    window: &WindowId,
    lease_generation: i64,
    now: Millis,
) -> Result<Fenced, StoreError> {
    let rows = scoped_run!(
        tx,
        "UPDATE sync_windows SET state = 'done', done_at = $4, cursor = NULL, waiting_reason = NULL,
             lease_owner = NULL, lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'running'",
        window,
        lease_generation,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Puts the window off until then, and says why. Its cursor stays, so it goes on where it stopped; its attempt
/// grows by one.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn defer_window(
    tx: &mut Tx,
    window: &WindowId,
    lease_generation: i64,
    due_at: Millis,
    reason: &str,
) -> Result<Fenced, StoreError> {
    let rows = scoped_run!(
        tx,
        "UPDATE sync_windows SET state = 'waiting', due_at = $4, waiting_reason = $5, attempt = attempt + 1,
             lease_owner = NULL, lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'running'",
        window,
        lease_generation,
        due_at,
        reason
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Gives the window up, and says why: the run will have a gap.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_aside(
    tx: &mut Tx,
    window: &WindowId,
    lease_generation: i64,
    reason: &str,
    now: Millis,
) -> Result<Fenced, StoreError> {
    let rows = scoped_run!(
        tx,
        "UPDATE sync_windows SET state = 'aside', done_at = $5, waiting_reason = $4, lease_owner = NULL,
             lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND lease_generation = $3 AND state = 'running'",
        window,
        lease_generation,
        reason,
        now
    )?;
    Ok(Fenced::from_affected(rows))
}
