//! Flows: authorizations that are under way, from the click on Connect to the callback.

use crate::{FlowId, Millis, PersonId, Sealed, StoreError, TenantId, Tx};

/// A pending (or past) authorization.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Flow {
    /// Its id.
    pub id: FlowId,
    /// For which tenant.
    pub tenant_id: TenantId,
    /// Who started it.
    pub person_id: PersonId,
    /// The hash of the session's token that it was started in.
    pub session_hash: String,
    /// Which integration is to be connected.
    pub integration_id: String,
    /// The kind of authorization, in the hub's words: how its answer is read.
    pub kind: String,
    /// The hash of its state parameter; one of its kind.
    pub state_hash: String,
    /// The hash of the cookie that binds it to a browser.
    pub browser_hash: String,
    /// The sealed secret that its answer is redeemed with: a PKCE verifier, a request token, a link token. None where
    /// the answer needs none.
    pub verifier: Option<Sealed>,
    /// The sealed address at the provider to leave for: it holds the state.
    pub leave_url: Option<Sealed>,
    /// The redirect URI that was sent along.
    pub redirect_uri: String,
    /// What the admin typed for the connection: a JSON object of strings.
    pub params: String,
    /// The page of ours to go back to, if one was asked for.
    pub return_to: Option<String>,
    /// When it started.
    pub created_at: Millis,
    /// From when on its state counts no more; the caller judges.
    pub expires_at: Millis,
    /// When its state was used.
    pub used_at: Option<Millis>,
    /// How it ended, in the hub's words.
    pub outcome: Option<String>,
    /// When it ended.
    pub outcome_at: Option<Millis>,
    /// A reference for support.
    pub reference: String,
}

/// A flow to be started.
#[derive(Clone, Debug)]
pub struct NewFlow {
    /// Its id.
    pub id: FlowId,
    /// For which tenant.
    pub tenant_id: TenantId,
    /// Who starts it.
    pub person_id: PersonId,
    /// The hash of the session's token.
    pub session_hash: String,
    /// Which integration is to be connected.
    pub integration_id: String,
    /// The kind of authorization, in the hub's words: how its answer is read.
    pub kind: String,
    /// The hash of its state parameter.
    pub state_hash: String,
    /// The hash of the cookie that binds it to a browser.
    pub browser_hash: String,
    /// The sealed secret that its answer is redeemed with: a PKCE verifier, a request token, a link token. None where
    /// the answer needs none.
    pub verifier: Option<Sealed>,
    /// The sealed address at the provider to leave for.
    pub leave_url: Option<Sealed>,
    /// The redirect URI that is sent along.
    pub redirect_uri: String,
    /// What the admin typed for the connection: a JSON object of strings.
    pub params: String,
    /// The page of ours to go back to, if one was asked for.
    pub return_to: Option<String>,
    /// When it starts.
    pub created_at: Millis,
    /// From when on its state counts no more.
    pub expires_at: Millis,
    /// A reference for support.
    pub reference: String,
}

/// What a state parameter was good for.
#[derive(Clone, Debug)]
pub enum Consumed {
    /// It was unused; it is used now, and by this call alone.
    Fresh(Flow),
    /// It was used before.
    Used(Flow),
    /// No flow in scope has it.
    Unknown,
}

/// Starts a flow.
///
/// # Errors
/// [`StoreError::WrongScope`], [`StoreError::Conflict`] if the state is there already.
pub async fn insert(tx: &mut Tx, new: &NewFlow) -> Result<(), StoreError> {
    insert!(
        tx,
        Some(&new.tenant_id),
        "INSERT INTO flows (tenant_id, id, person_id, session_hash, integration_id, kind, state_hash, browser_hash,
             verifier, leave_url, redirect_uri, params, return_to, created_at, expires_at,
             reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &new.id,
        &new.person_id,
        &new.session_hash,
        &new.integration_id,
        &new.kind,
        &new.state_hash,
        &new.browser_hash,
        &new.verifier,
        &new.leave_url,
        &new.redirect_uri,
        &new.params,
        &new.return_to,
        new.created_at,
        new.expires_at,
        &new.reference
    )?;
    Ok(())
}

/// Uses up a state. Of any number of calls with the same state, one gets [`Consumed::Fresh`]: the marking is one
/// statement, and the database lets one of them through.
///
/// Whether it has expired is for the caller to judge.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn consume(tx: &mut Tx, state_hash: &str, now: Millis) -> Result<Consumed, StoreError> {
    let fresh = scoped_one!(
        tx,
        Flow,
        "UPDATE flows SET used_at = $3
         WHERE ($1 = '*' OR tenant_id = $1) AND state_hash = $2 AND used_at IS NULL RETURNING *",
        state_hash,
        now
    )?;
    if let Some(flow) = fresh {
        return Ok(Consumed::Fresh(flow));
    }
    let used = scoped_one!(
        tx,
        Flow,
        "SELECT * FROM flows WHERE ($1 = '*' OR tenant_id = $1) AND state_hash = $2",
        state_hash
    )?;
    Ok(used.map_or(Consumed::Unknown, Consumed::Used))
}

/// One flow.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &FlowId) -> Result<Option<Flow>, StoreError> {
    scoped_one!(
        tx,
        Flow,
        "SELECT * FROM flows WHERE ($1 = '*' OR tenant_id = $1) AND id = $2",
        id
    )
}

/// The newest flow of a tenant and integration that is neither used, ended nor expired.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn latest_open(
    tx: &mut Tx,
    tenant: &TenantId,
    integration_id: &str,
    now: Millis,
) -> Result<Option<Flow>, StoreError> {
    scoped_one!(
        tx,
        Flow,
        "SELECT * FROM flows
         WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2 AND integration_id = $3
             AND used_at IS NULL AND outcome IS NULL AND expires_at > $4
         ORDER BY created_at DESC, id DESC LIMIT 1",
        tenant,
        integration_id,
        now
    )
}

/// A tenant's flows that are neither used, ended nor expired, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_of_tenant(tx: &mut Tx, tenant: &TenantId, now: Millis) -> Result<Vec<Flow>, StoreError> {
    scoped_all!(
        tx,
        Flow,
        "SELECT * FROM flows
         WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2 AND used_at IS NULL AND outcome IS NULL
             AND expires_at > $3
         ORDER BY created_at DESC, id DESC",
        tenant,
        now
    )
}

/// Notes how a flow ended; the first outcome stands.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn set_outcome(tx: &mut Tx, id: &FlowId, outcome: &str, now: Millis) -> Result<(), StoreError> {
    scoped_run!(
        tx,
        "UPDATE flows SET outcome = $3, outcome_at = $4
         WHERE ($1 = '*' OR tenant_id = $1) AND id = $2 AND outcome IS NULL",
        id,
        outcome,
        now
    )?;
    Ok(())
}

/// How many flows a tenant has started since then.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn count_since(tx: &mut Tx, tenant: &TenantId, since: Millis) -> Result<u64, StoreError> {
    let row = scoped_one!(
        tx,
        (i64,),
        "SELECT count(*) FROM flows WHERE ($1 = '*' OR tenant_id = $1) AND tenant_id = $2 AND created_at >= $3",
        tenant,
        since
    )?;
    Ok(row.map_or(0, |(count,)| count.unsigned_abs()))
}
