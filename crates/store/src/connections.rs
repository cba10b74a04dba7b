//! Connections: a tenant's links to upstream accounts.

use crate::{ConnectionId, Millis, PersonId, StoreError, TenantId, Tx};

words! {
    /// How a living connection stands. That it has ended is told by its `ended_at`.
    pub enum ConnectionState {
        /// It works.
        Healthy => "healthy",
        /// It works, but less was granted than was asked for.
        Limited => "limited",
        /// The provider did not answer when last asked.
        Degraded => "degraded",
        /// The provider no longer accepts our access: someone has to connect again.
        NeedsReconnect => "needs_reconnect",
    }
}

/// A tenant's link to one upstream account of one integration.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which integration.
    pub integration_id: String,
    /// The provider's id of the account.
    pub account_id: String,
    /// The account's name, for people.
    pub account_label: String,
    /// What the admin typed: a JSON object of strings.
    pub params: String,
    /// What the provider returned with its tokens: a JSON object of strings.
    #[sqlx(rename = "returned_values")]
    pub values: String,
    /// How it stands.
    pub state: ConnectionState,
    /// Why it needs attention, in the hub's words.
    pub cause: Option<String>,
    /// Since when it stands so.
    pub state_since: Millis,
    /// The scopes that were granted, separated by spaces; `None` if the provider did not say.
    pub scopes_granted: Option<String>,
    /// Who made it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Millis,
    /// When it was last checked.
    pub checked_at: Option<Millis>,
    /// What came of the last check, in the hub's words.
    pub check_result: Option<String>,
    /// How long the last check took, in milliseconds.
    pub check_latency_ms: Option<i64>,
    /// The generation of the grant in use; 0 before the first.
    pub grant_generation: i64,
    /// When it was disconnected.
    pub ended_at: Option<Millis>,
    /// By whom.
    pub ended_by: Option<PersonId>,
}

/// A connection to be made. It starts out without a grant: add one in the same transaction.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which integration.
    pub integration_id: String,
    /// The provider's id of the account.
    pub account_id: String,
    /// The account's name, for people.
    pub account_label: String,
    /// What the admin typed: a JSON object of strings.
    pub params: String,
    /// What the provider returned with its tokens: a JSON object of strings.
    pub values: String,
    /// How it stands at first.
    pub state: ConnectionState,
    /// The scopes that were granted, separated by spaces; `None` if the provider did not say.
    pub scopes_granted: Option<String>,
    /// Who makes it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Millis,
}

/// How much an integration is in use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Usage {
    /// The integration.
    pub integration_id: String,
    /// Its living, healthy connections.
    pub connections: i64,
    /// In how many tenants those are.
    pub tenants: i64,
    /// Which tenants.
    pub tenant_ids: Vec<TenantId>,
}

/// Makes a connection.
///
/// # Errors
/// [`StoreError::WrongScope`]; [`StoreError::Conflict`] if the tenant has a living connection to that account.
pub async fn insert(tx: &mut Tx, new: &NewConnection) -> Result<(), StoreError> {
    insert!(
        tx,
        Some(&new.tenant_id),
        "INSERT INTO connections (tenant_id, id, integration_id, account_id, account_label, params, returned_values,
             state, state_since, scopes_granted, created_by, created_at, grant_generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $9, 0)",
        &new.id,
        &new.integration_id,
        &new.account_id,
        &new.account_label,
        &new.params,
        &new.values,
        new.state,
        new.created_at,
        &new.scopes_granted,
        &new.created_by
    )?;
    Ok(())
}

/// One connection, living or ended.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn get(tx: &mut Tx, id: &ConnectionId) -> Result<Option<Connection>, StoreError> {
    scoped_one!(
        tx,
        Connection,
        "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) AND id = $2",
        id
    )
}

/// The living connection of a tenant to an account.
///
/// # Errors
/// As [`get`].
pub async fn live_for_account(
    tx: &mut Tx,
    tenant: &TenantId,
    integration_id: &str,
    account_id: &str,
) -> Result<Option<Connection>, StoreError> {
    scoped_one!(
        tx,
        Connection,
        "SELECT * FROM connections
         WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2 AND integration_id = $3 AND account_id = $4
             AND ended_at IS NULL",
        tenant,
        integration_id,
        account_id
    )
}

/// A tenant's connections, newest first, ended ones too.
///
/// # Errors
/// As [`get`].
pub async fn list_of_tenant(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<Connection>, StoreError> {
    scoped_all!(
        tx,
        Connection,
        "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2
         ORDER BY created_at DESC, id DESC",
        tenant
    )
}

/// An integration's connections in scope, newest first, ended ones too.
///
/// # Errors
/// As [`get`].
pub async fn list_of_integration(tx: &mut Tx, integration_id: &str) -> Result<Vec<Connection>, StoreError> {
    scoped_all!(
        tx,
        Connection,
        "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) AND integration_id = $2
         ORDER BY created_at DESC, id DESC",
        integration_id
    )
}

/// All connections in scope, newest first, ended ones too.
///
/// # Errors
/// As [`get`].
pub async fn list(tx: &mut Tx) -> Result<Vec<Connection>, StoreError> {
    scoped_all!(
        tx,
        Connection,
        "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) ORDER BY created_at DESC, id DESC"
    )
}

/// Sets how a living connection stands. The moment of the change moves only if the state does. To disconnect, use
/// [`end`].
///
/// # Errors
/// [`StoreError::Missing`] if there is no such living connection in scope.
pub async fn set_state(
    tx: &mut Tx,
    id: &ConnectionId,
    state: ConnectionState,
    cause: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections
         SET state_since = CASE WHEN state = $3 THEN state_since ELSE $5 END, state = $3, cause = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        state,
        cause,
        now
    )?;
    found(changed)
}

/// Notes what came of a check, and how many milliseconds it took.
///
/// # Errors
/// As [`set_state`].
pub async fn set_check(
    tx: &mut Tx,
    id: &ConnectionId,
    now: Millis,
    result: &str,
    latency_ms: Option<i64>,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET checked_at = $3, check_result = $4, check_latency_ms = $5
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        now,
        result,
        latency_ms
    )?;
    found(changed)
}

/// Notes what the provider now says of the account.
///
/// # Errors
/// As [`set_state`].
pub async fn set_account(
    tx: &mut Tx,
    id: &ConnectionId,
    account_id: &str,
    account_label: &str,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET account_id = $3, account_label = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        account_id,
        account_label
    )?;
    found(changed)
}

/// Notes what came with a renewed approval: what was typed for it, what the provider returned, and the granted scopes,
/// separated by spaces.
///
/// # Errors
/// As [`set_state`].
pub async fn set_given(
    tx: &mut Tx,
    id: &ConnectionId,
    params: &str,
    values: &str,
    scopes_granted: Option<&str>,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET params = $3, returned_values = $4, scopes_granted = $5
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        params,
        values,
        scopes_granted
    )?;
    found(changed)
}

/// Ends a connection. Its tokens are wiped separately, once they are revoked.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such living connection in scope.
pub async fn end(tx: &mut Tx, id: &ConnectionId, ended_by: &PersonId, now: Millis) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET ended_at = $4, ended_by = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        ended_by,
        now
    )?;
    found(changed)
}

/// How much each integration is in use: those with at least one healthy connection of a customer.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn usage(tx: &mut Tx) -> Result<Vec<Usage>, StoreError> {
    let rows = scoped_all!(
        tx,
        (String, TenantId, i64),
        "SELECT integration_id, tenant_id, count(*) FROM connections
         WHERE ($1 = '*' OR tenant_id = $1) AND state = 'healthy' AND ended_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM tenants WHERE ($1 = '*' OR tenants.id = $1) AND tenants.id = connections.tenant_id
                 AND tenants.kind = 'proving')
         GROUP BY integration_id, tenant_id ORDER BY integration_id, tenant_id"
    )?;
    let mut usage: Vec<Usage> = Vec::new();
    for (integration_id, tenant, connections) in rows {
        match usage
            .last_mut()
            .filter(|last| last.integration_id == integration_id)
        {
            Some(last) => {
                last.connections += connections;
                last.tenants += 1;
                last.tenant_ids.push(tenant);
            }
            None => usage.push(Usage {
                integration_id,
                connections,
                tenants: 1,
                tenant_ids: vec![tenant],
            }),
        }
    }
    Ok(usage)
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 {
        Err(StoreError::Missing("connection"))
    } else {
        Ok(())
    }
}
