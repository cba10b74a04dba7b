//! Tells open pages that something changed.
//!
//! Every change writes a row of the event table in its own transaction ([`patchbay_store::events`]), so an event is
//! never announced for something that did not commit, nor lost when the server stops in between. After the commit
//! [`Live::poke`] wakes [`tail`], which hands new rows to every open stream.

use std::sync::Arc;

use patchbay_store::{Scope, events::Event, ids::TenantId};
use tokio::sync::{Notify, broadcast};

use crate::{Hub, Result, view::Viewer};

/// How many events a slow reader may fall behind before it is told to read the page again.
const BACKLOG: usize = 256;

/// Wakes streams and workers.
pub struct Live {
    events: broadcast::Sender<Event>,
    written: Notify,
    /// Wakes the history worker.
    pub sync_due: Arc<Notify>,
    /// Wakes the revocation worker.
    pub revocation_due: Arc<Notify>,
    /// Wakes the worker of proofs.
    pub proof_due: Arc<Notify>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            events: broadcast::channel(BACKLOG).0,
            written: Notify::new(),
            sync_due: Arc::default(),
            revocation_due: Arc::default(),
            proof_due: Arc::default(),
        }
    }
}

impl Live {
    /// Says that a transaction with events was committed.
    pub fn poke(&self) {
        self.written.notify_one();
    }

    /// Events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

/// Whether this viewer may hear of this event: a tenant's people hear of their tenant, the company's of everything.
pub fn may_hear(viewer: &Viewer, tenant: Option<&TenantId>) -> bool {
    match (&viewer.tenant, tenant) {
        (Some(own), Some(of)) => own == of,
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// Hands every new row of the event table to the open streams. Runs until the server stops.
pub async fn tail(hub: Hub) -> Result<()> {
    let mut last = {
        let mut tx = hub.store.read(Scope::System).await?;
        patchbay_store::events::last_id(&mut tx).await?
    };
    loop {
        // The poll is for other processes on the same database; within this one `poke` is at once.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), hub.live.written.notified()).await;
        let mut tx = hub.store.read(Scope::System).await?;
        let events = patchbay_store::events::after(&mut tx, last, 500).await?;
        drop(tx);
        for event in events {
            last = event.id;
            // No open stream is no error.
            let _ = hub.live.events.send(event);
        }
    }
}

impl Hub {
    /// Events that this viewer may hear, after the one with this id. At most 500; a page that missed more reads
    /// itself again anyway.
    pub async fn events_since(&self, viewer: &Viewer, id: i64) -> Result<Vec<Event>> {
        let mut tx = self.store.read(viewer.scope()).await?;
        let mut events = patchbay_store::events::after(&mut tx, id, 500).await?;
        events.retain(|event| may_hear(viewer, event.tenant_id.as_ref()));
        Ok(events)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let mut tx = self.store.read(Scope::System).await?;
        patchbay_store::events::last_id(&mut tx).await?;
        Ok(())
    }
}
