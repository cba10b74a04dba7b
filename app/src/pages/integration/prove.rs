//! Proving an integration with a test account of one's own: what will happen, the form, and how far it is.

use leptos::prelude::*;
use patchbay_hub::{
    connect::KEY_FIELD,
    view::{IntegrationView, LiveMark, Offer, ProofView, ProveView, StepView},
};
use patchbay_store::{
    proofs::{ProofState, ProofStep, StepResult},
    time::Millis,
};

use super::{
    Page,
    forms::{KEY_ID, Param},
};
use crate::{
    ui::{
        ActionForm, Button, FieldText, Glyph, LinkButton, Look, PlainList, RelativeTime, SecretField,
        Section, Shown, StatusWord, TableBox, Tone,
    },
    words,
};

/// The section, for those who may prove.
#[component]
pub(super) fn ProvePart(view: IntegrationView, page: Page) -> impl IntoView {
    let prove = view.prove.clone()?;
    let now = page.now;
    Some(view! {
        <Section title="Prove it here" id="prove">
            <div data-live="proof">
                <Standing proven=prove.proven.clone() name=view.name.clone() now=now/>
                {prove.proof.clone().map(|proof| view! { <Proof proof=proof name=view.name.clone() now=now/> })}
            </div>
            <ProveForm view=view prove=prove/>
        </Section>
    })
}

/// Whether and when it was proven live in this deployment.
#[component]
fn Standing(proven: Option<LiveMark>, name: String, now: Millis) -> impl IntoView {
    let words = proven.map_or_else(
        || format!("{name} has not been proven with a real account in this deployment."),
        |mark| {
            format!(
                "Proven live on {} UTC with build {}, with a test account of {}.",
                words::date_and_clock(now.0, mark.at.0),
                mark.build,
                mark.by
            )
        },
    );
    view! { <p class="mb-4">{words}</p> }
}

/// The newest proof and its steps.
#[component]
fn Proof(proof: ProofView, name: String, now: Millis) -> impl IntoView {
    let shown = of_proof(&proof);
    let line = format!("With a test account of {}, build {}.", proof.by, proof.build);
    let download = proof.recorded.then(|| {
        let href = format!("/proofs/{}/recording", proof.id);
        view! {
            <p class="mt-3">
                <a class="link" href=href download=true>"Download the recording"</a>
                " of what went over the wire, without anything that belongs to anybody."
            </p>
        }
    });
    view! {
        <p class="head-state">
            <StatusWord shown=shown/>
            <span class="text-text-2">
                {line} " Begun " <RelativeTime at=proof.started_at now=now/> "."
            </span>
        </p>
        {(proof.state == ProofState::Waiting).then(|| view! { <AtProvider proof=proof.clone() name=name.clone()/> })}
        <div class="mt-3"><Steps steps=proof.steps over=proof.state == ProofState::Done name=name now=now/></div>
        {download}
    }
}

/// Where its engineer goes on.
#[component]
fn AtProvider(proof: ProofView, name: String) -> impl IntoView {
    match (proof.go_on, proof.mine) {
        (Some(href), _) => {
            let full = format!("Go on to {name}");
            view! {
                <p class="mt-2">
                    "Waiting for your approval. " <LinkButton href=href label="Continue" full_name=full look=Look::Secondary/>
                </p>
            }
            .into_any()
        }
        (None, true) => view! { <p class="mt-2">"The approval did not come back in time."</p> }.into_any(),
        (None, false) => {
            view! { <p class="mt-2">{format!("Waiting for {}’s approval at {name}.", proof.by)}</p> }
                .into_any()
        }
    }
}

#[component]
fn Steps(steps: Vec<StepView>, over: bool, name: String, now: Millis) -> impl IntoView {
    view! {
        <TableBox label="Steps of the proof">
            <table class="table table-stack">
                <caption class="sr-only">"Steps of the proof, what came of each and how long it took"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Step"</th>
                        <th scope="col">"Result"</th>
                        <th scope="col" class="num">"Took"</th>
                        <th scope="col">"When"</th>
                    </tr>
                </thead>
                <tbody>
                    {steps
                        .into_iter()
                        .map(|step| view! { <StepRow step=step over=over name=name.clone() now=now/> })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn StepRow(step: StepView, over: bool, name: String, now: Millis) -> impl IntoView {
    let failed = step.result == Some(StepResult::Failed);
    let sentence = sentence(&step);
    let took = step.ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms"));
    view! {
        <tr id=format!("step-{}", step.step)>
            <th scope="row">{label(step.step, &name)}</th>
            <td data-label="Result">
                <span>
                    <StatusWord shown=of_step(&step, over) tinted=failed/>
                    {sentence.map(|sentence| view! { <span class="block mt-1">{sentence}</span> })}
                </span>
            </td>
            <td data-label="Took" class="num nowrap">{took}</td>
            <td data-label="When" class="nowrap">
                {match step.at {
                    Some(at) => view! { <RelativeTime at=at now=now/> }.into_any(),
                    None => "–".into_any(),
                }}
            </td>
        </tr>
    }
}

/// What a step does, in words.
fn label(step: ProofStep, name: &str) -> String {
    match step {
        ProofStep::Connect => "A real account connects".to_owned(),
        ProofStep::Whoami => format!("{name} says whose it is"),
        ProofStep::Refresh => "Access is renewed".to_owned(),
        ProofStep::Page => "A page of history is read".to_owned(),
        ProofStep::Revoke => "Access is ended".to_owned(),
    }
}

/// "expected a refresh token, got none", "a page of 12 records".
fn sentence(step: &StepView) -> Option<String> {
    match (&step.expected, &step.got) {
        (Some(expected), Some(got)) => Some(format!("expected {expected}, got {got}")),
        (None, Some(got)) => Some(got.clone()),
        _ => None,
    }
}

/// A step as it is shown: where it failed, the kind of the result. What was not taken before it was over never is.
fn of_step(step: &StepView, over: bool) -> Shown {
    match step.result {
        None if over => Shown::new(Tone::Neutral, Glyph::RingSlash, "Not taken"),
        None => Shown::new(Tone::Neutral, Glyph::Ring, "To come"),
        Some(StepResult::Running) => Shown::new(Tone::Running, Glyph::Quarter, "Running"),
        Some(StepResult::Passed) => Shown::new(Tone::Good, Glyph::Check, "Passed"),
        Some(StepResult::None) => Shown::new(Tone::Neutral, Glyph::RingDashed, "Not there"),
        Some(StepResult::Failed) => {
            let class = step.class.as_deref().unwrap_or_default();
            Shown::new(Tone::Critical, Glyph::Octagon, class_words(class))
        }
    }
}

/// The kind of a failure, in words.
fn class_words(class: &str) -> &'static str {
    match class {
        "refused" | "user-refused" => "Refused",
        "app-config" => "App refused",
        "limited" => "Asked to wait",
        "unavailable" => "Not available",
        "garbled" => "Makes no sense",
        "blocked" => "Blocked by us",
        "mismatch" => "Differs from the catalogue",
        "empty" => "Nothing to read",
        "not-built" => "Not built",
        "not-connected" => "Not connected",
        _ => "Failed",
    }
}

/// A proof as it is shown.
fn of_proof(proof: &ProofView) -> Shown {
    match (proof.state, proof.passed) {
        (ProofState::Waiting, _) => Shown::new(Tone::Running, Glyph::Hourglass, "At the provider"),
        (ProofState::Running, _) | (_, None) => Shown::new(Tone::Running, Glyph::Quarter, "Proving"),
        (_, Some(true)) => Shown::new(Tone::Good, Glyph::Check, "Proven live"),
        (_, Some(false)) => Shown::new(Tone::Critical, Glyph::Octagon, "Not proven"),
    }
}

/// What will happen, and the button. It stands apart from what changes by itself: nothing moves under a hand.
#[component]
fn ProveForm(view: IntegrationView, prove: ProveView) -> impl IntoView {
    if let Offer::NotOffered { reason, .. } = &view.offer {
        let reason = format!("{reason} Its checks have to pass and its provider app has to be saved first.");
        return view! { <p class="panel mt-5">{reason}</p> }.into_any();
    }
    let name = view.name.clone();
    let steps = what_happens(&view, &prove);
    let key = view.key.clone().map(|key| {
        let text = FieldText {
            id: KEY_ID.to_owned(),
            name: KEY_FIELD.to_owned(),
            label: key.label,
            help: key.help,
            error: key.error,
            optional: false,
            fill: "",
        };
        view! { <SecretField text=text/> }
    });
    let asks = view.key.is_none();
    let end = if prove.can_end {
        format!("End the access at {name} afterwards")
    } else {
        format!("End the access afterwards ({name} has no call for it: our tokens are forgotten)")
    };
    let label = if prove.proof.is_some() {
        format!("Prove {name} again")
    } else {
        format!("Prove {name}")
    };
    view! {
        <div class="panel mt-5">
            <h3>"What happens"</h3>
            <div class="mt-1 mb-4"><PlainList items=steps/></div>
            <ActionForm action=format!("/integrations/{}/prove", view.id)>
                {view.params.into_iter().map(|param| view! { <Param param=param/> }).collect_view()}
                {key}
                {asks
                    .then(|| {
                        view! {
                            <label class="check mt-2">
                                <input type="checkbox" name="end_access" value="yes"/>
                                {end}
                            </label>
                        }
                    })}
                <div class="form-foot">
                    <Button label=label look=Look::Secondary busy_verb="Starting…"/>
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// The steps to come, in sentences.
fn what_happens(view: &IntegrationView, prove: &ProveView) -> Vec<String> {
    let name = &view.name;
    let connect = if view.key.is_some() {
        format!("You paste a key of a test account of yours; {name} is asked whether it works.")
    } else {
        let host = view.provider_host.clone().unwrap_or_else(|| name.clone());
        format!("You sign in at {host} with a test account of yours, approve, and come back here.")
    };
    let page = if prove.has_history {
        "We read one page of its history and keep nothing of it. It needs a record of the last 90 days."
            .to_owned()
    } else {
        "A page of history would be read; what to read is not built yet, so it can’t be proven whole."
            .to_owned()
    };
    vec![
        connect,
        format!("We ask {name} who it is, and renew the access where {name} lets us."),
        page,
        "Our tokens are wiped when it is over. No customer sees any of it, and “In use” does not count it."
            .to_owned(),
    ]
}
