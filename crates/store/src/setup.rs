//! The one-time token that makes the first owner. The table holds its hash, never the token.

use crate::{Millis, StoreError, Tx};

/// Puts a token in the place of all that were given out before.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn put(tx: &mut Tx, token_hash: &str, now: Millis, expires_at: Millis) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE setup_tokens SET used_at = $1 WHERE used_at IS NULL",
        now
    )?;
    company_run!(
        tx,
        "INSERT INTO setup_tokens (token_hash, created_at, expires_at) VALUES ($1, $2, $3)",
        token_hash,
        now,
        expires_at
    )?;
    Ok(())
}

/// Whether the token with this hash could be used now.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_good(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<bool, StoreError> {
    let row = company_one!(
        tx,
        (i64,),
        "SELECT created_at FROM setup_tokens WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        token_hash,
        now
    )?;
    Ok(row.is_some())
}

/// Uses a token up: of any number of calls one gets `true`, and none after its end.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn use_up(tx: &mut Tx, token_hash: &str, now: Millis) -> Result<bool, StoreError> {
    let used = company_run!(
        tx,
        "UPDATE setup_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        token_hash,
        now
    )?;
    Ok(used > 0)
}
