//! What is known about registering an app: the way there, the addresses, the permissions, the limits.

use leptos::prelude::*;
use patchbay_catalog::model::Opens;
use patchbay_hub::view::{AppFacts, AppNeeds, OfSome, SourcedLimit};

use crate::{
    ui::{CopyField, FieldText},
    words,
};

/// Texts that hold for all integrations of the app, or for those that are named.
#[component]
pub(super) fn Texts(texts: Vec<OfSome>) -> impl IntoView {
    view! {
        <ul class="plain-list">
            {texts
                .into_iter()
                .map(|text| {
                    let of = (!text.of.is_empty())
                        .then(|| view! { <strong>{words::list(&text.of, "and")} ": "</strong> });
                    view! { <li>{of} {text.text}</li> }
                })
                .collect_view()}
        </ul>
    }
}

/// A small heading over texts; nothing where there are none.
#[component]
fn Part(title: &'static str, texts: Vec<OfSome>) -> impl IntoView {
    (!texts.is_empty()).then(|| {
        view! {
            <h3 class="mt-4 mb-1">{title}</h3>
            <Texts texts=texts/>
        }
    })
}

/// The way to the provider's console and what it asks for.
#[component]
pub(super) fn Register(facts: AppFacts, opens: Opens) -> impl IntoView {
    let opening = match opens {
        Opens::AtOnce => "Customers can connect as soon as it is registered.",
        Opens::BySwitch => "Customers can connect once we have opened it to other accounts there.",
        Opens::ByReview => "Before customers can connect without limits, the provider reviews it.",
    };
    let consoles = facts.consoles.into_iter().map(|console| {
        let of = (!console.of.is_empty()).then(|| format!(" for {}", words::list(&console.of, "and")));
        // An address with a part that each customer has of their own leads nowhere as it stands.
        let place = if console.text.contains('{') {
            view! { <code>{console.text}</code> }.into_any()
        } else {
            view! { <a class="link" href=console.text.clone() rel="noreferrer">{console.text.clone()}</a> }
                .into_any()
        };
        view! { <p>"At " {place} {of}</p> }
    });
    view! {
        {consoles.collect_view()}
        <p class="mt-1">{opening}</p>
        <Part title="The way there" texts=facts.steps/>
        <Part title="Review" texts=facts.reviews/>
        <Part title="To try it without real data" texts=facts.sandboxes/>
    }
}

/// One field each, to the letter.
#[component]
pub(super) fn Uris(needs: Vec<AppNeeds>, rules: Vec<OfSome>) -> impl IntoView {
    let all = (needs.len() > 1).then(|| format!("All {} must be registered.", needs.len()));
    view! {
        {all.map(|all| view! { <p class="mb-2">{all}</p> })}
        {needs
            .into_iter()
            .map(|need| {
                let help = if need.by_origin {
                    "This list holds origins: the address without a path."
                } else {
                    ""
                };
                let text = FieldText {
                    id: format!("uri-{}", need.id),
                    label: need.name,
                    help: help.to_owned(),
                    ..FieldText::default()
                };
                view! { <CopyField text=text value=need.redirect_uri/> }
            })
            .collect_view()}
        <Part title="What the provider accepts" texts=rules/>
    }
}

/// The scopes of each integration, as the provider names them.
#[component]
pub(super) fn Scopes(needs: Vec<AppNeeds>) -> impl IntoView {
    let shared = needs.len() > 1;
    let lines = needs
        .into_iter()
        .map(|need| {
            let none = need.scopes.is_empty();
            view! {
                {shared.then(|| view! { <h3 class="mt-4 mb-1">{need.name}</h3> })}
                {none.then(|| view! { <p>"None: there is nothing to tick."</p> })}
                <ul class="plain-list">
                    {need.scopes.into_iter().map(|scope| view! { <li><code>{scope}</code></li> }).collect_view()}
                </ul>
            }
        })
        .collect_view();
    view! {
        {lines}
        <p class="mt-2 text-text-2">
            "Each of them is asked for with every connect. Where the provider has no list to tick, that is all."
        </p>
    }
}

/// What the provider limits, each with where it was read.
#[component]
pub(super) fn Limits(limits: Vec<SourcedLimit>) -> impl IntoView {
    if limits.is_empty() {
        return view! { <p>"No limits are known."</p> }.into_any();
    }
    view! {
        <ul class="plain-list">
            {limits
                .into_iter()
                .map(|SourcedLimit { limit, source }| {
                    let of = (!limit.of.is_empty())
                        .then(|| view! { <strong>{words::list(&limit.of, "and")} ": "</strong> });
                    view! {
                        <li>
                            {of} {limit.text}
                            <span class="source">"Source: " {source}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
