//! The audit trail: who did what, to what, and how it ended. Rows are only ever added.

use crate::{Millis, StoreError, TenantId, Tx};

words! {
    /// How an action ended.
    pub enum Outcome {
        /// It was done.
        Done => "done",
        /// We or the provider said no.
        Refused => "refused",
        /// It went wrong.
        Failed => "failed",
    }
}

/// A row of the trail.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct AuditRow {
    /// Growing.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// In which tenant; `None` for what is the company's.
    pub tenant_id: Option<TenantId>,
    /// What kind of actor, such as `person` or `system`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: String,
    /// Their name at the time.
    pub actor_name: String,
    /// What was done, in the hub's words.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which.
    pub target_id: String,
    /// Of which integration.
    pub integration_id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused or failed, in the hub's words.
    pub reason: Option<String>,
    /// How grave it is, in the hub's words.
    pub severity: Option<String>,
    /// A reference for support.
    pub reference: Option<String>,
}

/// A row to be added.
#[derive(Clone, Debug)]
pub struct NewAudit {
    /// When.
    pub at: Millis,
    /// In which tenant; `None` for what is the company's.
    pub tenant_id: Option<TenantId>,
    /// What kind of actor, such as `person` or `system`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: String,
    /// Their name now.
    pub actor_name: String,
    /// What was done, in the hub's words.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which.
    pub target_id: String,
    /// Of which integration.
    pub integration_id: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused or failed. Never a provider's own text.
    pub reason: Option<String>,
    /// How grave it is.
    pub severity: Option<String>,
    /// A reference for support.
    pub reference: Option<String>,
}

/// Which rows to list; what is `None` does not limit.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Of this integration.
    pub integration: Option<String>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// Before this id, to turn the page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

impl Default for AuditFilter {
    fn default() -> Self {
        Self {
            integration: None,
            tenant: None,
            outcome: None,
            before: None,
            limit: 100,
        }
    }
}

/// Adds a row, and gives its id.
///
/// # Errors
/// [`StoreError::WrongScope`].
pub async fn append(tx: &mut Tx, new: &NewAudit) -> Result<i64, StoreError> {
    let (id,) = insert_one!(
        tx,
        new.tenant_id.as_ref(),
        (i64,),
        "INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
             integration_id, outcome, reason, severity, reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
        new.at,
        &new.actor_kind,
        &new.actor_id,
        &new.actor_name,
        &new.action,
        &new.target_kind,
        &new.target_id,
        &new.integration_id,
        new.outcome,
        &new.reason,
        &new.severity,
        &new.reference
    )?;
    Ok(id)
}

/// The rows that the filter lets through, newest first.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn list(tx: &mut Tx, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
    scoped_all!(
        tx,
        AuditRow,
        "SELECT * FROM audit
         WHERE ($1 = '*' OR tenant_id = $1) AND ($2 IS NULL OR integration_id = $2)
             AND ($3 IS NULL OR tenant_id = $3) AND ($4 IS NULL OR outcome = $4) AND id < $5
         ORDER BY id DESC LIMIT $6",
        &filter.integration,
        &filter.tenant,
        filter.outcome,
        filter.before.unwrap_or(i64::MAX),
        filter.limit
    )
}
