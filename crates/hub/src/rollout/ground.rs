//! From evidence to the board: what each gate's state is, and what that makes of an integration.

use std::collections::{BTreeMap, BTreeSet};

use patchbay_catalog::{Integration, Origin};
use patchbay_store::{
    Tx,
    connections::Usage,
    verifications::{self, Evidence, EvidenceResult, Verification, VerificationState},
};

use super::{GATES, counts::to_u32};
use crate::{
    Hub, Result, attest, verify,
    view::{
        BoardRow, Gate, GateFailure, GateState, GateView, RunningVerification, Status, VerificationView, Word,
    },
};

/// The evidence that figures rest on: the last finished verification's; before there is one, the running one's.
pub(super) struct Ground {
    evidence: BTreeMap<(String, String), Evidence>,
    finished: Option<Verification>,
    latest: Option<Verification>,
    /// What the running verification has come to; none: no verification runs.
    reached: Option<BTreeSet<String>>,
}

impl Ground {
    pub async fn read(tx: &mut Tx) -> Result<Self> {
        let finished = verifications::latest_finished(tx).await?;
        let latest = verifications::latest(tx).await?;
        let from = finished.as_ref().or(latest.as_ref());
        let rows = match from {
            Some(verification) => verifications::evidence_of(tx, &verification.id).await?,
            None => Vec::new(),
        };
        let running = latest
            .as_ref()
            .filter(|latest| latest.state == VerificationState::Running);
        let reached = match running {
            Some(running) => {
                let rows = verifications::evidence_of(tx, &running.id).await?;
                Some(rows.into_iter().map(|row| row.integration_id).collect())
            }
            None => None,
        };
        let evidence = rows
            .into_iter()
            .map(|row| ((row.integration_id.clone(), row.gate.clone()), row))
            .collect();
        Ok(Self {
            evidence,
            finished,
            latest,
            reached,
        })
    }

    /// One row of the board.
    pub fn row(&self, integration: &Integration, usage: &[Usage], build: &str) -> BoardRow {
        let gates: Vec<GateView> = if integration.is_api_key() {
            Vec::new()
        } else {
            GATES
                .iter()
                .map(|gate| self.gate(integration, *gate, build))
                .collect()
        };
        let status = status_of(integration, &gates);
        let used = usage.iter().find(|used| used.integration_id == integration.id);
        BoardRow {
            id: integration.id.clone(),
            name: integration.name.clone(),
            category: integration.category,
            stage: integration.stage,
            status,
            weakest: weakest(&gates),
            missing: missing(&gates),
            gates,
            connections: used.map_or(0, |used| to_u32(used.connections)),
            tenants: used.map_or(0, |used| to_u32(used.tenants)),
            named_in_plan: integration.named_in_plan,
            live: None,
        }
    }

    /// One gate of one integration.
    fn gate(&self, integration: &Integration, gate: Gate, build: &str) -> GateView {
        let row = self
            .evidence
            .get(&(integration.id.clone(), gate.as_str().to_owned()));
        let is_built = verify::has_gate_check(integration, gate);
        let running = self
            .reached
            .as_ref()
            .is_some_and(|reached| !reached.contains(&integration.id));
        // The build's name knows the files that change an integration here: evidence of another build is about another
        // integration.
        let is_changed = integration.origin != Origin::BuiltIn;
        let is_stale = is_changed && row.is_some_and(|row| row.build != build);
        let state = match row.map(|row| row.result) {
            _ if !is_built => GateState::NotBuilt,
            _ if running => GateState::Running,
            _ if is_stale => GateState::OutOfDate,
            Some(EvidenceResult::Passed) => GateState::Passed,
            Some(EvidenceResult::Failed) => GateState::Failed,
            Some(EvidenceResult::NotBuilt) => GateState::NotBuilt,
            None => GateState::NotRun,
        };
        // What was proven before stands while it is proven again.
        let proven = is_built && !is_stale && row.is_some_and(|row| row.result == EvidenceResult::Passed);
        GateView {
            gate,
            state,
            word: attest::word(integration, gate, proven),
            basis: attest::basis(integration, gate, proven),
            failure: row.filter(|_| state == GateState::Failed).map(failure_of),
            at: row.filter(|_| is_built).map(|row| row.at),
        }
    }

    /// Whether connecting is proven; of a key nothing but its check is asked.
    pub fn connects(&self, integration: &Integration) -> bool {
        let passed = |gate: Gate| {
            self.evidence
                .get(&(integration.id.clone(), gate.as_str().to_owned()))
                .is_some_and(|row| row.result == EvidenceResult::Passed)
        };
        integration.is_api_key()
            || [Gate::Flow, Gate::Storage, Gate::Lifecycle]
                .into_iter()
                .all(passed)
    }

    /// Why the checks of keys failed.
    pub fn key_failures(&self, hub: &Hub) -> BTreeMap<String, String> {
        self.evidence
            .values()
            .filter(|row| row.result == EvidenceResult::Failed)
            .filter(|row| {
                hub.catalog
                    .get(&row.integration_id)
                    .is_some_and(Integration::is_api_key)
            })
            .map(|row| {
                let failure = failure_of(row);
                let words = format!(
                    "{}: expected {}, got {}",
                    failure.step, failure.expected, failure.got
                );
                (row.integration_id.clone(), words)
            })
            .collect()
    }

    /// What the page says about verifications.
    pub fn view(&self, build: &str) -> VerificationView {
        let running = self
            .latest
            .as_ref()
            .filter(|latest| latest.state == VerificationState::Running);
        let stopped = self
            .latest
            .as_ref()
            .filter(|latest| latest.state == VerificationState::Failed);
        VerificationView {
            finished: self
                .finished
                .as_ref()
                .and_then(|done| Some((done.build.clone(), done.finished_at?))),
            running: running.map(|running| RunningVerification {
                build: running.build.clone(),
                done: to_u32(running.done),
                total: to_u32(running.total),
                started_at: running.started_at,
            }),
            stopped: stopped.and_then(|stopped| stopped.note.clone()),
            build: build.to_owned(),
        }
    }
}

/// N/A where the catalogue says so, Implemented where four gates passed, else Pending.
fn status_of(integration: &Integration, gates: &[GateView]) -> Status {
    if integration.is_api_key() {
        Status::NotApplicable
    } else if gates.len() == GATES.len() && gates.iter().all(|gate| gate.word.is_some()) {
        Status::Implemented
    } else {
        Status::Pending
    }
}

/// The weakest word, where every gate has one.
fn weakest(gates: &[GateView]) -> Option<Word> {
    gates
        .iter()
        .map(|gate| gate.word)
        .collect::<Option<Vec<Word>>>()?
        .into_iter()
        .min()
}

/// "flow, storage, lifecycle, history: no check built yet"
fn missing(gates: &[GateView]) -> String {
    let named = |state: GateState| {
        let names: Vec<&str> = gates
            .iter()
            .filter(|gate| gate.word.is_none() && gate.state == state)
            .map(|gate| gate.gate.as_str())
            .collect();
        names.join(", ")
    };
    let parts = [
        (GateState::Failed, "failed"),
        (GateState::NotBuilt, "no check built yet"),
        (GateState::NotRun, "not verified yet"),
        (GateState::Running, "being verified"),
        (GateState::OutOfDate, "out of date"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .map(|(state, words)| (named(state), words))
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, words)| format!("{names}: {words}"))
        .collect();
    said.join("; ")
}

/// Why a gate failed.
fn failure_of(row: &Evidence) -> GateFailure {
    GateFailure {
        step: row.step.clone().unwrap_or_default(),
        expected: row.expected.clone().unwrap_or_default(),
        got: row.got.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integration_has_the_word_of_its_weakest_gate() {
        let gates = |words: [Option<Word>; 4]| -> Vec<GateView> {
            let view = |(gate, word)| GateView {
                gate,
                state: GateState::Passed,
                word,
                basis: None,
                failure: None,
                at: None,
            };
            GATES.into_iter().zip(words).map(view).collect()
        };
        let (checked, docs) = (Some(Word::StandardsChecked), Some(Word::MatchesDocs));
        assert_eq!(weakest(&gates([checked, checked, docs, checked])), docs);
        assert_eq!(
            weakest(&gates([checked, docs, checked, Some(Word::Simulated)])),
            Some(Word::Simulated)
        );
        assert_eq!(weakest(&gates([checked, checked, checked, None])), None);
    }
}
