//! Proving an integration with a real account, as engineers see it.

use patchbay_store::{
    proofs::{ProofState, ProofStep, StepResult},
    time::Millis,
};

/// That an integration was proven live in this deployment. Names no account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveMark {
    /// When it last was.
    pub at: Millis,
    /// The build that was proven.
    pub build: String,
    /// Who connected a test account of theirs.
    pub by: String,
}

/// One step of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// Which.
    pub step: ProofStep,
    /// What came of it; none: not begun.
    pub result: Option<StepResult>,
    /// The kind of the result: `passed`, `none`, `mismatch`, `refused`, `limited`, `unavailable`, `garbled` …
    pub class: Option<String>,
    /// What should have come, where something else did.
    pub expected: Option<String>,
    /// What came.
    pub got: Option<String>,
    /// When it began.
    pub at: Option<Millis>,
    /// How long it took, in milliseconds.
    pub ms: Option<i64>,
}

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofView {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub state: ProofState,
    /// The verdict; none until there is one.
    pub passed: Option<bool>,
    /// Whose test account it is.
    pub by: String,
    /// Whether that is the viewer.
    pub mine: bool,
    /// The build.
    pub build: String,
    /// When it began.
    pub started_at: Millis,
    /// When it was over.
    pub finished_at: Option<Millis>,
    /// The steps, in order.
    pub steps: Vec<StepView>,
    /// Where its engineer goes on to the provider, while it waits: `/connect/{flow}`.
    pub go_on: Option<String>,
    /// Whether there is a recording to download.
    pub recorded: bool,
}

/// The part of an integration's page that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProveView {
    /// When it last was proven live; none: it was not.
    pub proven: Option<LiveMark>,
    /// The newest proof.
    pub proof: Option<ProofView>,
    /// Whether the provider has a call that ends access.
    pub can_end: bool,
    /// Whether there is a history to read a page of.
    pub has_history: bool,
}
