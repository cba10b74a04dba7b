//! Verifications: runs of all gates' checks, and the evidence that they leave.

use crate::{Millis, StoreError, Tx, VerificationId};

words! {
    /// How a verification stands.
    pub enum VerificationState {
        /// Under way.
        Running => "running",
        /// It has come to its end, whatever it found.
        Done => "done",
        /// It could not be carried through.
        Failed => "failed",
    }
}

words! {
    /// What came of a gate's check.
    pub enum EvidenceResult {
        /// The gate is proven.
        Passed => "passed",
        /// It is not.
        Failed => "failed",
        /// There is no check for it yet.
        NotBuilt => "not_built",
    }
}

/// A run of the checks.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// The build that it checks.
    pub build: String,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// How it stands.
    pub state: VerificationState,
    /// The checks that were carried out.
    pub done: i64,
    /// All checks.
    pub total: i64,
    /// A remark, such as what is being checked.
    pub note: Option<String>,
}

/// A verification to begin.
#[derive(Clone, Debug)]
pub struct NewVerification {
    /// Its id.
    pub id: VerificationId,
    /// The build that it checks.
    pub build: String,
    /// When it begins.
    pub started_at: Millis,
    /// How many checks there will be.
    pub total: i64,
}

/// What the check of one gate of one integration found. The same struct is stored and read.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Evidence {
    /// Its id.
    pub id: String,
    /// Of which verification.
    pub verification_id: VerificationId,
    /// Of which integration.
    pub integration_id: String,
    /// Of which gate: `flow`, `storage`, `lifecycle` or `history`.
    pub gate: String,
    /// What came of it.
    pub result: EvidenceResult,
    /// How well it is proven, in the hub's words.
    pub word: String,
    /// The step at which it failed.
    pub step: Option<String>,
    /// What should have come.
    pub expected: Option<String>,
    /// What came. Never a secret, never a provider's body.
    pub got: Option<String>,
    /// For which build.
    pub build: String,
    /// When.
    pub at: Millis,
}

/// Begins a verification.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn start(tx: &mut Tx, new: &NewVerification) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO verifications (id, build, started_at, state, done, total) VALUES ($1, $2, $3, $4, 0, $5)",
        &new.id,
        &new.build,
        new.started_at,
        VerificationState::Running,
        new.total
    )?;
    Ok(())
}

/// Notes how far it has come.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn progress(
    tx: &mut Tx,
    id: &VerificationId,
    done: i64,
    note: Option<&str>,
) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE verifications SET done = $2, note = $3 WHERE id = $1 AND state = 'running'",
        id,
        done,
        note
    )?;
    Ok(())
}

/// Ends a verification that is under way; `state` says how.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn finish(
    tx: &mut Tx,
    id: &VerificationId,
    state: VerificationState,
    note: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    company_run!(
        tx,
        "UPDATE verifications SET state = $2, note = $3, finished_at = $4 WHERE id = $1 AND state = 'running'",
        id,
        state,
        note,
        now
    )?;
    Ok(())
}

/// One verification.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn get(tx: &mut Tx, id: &VerificationId) -> Result<Option<Verification>, StoreError> {
    company_one!(tx, Verification, "SELECT * FROM verifications WHERE id = $1", id)
}

/// The one that was begun last, however it stands.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn latest(tx: &mut Tx) -> Result<Option<Verification>, StoreError> {
    company_one!(
        tx,
        Verification,
        "SELECT * FROM verifications ORDER BY started_at DESC, id DESC LIMIT 1"
    )
}

/// The last one that came to its end: the one that stands.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn latest_finished(tx: &mut Tx) -> Result<Option<Verification>, StoreError> {
    company_one!(
        tx,
        Verification,
        "SELECT * FROM verifications WHERE state = 'done' ORDER BY finished_at DESC, id DESC LIMIT 1"
    )
}

/// Adds what a check found.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn add_evidence(tx: &mut Tx, new: &Evidence) -> Result<(), StoreError> {
    company_run!(
        tx,
        "INSERT INTO evidence (id, verification_id, integration_id, gate, result, word, step, expected, got, build,
             at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &new.id,
        &new.verification_id,
        &new.integration_id,
        &new.gate,
        new.result,
        &new.word,
        &new.step,
        &new.expected,
        &new.got,
        &new.build,
        new.at
    )?;
    Ok(())
}

/// All that a verification found, in the order in which it was found.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn evidence_of(tx: &mut Tx, verification: &VerificationId) -> Result<Vec<Evidence>, StoreError> {
    company_all!(
        tx,
        Evidence,
        "SELECT * FROM evidence WHERE verification_id = $1 ORDER BY at, id",
        verification
    )
}
