//! Leases: work is claimed for a while, and only the last claimant may write.

use crate::{Millis, StoreError, Tx};

/// Whether a write under a lease went through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fenced {
    /// It did.
    Saved,
    /// Someone else has claimed the row since, or it has ended: nothing was written.
    Lost,
}

impl Fenced {
    pub(crate) fn from_affected(rows: u64) -> Self {
        if rows == 0 { Self::Lost } else { Self::Saved }
    }
}

/// Frees everything that is leased. Only for a server that knows to be alone: a lease is what keeps others away.
///
/// # Errors
/// [`StoreError::WrongScope`] but for the system, [`StoreError::Database`].
pub async fn free_all(tx: &mut Tx, now: Millis) -> Result<(), StoreError> {
    tx.require_system()?;
    scoped_run!(
        tx,
        "UPDATE sync_windows SET lease_until = $2
         WHERE ($1 = '*' OR tenant_id = $1) AND state = 'running' AND lease_until > $2",
        now
    )?;
    scoped_run!(
        tx,
        "UPDATE revocations SET lease_until = $2 WHERE ($1 = '*' OR tenant_id = $1) AND lease_until > $2",
        now
    )?;
    scoped_run!(
        tx,
        "UPDATE refreshes SET lease_until = $2 WHERE ($1 = '*' OR tenant_id = $1) AND lease_until > $2",
        now
    )?;
    company_run!(
        tx,
        "UPDATE proofs SET lease_until = $1 WHERE lease_until > $1",
        now
    )?;
    Ok(())
}
