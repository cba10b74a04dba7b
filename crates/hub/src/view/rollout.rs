//! The rollout in numbers, and the rows behind every number.

use patchbay_catalog::{Category, Stage};
use patchbay_store::time::Millis;

/// An integration's computed status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Connected by a key: nothing to authorise, counts as complete.
    NotApplicable,
    /// All four gates are green.
    Implemented,
    /// Something is missing.
    Pending,
}

/// A condition that an integration must meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Start, consent, callback and exchange work, and every refusal that applies refuses.
    Flow,
    /// Tokens are sealed, open again, and do not open elsewhere.
    Storage,
    /// Refresh and revoke work, or the provider is documented to have none.
    Lifecycle,
    /// The 90-day window arrives complete.
    History,
}

/// Where a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateState {
    /// Proven for the build named.
    Passed,
    /// Tried and not met.
    Failed,
    /// Being tried now.
    Running,
    /// There is a check, but it has not run.
    NotRun,
    /// No check exists yet.
    NotBuilt,
    /// Proven for another build.
    OutOfDate,
}

/// How well a gate is proven, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Against our own simulator.
    Simulated,
    /// Against the provider's documentation of a date.
    MatchesDocs,
    /// Against an independent implementation too.
    StandardsChecked,
    /// Against a recording from a real account.
    Replayed,
    /// With a real account.
    Live,
}

/// Why a gate failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateFailure {
    /// The step that failed.
    pub step: String,
    /// What should have happened.
    pub expected: String,
    /// What happened.
    pub got: String,
}

/// One gate of one integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateView {
    /// Which.
    pub gate: Gate,
    /// Where it stands.
    pub state: GateState,
    /// How well it is proven, where it is.
    pub word: Option<Word>,
    /// What a word above Simulated rests on: documents, programs, the day.
    pub basis: Option<String>,
    /// Why not, where it failed.
    pub failure: Option<GateFailure>,
    /// When it was last tried.
    pub at: Option<Millis>,
}

/// "Our code does it."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Implemented and N/A.
    pub complete: u32,
    /// Of how many.
    pub total: u32,
    /// `complete / total`, rounded half up.
    pub percent: u32,
    /// Gates proven.
    pub gates_proven: u32,
    /// Of how many: four for each integration that authorises.
    pub gates_total: u32,
}

/// "A real account at the real provider connected, refreshed and synced here."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenLive {
    /// Integrations.
    pub count: u32,
    /// When the last one was.
    pub last: Option<Millis>,
}

/// "At least one healthy connection."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse {
    /// Integrations.
    pub integrations: u32,
    /// In how many tenants.
    pub tenants: u32,
}

/// The three counts, always shown together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Built.
    pub built: Built,
    /// Proven live here.
    pub live: ProvenLive,
    /// In use.
    pub in_use: InUse,
}

/// One row of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseRow {
    /// Which.
    pub stage: Stage,
    /// Integrations of this phase that are complete now.
    pub complete: u32,
    /// Integrations of this phase.
    pub size: u32,
    /// Complete in all after this phase, by plan.
    pub plan_total: u32,
    /// The same in percent.
    pub plan_percent: u32,
}

/// One row of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardRow {
    /// The integration's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: Category,
    /// Its phase.
    pub stage: Stage,
    /// Computed status.
    pub status: Status,
    /// Its four gates; empty where it is connected by a key.
    pub gates: Vec<GateView>,
    /// The weakest gate's word, where every gate has one.
    pub weakest: Option<Word>,
    /// What is missing, in words; empty where nothing is.
    pub missing: String,
    /// Healthy connections.
    pub connections: u32,
    /// In how many tenants.
    pub tenants: u32,
    /// Whether the plan names it; the others are inferred.
    pub named_in_plan: bool,
    /// When it was last proven live here; none: it was not.
    pub live: Option<Millis>,
}

/// A verification that runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningVerification {
    /// Of this build.
    pub build: String,
    /// Integrations checked so far.
    pub done: u32,
    /// Of how many.
    pub total: u32,
    /// Since when.
    pub started_at: Millis,
}

/// The verification that the figures rest on, and the one that runs now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationView {
    /// Build and end of the last finished one.
    pub finished: Option<(String, Millis)>,
    /// The one that runs now.
    pub running: Option<RunningVerification>,
    /// Why the last one stopped early, where it did.
    pub stopped: Option<String>,
    /// The build of this server.
    pub build: String,
}

/// The rollout page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutView {
    /// The three counts.
    pub counts: Counts,
    /// What they rest on.
    pub verification: VerificationView,
    /// Plan against actual.
    pub phases: Vec<PhaseRow>,
    /// The 39.
    pub board: Vec<BoardRow>,
    /// Whether the viewer may start a verification.
    pub may_verify: bool,
}

impl GateState {
    /// The word printed by the report's JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Running => "running",
            Self::NotRun => "not_run",
            Self::NotBuilt => "not_built",
            Self::OutOfDate => "out_of_date",
        }
    }
}

impl Word {
    /// The word as it is stored and printed by `verify --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
            Self::MatchesDocs => "matches_docs",
            Self::StandardsChecked => "standards_checked",
            Self::Replayed => "replayed",
            Self::Live => "live",
        }
    }
}
