//! The last 90 days, brought window by window.
//!
//! [`enqueue`] writes a run and its windows in the transaction that stores the connection, so work exists exactly if
//! the connection does. [`worker`] claims windows and walks their pages with [`walk`]; [`view`] says how far it is.

mod progress;
mod taste;
mod walk;
pub mod worker;

pub(crate) use progress::{percent_of, view};
pub(crate) use taste::taste;

use std::{collections::BTreeMap, time::Duration};

use patchbay_catalog::{Cut, Integration, Stream, Tree};
use patchbay_store::{
    Tx,
    ids::{ConnectionId, SyncRunId, TenantId},
    sync::{self, NewRun, NewWindow},
    time::Millis,
};

use crate::{Hub, Result, prove};

/// Days of history that are brought, and that a provider is asked to hold ready.
pub const DAYS: u16 = 90;
/// How far back history is brought.
pub const SPAN: Duration = Duration::from_hours(90 * 24);
/// One day, in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The key of the window that lists a stream's parents; it brings no records itself.
const LIST_PARENTS: &str = "";

/// Writes a run over the last 90 days, where the integration has a history plan and the tenant is a customer: what
/// integrations are proven with keeps nothing.
pub(crate) async fn enqueue(
    hub: &Hub,
    tx: &mut Tx,
    integration: &Integration,
    tenant: &TenantId,
    connection: &ConnectionId,
) -> Result<()> {
    if integration.history.is_empty() || prove::is_proving(tx, tenant).await? {
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
        // Of several windows each is called by its beginning; a single one may have parents to list first, or is the
        // outermost place of a tree.
        window_key: match (stream.cut, &stream.tree) {
            (Cut::Days | Cut::Spans, _) => from_at.rfc3339(),
            (_, Some(tree)) => place_key(tree, &tree.root),
            _ => LIST_PARENTS.to_owned(),
        },
        from_at,
        to_at,
        due_at: hub.now(),
    };
    match stream.cut {
        // One walk: days are done as they are passed, or parents are found first, or places on the way.
        Cut::Ascending | Cut::Descending | Cut::Parents | Cut::Tree | Cut::Whole => {
            vec![window(0, from, to)]
        }
        Cut::Days => spans(from, to, 1)
            .map(|(at, from, to)| window(at, from, to))
            .collect(),
        Cut::Spans => spans(from, to, stream.span_days.unwrap_or(1))
            .map(|(at, from, to)| window(at, from, to))
            .collect(),
    }
}

/// The key of the window of a place in a tree.
fn place_key(tree: &Tree, id: &str) -> String {
    crate::words::to_json(&BTreeMap::from([(tree.name.clone(), id.to_owned())]))
}

/// A span of time in pieces of so many days, newest first: what is new is looked at first. The last piece may be
/// shorter.
fn spans(from: Millis, to: Millis, days: u32) -> impl Iterator<Item = (i64, Millis, Millis)> {
    let step = i64::from(days.max(1)) * DAY_MS;
    let pieces = (to.0 - from.0 + step - 1) / step;
    (0..pieces).map(move |at| {
        let end = to.0 - at * step;
        (at, Millis((end - step).max(from.0)), Millis(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_span_once() {
        for days in [1, 7, 30, 31, 90] {
            let (from, to) = (Millis(1_000), Millis(1_000 + 90 * DAY_MS));
            let pieces: Vec<_> = spans(from, to, days).collect();
            assert_eq!(pieces.len(), usize::try_from(90u32.div_ceil(days)).unwrap());
            assert_eq!((pieces[0].2, pieces.last().unwrap().1), (to, from));
            assert!(pieces.windows(2).all(|pair| pair[0].1 == pair[1].2), "{days}");
        }
    }
}
