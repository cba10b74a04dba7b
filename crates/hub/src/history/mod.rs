//! The last 90 days, brought window by window.
//!
//! [`enqueue`] writes a run and its windows in the transaction that stores the connection, so work exists exactly if
//! the connection does. [`worker`] claims windows and walks their pages with [`walk`]; [`view`] says how far it is.

mod progress;
mod walk;
pub mod worker;

pub(crate) use progress::{percent_of, view};

use std::time::Duration;

use patchbay_catalog::{Cut, Integration, Stream};
use patchbay_store::{
    Tx,
    ids::{ConnectionId, SyncRunId, TenantId},
    sync::{self, NewRun, NewWindow},
    time::Millis,
};

use crate::{Hub, Result};

/// How far back history is brought.
pub const SPAN: Duration = Duration::from_hours(90 * 24);
/// One day, in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The key of the window that lists a stream's parents; it brings no records itself.
const LIST_PARENTS: &str = "";

/// Writes a run over the last 90 days, where the integration has a history plan.
pub(crate) async fn enqueue(
    hub: &Hub,
    tx: &mut Tx,
    integration: &Integration,
    tenant: &TenantId,
    connection: &ConnectionId,
) -> Result<()> {
    if integration.history.is_empty() {
        return Ok(());
    }
    let now = hub.now();
    let (from_at, to_at) = (Millis(now.0 - 90 * DAY_MS), now);
    let run: SyncRunId = hub.new_id();
    sync::insert_run(
        tx,
        &NewRun {
            id: run.clone(),
            tenant_id: tenant.clone(),
            connection_id: connection.clone(),
            from_at,
            to_at,
            created_at: now,
            note: None,
        },
    )
    .await?;
    let mut windows = Vec::new();
    for stream in &integration.history {
        windows.extend(first_windows(hub, integration, stream, from_at, to_at));
    }
    sync::insert_windows(tx, &run, &windows).await?;
    Ok(())
}

/// The windows that are known before anything was asked.
fn first_windows(
    hub: &Hub,
    integration: &Integration,
    stream: &Stream,
    from: Millis,
    to: Millis,
) -> Vec<NewWindow> {
    let window = |position: i64, from_at: Millis, to_at: Millis| NewWindow {
        id: hub.new_id(),
        integration_id: integration.id.clone(),
        stream: stream.name.clone(),
        position,
        window_key: LIST_PARENTS.to_owned(),
        from_at,
        to_at,
        due_at: hub.now(),
    };
    match stream.cut {
        // One walk: days are done as they are passed, or parents are found first.
        Cut::Ascending | Cut::Parents => vec![window(0, from, to)],
        Cut::Days => (0..90)
            .map(|day| {
                window(
                    day,
                    Millis(from.0 + day * DAY_MS),
                    Millis(from.0 + (day + 1) * DAY_MS),
                )
            })
            .collect(),
    }
}
