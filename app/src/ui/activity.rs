//! What happened, newest first.

use leptos::prelude::*;
use patchbay_hub::view::{ActivityRow, Outcome};
use patchbay_store::time::Millis;

use super::{RelativeTime, StatusWord, Tone, status};

/// Time, sentence and result of each.
#[component]
pub fn ActivityList(
    /// The rows.
    rows: Vec<ActivityRow>,
    /// The present.
    now: Millis,
) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <p class="text-text-2">"Nothing yet. Connects, refusals and keys appear here."</p>
        }
        .into_any();
    }
    view! {
        <ol class="panel panel-flush activity">
            {rows.into_iter().map(|row| view! { <Row row=row now=now/> }).collect_view()}
        </ol>
    }
    .into_any()
}

#[component]
fn Row(row: ActivityRow, now: Millis) -> impl IntoView {
    let shown = status::of_outcome(row.outcome);
    let tinted = row.outcome == Outcome::Failed && shown.tone == Tone::Critical;
    view! {
        <li>
            <RelativeTime at=row.at now=now/>
            <span>
                {row.sentence}
                {row
                    .reference
                    .map(|reference| {
                        view! {
                            <span class="block text-text-3 text-meta">
                                "Reference " <code>{reference}</code>
                            </span>
                        }
                    })}
            </span>
            <StatusWord shown=shown tinted=tinted/>
        </li>
    }
}
