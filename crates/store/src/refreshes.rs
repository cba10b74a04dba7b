//! Renewing access: who may ask the provider with a connection's refresh token, what was sent, and when to ask next.
//!
//! A refresh token that rotates can be spent once, so the request is known before it leaves: [`claim`] writes what will
//! be sent and commits, the answer is concluded with the same lease, and whoever finds a request without an answer knows
//! that the provider may have spent the token.

use std::time::Duration;

use crate::{ConnectionId, Fenced, GrantId, Millis, StoreError, TenantId, Tx};

/// How renewing a connection stands.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Refresh {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which integration.
    pub integration_id: String,
    /// When to renew without being asked to; none: not before someone needs it.
    pub due_at: Option<Millis>,
    /// The provider asked us to wait until then.
    pub wait_until: Option<Millis>,
    /// Failed tries in a row.
    pub attempt: i64,
    /// Who is at it.
    pub lease_owner: Option<String>,
    /// Until when nobody else takes it.
    pub lease_until: Option<Millis>,
    /// Grows with every claim: only the last claimant may conclude.
    pub lease_generation: i64,
    /// Which grant's refresh token was sent last.
    pub sent_grant: Option<GrantId>,
    /// When; none once the answer is known.
    pub sent_at: Option<Millis>,
    /// How many answers in a row never came.
    pub lost: i64,
}

/// What is about to be sent, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The connection.
    pub connection: &'a ConnectionId,
    /// The grant whose refresh token will be sent.
    pub grant: &'a GrantId,
    /// Who sends it.
    pub owner: &'a str,
    /// For how long nobody else may: more than the request can take.
    pub lease: Duration,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conclusion {
    /// The answer is stored.
    Renewed,
    /// The provider answered no.
    Failed,
    /// No answer came: the provider may have spent the token.
    Lost,
}

/// Says when a connection is to be renewed next, after an authorization gave it new tokens: what failed before is
/// forgotten. A request that is underway keeps its lease.
///
/// # Errors
/// [`StoreError::WrongScope`].
pub async fn start(
    tx: &mut Tx,
    tenant: &TenantId,
    connection: &ConnectionId,
    integration: &str,
    due_at: Option<Millis>,
) -> Result<(), StoreError> {
    insert!(
        tx,
        Some(tenant),
        "INSERT INTO refreshes (tenant_id, connection_id, integration_id, due_at, attempt, lease_generation, lost)
         VALUES ($1, $2, $3, $4, 0, 0, 0)
         ON CONFLICT (connection_id) DO UPDATE SET due_at = excluded.due_at, wait_until = NULL, attempt = 0,
             sent_at = NULL, lost = 0",
        connection,
        integration,
        due_at
    )?;
    Ok(())
}

/// Takes the lease and writes what will be sent; none where someone else holds it. A request before it that was never
/// concluded counts as one whose answer was lost.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn claim(tx: &mut Tx, claim: Claim<'_>, now: Millis) -> Result<Option<Refresh>, StoreError> {
    scoped_one!(
        tx,
        Refresh,
        "UPDATE refreshes SET lost = lost + CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END, sent_grant = $3, sent_at = $4,
             lease_owner = $5, lease_until = $6, lease_generation = lease_generation + 1
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND (lease_until IS NULL OR lease_until <= $4)
         RETURNING *",
        claim.connection,
        claim.grant,
        now,
        claim.owner,
        now.plus(claim.lease)
    )
}

/// Writes how the request ended and when to renew next, and gives the lease back.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn conclude(
    tx: &mut Tx,
    held: &Refresh,
    conclusion: Conclusion,
    due_at: Option<Millis>,
    wait_until: Option<Millis>,
) -> Result<Fenced, StoreError> {
    let (attempt, lost) = match conclusion {
        Conclusion::Renewed => (0, 0),
        Conclusion::Failed => (held.attempt + 1, held.lost),
        Conclusion::Lost => (held.attempt + 1, held.lost + 1),
    };
    let rows = scoped_run!(
        tx,
        "UPDATE refreshes SET due_at = $4, wait_until = $5, attempt = $6, lost = $7, sent_at = NULL,
             lease_owner = NULL, lease_until = NULL
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND lease_generation = $3",
        &held.connection_id,
        held.lease_generation,
        due_at,
        wait_until,
        attempt,
        lost
    )?;
    Ok(Fenced::from_affected(rows))
}

/// Changes when a connection is renewed next, unless someone is at it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put_off(
    tx: &mut Tx,
    connection: &ConnectionId,
    due_at: Option<Millis>,
) -> Result<(), StoreError> {
    scoped_run!(
        tx,
        "UPDATE refreshes SET due_at = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2 AND lease_until IS NULL",
        connection,
        due_at
    )?;
    Ok(())
}

/// How renewing a connection stands; none where nothing can be renewed.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, connection: &ConnectionId) -> Result<Option<Refresh>, StoreError> {
    scoped_one!(
        tx,
        Refresh,
        "SELECT * FROM refreshes WHERE ($1 = '*' OR tenant_id = $1) AND connection_id = $2",
        connection
    )
}

/// The integrations of which something is due.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn due_integrations(tx: &mut Tx, now: Millis) -> Result<Vec<String>, StoreError> {
    let rows = scoped_all!(
        tx,
        (String,),
        "SELECT DISTINCT integration_id FROM refreshes WHERE ($1 = '*' OR tenant_id = $1) AND due_at <= $2
         ORDER BY integration_id",
        now
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Living connections of an integration that are due and that nobody is at, the longest due first, `most` of them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn due(
    tx: &mut Tx,
    integration: &str,
    now: Millis,
    most: usize,
) -> Result<Vec<ConnectionId>, StoreError> {
    let rows = scoped_all!(
        tx,
        (ConnectionId,),
        "SELECT r.connection_id FROM refreshes r
         JOIN connections c ON c.id = r.connection_id AND c.ended_at IS NULL AND ($1 = '*' OR c.tenant_id = $1)
         WHERE ($1 = '*' OR r.tenant_id = $1) AND r.integration_id = $2 AND r.due_at <= $3
             AND (r.lease_until IS NULL OR r.lease_until <= $3)
         ORDER BY r.due_at, r.connection_id LIMIT $4",
        integration,
        now,
        i64::try_from(most).unwrap_or(i64::MAX)
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
