//! One state: an icon and a word. Colour only repeats what shape and word have said.

use leptos::prelude::*;
use patchbay_hub::view::{AdminState, GateState, Health, HistoryState, Outcome, Status};

use super::{Glyph, Icon};

/// The five tones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It works.
    Good,
    /// A person must act.
    Attention,
    /// Broken.
    Critical,
    /// On its way.
    Running,
    /// Everything else, pending and zero included.
    Neutral,
}

impl Tone {
    /// The class that sets its colours.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "tone-good",
            Self::Attention => "tone-attention",
            Self::Critical => "tone-critical",
            Self::Running => "tone-running",
            Self::Neutral => "tone-neutral",
        }
    }

    /// Its usual shape.
    pub fn glyph(self) -> Glyph {
        match self {
            Self::Good => Glyph::Check,
            Self::Attention => Glyph::Triangle,
            Self::Critical => Glyph::Octagon,
            Self::Running => Glyph::Quarter,
            Self::Neutral => Glyph::Ring,
        }
    }
}

/// A state as it is shown: tone, shape and word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Tone.
    pub tone: Tone,
    /// Shape.
    pub glyph: Glyph,
    /// Word.
    pub word: String,
}

impl Shown {
    /// A state as it is shown.
    pub fn new(tone: Tone, glyph: Glyph, word: impl Into<String>) -> Self {
        Self {
            tone,
            glyph,
            word: word.into(),
        }
    }
}

/// An icon and a word. Tinted only where a person is needed.
#[component]
pub fn StatusWord(
    /// The state.
    shown: Shown,
    /// On a tint.
    #[prop(optional)]
    tinted: bool,
) -> impl IntoView {
    let dress = if tinted { "status-tinted" } else { "status-plain" };
    view! {
        <span class=format!("status {dress} {}", shown.tone.class())>
            <Icon of=shown.glyph/>
            <span>{shown.word}</span>
        </span>
    }
}

/// A card's state; nothing where absence says it.
pub fn of_card(state: AdminState, percent: Option<u8>) -> Option<Shown> {
    Some(match state {
        AdminState::NotConnected => return None,
        AdminState::NeedsAttention => Shown::new(Tone::Attention, Glyph::Triangle, "Needs attention"),
        AdminState::Connecting => {
            let word = percent.map_or_else(
                || "Connecting".to_owned(),
                |percent| format!("Connecting, {}", crate::words::progress(percent, false)),
            );
            Shown::new(Tone::Running, Glyph::Quarter, word)
        }
        AdminState::Connected => Shown::new(Tone::Good, Glyph::Check, "Connected"),
        AdminState::NotOffered => Shown::new(Tone::Neutral, Glyph::RingBar, "Not offered yet"),
    })
}

/// A connection's health, in the words that its owner reads.
pub fn of_health(health: Health) -> Shown {
    match health {
        Health::Healthy => Shown::new(Tone::Good, Glyph::Check, "Connected"),
        Health::Degraded => Shown::new(Tone::Good, Glyph::TriangleOutline, "Connected"),
        Health::NeedsReconnect => Shown::new(Tone::Attention, Glyph::Triangle, "Needs attention"),
        Health::Limited => Shown::new(Tone::Attention, Glyph::Half, "Connected, limited"),
        Health::RevokePending => Shown::new(Tone::Running, Glyph::RingSlash, "Disconnecting"),
        Health::Revoked => Shown::new(Tone::Neutral, Glyph::RingSlash, "Disconnected"),
    }
}

/// An integration's computed status.
pub fn of_status(status: Status) -> Shown {
    match status {
        Status::Implemented => Shown::new(Tone::Good, Glyph::Check, "Implemented"),
        Status::NotApplicable => Shown::new(Tone::Neutral, Glyph::Key, "N/A (API key)"),
        Status::Pending => Shown::new(Tone::Neutral, Glyph::Ring, "Pending"),
    }
}

/// A gate's state.
pub fn of_gate(state: GateState) -> Shown {
    match state {
        GateState::Passed => Shown::new(Tone::Good, Glyph::Check, "Passed"),
        GateState::Failed => Shown::new(Tone::Critical, Glyph::Octagon, "Failed"),
        GateState::Running => Shown::new(Tone::Running, Glyph::Quarter, "Running"),
        GateState::NotRun => Shown::new(Tone::Neutral, Glyph::Ring, "Not run"),
        GateState::NotBuilt => Shown::new(Tone::Neutral, Glyph::RingDashed, "Not built"),
        GateState::OutOfDate => Shown::new(Tone::Neutral, Glyph::Turn, "Out of date"),
    }
}

/// How something ended.
pub fn of_outcome(outcome: Outcome) -> Shown {
    match outcome {
        Outcome::Done => Shown::new(Tone::Good, Glyph::Check, "Done"),
        Outcome::Refused => Shown::new(Tone::Attention, Glyph::RingSlash, "Refused"),
        Outcome::Failed => Shown::new(Tone::Critical, Glyph::Octagon, "Failed"),
    }
}

/// Where a history import stands.
pub fn of_history(state: HistoryState) -> Shown {
    match state {
        HistoryState::Queued => Shown::new(Tone::Running, Glyph::Hourglass, "Starting"),
        HistoryState::Running => Shown::new(Tone::Running, Glyph::Quarter, "Arriving"),
        HistoryState::Done => Shown::new(Tone::Good, Glyph::Check, "Done"),
        HistoryState::Gaps => Shown::new(Tone::Attention, Glyph::Triangle, "Done with gaps"),
        HistoryState::Cancelled => Shown::new(Tone::Neutral, Glyph::RingSlash, "Stopped"),
    }
}
