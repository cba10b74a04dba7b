//! Renews what is due, a few at a time for each provider, so that what ends together is renewed one after the other
//! (L08).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use patchbay_store::{Scope, connections, connections::Connection, ids::ConnectionId, refreshes};
use tokio::task::JoinSet;

use crate::{Hub, HubError, Result, connect::after};

/// Requests underway at one provider, and at all.
const AT_ONE: usize = 4;
const AT_ALL: usize = 16;
/// How often it looks whether something has become due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// When to look again at what can't be renewed at the moment for a reason of ours.
const LATER: Duration = Duration::from_mins(10);

/// What is underway: connections by their provider.
#[derive(Default)]
struct Underway(BTreeMap<String, BTreeSet<ConnectionId>>);

impl Underway {
    fn all(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    fn free_at(&self, provider: &str) -> usize {
        let busy = self.0.get(provider).map_or(0, BTreeSet::len);
        AT_ONE.saturating_sub(busy).min(AT_ALL.saturating_sub(self.all()))
    }

    /// Whether it was not underway yet.
    fn begin(&mut self, provider: &str, connection: &ConnectionId) -> bool {
        let busy = self.0.entry(provider.to_owned()).or_default();
        busy.insert(connection.clone())
    }

    fn end(&mut self, provider: &str, connection: &ConnectionId) {
        if let Some(busy) = self.0.get_mut(provider) {
            busy.remove(connection);
        }
    }
}

/// A renewal that ended: its provider and connection.
type Ended = (String, ConnectionId);

/// Renews what is due until the server stops.
pub async fn work(hub: Hub) {
    let mut underway = Underway::default();
    let mut tasks = JoinSet::new();
    loop {
        if let Err(error) = begin_due(&hub, &mut underway, &mut tasks).await {
            tracing::error!(%error, "what is to be renewed could not be looked up");
        }
        tokio::select! {
            ended = tasks.join_next(), if !tasks.is_empty() => note_end(ended, &mut underway),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Renews everything that is due now; returns how many connections were tried.
///
/// # Errors
/// [`HubError::Store`].
pub async fn work_once(hub: &Hub) -> Result<usize> {
    let mut underway = Underway::default();
    let mut tasks = JoinSet::new();
    let mut tried = 0;
    loop {
        tried += begin_due(hub, &mut underway, &mut tasks).await?;
        if tasks.is_empty() {
            return Ok(tried);
        }
        note_end(tasks.join_next().await, &mut underway);
    }
}

fn note_end(ended: Option<std::result::Result<Ended, tokio::task::JoinError>>, underway: &mut Underway) {
    match ended {
        Some(Ok((provider, connection))) => underway.end(&provider, &connection),
        Some(Err(error)) => tracing::error!(%error, "a renewal stopped"),
        None => {}
    }
}

/// Begins as much of what is due as the caps allow; returns how many.
async fn begin_due(hub: &Hub, underway: &mut Underway, tasks: &mut JoinSet<Ended>) -> Result<usize> {
    let now = hub.now();
    let mut begun = 0;
    let mut tx = hub.store.read(Scope::System).await?;
    for id in refreshes::due_integrations(&mut tx, now).await? {
        let Some(integration) = hub.catalog.get(&id) else {
            continue;
        };
        let provider = &integration.provider_app;
        let free = underway.free_at(provider);
        if free == 0 || hub.troubles.is_paused(provider, now) {
            continue;
        }
        // What is underway may still look due: as many more are asked for.
        for connection in refreshes::due(&mut tx, &id, now, free + AT_ONE).await? {
            if underway.free_at(provider) > 0 && underway.begin(provider, &connection) {
                begun += 1;
                let (hub, provider) = (hub.clone(), provider.clone());
                tasks.spawn(async move {
                    if let Err(error) = renew(&hub, &connection).await {
                        tracing::error!(%error, connection = connection.as_str(), "a connection was not renewed");
                    }
                    (provider, connection)
                });
            }
        }
    }
    Ok(begun)
}

/// Renews one connection. What the provider says against it is written down there, and is no error here.
async fn renew(hub: &Hub, id: &ConnectionId) -> Result<()> {
    let mut tx = hub.store.read(Scope::System).await?;
    let Some(connection) = connections::get(&mut tx, id).await? else {
        return Ok(());
    };
    drop(tx);
    let renewed = match hub.open_grant(&connection).await? {
        Some(opened) if opened.refresh.is_some() => hub.refresh(&connection, &opened.grant.id).await,
        _ => return put_off(hub, &connection, None).await,
    };
    match renewed {
        Ok(_) => Ok(()),
        Err(HubError::Provider(_)) => put_off_if_due(hub, &connection).await,
        Err(HubError::NotOffered) => put_off(hub, &connection, Some(LATER)).await,
        Err(error) => Err(error),
    }
}

/// What could not be asked, because the provider is down or another process was at it, is looked at again in a while.
async fn put_off_if_due(hub: &Hub, connection: &Connection) -> Result<()> {
    let mut tx = hub.store.read(Scope::System).await?;
    let row = refreshes::get(&mut tx, &connection.id).await?;
    drop(tx);
    let is_due = row.and_then(|row| row.due_at).is_some_and(|due| due <= hub.now());
    if is_due {
        return put_off(hub, connection, Some(hub.wait_after(0, None))).await;
    }
    Ok(())
}

/// Looks again after a while, or not before someone needs it.
async fn put_off(hub: &Hub, connection: &Connection, wait: Option<Duration>) -> Result<()> {
    let mut tx = hub
        .store
        .write(Scope::Tenant(connection.tenant_id.clone()))
        .await?;
    let due = wait.map(|wait| after(hub.now(), wait));
    refreshes::put_off(&mut tx, &connection.id, due).await?;
    tx.commit().await?;
    Ok(())
}
