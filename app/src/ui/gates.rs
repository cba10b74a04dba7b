//! Gates and how well they are proven.

use leptos::prelude::*;
use patchbay_hub::view::{Gate, GateView, Word};

use super::{StatusWord, Tone, status};

/// A gate's name.
pub fn gate_label(gate: Gate) -> &'static str {
    match gate {
        Gate::Flow => "Flow",
        Gate::Storage => "Storage",
        Gate::Lifecycle => "Lifecycle",
        Gate::History => "History",
    }
}

/// The word for how well a gate is proven.
pub fn word_label(word: Word) -> &'static str {
    match word {
        Word::Simulated => "Simulated",
        Word::MatchesDocs => "Matches docs",
        Word::StandardsChecked => "Standards-checked",
        Word::Replayed => "Replayed",
        Word::Live => "Live",
    }
}

/// A gate in a table: a link to its evidence.
#[component]
pub fn GateCell(
    /// The integration's id.
    #[prop(into)]
    id: String,
    /// The gate.
    gate: GateView,
) -> impl IntoView {
    let shown = status::of_gate(gate.state);
    let tinted = shown.tone == Tone::Critical;
    let anchor = gate_label(gate.gate).to_lowercase();
    view! {
        <a class="gate" href=format!("/integrations/{id}#gate-{anchor}")>
            <StatusWord shown=shown tinted=tinted/>
        </a>
    }
}

/// Five steps in grey, and the word.
#[component]
pub fn EvidenceLadder(
    /// How well; none: not proven.
    word: Option<Word>,
) -> impl IntoView {
    let Some(word) = word else {
        return view! { <span class="text-text-3">"–"</span> }.into_any();
    };
    let reached = match word {
        Word::Simulated => 1,
        Word::MatchesDocs => 2,
        Word::StandardsChecked => 3,
        Word::Replayed => 4,
        Word::Live => 5,
    };
    let steps = (0..5)
        .map(|step| {
            if step < reached {
                view! { <rect class="on" x=step * 8 y="1" width="6" height="6" rx="1"></rect> }.into_any()
            } else {
                view! {
                    <rect class="off" x=f64::from(step * 8) + 0.5 y="1.5" width="5" height="5" rx="0.5"></rect>
                }
                .into_any()
            }
        })
        .collect_view();
    view! {
        <span class="ladder">
            <svg viewBox="0 0 38 8" aria-hidden="true">{steps}</svg>
            <span>{word_label(word)}</span>
        </span>
    }
    .into_any()
}
