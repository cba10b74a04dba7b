//! Claiming a window, fair between tenants.

use std::time::Duration;

use super::Window;
use crate::{ConnectionId, Millis, StoreError, SyncRunId, TenantId, Tx};

/// Claims a window that is due, or whose worker's lease has run out, for so long. Among tenants with such windows,
/// the one that was served longest ago goes first; within a tenant, the oldest due, then the order of the run.
///
/// Windows of the connections in `except` (those that are being served or cooling down) are left alone. Only under
/// the system's scope.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::WrongScope`].
pub async fn claim(
    tx: &mut Tx,
    now: Millis,
    owner: &str,
    lease: Duration,
    except: &[ConnectionId],
) -> Result<Option<Window>, StoreError> {
    tx.require_system()?;
    let window = scoped_claim!(
        tx,
        Window,
        "UPDATE sync_windows SET state = 'running', lease_owner = $3, lease_until = $4,
             lease_generation = lease_generation + 1, waiting_reason = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND id = (
             SELECT w.id FROM sync_windows w LEFT JOIN sync_turns t ON t.turn_of = w.tenant_id
             WHERE ($1 = '*' OR w.tenant_id = $1)
                 AND ((w.state = 'waiting' AND w.due_at <= $2) OR (w.state = 'running' AND w.lease_until <= $2))
                 AND replace($5, '|' || w.connection_id || '|', '') = $5
             ORDER BY coalesce(t.turn, 0), w.due_at, w.run_id, w.position, w.id LIMIT 1",
        " FOR UPDATE OF w SKIP LOCKED",
        ") RETURNING *",
        now,
        owner,
        now.plus(lease),
        list(except)
    )?;
    if let Some(window) = &window {
        take_turn(tx, &window.tenant_id).await?;
        start(tx, &window.run_id, now).await?;
    }
    Ok(window)
}

/// The ids between bars, each with its own pair, so that taking one out shows whether it was there.
fn list(connections: &[ConnectionId]) -> String {
    let mut text = String::new();
    for id in connections {
        text.push('|');
        text.push_str(id.as_str());
        text.push('|');
    }
    text
}

async fn take_turn(tx: &mut Tx, tenant: &TenantId) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO sync_turns (turn_of, turn) VALUES ($1, (SELECT coalesce(max(turn), 0) + 1 FROM sync_turns))
         ON CONFLICT (turn_of) DO UPDATE SET turn = excluded.turn",
        tenant
    )?;
    Ok(())
}

async fn start(tx: &mut Tx, run: &SyncRunId, now: Millis) -> Result<(), StoreError> {
    scoped_run!(
        tx,
        "UPDATE sync_runs SET state = 'running', started_at = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND state = 'queued'",
        run,
        now
    )?;
    Ok(())
}
