//! The completion report: a document, not a dashboard.

use leptos::prelude::*;
use patchbay_hub::{
    report::Format,
    view::{ReportView, VerificationView},
};
use patchbay_store::time::Millis;

use super::{
    for_viewer,
    rollout::{Blockers, Board},
};
use crate::{
    ui::{ExactTime, Fact, FactList, Layout, LinkButton, PageHead, PhaseTable, Place, Section, ThreeCounts},
    words,
};

/// `/report`
#[component]
pub fn Report() -> impl IntoView {
    for_viewer(|asked| async move {
        let view = asked.hub.report(&asked.viewer).await?;
        Ok(view.map(|view| view! { <ReportPage view=view/> }.into_any()))
    })
}

#[component]
fn ReportPage(view: ReportView) -> impl IntoView {
    let built = view.counts.built;
    let none_live = view.counts.live.count == 0;
    let now = view.as_of;
    let (rows, pending) = (view.rows.clone(), view.rows.clone());
    let all = format!("The {}", view.rows.len());
    view! {
        <Layout title="Completion report" here=Place::Report width="main-sheet">
            <PageHead title="Completion report" line="Integration rollout">
                {Format::ALL
                    .into_iter()
                    .map(|format| {
                        let href = format!("/report/export?format={}", format.extension());
                        let label = format!("Download {}", format.name());
                        view! { <LinkButton href=href label=label download=true/> }
                    })
                    .collect_view()}
            </PageHead>
            <Head view=view.clone()/>
            <div class="mt-6"><ThreeCounts counts=view.counts now=now/></div>
            {none_live
                .then(|| {
                    view! {
                        <p class="mt-3">
                            "Proven live here: none yet. Built does not mean tried with a provider."
                        </p>
                    }
                })}
            <p class="mt-3 text-text-2 no-print">"These figures move. Download to keep them."</p>
            <Section title="Phases">
                <PhaseTable rows=view.phases total=built.total/>
            </Section>
            <Section title="What blocks the rest"><Blockers rows=pending/></Section>
            <Section title=all><Board rows=rows/></Section>
            <Section title="How each word is defined"><Definitions/></Section>
        </Layout>
    }
}

/// As of when, of which build, from what.
#[component]
fn Head(view: ReportView) -> impl IntoView {
    let mut facts = vec![
        Fact::new("As of", view! { <ExactTime at=view.as_of/> }),
        Fact::new("Build", view! { <code>{view.verification.build.clone()}</code> }),
        Fact::new("Figures from", rests_on(&view.verification, view.as_of)),
    ];
    if view.demo {
        facts.push(Fact::new("Mode", "Demo: sample data, simulated providers"));
    }
    view! {
        <div class="panel">
            <FactList facts=facts wide=true/>
        </div>
    }
}

fn rests_on(verification: &VerificationView, now: Millis) -> String {
    match (&verification.finished, &verification.running) {
        (Some((build, at)), _) => {
            format!(
                "Verification of build {build}, finished {} UTC",
                words::date_and_clock(now.0, at.0)
            )
        }
        (None, Some(running)) => {
            format!(
                "The first verification, which is at {} of {}",
                running.done, running.total
            )
        }
        (None, None) => "Nothing yet: no verification has run".to_owned(),
    }
}

/// The words of the report, each in one sentence.
const DEFINITIONS: [(&str, &str); 14] = [
    (
        "Built",
        "Implemented and N/A integrations, of all. It says that our code does it.",
    ),
    (
        "Proven live here",
        "Integrations for which a real account at the real provider has connected, refreshed and synced in this deployment.",
    ),
    (
        "In use",
        "Integrations with at least one healthy connection, and in how many tenants.",
    ),
    ("Implemented", "All four gates passed, and nobody holds it."),
    (
        "N/A (API key)",
        "The provider uses keys: there is nothing to authorise. It counts as complete.",
    ),
    ("Pending", "A gate has not passed, or someone holds it."),
    (
        "Flow",
        "Start, consent, callback and exchange work, and every refusal that applies refuses.",
    ),
    (
        "Storage",
        "Tokens are sealed, open again, and do not open elsewhere.",
    ),
    (
        "Lifecycle",
        "Refresh and revoke work, or the provider is documented to have none.",
    ),
    (
        "History",
        "The 90-day window arrives complete, compared with what the provider holds.",
    ),
    ("Simulated", "Proven against our own simulator only."),
    (
        "Matches docs",
        "Also compared with the provider’s documentation of a date.",
    ),
    (
        "Standards-checked",
        "Also proven against an independent implementation.",
    ),
    (
        "Replayed, Live",
        "Proven with a recording from a real account; with a real account.",
    ),
];

#[component]
fn Definitions() -> impl IntoView {
    let facts = DEFINITIONS
        .into_iter()
        .map(|(word, sentence)| Fact::new(word, sentence))
        .collect();
    view! { <FactList facts=facts wide=true/> }
}
