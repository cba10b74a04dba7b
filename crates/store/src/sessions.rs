//! Sessions: who is signed in. The table holds the hash of a session's token, never the token.

use crate::{Millis, PersonId, StoreError, Tx};

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
