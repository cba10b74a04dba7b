//! Takes the steps of proofs as leased work: a server that stops goes on where it was, and whatever happens, the access of
//! the test account is let go of.

use std::time::Duration;

use patchbay_catalog::Integration;
use patchbay_store::{
    Fenced, Scope, Tx, audit,
    connections::{self, Connection},
    flows, grants,
    proofs::{self, Proof, ProofState, ProofStep, Step, StepResult},
    revocations::{self, RevocationState},
};

use super::{
    begin::end_and_wipe,
    steps::{self, Came, Subject},
};
use crate::{
    Hub, HubError, Result,
    connect::{Connected, after},
    connections::values_of,
    verify::{Failure, GateOutcome, live},
    view::Gate,
};

/// How long a worker may hold a proof between two steps: longer than a step's calls can take.
const LEASE: Duration = Duration::from_mins(15);
/// A proof is taken up so often before it is judged as it stands.
const MOST_TRIES: i64 = 4;
/// How soon it is looked whether the provider has ended the access, first and at most.
const LOOK: Duration = Duration::from_secs(2);
const LOOK_AT_MOST: Duration = Duration::from_mins(1);

/// The steps that the worker takes before there is a verdict.
const STEPS: [ProofStep; 3] = [ProofStep::Whoami, ProofStep::Refresh, ProofStep::Page];

/// Works proofs off until the server stops; in demo mode there are none.
pub async fn work(hub: Hub) {
    if !live::is_possible(&hub) {
        return;
    }
    loop {
        let round = hub.clone();
        // In a task of its own: a proof that panics must not end the worker.
        match tokio::spawn(async move { work_once(&round).await }).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "a proof stopped"),
            Err(error) => tracing::error!(%error, "a proof's task stopped"),
        }
        let due = hub.live.proof_due.clone();
        let _ = tokio::time::timeout(Duration::from_secs(2), due.notified()).await;
    }
}

/// Works off what is due now; returns how many proofs were taken up.
///
/// # Errors
/// Our own failures; the proof is taken up again once its lease has ended.
pub async fn work_once(hub: &Hub) -> Result<usize> {
    let mut taken = 0;
    loop {
        let mut tx = hub.store.write(Scope::System).await?;
        let claimed = proofs::claim(&mut tx, hub.now(), &hub.node, LEASE).await?;
        tx.commit().await?;
        let Some(proof) = claimed else {
            return Ok(taken);
        };
        taken += 1;
        match proof.state {
            ProofState::Waiting => hub.settle_waiting(&proof).await?,
            ProofState::Running => hub.take_steps(&proof).await?,
            ProofState::Ending => hub.look_whether_ended(&proof).await?,
            ProofState::Done => {}
        }
    }
}

impl Hub {
    /// A beginning that is long over: its engineer did not come back, or the server stopped while they did.
    async fn settle_waiting(&self, proof: &Proof) -> Result<()> {
        if let Some(connection) = self.connection_of(proof).await? {
            let connected = Connected {
                connection: connection.id,
                renewed: false,
            };
            return self.proof_connected(proof, &connected, proof.created_at).await;
        }
        let flow = match &proof.flow_id {
            Some(id) => {
                let mut tx = self.store.read(Scope::System).await?;
                flows::get(&mut tx, id).await?
            }
            None => None,
        };
        let got = match flow.map(|flow| (flow.outcome, flow.used_at)) {
            Some((Some(outcome), _)) => outcome,
            Some((None, None)) => "nobody came back within ten minutes".to_owned(),
            Some((None, Some(_))) | None => "the server stopped before there was an answer".to_owned(),
        };
        self.give_proof_up(proof, &got).await
    }

    /// Takes the steps that are still to be taken, then judges.
    async fn take_steps(&self, proof: &Proof) -> Result<()> {
        let integration = self.integration_or_404(&proof.integration_id)?;
        let connection = self.proving_connection(proof).await?;
        if proof.attempt <= MOST_TRIES {
            let values = values_of(&connection);
            let app = match self.app_of(integration, &values).await {
                Err(HubError::NotOffered) => None,
                app => app?,
            };
            let subject = Subject {
                integration,
                connection: &connection,
                app,
                values,
            };
            for step in STEPS {
                if self.take_step(proof, &subject, step).await? == Fenced::Lost {
                    return Ok(());
                }
            }
        }
        self.judge(proof, integration, &connection).await
    }

    /// One step: that it begins is written down before anything is asked.
    async fn take_step(&self, proof: &Proof, subject: &Subject<'_>, step: ProofStep) -> Result<Fenced> {
        let mut tx = self.store.read(Scope::System).await?;
        let taken = proofs::steps(&mut tx, &proof.id).await?;
        drop(tx);
        if taken
            .iter()
            .any(|taken| taken.step == step && taken.result != StepResult::Running)
        {
            return Ok(Fenced::Saved);
        }
        let mut row = Step {
            proof_id: proof.id.clone(),
            step,
            result: StepResult::Running,
            class: None,
            expected: None,
            got: None,
            started_at: self.now(),
            ms: None,
        };
        if self.write_step(proof, &row).await? == Fenced::Lost {
            return Ok(Fenced::Lost);
        }
        let came = self
            .taped(&proof.id, step, steps::take(self, subject, step))
            .await?;
        row.ms = Some(self.now().0 - row.started_at.0);
        self.write_step(proof, &filled(row, came)).await
    }

    /// Verdict, evidence and the end of the access, in one transaction.
    async fn judge(&self, proof: &Proof, integration: &Integration, connection: &Connection) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.read(Scope::System).await?;
        let steps = proofs::steps(&mut tx, &proof.id).await?;
        drop(tx);
        let outcomes = outcomes(&steps);
        let passed = outcomes.iter().all(|(_, outcome)| outcome.is_ok());
        let row = self.finished_row(proof, integration, passed).await?;
        let asks = proof.end_access && integration.revoke().is_some();
        let mut tx = self.store.write(Scope::System).await?;
        let ends_at = asks.then(|| after(now, LOOK));
        let recording = self.recorded(proof);
        let judged = proofs::judge(&mut tx, proof, passed, ends_at, recording.as_deref(), now).await?;
        if judged == Fenced::Lost {
            return Ok(());
        }
        live::record(self, &mut tx, proof, outcomes).await?;
        self.let_go(&mut tx, proof, integration, connection, asks).await?;
        audit::append(&mut tx, &row).await?;
        self.proof_moved(&mut tx, proof).await?;
        tx.commit().await?;
        self.live.poke();
        self.tapes.forget(&proof.id);
        self.live.revocation_due.notify_one();
        Ok(())
    }

    /// Ends the connection: with the provider, as a disconnect does, or by forgetting its tokens.
    async fn let_go(
        &self,
        tx: &mut Tx,
        proof: &Proof,
        integration: &Integration,
        connection: &Connection,
        asks: bool,
    ) -> Result<()> {
        let now = self.now();
        if asks {
            connections::end(tx, &connection.id, &proof.person_id, now).await?;
            self.end_access(tx, connection, integration).await?;
        } else {
            end_and_wipe(tx, &connection.id, &proof.person_id, now).await?;
        }
        if !proof.end_access {
            return Ok(());
        }
        let row = Step {
            proof_id: proof.id.clone(),
            step: ProofStep::Revoke,
            result: StepResult::Running,
            class: None,
            expected: None,
            got: None,
            started_at: now,
            ms: None,
        };
        let row = if asks {
            row
        } else {
            let none = Came::none("the provider has no call for it; the tokens are forgotten here");
            filled(row, none)
        };
        proofs::put_step(tx, &row).await?;
        Ok(())
    }

    /// Whether the provider has ended the access by now. One that never confirms does not keep us from forgetting it.
    async fn look_whether_ended(&self, proof: &Proof) -> Result<()> {
        let connection = self.proving_connection(proof).await?;
        let mut tx = self.store.write(Scope::System).await?;
        let revocation = revocations::latest_of(&mut tx, &connection.id).await?;
        let now = self.now();
        let began = revocation.as_ref().map_or(now, |found| found.created_at);
        let ended = revocation.as_ref().and_then(|found| found.done_at);
        let state = revocation.map_or(RevocationState::Done, |found| found.state);
        let came = match state {
            RevocationState::Pending => {
                proofs::look_again(&mut tx, proof, after(now, wait(proof.attempt))).await?;
                return Ok(tx.commit().await?);
            }
            RevocationState::Done => Came::passed("the provider confirmed that our access ended"),
            RevocationState::NoCall => Came::none("the provider has no call for it"),
            RevocationState::Failed => Came::failed(
                "unavailable",
                "the provider to end our access",
                "no confirmation within three days; end it there by hand",
            ),
        };
        if proofs::finish(&mut tx, proof, now).await? == Fenced::Lost {
            return Ok(());
        }
        grants::wipe_all(&mut tx, &connection.id, now).await?;
        let row = Step {
            proof_id: proof.id.clone(),
            step: ProofStep::Revoke,
            result: StepResult::Running,
            class: None,
            expected: None,
            got: None,
            started_at: began,
            ms: Some(ended.unwrap_or(now).0 - began.0),
        };
        proofs::put_step(&mut tx, &filled(row, came)).await?;
        self.proof_moved(&mut tx, proof).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// The connection of a proof that has one.
    async fn proving_connection(&self, proof: &Proof) -> Result<Connection> {
        const NONE: HubError = HubError::Broken("a proof that runs without a connection");
        let id = proof.connection_id.as_ref().ok_or(NONE)?;
        let mut tx = self.store.read(Scope::System).await?;
        connections::get(&mut tx, id).await?.ok_or(NONE)
    }
}

/// A step with what came of it.
fn filled(row: Step, came: Came) -> Step {
    Step {
        result: came.result,
        class: Some(came.class.to_owned()),
        expected: came.expected,
        got: Some(came.got),
        ..row
    }
}

/// What the steps show of each gate: a step that was not brought to an end counts as failed.
fn outcomes(steps: &[Step]) -> Vec<(Gate, GateOutcome)> {
    let came = |wanted: ProofStep| {
        let step = steps.iter().find(|step| step.step == wanted);
        match step.map(|step| (step, step.result)) {
            Some((_, StepResult::Passed | StepResult::None)) => Ok(()),
            Some((step, StepResult::Failed)) => Err(Failure {
                step: wanted.as_str().to_owned(),
                expected: step.expected.clone().unwrap_or_default(),
                got: step.got.clone().unwrap_or_default(),
            }),
            Some((_, StepResult::Running)) | None => Err(Failure {
                step: wanted.as_str().to_owned(),
                expected: "an end".to_owned(),
                got: "none: our server failed at it".to_owned(),
            }),
        }
    };
    vec![
        (
            Gate::Flow,
            came(ProofStep::Connect).and_then(|()| came(ProofStep::Whoami)),
        ),
        (Gate::Lifecycle, came(ProofStep::Refresh)),
        (Gate::History, came(ProofStep::Page)),
    ]
}

/// 2 s, 4 s, 8 s … up to a minute.
fn wait(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(0, 6)).unwrap_or(6);
    LOOK.saturating_mul(1 << doublings).min(LOOK_AT_MOST)
}
