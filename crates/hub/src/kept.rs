//! What was read and still stands: every change that pages show writes an event in its own transaction, so what was read
//! at an event's id is good until there is a newer one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use patchbay_store::ids::TenantId;

use crate::{listing::TenantShelf, rollout::Figures};

/// Tenants whose cards are kept at most; then all are let go and read anew.
const MOST_TENANTS: usize = 2_000;

/// Something, and the id of the newest event when it was read.
type AsOf<T> = (i64, Arc<T>);

/// What was read and still stands.
#[derive(Debug, Default)]
pub struct Kept {
    figures: Mutex<Option<AsOf<Figures>>>,
    shelves: Mutex<HashMap<TenantId, AsOf<TenantShelf>>>,
}

impl Kept {
    /// The figures, if they are as of this event.
    pub(crate) fn figures(&self, version: i64) -> Option<Arc<Figures>> {
        let kept = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .filter(|(as_of, _)| *as_of == version)
            .map(|(_, figures)| Arc::clone(figures))
    }

    /// Keeps the figures, unless newer ones are kept already.
    pub(crate) fn keep_figures(&self, version: i64, figures: &Arc<Figures>) {
        let mut kept = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(as_of, _)| *as_of < version) {
            *kept = Some((version, Arc::clone(figures)));
        }
    }

    /// A tenant's shelf, if it is as of this event.
    pub(crate) fn shelf(&self, tenant: &TenantId, version: i64) -> Option<Arc<TenantShelf>> {
        let kept = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(tenant)
            .filter(|(as_of, _)| *as_of == version)
            .map(|(_, shelf)| Arc::clone(shelf))
    }

    /// Keeps a tenant's shelf.
    pub(crate) fn keep_shelf(&self, tenant: &TenantId, version: i64, shelf: &Arc<TenantShelf>) {
        let mut kept = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_TENANTS {
            kept.clear();
        }
        kept.insert(tenant.clone(), (version, Arc::clone(shelf)));
    }
}
