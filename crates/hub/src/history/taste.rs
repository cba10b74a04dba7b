//! One page of history, read and not kept: enough to see that a provider's records are what the catalogue says.

use std::collections::BTreeMap;

use patchbay_catalog::{Integration, Stream, path};
use patchbay_oauth::{ProviderError, ProviderErrorKind, api::ApiCall, listing};
use patchbay_store::{
    connections::Connection,
    sync::{NewWindow, Window, WindowState},
    time::Millis,
};

use super::{DAY_MS, first_windows, walk};
use crate::{Hub, words};

/// Pages that are asked for at most before an account counts as empty.
const MOST_CALLS: u32 = 40;
/// Parents that are looked into at most, at each level.
const MOST_PARENTS: usize = 5;

/// What was found.
pub(crate) struct Taste {
    /// Records of the last 90 days on the first page that had any.
    pub records: usize,
    /// Pages that were asked for.
    pub calls: u32,
}

/// Reads until a page has records, newest windows first; nothing of it is stored.
///
/// # Errors
/// The first [`ProviderError`].
pub(crate) async fn taste(
    hub: &Hub,
    connection: &Connection,
    call: &ApiCall<'_>,
) -> Result<Taste, ProviderError> {
    let now = hub.now();
    let (from, to) = (Millis(now.0 - 90 * DAY_MS), now);
    let mut taste = Taste { records: 0, calls: 0 };
    for stream in &call.integration.history {
        for new in first_windows(hub, call.integration, stream, from, to) {
            let window = window(connection, call.integration, new);
            for ids in parents(hub, call, stream, &window, &mut taste.calls).await? {
                let window = Window {
                    window_key: words::to_json(&ids),
                    ..window.clone()
                };
                taste.records = records(hub, call, stream, &window, &mut taste.calls).await?;
                if taste.records > 0 || taste.calls >= MOST_CALLS {
                    return Ok(taste);
                }
            }
            if taste.calls >= MOST_CALLS {
                return Ok(taste);
            }
        }
    }
    Ok(taste)
}

/// Records of the first page of a window that has any.
async fn records(
    hub: &Hub,
    call: &ApiCall<'_>,
    stream: &Stream,
    window: &Window,
    calls: &mut u32,
) -> Result<usize, ProviderError> {
    let mut place = None;
    loop {
        *calls += 1;
        let brought = walk::bring(&hub.client, call, stream, window, place.as_deref()).await?;
        place = brought.next;
        if !brought.records.is_empty() || place.is_none() || *calls >= MOST_CALLS {
            return Ok(brought.records.len());
        }
    }
}

/// The first few innermost parents of a stream: a map of ids for each; one empty map where it has none.
async fn parents(
    hub: &Hub,
    call: &ApiCall<'_>,
    stream: &Stream,
    window: &Window,
    calls: &mut u32,
) -> Result<Vec<BTreeMap<String, String>>, ProviderError> {
    let mut found = vec![BTreeMap::new()];
    for parent in &stream.parents {
        let mut deeper = Vec::new();
        for above in &found {
            if deeper.len() >= MOST_PARENTS || *calls >= MOST_CALLS {
                break;
            }
            *calls += 1;
            let mut parts = walk::parts_of(stream, window);
            parts.foreign.clone_from(above);
            let page = listing::read(&hub.client, call, &parent.listing(), &parts, None).await?;
            let meant = page
                .records
                .iter()
                .filter(|item| walk::counts(parent.only.as_ref(), item));
            for item in meant.take(MOST_PARENTS - deeper.len()) {
                let id = path::text(item, &parent.id_path).ok_or(ProviderErrorKind::Garbled)?;
                let id = id.strip_prefix(&parent.id_prefix).unwrap_or(&id).to_owned();
                let mut ids = above.clone();
                ids.insert(parent.name.clone(), id);
                deeper.push(ids);
            }
        }
        found = deeper;
    }
    Ok(found)
}

/// A window that is in no run.
fn window(connection: &Connection, integration: &Integration, new: NewWindow) -> Window {
    Window {
        id: new.id,
        tenant_id: connection.tenant_id.clone(),
        run_id: "-".into(),
        connection_id: connection.id.clone(),
        integration_id: integration.id.clone(),
        stream: new.stream,
        position: new.position,
        window_key: new.window_key,
        from_at: new.from_at,
        to_at: new.to_at,
        state: WindowState::Running,
        cursor: None,
        due_at: new.due_at,
        attempt: 0,
        waiting_reason: None,
        lease_owner: None,
        lease_until: None,
        lease_generation: 0,
        records: 0,
        reached_at: None,
        done_at: None,
    }
}
