//! Sessions: who is signed in. The table holds the hash of a session's token, never the token.

use crate::people::RoleWord;
use crate::{Millis, PersonId, StoreError, TenantId, Tx};

/// A session.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Session {
    /// The SHA-256 of its token, in hexadecimal.
    pub token_hash: String,
    /// Who is signed in.
    pub person_id: PersonId,
    /// Since when.
    pub created_at: Millis,
    /// When it was last used.
    pub seen_at: Millis,
    /// From when on it counts no more.
    pub expires_at: Millis,
}

/// Starts a session.
///
/// # Errors
/// [`StoreError::Conflict`] if the hash is there already.
pub async fn insert(
    tx: &mut Tx,
    token_hash: &str,
    person: &PersonId,
    now: Millis,
    expires_at: Millis,
) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO sessions (token_hash, person_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
        token_hash,
        person,
        now,
        expires_at
    )?;
    Ok(())
}

/// The session with this token hash, unless it has ended or expired.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn find(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<Option<Session>, StoreError> {
    company_one!(
        tx,
        Session,
        "SELECT token_hash, person_id, created_at, seen_at, expires_at FROM sessions
         WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2",
        token_hash,
        now
    )
}

/// Who a session belongs to, with one of the roles they hold.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Identity {
    /// Who is signed in.
    pub person_id: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// When the session was last used.
    pub seen_at: Millis,
    /// The tenant that they chose to act for.
    pub acting_for: Option<TenantId>,
    /// A role that they hold.
    pub role: RoleWord,
    /// In which tenant; `None` for a role in the company.
    pub tenant_id: Option<TenantId>,
    /// The tenant's name.
    pub tenant_name: Option<String>,
}

/// Who the session with this token hash belongs to, once for each role that they hold, those in the company first;
/// nothing if it has ended or expired. One statement, because every request asks it.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::WrongScope`].
pub async fn identities(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<Vec<Identity>, StoreError> {
    tx.require_system()?;
    scoped_all!(
        tx,
        Identity,
        "SELECT p.id AS person_id, p.name, p.email, s.seen_at, s.acting_for, m.role, m.tenant_id,
             t.name AS tenant_name
         FROM sessions s JOIN people p ON p.id = s.person_id JOIN memberships m ON m.person_id = p.id
             LEFT JOIN tenants t ON ($1 = '*' OR t.id = $1) AND t.id = m.tenant_id
         WHERE ($1 = '*' OR m.tenant_id = $1) AND s.token_hash = $2 AND s.ended_at IS NULL AND s.expires_at > $3
         ORDER BY CASE WHEN m.tenant_id IS NULL THEN 0 ELSE 1 END, t.name, m.role",
        token_hash,
        now
    )
}

/// Chooses the tenant that the session acts for; `None`: the company.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn act_for(tx: &mut Tx, token_hash: &str, tenant: Option<&TenantId>) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE sessions SET acting_for = $2 WHERE token_hash = $1 AND ended_at IS NULL",
        token_hash,
        tenant
    )?;
    Ok(())
}

/// Notes that the session is in use.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn touch(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE sessions SET seen_at = $2 WHERE token_hash = $1 AND ended_at IS NULL",
        token_hash,
        now
    )?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE sessions SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL",
        token_hash,
        now
    )?;
    Ok(())
}

/// Ends all sessions of someone, and says how many that were.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn end_all_of(tx: &mut Tx, person: &PersonId, now: Millis) -> Result<u64, StoreError> {
    company_run!(
        tx,
        "UPDATE sessions SET ended_at = $2 WHERE person_id = $1 AND ended_at IS NULL",
        person,
        now
    )
}
