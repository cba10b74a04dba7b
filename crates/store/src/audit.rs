//! The audit trail: who did what, to what, and how it ended. Rows are only ever added.

use crate::{Millis, StoreError, TenantId, Tx, chain};

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

impl AuditRow {
    /// What was added when this row was.
    pub(crate) fn said(&self) -> NewAudit {
        NewAudit {
            at: self.at,
            tenant_id: self.tenant_id.clone(),
            actor_kind: self.actor_kind.clone(),
            actor_id: self.actor_id.clone(),
            actor_name: self.actor_name.clone(),
            action: self.action.clone(),
            target_kind: self.target_kind.clone(),
            target_id: self.target_id.clone(),
            integration_id: self.integration_id.clone(),
            outcome: self.outcome,
            reason: self.reason.clone(),
            severity: self.severity.clone(),
            reference: self.reference.clone(),
        }
    }
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
    /// By someone whose name holds this, in any case.
    pub actor: Option<String>,
    /// Whose action begins so: `key.` for `key.added` and its like.
    pub action: Option<&'static str>,
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
    /// With a smaller id, to turn the page: the newest of them.
    pub before: Option<i64>,
    /// With a greater id, to turn it back: the oldest of them.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

impl Default for AuditFilter {
    fn default() -> Self {
        Self {
            integration: None,
            tenant: None,
            outcome: None,
            actor: None,
            action: None,
            from: None,
            to: None,
            before: None,
            after: None,
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
    tx.remember_to_link((id, chain::says(id, new)));
    Ok(id)
}

/// A page of the rows that a filter lets through, in the order of their ids that is named.
macro_rules! page {
    ($tx:expr, $filter:expr, $order:literal) => {
        scoped_all!(
            $tx,
            AuditRow,
            concat!(
                "SELECT * FROM audit
                 WHERE ($1 = '*' OR tenant_id = $1) AND ($2 IS NULL OR integration_id = $2)
                     AND ($3 IS NULL OR tenant_id = $3) AND ($4 IS NULL OR outcome = $4)
                     AND ($5 IS NULL OR lower(actor_name) LIKE $5 ESCAPE '!') AND ($6 IS NULL OR action LIKE $6)
                     AND at >= $7 AND at < $8 AND id > $9 AND id < $10
                 ORDER BY id ",
                $order,
                " LIMIT $11"
            ),
            &$filter.integration,
            &$filter.tenant,
            $filter.outcome,
            $filter.actor.as_deref().map(holding),
            $filter.action.map(|action| format!("{action}%")),
            $filter.from.unwrap_or(Millis(i64::MIN)),
            $filter.to.unwrap_or(Millis(i64::MAX)),
            $filter.after.unwrap_or(i64::MIN),
            $filter.before.unwrap_or(i64::MAX),
            $filter.limit
        )
    };
}

/// The rows that the filter lets through, newest first.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn list(tx: &mut Tx, filter: &AuditFilter) -> Result<Vec<AuditRow>, StoreError> {
    if filter.after.is_none() {
        return page!(tx, filter, "DESC");
    }
    let mut rows = page!(tx, filter, "ASC")?;
    rows.reverse();
    Ok(rows)
}

/// The pattern for texts that hold this one; its own `%` and `_` mean themselves.
fn holding(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
