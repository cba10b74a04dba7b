//! Runs: starting, settling and cancelling an import.

use super::{RunState, SyncRun};
use crate::{ConnectionId, Millis, StoreError, SyncRunId, TenantId, Tx, WindowId};

/// A run to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id.
    pub id: SyncRunId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// The first moment that it covers.
    pub from_at: Millis,
    /// The first moment that it no longer covers.
    pub to_at: Millis,
    /// When it is asked for.
    pub created_at: Millis,
    /// A remark, in the hub's words.
    pub note: Option<String>,
}

/// A window to be added to a run.
#[derive(Clone, Debug)]
pub struct NewWindow {
    /// Its id.
    pub id: WindowId,
    /// Of which integration.
    pub integration_id: String,
    /// Which stream.
    pub stream: String,
    /// Its place in the order of the run; the lowest goes first.
    pub position: i64,
    /// Its name within run and stream, such as the day; one of its kind there.
    pub window_key: String,
    /// The first moment that it covers.
    pub from_at: Millis,
    /// The first moment that it no longer covers.
    pub to_at: Millis,
    /// From when on it may be claimed.
    pub due_at: Millis,
}

/// Starts a run.
///
/// # Errors
/// [`StoreError::WrongScope`].
pub async fn insert_run(tx: &mut Tx, new: &NewRun) -> Result<(), StoreError> {
    insert!(
        tx,
        Some(&new.tenant_id),
        "INSERT INTO sync_runs (tenant_id, id, connection_id, from_at, to_at, state, created_at, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &new.id,
        &new.connection_id,
        new.from_at,
        new.to_at,
        RunState::Queued,
        new.created_at,
        &new.note
    )?;
    Ok(())
}

/// Adds windows to a run; tenant and connection are the run's. One that the run has already stays as it is.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such run in scope.
pub async fn insert_windows(tx: &mut Tx, run: &SyncRunId, windows: &[NewWindow]) -> Result<(), StoreError> {
    let run = get_run(tx, run).await?.ok_or(StoreError::Missing("sync run"))?;
    for window in windows {
        insert!(
            tx,
            Some(&run.tenant_id),
            "INSERT INTO sync_windows (tenant_id, id, run_id, connection_id, integration_id, stream, position,
                 window_key, from_at, to_at, state, due_at, attempt, lease_generation, records)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, 0, 0, 0)
             ON CONFLICT (run_id, stream, window_key) DO NOTHING",
            &window.id,
            &run.id,
            &run.connection_id,
            &window.integration_id,
            &window.stream,
            window.position,
            &window.window_key,
            window.from_at,
            window.to_at,
            window.due_at
        )?;
    }
    Ok(())
}

/// One run.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get_run(tx: &mut Tx, id: &SyncRunId) -> Result<Option<SyncRun>, StoreError> {
    scoped_one!(
        tx,
        SyncRun,
        "SELECT * FROM sync_runs WHERE ($1 = '*' OR tenant_id = $1) AND id = $2",
        id
    )
}

/// The newest run of a connection.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn latest_run(tx: &mut Tx, connection: &ConnectionId) -> Result<Option<SyncRun>, StoreError> {
    scoped_one!(
        tx,
        SyncRun,
        "SELECT * FROM sync_runs WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2
         ORDER BY created_at DESC, id DESC LIMIT 1",
        connection
    )
}

/// A tenant's runs that are still going on, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_runs(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<SyncRun>, StoreError> {
    scoped_all!(
        tx,
        SyncRun,
        "SELECT * FROM sync_runs
         WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2 AND state IN ('queued', 'running')
         ORDER BY created_at DESC, id DESC",
        tenant
    )
}

/// Cancels a run that has not ended: its open windows end with it, and a worker that is at one of them can write
/// nothing more. Says whether there was something to cancel.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn cancel_run(tx: &mut Tx, id: &SyncRunId, now: Millis) -> Result<bool, StoreError> {
    // Windows before the run, the order in which a worker's claim locks them: no deadlock.
    scoped_run!(
        tx,
        "UPDATE sync_windows SET state = 'cancelled', done_at = $3, lease_owner = NULL, lease_until = NULL,
             waiting_reason = NULL, lease_generation = lease_generation + 1
         WHERE ($1 = '*' OR tenant_id = $1) AND run_id = $2 AND state IN ('waiting', 'running')",
        id,
        now
    )?;
    let runs = scoped_run!(
        tx,
        "UPDATE sync_runs SET state = 'cancelled', finished_at = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND state IN ('queued', 'running')",
        id,
        now
    )?;
    Ok(runs > 0)
}

/// Ends a run all of whose windows have ended: done, or with gaps if some were set aside. Gives the state in which
/// it ended, if it did so now.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn settle_run(tx: &mut Tx, id: &SyncRunId, now: Millis) -> Result<Option<RunState>, StoreError> {
    // Locks the run first, so that of two workers with the last two windows the later one sees both ended.
    let open = scoped_run!(
        tx,
        "UPDATE sync_runs SET state = 'running'
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND state IN ('queued', 'running')",
        id
    )?;
    if open == 0 {
        return Ok(None);
    }
    let settled = scoped_one!(
        tx,
        (RunState,),
        "UPDATE sync_runs SET finished_at = $3, state = CASE WHEN EXISTS (
                 SELECT 1 FROM sync_windows w
                 WHERE ($1 = '*' OR w.tenant_id = $1) AND w.run_id = $2 AND w.state = 'aside'
             ) THEN 'gaps' ELSE 'done' END
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND NOT EXISTS (
             SELECT 1 FROM sync_windows w
             WHERE ($1 = '*' OR w.tenant_id = $1) AND w.run_id = $2 AND w.state IN ('waiting', 'running')
         )
         RETURNING state",
        id,
        now
    )?;
    Ok(settled.map(|(state,)| state))
}
