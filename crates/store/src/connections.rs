//! Connections: a tenant's links to upstream accounts.

use std::time::Duration;

use crate::{ConnectionId, Millis, StoreError, TenantId, Tx, Values};

words! {
    /// How a connection stands.
    pub enum ConnectionState {
        /// It works.
        Connected => "connected",
        /// Someone has to do something; the cause says what.
        NeedsAttention => "needs_attention",
        /// It was disconnected. The row stays, the tokens do not.
        Ended => "ended",
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
    /// What the admin typed.
    pub params: Values,
    /// What the provider returned with its tokens.
    pub returned_values: Values,
    /// How it stands.
    pub state: ConnectionState,
    /// Why it needs attention, in the hub's words.
    pub cause: Option<String>,
    /// Since when it stands so.
    pub state_since: Millis,
    /// The scopes that were granted, separated by spaces.
    pub scopes_granted: String,
    /// Who made it.
    pub created_by: String,
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
    pub ended_by: Option<String>,
}

/// A connection to be made. It starts out connected, without a grant: add one in the same transaction.
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
    /// What the admin typed.
    pub params: Values,
    /// What the provider returned with its tokens.
    pub returned_values: Values,
    /// The scopes that were granted, separated by spaces.
    pub scopes_granted: String,
    /// Who makes it.
    pub created_by: String,
    /// When.
    pub created_at: Millis,
}

/// How much an integration is in use.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Usage {
    /// The integration.
    pub integration_id: String,
    /// Its connections that work.
    pub healthy: i64,
    /// In how many tenants those are.
    pub tenants: i64,
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
        &new.returned_values,
        ConnectionState::Connected,
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
    scoped_one!(tx, Connection, "SELECT * FROM connections WHERE ($1 = '*' OR tenant_id = $1) AND id = $2", id)
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

/// Notes what came of a check.
///
/// # Errors
/// As [`set_state`].
pub async fn set_check(
    tx: &mut Tx,
    id: &ConnectionId,
    result: &str,
    took: Duration,
    now: Millis,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET checked_at = $5, check_result = $3, check_latency_ms = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        result,
        i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        now
    )?;
    found(changed)
}

/// Notes what the provider now says of the account: its name, its values, the scopes granted.
///
/// # Errors
/// As [`set_state`].
pub async fn set_account(
    tx: &mut Tx,
    id: &ConnectionId,
    account_label: &str,
    returned_values: &Values,
    scopes_granted: &str,
) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET account_label = $3, returned_values = $4, scopes_granted = $5
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        account_label,
        returned_values,
        scopes_granted
    )?;
    found(changed)
}

/// Ends a connection. Its tokens are wiped separately, once they are revoked.
///
/// # Errors
/// [`StoreError::Missing`] if there is no such living connection in scope.
pub async fn end(tx: &mut Tx, id: &ConnectionId, ended_by: &str, now: Millis) -> Result<(), StoreError> {
    let changed = scoped_run!(
        tx,
        "UPDATE connections SET state = $3, cause = NULL, state_since = $5, ended_at = $5, ended_by = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND ended_at IS NULL",
        id,
        ConnectionState::Ended,
        ended_by,
        now
    )?;
    found(changed)
}

/// How much each integration is in use: those with at least one connection that works.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn usage(tx: &mut Tx) -> Result<Vec<Usage>, StoreError> {
    scoped_all!(
        tx,
        Usage,
        "SELECT integration_id, count(*) AS healthy, count(DISTINCT tenant_id) AS tenants FROM connections
         WHERE ($1 = '*' OR tenant_id = $1) AND state = 'connected' AND ended_at IS NULL
         GROUP BY integration_id ORDER BY integration_id"
    )
}

fn found(changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::Missing("connection")) } else { Ok(()) }
}
