//! The three counts: always together, in this order, never added up.

use leptos::prelude::*;
use patchbay_hub::view::Counts;
use patchbay_store::time::Millis;

use crate::words;

/// One count: what it counts, of how many, as of when, and its rows.
#[component]
pub fn CountPanel(
    /// "Built".
    #[prop(into)]
    label: String,
    /// The figure.
    figure: u32,
    /// Of how many.
    of: u32,
    /// "62 % · 118 of 144 gates".
    #[prop(into)]
    line: String,
    /// What the count says.
    #[prop(into)]
    words: String,
    /// Where its rows are; none where it has none.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let rows = if figure == 1 {
        "Show it".to_owned()
    } else {
        format!("Show the {figure}")
    };
    let name = format!("{rows}: {label}");
    view! {
        <section class="count">
            <h2>{label}</h2>
            <p class="count-figure">
                <span>{figure}</span>
                <span class="count-of">{format!("of {of}")}</span>
            </p>
            <p class="count-line">{line}</p>
            <p class="count-words">{words}</p>
            {href
                .filter(|_| figure > 0)
                .map(|href| {
                    view! {
                        <p class="count-link">
                            <a class="link" href=href aria-label=name>{rows}</a>
                        </p>
                    }
                })}
        </section>
    }
}

/// Built, Proven live here, In use.
#[component]
pub fn ThreeCounts(
    /// The figures.
    counts: Counts,
    /// The present.
    now: Millis,
) -> impl IntoView {
    let (built, live, used) = (counts.built, counts.live, counts.in_use);
    let gates = format!("{} of {} gates", built.gates_proven, built.gates_total);
    let last = live.last.map_or_else(
        || "none yet".to_owned(),
        |at| format!("last {}", words::date(now.0, at.0)),
    );
    let tenants = match used.tenants {
        0 => "none yet".to_owned(),
        tenants => format!("in {}", words::count(tenants.into(), "tenant", "tenants")),
    };
    view! {
        <ul class="counts" data-live="counts">
            <li>
                <CountPanel
                    label="Built"
                    figure=built.complete
                    of=built.total
                    line=format!("{} % · {gates}", built.percent)
                    words="Our code does it."
                    href="/rollout?status=complete#board"
                />
            </li>
            <li>
                <CountPanel
                    label="Proven live here"
                    figure=live.count
                    of=built.total
                    line=last
                    words="A real account at the real provider connected, refreshed and synced here."
                    href="/rollout?status=live#board"
                />
            </li>
            <li>
                <CountPanel
                    label="In use"
                    figure=used.integrations
                    of=built.total
                    line=tenants
                    words="At least one healthy connection."
                    href="/rollout?status=used#board"
                />
            </li>
        </ul>
    }
}
