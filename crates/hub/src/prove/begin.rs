//! From the form to a connection: the ordinary connect engine, for the proving tenant.

use patchbay_catalog::Integration;
use patchbay_store::{
    Fenced, Scope, StoreError, audit,
    connections::{self, Connection},
    flows::{self, Flow},
    grants,
    ids::{ConnectionId, FlowId, ProofId},
    proofs::{self, NewProof, Proof, ProofState, ProofStep, Step, StepResult},
    time::Millis,
};
use secrecy::SecretString;

use super::not_connected;
use crate::{
    Hub, HubError, Result,
    connect::{Connected, FLOW_LIFE_MS, Refusal, Start, Started, read_form},
    people,
    view::Viewer,
};

/// How long after its end a flow may still be at the exchange: a few calls.
const STRAGGLE_MS: i64 = 2 * 60 * 1000;

/// What an engineer asks for.
#[derive(Debug)]
pub struct Wish {
    /// As for a tenant's click on Connect.
    pub start: Start,
    /// The key, where the integration uses one.
    pub key: Option<SecretString>,
    /// Whether the provider is asked to end the access afterwards.
    pub end_access: bool,
}

/// How a proof began.
#[derive(Debug)]
pub enum Begun {
    /// The engineer leaves for the provider.
    Left(Started),
    /// With a key there is nowhere to go: the steps are being taken.
    Running,
    /// Another proof of this integration has no verdict yet; nothing was begun.
    Underway,
}

impl Hub {
    /// Begins to prove an integration with an account of the viewer's own.
    ///
    /// # Errors
    /// [`HubError::NotFound`] in demo mode and for those who may not; else as [`Hub::start`] and [`Hub::save_key`].
    pub async fn prove(&self, viewer: &Viewer, wish: Wish) -> Result<Begun> {
        if !self.may_prove(viewer) {
            return Err(HubError::NotFound);
        }
        let integration = self.integration_or_404(&wish.start.integration)?;
        if !self.make_way(viewer, integration).await? {
            return Ok(Begun::Underway);
        }
        let acting = self.acting(viewer).await?;
        if integration.is_api_key() {
            return self.prove_key(viewer, &acting, integration, wish).await;
        }
        let proof = self.new_proof(viewer, integration, wish.end_access);
        let page = format!("/integrations/{}", integration.id);
        let start = Start {
            return_to: Some(page),
            ..wish.start
        };
        self.start_tape(&proof.id, integration);
        let started = self
            .taped(&proof.id, ProofStep::Connect, self.start(&acting, start))
            .await;
        let started = started.inspect_err(|_| self.tapes.forget(&proof.id))?;
        let proof = NewProof {
            flow_id: Some(started.flow.clone()),
            due_at: Millis(self.now().0 + FLOW_LIFE_MS + STRAGGLE_MS),
            ..proof
        };
        if self.insert_proof(viewer, integration, &proof).await? {
            return Ok(Begun::Left(started));
        }
        self.tapes.forget(&proof.id);
        self.spend(&started.flow).await?;
        Ok(Begun::Underway)
    }

    /// A key is tested and sealed as a tenant's is; the other steps are due at once. The proof is there first, so that a key
    /// is never stored without one.
    async fn prove_key(
        &self,
        viewer: &Viewer,
        acting: &Viewer,
        integration: &Integration,
        wish: Wish,
    ) -> Result<Begun> {
        let key = wish.key.ok_or(HubError::NotFound)?;
        read_form(integration, &key, &wish.start.params)?;
        let began = self.now();
        let new = NewProof {
            due_at: Millis(began.0 + STRAGGLE_MS),
            ..self.new_proof(viewer, integration, false)
        };
        if !self.insert_proof(viewer, integration, &new).await? {
            return Ok(Begun::Underway);
        }
        let mut tx = self.store.read(Scope::System).await?;
        let proof = proofs::get(&mut tx, &new.id).await?.ok_or(HubError::NotFound)?;
        drop(tx);
        self.start_tape(&proof.id, integration);
        let saving = self.save_key(acting, &integration.id, &key, &wish.start.params);
        match self.taped(&proof.id, ProofStep::Connect, saving).await {
            Ok(saved) => {
                let connected = Connected {
                    connection: saved.connection,
                    renewed: saved.replaced,
                };
                self.proof_connected(&proof, &connected, began).await?;
                Ok(Begun::Running)
            }
            Err(error) => {
                self.give_proof_up(&proof, "no key that works").await?;
                Err(error)
            }
        }
    }

    fn new_proof(&self, viewer: &Viewer, integration: &Integration, end_access: bool) -> NewProof {
        NewProof {
            id: self.new_id(),
            integration_id: integration.id.clone(),
            person_id: viewer.person.clone(),
            build: self.settings.build.clone(),
            end_access,
            flow_id: None,
            connection_id: None,
            state: ProofState::Waiting,
            created_at: self.now(),
            due_at: self.now(),
        }
    }

    /// Row, audit and event; false where another proof was quicker.
    async fn insert_proof(
        &self,
        viewer: &Viewer,
        integration: &Integration,
        proof: &NewProof,
    ) -> Result<bool> {
        let mut tx = self.store.write(Scope::System).await?;
        match proofs::insert(&mut tx, proof).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let row = viewer.did(self.now(), "proof.started", integration);
        audit::append(&mut tx, &row).await?;
        patchbay_store::events::append(&mut tx, self.now(), None, "proof", &integration.id).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(true)
    }

    /// Whether a proof can begin: one of the viewer's own that still waits at the provider gives way, any other is left
    /// alone.
    async fn make_way(&self, viewer: &Viewer, integration: &Integration) -> Result<bool> {
        let mut tx = self.store.read(Scope::System).await?;
        let Some(open) = proofs::open(&mut tx, &integration.id).await? else {
            return Ok(true);
        };
        drop(tx);
        let (true, Some(flow)) = (open.person_id == viewer.person, &open.flow_id) else {
            return Ok(false);
        };
        if open.state != ProofState::Waiting || !self.spend(flow).await? {
            return Ok(false);
        }
        self.give_proof_up(&open, "another start").await?;
        Ok(true)
    }

    /// Uses a flow up, so that its answer comes to nothing; false where its answer has come already.
    async fn spend(&self, flow: &FlowId) -> Result<bool> {
        let mut tx = self.store.write(Scope::System).await?;
        let Some(flow) = flows::get(&mut tx, flow).await? else {
            return Ok(true);
        };
        let spent = flows::consume(&mut tx, &flow.state_hash, self.now()).await?;
        if !matches!(spent, flows::Consumed::Fresh(_)) {
            return Ok(false);
        }
        flows::set_outcome(&mut tx, &flow.id, "given-up", self.now()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends a proof that came to no connection.
    pub(super) async fn give_proof_up(&self, proof: &Proof, got: &str) -> Result<()> {
        self.tapes.forget(&proof.id);
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        if proofs::give_up(&mut tx, &proof.id, now).await? == Fenced::Lost {
            return Ok(());
        }
        proofs::put_step(&mut tx, &not_connected(proof, got, None)).await?;
        let integration = self.integration_or_404(&proof.integration_id)?;
        let row = self.finished_row(proof, integration, false).await?;
        audit::append(&mut tx, &row).await?;
        self.proof_moved(&mut tx, proof).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// The audit row of a verdict, in the name of whose account it was.
    pub(super) async fn finished_row(
        &self,
        proof: &Proof,
        integration: &Integration,
        passed: bool,
    ) -> Result<audit::NewAudit> {
        let name = people::name_of(self, &proof.person_id).await?;
        let mut row = people::person_did(self.now(), &proof.person_id, &name, "proof.finished", None);
        "integration".clone_into(&mut row.target_kind);
        row.target_id.clone_from(&integration.id);
        row.integration_id = Some(integration.id.clone());
        if !passed {
            row.outcome = audit::Outcome::Failed;
        }
        Ok(row)
    }

    /// The proof that a flow belongs to.
    pub(crate) async fn proof_of(&self, flow: &Flow) -> Result<Option<Proof>> {
        let mut tx = self.store.read(Scope::System).await?;
        Ok(proofs::of_flow(&mut tx, &flow.id).await?)
    }

    /// Whoever brings the answer to a proof's flow, as an admin of the proving tenant; none: as who they are.
    pub(crate) async fn acting_on(
        &self,
        proof: Option<&Proof>,
        viewer: Option<&Viewer>,
    ) -> Result<Option<Viewer>> {
        match (proof, viewer) {
            (Some(_), Some(viewer)) if self.may_prove(viewer) => Ok(Some(self.acting(viewer).await?)),
            _ => Ok(None),
        }
    }

    /// A proof's account has connected.
    pub(crate) async fn proof_connected(
        &self,
        proof: &Proof,
        connected: &Connected,
        began: Millis,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        if proofs::connected(&mut tx, &proof.id, &connected.connection, now).await? == Fenced::Saved {
            proofs::put_step(&mut tx, &connected_step(&proof.id, began, now)).await?;
            self.proof_moved(&mut tx, proof).await?;
        } else {
            // Given up meanwhile: nobody would ever let go of this access.
            let by = &proof.person_id;
            end_and_wipe(&mut tx, &connected.connection, by, now).await?;
        }
        tx.commit().await?;
        self.live.poke();
        self.live.proof_due.notify_one();
        Ok(())
    }

    /// A proof's account did not connect.
    pub(crate) async fn proof_refused(&self, proof: &Proof, refusal: &Refusal) -> Result<()> {
        self.give_proof_up(proof, refusal.code()).await
    }

    /// The connection that a waiting proof came to, where the server stopped before the proof heard of it.
    pub(super) async fn connection_of(&self, proof: &Proof) -> Result<Option<Connection>> {
        let tenant = self.proving_tenant().await?;
        let mut tx = self.store.read(Scope::System).await?;
        let mut found = connections::list_of_tenant(&mut tx, &tenant.id).await?;
        found.retain(|connection| {
            connection.integration_id == proof.integration_id
                && connection.ended_at.is_none()
                && connection.created_by == proof.person_id
                && connection.created_at >= proof.created_at
        });
        Ok(found.pop())
    }
}

/// Ends a connection and forgets its tokens.
pub(super) async fn end_and_wipe(
    tx: &mut patchbay_store::Tx,
    connection: &ConnectionId,
    by: &patchbay_store::PersonId,
    now: Millis,
) -> Result<()> {
    connections::end(tx, connection, by, now).await?;
    grants::wipe_all(tx, connection, now).await?;
    Ok(())
}

/// The first step, passed.
fn connected_step(proof: &ProofId, began: Millis, now: Millis) -> Step {
    Step {
        proof_id: proof.clone(),
        step: ProofStep::Connect,
        result: StepResult::Passed,
        class: Some("passed".to_owned()),
        expected: None,
        got: Some("a connection".to_owned()),
        started_at: began,
        ms: Some(now.0 - began.0),
    }
}
