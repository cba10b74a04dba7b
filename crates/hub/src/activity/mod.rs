//! What happened: the audit trail as people read it, filtered, exported, and looked after.

mod export;
mod filter;
mod trail;
mod words;

use std::collections::HashMap;

use patchbay_store::{
    Scope, Tx,
    audit::{self, AuditFilter, AuditRow},
    ids::TenantId,
    tenants,
};

pub use export::ActivityFormat;
pub use trail::{Trail, in_words, watch};

use crate::{
    Hub, Result,
    access::Permission,
    view::{ActivityEntry, ActivityFilter, ActivityRow, ActivityView, Viewer},
};

/// Rows of a page.
const PAGE: usize = 50;

/// Tenants by their ids; empty for those who only see their own.
type TenantNames = HashMap<TenantId, String>;

impl Hub {
    /// A page of what happened, as far as this viewer may read it.
    ///
    /// # Errors
    /// [`HubError::Store`](crate::HubError::Store).
    pub async fn activity(&self, viewer: &Viewer, filter: &ActivityFilter) -> Result<ActivityView> {
        let filter = within_reach(viewer, filter);
        // One more than is shown tells whether there are more.
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let stored = filter.stored(limit);
        let turned_back = stored.after.is_some();
        let mut tx = self.store.read(viewer.scope()).await?;
        let mut rows = audit::list(&mut tx, &stored).await?;
        let tenants = if viewer.tenant.is_none() {
            tenants::list(&mut tx).await?
        } else {
            Vec::new()
        };
        drop(tx);
        let more = rows.len() > PAGE;
        if turned_back && more {
            rows.remove(0);
        }
        rows.truncate(PAGE);
        let names: TenantNames = tenants
            .iter()
            .map(|each| (each.id.clone(), each.name.clone()))
            .collect();
        Ok(ActivityView {
            entries: rows.iter().map(|row| self.entry(row, &names)).collect(),
            newer: if turned_back {
                more
            } else {
                filter.before.is_some()
            },
            older: if turned_back { !rows.is_empty() } else { more },
            filter,
            integrations: self
                .catalog
                .iter()
                .map(|each| (each.id.clone(), each.name.clone()))
                .collect(),
            tenants: tenants.into_iter().map(|each| (each.id, each.name)).collect(),
            trail: viewer
                .may(Permission::SeeDetails)
                .then(|| self.trail.last())
                .flatten(),
            details: viewer.may(Permission::SeeDetails),
        })
    }

    fn entry(&self, row: &AuditRow, names: &TenantNames) -> ActivityEntry {
        ActivityEntry {
            id: row.id,
            row: self.activity_row(row, names),
            action: row.action.clone(),
            reason: row.reason.clone(),
            target: format!("{} {}", row.target_kind, row.target_id),
        }
    }

    fn activity_row(&self, row: &AuditRow, names: &TenantNames) -> ActivityRow {
        let tenant = row.tenant_id.as_ref().and_then(|id| names.get(id));
        ActivityRow {
            at: row.at,
            sentence: words::sentence(self, row, tenant.map(String::as_str)),
            outcome: words::outcome(row.outcome),
            reference: row.reference.clone(),
        }
    }
}

/// A tenant's people can't ask for another tenant's rows; the store would give them none anyway.
fn within_reach(viewer: &Viewer, filter: &ActivityFilter) -> ActivityFilter {
    let mut filter = filter.clone();
    if viewer.tenant.is_some() {
        filter.tenant = None;
    }
    filter
}

/// The newest rows that this viewer may read: a tenant's people read their tenant's, the company's people all.
pub(crate) async fn newest(
    hub: &Hub,
    viewer: &Viewer,
    integration: Option<&str>,
    limit: u32,
) -> Result<Vec<ActivityRow>> {
    let mut tx = hub.store.read(viewer.scope()).await?;
    let filter = AuditFilter {
        integration: integration.map(ToOwned::to_owned),
        limit: i64::from(limit),
        ..AuditFilter::default()
    };
    let rows = audit::list(&mut tx, &filter).await?;
    drop(tx);
    let names = tenant_names(&mut hub.store.read(Scope::System).await?, viewer, &rows).await?;
    Ok(rows.iter().map(|row| hub.activity_row(row, &names)).collect())
}

/// The names of the tenants that these rows are about, for those who see several.
async fn tenant_names(tx: &mut Tx, viewer: &Viewer, rows: &[AuditRow]) -> Result<TenantNames> {
    let mut names = TenantNames::new();
    if viewer.tenant.is_some() {
        return Ok(names);
    }
    for id in rows.iter().filter_map(|row| row.tenant_id.as_ref()) {
        if !names.contains_key(id)
            && let Some(tenant) = tenants::get(tx, id).await?
        {
            names.insert(id.clone(), tenant.name);
        }
    }
    Ok(names)
}
