//! Looks after the audit trail: walks its chain from time to time and says what it found (S74).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use patchbay_store::{
    Scope,
    chain::{self, Break, Checked, Checkpoint},
};

use crate::{Hub, Result, view::TrailView};

/// How often the whole chain is walked.
const EVERY: Duration = Duration::from_hours(24);

/// What the last look at the trail found.
#[derive(Debug, Default)]
pub struct Trail(Mutex<Option<TrailView>>);

impl Trail {
    /// What the last look found; none before the first.
    pub(super) fn last(&self) -> Option<TrailView> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Looks at the trail at once and then every day. Each look leaves a checkpoint in the log: where logs are kept apart
/// from the database, nobody who can write to the one can change what the other says.
pub async fn watch(hub: Hub) {
    loop {
        match hub.check_trail(None).await {
            Ok(Checked {
                broken: Some(broken), ..
            }) => {
                tracing::error!(at = %in_words(&broken), "the audit trail is broken");
            }
            Ok(Checked {
                head: Some(head),
                entries,
                ..
            }) => {
                tracing::info!(entries, checkpoint = %head, "the audit trail is whole");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the audit trail could not be checked"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

impl Hub {
    /// Walks the trail's chain, compares it with a checkpoint that was kept elsewhere, and remembers what it found.
    ///
    /// # Errors
    /// [`HubError::Store`](crate::HubError::Store).
    pub async fn check_trail(&self, seen: Option<&Checkpoint>) -> Result<Checked> {
        let mut tx = self.store.read(Scope::System).await?;
        let checked = chain::check(&mut tx, seen).await?;
        drop(tx);
        let view = TrailView {
            at: self.now(),
            entries: checked.entries,
            broken: checked.broken.as_ref().map(in_words),
        };
        *self.trail.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(view);
        Ok(checked)
    }
}

/// Where it is broken: "Entry 5 was changed after it was written."
pub fn in_words(broken: &Break) -> String {
    match broken {
        Break::Changed { seq, audit_id } => {
            format!(
                "Link {seq} no longer fits entry {audit_id}: one of the two was changed after it was written."
            )
        }
        Break::RowGone { seq, audit_id } => format!("Entry {audit_id}, of link {seq}, was taken away."),
        Break::LinkGone { seq } => format!("Link {seq} was taken away."),
        Break::SlippedIn { audit_id } => format!("Entry {audit_id} has no link: Patchbay did not write it."),
        Break::CutOff { last, reached } => {
            format!("It ends at link {last}, and had reached link {reached}: its end was cut off.")
        }
        Break::Replaced { seq } => {
            format!("Link {seq} is not the one of the checkpoint: the trail was written anew.")
        }
    }
}
