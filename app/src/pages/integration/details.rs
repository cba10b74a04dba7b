//! What engineers see besides: gates, evidence, addresses, sources, doubts.

use leptos::prelude::*;
use patchbay_catalog::Stage;
use patchbay_hub::view::{BoardRow, EngineerDetails, GateView};
use patchbay_store::time::Millis;

use crate::{
    ui::{
        CopyField, Details, EvidenceLadder, Fact, FactList, FieldText, PlainList, RelativeTime, Section,
        StatusWord, TableBox, gate_label, status,
    },
    words,
};

/// Where each gate stands, and what is missing.
#[component]
pub(super) fn GatePart(
    /// Status, gates and evidence.
    board: BoardRow,
    /// The present.
    now: Millis,
) -> impl IntoView {
    let missing = (!board.missing.is_empty()).then(|| format!("Missing: {}", board.missing));
    view! {
        <Section title="Gates">
            {missing.map(|missing| view! { <p class="mb-3" data-live="missing">{missing}</p> })}
            {if board.gates.is_empty() {
                view! { <p>"Uses an API key: there is nothing to authorise, and it counts as complete."</p> }
                    .into_any()
            } else {
                view! { <Gates gates=board.gates now=now/> }.into_any()
            }}
        </Section>
    }
}

/// What only engineers look for, folded away.
#[component]
pub(super) fn AddressPart(
    /// What engineers see.
    details: EngineerDetails,
    /// The integration's id.
    id: String,
) -> impl IntoView {
    view! {
        <Section title="Details">
            <Details summary="Addresses, sources and doubts" id="engineer">
                <Addresses details=details id=id/>
            </Details>
        </Section>
    }
}

#[component]
fn Gates(gates: Vec<GateView>, now: Millis) -> impl IntoView {
    view! {
        <TableBox label="Gates">
            <table class="table table-stack">
                <caption class="sr-only">"Gates, where they stand and how well they are proven"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Gate"</th>
                        <th scope="col">"Stands"</th>
                        <th scope="col">"Evidence"</th>
                        <th scope="col">"Last tried"</th>
                    </tr>
                </thead>
                <tbody data-live="gates">
                    {gates.into_iter().map(|gate| view! { <GateRow gate=gate now=now/> }).collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn GateRow(gate: GateView, now: Millis) -> impl IntoView {
    let label = gate_label(gate.gate);
    let shown = status::of_gate(gate.state);
    let tinted = gate.failure.is_some();
    view! {
        <tr id=format!("gate-{}", label.to_lowercase())>
            <th scope="row">{label}</th>
            <td data-label="Stands">
                <span>
                    <StatusWord shown=shown tinted=tinted/>
                    {gate
                        .failure
                        .map(|failure| {
                            view! {
                                <span class="block mt-1">
                                    {format!("{}: expected {}, got {}", failure.step, failure.expected, failure.got)}
                                </span>
                            }
                        })}
                </span>
            </td>
            <td data-label="Evidence">
                <span>
                    <EvidenceLadder word=gate.word/>
                    {gate.basis.map(|basis| view! { <span class="block mt-1">{basis}</span> })}
                </span>
            </td>
            <td data-label="Last tried" class="nowrap">
                {match gate.at {
                    Some(at) => view! { <RelativeTime at=at now=now/> }.into_any(),
                    None => "–".into_any(),
                }}
            </td>
        </tr>
    }
}

#[component]
fn Addresses(details: EngineerDetails, id: String) -> impl IntoView {
    let code = |text: String| view! { <code>{text}</code> };
    let (connections, tenants) = details.usage;
    let mut facts = vec![
        Fact::new("Id", code(id)),
        Fact::new("Proof key", details.pkce_words),
    ];
    facts.extend(
        details
            .authorize_url
            .map(|url| Fact::new("Authorization", code(url))),
    );
    facts.extend(details.token_url.map(|url| Fact::new("Tokens", code(url))));
    facts.push(Fact::new(
        "In use",
        format!(
            "{} in {}",
            words::count(connections.into(), "healthy connection", "healthy connections"),
            words::count(tenants.into(), "tenant", "tenants")
        ),
    ));
    facts.push(Fact::new(
        "Plan",
        match (details.board.stage, details.board.named_in_plan) {
            (Stage::Own, _) => "Outside the plan",
            (_, true) => "Named in the plan",
            (_, false) => "Inferred from the plan’s count",
        },
    ));
    facts.extend(details.origin.map(|words| Fact::new("File", words)));
    facts.extend(
        details
            .api_versions
            .into_iter()
            .map(|words| Fact::new("API version", words)),
    );
    let doubts: Vec<_> = details
        .confidence
        .into_iter()
        .map(|(field, doubt)| format!("{field}: {doubt}"))
        .collect();
    view! {
        <FactList facts=facts wide=true/>
        {details.redirect_uri.map(|uri| view! { <div class="mt-4"><RedirectUri uri=uri/></div> })}
        <h3 class="mt-4">"Sources"</h3>
        <PlainList items=details.sources/>
        {(!doubts.is_empty())
            .then(|| view! { <h3 class="mt-4">"Doubts"</h3> <PlainList items=doubts/> })}
    }
}

#[component]
fn RedirectUri(uri: String) -> impl IntoView {
    let text = FieldText {
        id: "redirect-uri".to_owned(),
        label: "Redirect URI to register".to_owned(),
        ..FieldText::default()
    };
    view! { <CopyField text=text value=uri/> }
}
