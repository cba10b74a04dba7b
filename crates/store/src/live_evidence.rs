//! What was proven with real accounts. It is only ever added to, and only where the data is a live deployment's.

use crate::{Millis, PersonId, ProofId, StoreError, Tx, verifications::EvidenceResult};

/// What a proof showed of one gate. The same struct is stored and read. It names no account and holds no content.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct LiveEvidence {
    /// Its id.
    pub id: String,
    /// Of which proof.
    pub proof_id: ProofId,
    /// Of which integration.
    pub integration_id: String,
    /// Of which gate: `flow`, `lifecycle` or `history`. That tokens are stored safely is nothing that a provider shows.
    pub gate: String,
    /// [`EvidenceResult::Passed`] or [`EvidenceResult::Failed`].
    pub result: EvidenceResult,
    /// The step at which it failed.
    pub step: Option<String>,
    /// What should have come.
    pub expected: Option<String>,
    /// What came. Never a secret, never a provider's body.
    pub got: Option<String>,
    /// For which build.
    pub build: String,
    /// Whose test account it was.
    pub person_id: PersonId,
    /// When.
    pub at: Millis,
}

/// Adds what a proof showed.
///
/// # Errors
/// [`StoreError::NotLive`] where the data is not a live deployment's, [`StoreError::Conflict`] if the proof has shown that
/// gate already.
pub async fn add(tx: &mut Tx, new: &LiveEvidence) -> Result<(), StoreError> {
    let mode = company_one!(tx, (String,), "SELECT mode FROM deployment WHERE id = 1")?;
    if mode.is_none_or(|(mode,)| mode != "live") {
        return Err(StoreError::NotLive);
    }
    company_run!(
        tx,
        "INSERT INTO live_evidence (id, proof_id, integration_id, gate, result, word, step, expected, got, build,
             person_id, at)
         VALUES ($1, $2, $3, $4, $5, 'live', $6, $7, $8, $9, $10, $11)",
        &new.id,
        &new.proof_id,
        &new.integration_id,
        &new.gate,
        new.result,
        &new.step,
        &new.expected,
        &new.got,
        &new.build,
        &new.person_id,
        new.at
    )?;
    Ok(())
}

/// All of it, oldest first.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub async fn list(tx: &mut Tx) -> Result<Vec<LiveEvidence>, StoreError> {
    company_all!(
        tx,
        LiveEvidence,
        "SELECT id, proof_id, integration_id, gate, result, step, expected, got, build, person_id, at
         FROM live_evidence ORDER BY at, proof_id, gate"
    )
}
