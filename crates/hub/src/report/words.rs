//! Words of the report, the same in every form.

use crate::view::{GateState, Status, Word};

/// A status in words.
pub(crate) fn status_word(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "N/A (API key)",
        Status::Implemented => "Implemented",
        Status::Pending => "Pending",
    }
}

/// A gate's state in words.
pub(crate) fn gate_word(state: GateState) -> &'static str {
    match state {
        GateState::Passed => "Passed",
        GateState::Failed => "Failed",
        GateState::Running => "Running",
        GateState::NotRun => "Not run",
        GateState::NotBuilt => "Not built",
        GateState::OutOfDate => "Out of date",
    }
}

/// How well something is proven, in words.
pub(crate) fn evidence_word(word: Word) -> &'static str {
    match word {
        Word::Simulated => "Simulated",
        Word::MatchesDocs => "Matches docs",
        Word::StandardsChecked => "Standards-checked",
        Word::Replayed => "Replayed",
        Word::Live => "Live",
    }
}
