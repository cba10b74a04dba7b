//! How far the rollout is: statuses computed from evidence, never typed, and the three counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use patchbay_catalog::{Integration, Stage};
use patchbay_store::{
    Scope, Tx,
    connections::{self, Usage},
    events,
    ids::TenantId,
    provider_apps,
    verifications::{self, Evidence, EvidenceResult, Verification, VerificationState},
};

use crate::{
    Hub, Result,
    access::Permission,
    verify,
    view::{
        BoardRow, Built, Counts, Gate, GateFailure, GateState, GateView, InUse, PhaseRow, ProvenLive,
        RolloutView, RunningVerification, Status, VerificationView, Viewer, Word,
    },
};

/// The four gates, in order.
pub const GATES: [Gate; 4] = [Gate::Flow, Gate::Storage, Gate::Lifecycle, Gate::History];

impl Gate {
    /// The word stored with evidence and printed by `verify --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Storage => "storage",
            Self::Lifecycle => "lifecycle",
            Self::History => "history",
        }
    }
}

impl Status {
    /// The word printed by `verify --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::Implemented => "implemented",
            Self::Pending => "pending",
        }
    }

    /// Whether it counts as complete.
    pub fn is_complete(self) -> bool {
        self != Self::Pending
    }
}

/// Everything that the rollout, the report and the lists are drawn from, read at one moment.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Provider apps that are registered.
    pub apps: BTreeSet<String>,
    /// Integrations whose connecting is proven, whether or not their history is.
    connects: BTreeSet<String>,
    /// The 39, in the catalogue's order.
    pub board: Vec<BoardRow>,
    /// The three counts.
    pub counts: Counts,
    /// What they rest on.
    pub verification: VerificationView,
    /// Why the checks of keys failed, by integration: a key has no gates to show it at.
    pub key_failures: BTreeMap<String, String>,
}

impl Hub {
    /// The rollout page; none for those who may not see it.
    pub async fn rollout(&self, viewer: &Viewer) -> Result<Option<RolloutView>> {
        if !viewer.may(Permission::SeeRollout) {
            return Ok(None);
        }
        let figures = self.figures().await?;
        Ok(Some(RolloutView {
            phases: phases(&figures.board),
            counts: figures.counts,
            verification: figures.verification.clone(),
            board: figures.board.clone(),
            may_verify: viewer.may(Permission::RunVerification),
        }))
    }

    /// All figures of one moment, so that they agree with each other. What was read before stands as long as no event
    /// was written since.
    pub(crate) async fn figures(&self) -> Result<Arc<Figures>> {
        let mut tx = self.store.read(Scope::System).await?;
        let version = events::last_id(&mut tx).await?;
        if let Some(figures) = self.kept.figures(version) {
            return Ok(figures);
        }
        let figures = Arc::new(self.read_figures(&mut tx).await?);
        self.kept.keep_figures(version, &figures);
        Ok(figures)
    }

    async fn read_figures(&self, tx: &mut Tx) -> Result<Figures> {
        let apps = provider_apps::list(tx)
            .await?
            .into_iter()
            .map(|app| app.id)
            .collect();
        let ground = Ground::read(tx).await?;
        let usage = connections::usage(tx).await?;
        let board: Vec<BoardRow> = self
            .catalog
            .iter()
            .map(|integration| ground.row(integration, &usage))
            .collect();
        let counts = Counts {
            built: built(&board),
            // Nothing counts as live before a real account has connected here; that proof is not built yet.
            live: ProvenLive { count: 0, last: None },
            in_use: in_use(&usage),
        };
        let key_failures = ground.key_failures(self);
        let proven = self
            .catalog
            .iter()
            .filter(|integration| ground.connects(integration));
        Ok(Figures {
            apps,
            connects: proven.map(|integration| integration.id.clone()).collect(),
            counts,
            verification: ground.view(&self.settings.build),
            board,
            key_failures,
        })
    }

    /// Whether tenants can connect it: connecting, keeping and ending access is proven, and its provider app is known.
    pub(crate) async fn is_offered(&self, integration: &Integration) -> Result<bool> {
        if self.settings.offer_unproven {
            return Ok(true);
        }
        Ok(self.figures().await?.offers(integration))
    }
}

impl Figures {
    /// The row of one integration.
    pub fn row(&self, id: &str) -> Option<&BoardRow> {
        self.board.iter().find(|row| row.id == id)
    }

    /// The rule behind [`Hub::is_offered`]. It is not the status: an integration whose history is not built yet can be
    /// connected safely, and its page says that history comes later. What must be proven is that access is given to the
    /// right tenant, kept sealed and can be ended.
    pub fn offers(&self, integration: &Integration) -> bool {
        self.connects.contains(&integration.id)
            && verify::has_check(&integration.id)
            && (integration.is_api_key() || self.apps.contains(&integration.provider_app))
    }
}

/// The evidence that figures rest on: the last finished verification's; before there is one, the running one's.
struct Ground {
    evidence: BTreeMap<(String, String), Evidence>,
    finished: Option<Verification>,
    latest: Option<Verification>,
    running_ids: Vec<String>,
}

impl Ground {
    async fn read(tx: &mut Tx) -> Result<Self> {
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
        let running_ids = match running {
            Some(running) => not_yet_checked(&verifications::evidence_of(tx, &running.id).await?),
            None => Vec::new(),
        };
        let evidence = rows
            .into_iter()
            .map(|row| ((row.integration_id.clone(), row.gate.clone()), row))
            .collect();
        Ok(Self {
            evidence,
            finished,
            latest,
            running_ids,
        })
    }

    /// One row of the board.
    fn row(&self, integration: &Integration, usage: &[Usage]) -> BoardRow {
        let gates: Vec<GateView> = if integration.is_api_key() {
            Vec::new()
        } else {
            GATES.iter().map(|gate| self.gate(integration, *gate)).collect()
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
        }
    }

    /// One gate of one integration.
    fn gate(&self, integration: &Integration, gate: Gate) -> GateView {
        let row = self
            .evidence
            .get(&(integration.id.clone(), gate.as_str().to_owned()));
        let is_built = verify::has_gate_check(integration, gate);
        let running = self.running_ids.contains(&integration.id);
        let state = match row.map(|row| row.result) {
            _ if !is_built => GateState::NotBuilt,
            _ if running => GateState::Running,
            Some(EvidenceResult::Passed) => GateState::Passed,
            Some(EvidenceResult::Failed) => GateState::Failed,
            Some(EvidenceResult::NotBuilt) => GateState::NotBuilt,
            None => GateState::NotRun,
        };
        // What was proven before stands while it is proven again.
        let proven = is_built && row.is_some_and(|row| row.result == EvidenceResult::Passed);
        GateView {
            gate,
            state,
            word: proven.then_some(Word::Simulated),
            failure: row.filter(|_| state == GateState::Failed).map(failure_of),
            at: row.filter(|_| is_built).map(|row| row.at),
        }
    }

    /// Whether connecting is proven; of a key nothing but its check is asked.
    fn connects(&self, integration: &Integration) -> bool {
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
    fn key_failures(&self, hub: &Hub) -> BTreeMap<String, String> {
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
    fn view(&self, build: &str) -> VerificationView {
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

/// Integrations with a check that the running verification has not come to yet.
fn not_yet_checked(evidence: &[Evidence]) -> Vec<String> {
    verify::checked_ids()
        .filter(|id| !evidence.iter().any(|row| row.integration_id == **id))
        .map(ToString::to_string)
        .collect()
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

/// "Our code does it."
fn built(board: &[BoardRow]) -> Built {
    let complete = to_u32(board.iter().filter(|row| row.status.is_complete()).count());
    let total = to_u32(board.len());
    let gates = board.iter().flat_map(|row| &row.gates);
    Built {
        complete,
        total,
        percent: percent(complete, total),
        gates_proven: to_u32(gates.clone().filter(|gate| gate.word.is_some()).count()),
        gates_total: to_u32(gates.count()),
    }
}

/// "At least one healthy connection."
fn in_use(usage: &[Usage]) -> InUse {
    let tenants: BTreeSet<&TenantId> = usage.iter().flat_map(|used| &used.tenant_ids).collect();
    InUse {
        integrations: to_u32(usage.iter().filter(|used| used.connections > 0).count()),
        tenants: to_u32(tenants.len()),
    }
}

/// Plan against actual, by phase.
pub(crate) fn phases(board: &[BoardRow]) -> Vec<PhaseRow> {
    let total = to_u32(board.len());
    let mut planned = 0;
    Stage::ALL
        .iter()
        .map(|stage| {
            let rows: Vec<&BoardRow> = board.iter().filter(|row| row.stage == *stage).collect();
            planned += to_u32(rows.len());
            PhaseRow {
                stage: *stage,
                complete: to_u32(rows.iter().filter(|row| row.status.is_complete()).count()),
                size: to_u32(rows.len()),
                plan_total: planned,
                plan_percent: percent(planned, total),
            }
        })
        .collect()
}

/// `part` of `whole` in percent, rounded half up.
pub(crate) fn percent(part: u32, whole: u32) -> u32 {
    if whole == 0 {
        0
    } else {
        (part * 200 + whole) / (whole * 2)
    }
}

/// A count as the views hold it.
pub(crate) fn to_u32(count: impl TryInto<u32>) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_half_up_as_the_plan_does() {
        let of_39 = [
            (3, 8),
            (5, 13),
            (15, 38),
            (20, 51),
            (24, 62),
            (30, 77),
            (34, 87),
            (39, 100),
        ];
        for (complete, expected) in of_39 {
            assert_eq!(percent(complete, 39), expected, "{complete} of 39");
        }
        assert_eq!(percent(1, 200), 1);
        assert_eq!(percent(0, 0), 0);
    }
}
