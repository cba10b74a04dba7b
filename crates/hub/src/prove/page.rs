//! What engineers see of proofs.

use patchbay_catalog::Integration;
use patchbay_store::{
    Scope, flows,
    ids::{PersonId, ProofId},
    proofs::{self, Proof, ProofState, ProofStep, Step},
};

use crate::{
    Hub, Result, people,
    verify::live,
    view::{LiveMark, ProofView, ProveView, StepView, Viewer},
};

impl Hub {
    /// The part of an integration's page that proves it; none in demo mode and for those who may not.
    pub(crate) async fn prove_view(
        &self,
        viewer: &Viewer,
        integration: &Integration,
    ) -> Result<Option<ProveView>> {
        if !self.may_prove(viewer) {
            return Ok(None);
        }
        let mut tx = self.store.read(Scope::System).await?;
        let mark = live::proven(&mut tx).await?.remove(&integration.id);
        let newest = proofs::newest(&mut tx, &integration.id).await?;
        drop(tx);
        let proven = match mark {
            Some(mark) => Some(LiveMark {
                by: people::name_of(self, &PersonId::from(mark.by)).await?,
                ..mark
            }),
            None => None,
        };
        let proof = match newest {
            Some(proof) => Some(self.proof_view(viewer, proof).await?),
            None => None,
        };
        Ok(Some(ProveView {
            proven,
            proof,
            can_end: integration.revoke().is_some(),
            has_history: !integration.history.is_empty(),
        }))
    }

    async fn proof_view(&self, viewer: &Viewer, proof: Proof) -> Result<ProofView> {
        let mut tx = self.store.read(Scope::System).await?;
        let begun = proofs::steps(&mut tx, &proof.id).await?;
        let recorded = proofs::recording(&mut tx, &proof.id).await?.is_some();
        let flow = match proof
            .flow_id
            .as_ref()
            .filter(|_| proof.state == ProofState::Waiting)
        {
            Some(flow) => flows::get(&mut tx, flow).await?,
            None => None,
        };
        drop(tx);
        let mine = proof.person_id == viewer.person;
        let go_on = flow
            .filter(|flow| mine && flow.used_at.is_none() && flow.expires_at > self.now())
            .map(|flow| format!("/connect/{}", flow.id));
        Ok(ProofView {
            steps: steps(&proof, &begun),
            state: proof.state,
            passed: proof.passed,
            by: people::name_of(self, &proof.person_id).await?,
            mine,
            build: proof.build,
            started_at: proof.created_at,
            finished_at: proof.finished_at,
            go_on,
            recorded,
            id: proof.id.to_string(),
        })
    }

    /// The recording of a proof, as a file's text; none where there is none, or not for this viewer.
    ///
    /// # Errors
    /// [`HubError::Store`](crate::HubError::Store).
    pub async fn recording(&self, viewer: &Viewer, proof: &str) -> Result<Option<String>> {
        if !self.may_prove(viewer) {
            return Ok(None);
        }
        let mut tx = self.store.read(Scope::System).await?;
        Ok(proofs::recording(&mut tx, &ProofId::from(proof)).await?)
    }
}

/// All steps of a proof, those that are still to come too.
fn steps(proof: &Proof, begun: &[Step]) -> Vec<StepView> {
    ProofStep::ALL
        .iter()
        .filter(|step| **step != ProofStep::Revoke || proof.end_access)
        .map(|step| {
            let row = begun.iter().find(|row| row.step == *step);
            StepView {
                step: *step,
                result: row.map(|row| row.result),
                class: row.and_then(|row| row.class.clone()),
                expected: row.and_then(|row| row.expected.clone()),
                got: row.and_then(|row| row.got.clone()),
                at: row.map(|row| row.started_at),
                ms: row.and_then(|row| row.ms),
            }
        })
        .collect()
}
