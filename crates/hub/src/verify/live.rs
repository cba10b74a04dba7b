//! Evidence of the strongest kind: a real account at the real provider, in this deployment. It is written here and
//! nowhere else, and only where real providers are reached.

use std::collections::BTreeMap;

use patchbay_oauth::{http::Route, recording};
use patchbay_store::{
    Tx,
    live_evidence::{self, LiveEvidence},
    proofs::Proof,
    verifications::EvidenceResult,
};

use super::outcome::GateOutcome;
use crate::{
    Hub, HubError, Mode, Result,
    view::{Gate, LiveMark},
};

/// Whether something other than the real providers may stand at the other end. Tests run in builds with assertions; a
/// release build takes the real providers and nothing else.
const STAND_INS: bool = cfg!(debug_assertions);

/// What a proof shows: that a real account connected, that its access was renewed or needs no renewing, that a page of its
/// history was read. That tokens are stored safely is nothing that a provider can show.
pub const LIVE_GATES: [Gate; 3] = [Gate::Flow, Gate::Lifecycle, Gate::History];

/// Whether live evidence can come about here: never in demo mode, and never against the simulator.
pub(crate) fn is_possible(hub: &Hub) -> bool {
    hub.settings.mode == Mode::Live && (STAND_INS || hub.client.route() == Route::Direct)
}

/// Writes what a proof showed, in the transaction that writes its verdict. A gate that was not tried has no row.
///
/// # Errors
/// [`HubError::Forbidden`] where no live evidence can come about; [`HubError::Store`] where the data itself is not a live
/// deployment's.
pub(crate) async fn record(
    hub: &Hub,
    tx: &mut Tx,
    proof: &Proof,
    outcomes: Vec<(Gate, GateOutcome)>,
) -> Result<()> {
    if !is_possible(hub) {
        return Err(HubError::Forbidden);
    }
    for (gate, outcome) in outcomes {
        let (result, failure) = match outcome {
            Ok(()) => (EvidenceResult::Passed, None),
            Err(failure) => (EvidenceResult::Failed, Some(failure)),
        };
        let (step, expected, got) = match failure {
            Some(failure) => (Some(failure.step), Some(failure.expected), Some(failure.got)),
            None => (None, None, None),
        };
        let evidence = LiveEvidence {
            id: hub.new_id(),
            proof_id: proof.id.clone(),
            integration_id: proof.integration_id.clone(),
            gate: gate.as_str().to_owned(),
            result,
            step,
            expected,
            got,
            build: proof.build.clone(),
            person_id: proof.person_id.clone(),
            at: hub.now(),
        };
        live_evidence::add(tx, &evidence).await?;
    }
    Ok(())
}

/// The integrations that were proven live here, each as it last was. `by` still holds the person's id.
pub(crate) async fn proven(tx: &mut Tx) -> Result<BTreeMap<String, LiveMark>> {
    let mut passed: BTreeMap<String, Vec<LiveEvidence>> = BTreeMap::new();
    for row in live_evidence::list(tx).await? {
        if row.result == EvidenceResult::Passed {
            passed.entry(row.proof_id.to_string()).or_default().push(row);
        }
    }
    let mut marks: BTreeMap<String, LiveMark> = BTreeMap::new();
    for rows in passed.into_values() {
        let whole = LIVE_GATES
            .iter()
            .all(|gate| rows.iter().any(|row| row.gate == gate.as_str()));
        let Some(last) = rows.into_iter().max_by_key(|row| row.at).filter(|_| whole) else {
            continue;
        };
        let known = marks.get(&last.integration_id);
        if known.is_none_or(|known| known.at <= last.at) {
            let mark = LiveMark {
                at: last.at,
                build: last.build,
                by: last.person_id.to_string(),
            };
            marks.insert(last.integration_id, mark);
        }
    }
    Ok(marks)
}

/// Whether a recording of a real account stands behind this integration: one that is committed with the code and still
/// fits it. One made from the simulator is none.
pub fn replayed(hub: &Hub, integration: &str) -> bool {
    hub.catalog.get(integration).is_some_and(recording::replayed)
}
