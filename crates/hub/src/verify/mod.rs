//! Proves integrations: drives each through the production code, over real HTTP on loopback, against the simulator,
//! in a throw-away database of its own ([`bench`]), and writes down what came of it as evidence.
//!
//! A gate's check is a function that returns the first [`Failure`]; there is no way to pass but to run to its end.

mod bench;
mod dialect;
mod flow;
mod history;
mod key;
mod kinds;
mod lifecycle;
pub(crate) mod live;
mod outcome;
mod storage;
mod summary;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use patchbay_catalog::Integration;
use patchbay_store::{
    Scope, audit, events,
    ids::VerificationId,
    verifications::{self, Evidence, NewVerification, VerificationState},
};
use tokio::task::JoinSet;
use tracing::{instrument::WithSubscriber as _, subscriber::NoSubscriber};

use crate::{
    Hub, HubError, Result, people,
    rollout::GATES,
    view::{Gate, Viewer},
};

use bench::Bench;
pub use live::{LIVE_GATES, replayed};
pub use outcome::{Failure, GateOutcome};
pub use summary::{Summary, summary};

/// Integrations that are checked at the same time.
const AT_ONCE: usize = 2;

/// Whether a check for this integration exists: the simulator plays its provider.
pub fn has_check(integration: &Integration) -> bool {
    patchbay_simulator::plays(&integration.provider_app)
}

/// Whether a check of this gate exists for this integration: history has one where the catalogue says how it is read.
pub fn has_gate_check(integration: &Integration, gate: Gate) -> bool {
    has_check(integration) && (gate != Gate::History || !integration.history.is_empty())
}

/// Lets one verification run at a time.
#[derive(Default)]
pub struct Running(Arc<AtomicBool>);

/// Held while a verification runs.
struct Turn(Arc<AtomicBool>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Running {
    fn take(&self) -> Option<Turn> {
        let free = self
            .0
            .compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        free.then(|| Turn(Arc::clone(&self.0)))
    }
}

/// A verification whose row is written, so that every page already shows it.
pub struct Begun {
    id: VerificationId,
    wanted: Vec<Integration>,
    _turn: Turn,
}

/// Verifies all integrations that have checks, or only some, and stores the evidence. Does nothing while another
/// verification runs.
///
/// # Errors
/// Only where evidence can't be stored; a check that fails is evidence.
pub async fn run(hub: &Hub, by: Option<&Viewer>, only: Option<&[String]>) -> Result<()> {
    match begin(hub, by, only).await? {
        Some(begun) => carry_out(hub, begun).await,
        None => Ok(()),
    }
}

/// Begins a verification; none while another one runs. `by` is whoever pressed the button; none: a new build's first
/// start, or the command line.
///
/// # Errors
/// Where its row can't be stored.
pub async fn begin(hub: &Hub, by: Option<&Viewer>, only: Option<&[String]>) -> Result<Option<Begun>> {
    let Some(turn) = hub.verifying.take() else {
        return Ok(None);
    };
    let wanted: Vec<Integration> = hub
        .catalog
        .iter()
        .filter(|integration| has_check(integration))
        .filter(|integration| only.is_none_or(|only| only.contains(&integration.id)))
        .cloned()
        .collect();
    let id = write_row(hub, by, wanted.len()).await?;
    Ok(Some(Begun {
        id,
        wanted,
        _turn: turn,
    }))
}

/// Carries a verification out. One that can't be carried to its end says so, and the one before it stands.
///
/// # Errors
/// As [`run`].
pub async fn carry_out(hub: &Hub, begun: Begun) -> Result<()> {
    let outcome = check_all(hub, &begun).await;
    match &outcome {
        Ok(()) => end(hub, &begun.id, VerificationState::Done, None).await?,
        Err(error) => {
            let note = Some("a check could not be carried out");
            tracing::error!(%error, "a verification stopped");
            end(hub, &begun.id, VerificationState::Failed, note).await?;
        }
    }
    outcome
}

/// Some at a time, each in a task of its own.
async fn check_all(hub: &Hub, begun: &Begun) -> Result<()> {
    let mut waiting = begun.wanted.iter().cloned();
    let mut checks = JoinSet::new();
    for integration in waiting.by_ref().take(AT_ONCE) {
        checks.spawn(check_owned(hub.clone(), integration));
    }
    let mut done = 0;
    while let Some(ended) = checks.join_next().await {
        let (integration, outcomes) = ended.map_err(|_| HubError::Broken("a check panicked"))?;
        if let Some(next) = waiting.next() {
            checks.spawn(check_owned(hub.clone(), next));
        }
        done += 1;
        record(hub, &begun.id, &integration, outcomes, done).await?;
    }
    Ok(())
}

/// Ends a verification that a stopped server left open, so that no page waits for it for ever.
pub async fn close_abandoned(hub: &Hub) -> Result<()> {
    let mut tx = hub.store.read(Scope::System).await?;
    let latest = verifications::latest(&mut tx).await?;
    drop(tx);
    match latest.filter(|latest| latest.state == VerificationState::Running) {
        Some(left) => {
            let note = Some("the server stopped while it ran");
            end(hub, &left.id, VerificationState::Failed, note).await
        }
        None => Ok(()),
    }
}

/// Whether the last finished verification was of another build, or there is none.
pub async fn is_due(hub: &Hub) -> Result<bool> {
    let mut tx = hub.store.read(Scope::System).await?;
    let finished = verifications::latest_finished(&mut tx).await?;
    Ok(finished.is_none_or(|finished| finished.build != hub.settings.build))
}

/// As [`check`], for a task of its own.
async fn check_owned(hub: Hub, integration: Integration) -> (Integration, Vec<(Gate, GateOutcome)>) {
    // The refusals that a check provokes on purpose would read like attacks in the operator's log. What a check finds
    // is logged by `record`.
    let outcomes = check(&hub, &integration)
        .with_subscriber(NoSubscriber::default())
        .await;
    (integration, outcomes)
}

/// All gates of one integration that have a check, in an order in which each needs what the one before left behind.
async fn check(hub: &Hub, integration: &Integration) -> Vec<(Gate, GateOutcome)> {
    let bench = match Bench::open(hub, integration).await {
        Ok(bench) => bench,
        Err(failure) => {
            let built = GATES.iter().filter(|gate| has_gate_check(integration, **gate));
            return built.map(|gate| (*gate, Err(failure.clone()))).collect();
        }
    };
    let mut outcomes = Vec::new();
    if integration.is_api_key() {
        // A key has no gates: what fails of it is told as one thing.
        let outcome = match key::check(&bench).await {
            Ok(()) if has_gate_check(integration, Gate::History) => history::check(&bench).await,
            checked => checked,
        };
        outcomes.push((Gate::Flow, outcome));
    } else {
        outcomes.push((Gate::Flow, flow::check(&bench).await));
        outcomes.push((Gate::Storage, storage::check(&bench).await));
        // No evidence where there is no check: the gate shows "not built".
        if has_gate_check(integration, Gate::History) {
            outcomes.push((Gate::History, history::check(&bench).await));
        }
        outcomes.push((Gate::Lifecycle, lifecycle::check(&bench).await));
    }
    bench.close().await;
    outcomes
}

/// Writes the row that pages show while it runs.
async fn write_row(hub: &Hub, by: Option<&Viewer>, total: usize) -> Result<VerificationId> {
    let now = hub.now();
    let id: VerificationId = hub.new_id();
    let mut tx = hub.store.write(Scope::System).await?;
    let new = NewVerification {
        id: id.clone(),
        build: hub.settings.build.clone(),
        started_at: now,
        total: i64::try_from(total).unwrap_or(i64::MAX),
    };
    verifications::start(&mut tx, &new).await?;
    if let Some(viewer) = by {
        let row = people::person_did(now, &viewer.person, &viewer.name, "verification.started", None);
        audit::append(&mut tx, &row).await?;
    }
    events::append(&mut tx, now, None, "verification", id.as_str()).await?;
    tx.commit().await?;
    hub.live.poke();
    Ok(id)
}

/// Writes one integration's evidence and moves the line.
async fn record(
    hub: &Hub,
    id: &VerificationId,
    integration: &Integration,
    outcomes: Vec<(Gate, GateOutcome)>,
    done: i64,
) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.store.write(Scope::System).await?;
    for (gate, outcome) in outcomes {
        if let Err(failure) = &outcome {
            tracing::warn!(integration = integration.id, gate = gate.as_str(), %failure, "a gate's check failed");
        }
        let evidence = evidence(hub, id, integration, gate, outcome);
        verifications::add_evidence(&mut tx, &Evidence { at: now, ..evidence }).await?;
    }
    verifications::progress(&mut tx, id, done, None).await?;
    events::append(&mut tx, now, None, "verification", &integration.id).await?;
    tx.commit().await?;
    hub.live.poke();
    Ok(())
}

/// One row of evidence.
fn evidence(
    hub: &Hub,
    id: &VerificationId,
    integration: &Integration,
    gate: Gate,
    outcome: GateOutcome,
) -> Evidence {
    let (result, failure) = match outcome {
        Ok(()) => (verifications::EvidenceResult::Passed, None),
        Err(failure) => (verifications::EvidenceResult::Failed, Some(failure)),
    };
    let (step, expected, got) = match failure {
        Some(failure) => (Some(failure.step), Some(failure.expected), Some(failure.got)),
        None => (None, None, None),
    };
    Evidence {
        id: hub.new_id(),
        verification_id: id.clone(),
        integration_id: integration.id.clone(),
        gate: gate.as_str().to_owned(),
        result,
        word: "simulated".to_owned(),
        step,
        expected,
        got,
        build: hub.settings.build.clone(),
        at: hub.now(),
    }
}

/// A verification that is done stands from now on; one that failed says why.
async fn end(hub: &Hub, id: &VerificationId, state: VerificationState, note: Option<&str>) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.store.write(Scope::System).await?;
    verifications::finish(&mut tx, id, state, note, now).await?;
    events::append(&mut tx, now, None, "verification", id.as_str()).await?;
    tx.commit().await?;
    hub.live.poke();
    Ok(())
}
