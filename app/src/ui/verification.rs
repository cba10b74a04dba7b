//! What the figures rest on, and what runs now. Old figures stay, labelled with their build, until a run ends.

use leptos::prelude::*;
use patchbay_hub::view::{RunningVerification, VerificationView};
use patchbay_store::time::Millis;

use super::{Glyph, Notice, ProgressBar, Shown, StatusWord, Tone};
use crate::words;

/// One line, a bar while one runs, a notice where one stopped.
#[component]
pub fn VerificationLine(
    /// The state.
    verification: VerificationView,
    /// The present.
    now: Millis,
) -> impl IntoView {
    let line = finished(&verification, now);
    view! {
        <div class="mb-4" data-live="verification">
            {verification.stopped.clone().map(|why| view! { <Stopped why=why figures_of=build_of(&verification)/> })}
            <p class="text-text-2">{line}</p>
            {verification.running.map(|running| view! { <Running running=running now=now/> })}
        </div>
    }
}

fn build_of(verification: &VerificationView) -> Option<String> {
    verification.finished.as_ref().map(|(build, _)| build.clone())
}

/// "Verification of build 3f9c2e1 finished 12 Nov 14:02"
fn finished(verification: &VerificationView, now: Millis) -> String {
    match &verification.finished {
        Some((build, at)) => {
            let when = words::date_and_clock(now.0, at.0);
            let other = if *build == verification.build {
                String::new()
            } else {
                format!(" This server is build {}.", verification.build)
            };
            format!("Verification of build {build} finished {when} UTC.{other}")
        }
        None => "Not verified yet. The first run starts by itself.".to_owned(),
    }
}

#[component]
fn Running(running: RunningVerification, now: Millis) -> impl IntoView {
    let percent = (running.done.saturating_mul(100) / running.total.max(1)).min(99);
    let line = format!(
        "Verifying build {}: {} of {}",
        running.build, running.done, running.total
    );
    let elapsed = format!("{} so far", words::length(now.0 - running.started_at.0));
    view! {
        <div class="verifying">
            <p class="bar-head">
                <StatusWord shown=Shown::new(Tone::Running, Glyph::Quarter, line)/>
                <span class="num text-text-2">{elapsed}</span>
            </p>
            <ProgressBar label="Verification" percent=u8::try_from(percent).unwrap_or(99) thin=true/>
        </div>
    }
}

#[component]
fn Stopped(why: String, figures_of: Option<String>) -> impl IntoView {
    let figures = match figures_of {
        Some(build) => format!("Figures below are of build {build}."),
        None => "There are no figures yet.".to_owned(),
    };
    view! { <Notice tone=Tone::Critical title=format!("Verification stopped: {why}") text=figures/> }
}
