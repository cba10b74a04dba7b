//! Leases: work is claimed for a while, and only the last claimant may write.

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
