//! One integration among others: a card in the list, a row on other pages. One state, one next action.

use leptos::{either::Either, prelude::*};
use patchbay_hub::view::{AdminState, CardView, CompanyFacts};

use super::{Glyph, Icon, LinkButton, LogoTile, Look, StatusWord, TileSize, status};
use crate::words;

/// What a card offers, by state: label and look. Every one of them opens the integration's page.
fn action(card: &CardView) -> Option<(&'static str, Look)> {
    if !card.may_connect {
        return None;
    }
    match card.state {
        AdminState::NotConnected if card.uses_key => Some(("Add key", Look::Secondary)),
        AdminState::NotConnected => Some(("Connect", Look::Secondary)),
        AdminState::Connecting => Some(("Continue", Look::Secondary)),
        AdminState::NeedsAttention if card.uses_key => Some(("Fix", Look::Primary)),
        AdminState::NeedsAttention => Some(("Reconnect", Look::Primary)),
        AdminState::Connected | AdminState::NotOffered => None,
    }
}

/// The address of an integration's page.
pub fn page_of(id: &str) -> String {
    format!("/integrations/{id}")
}

/// The state of a card: word, account or cause.
#[component]
fn State(card: CardView) -> impl IntoView {
    let tinted = card.state == AdminState::NeedsAttention;
    let detail = match card.state {
        AdminState::Connected => card.account.clone(),
        AdminState::NeedsAttention => card.cause.clone(),
        _ => None,
    };
    match card.company {
        Some(facts) => Either::Left(view! { <CompanyState facts=facts/> }),
        None => Either::Right(status::of_card(card.state, card.percent).map(|shown| {
            view! {
                <StatusWord shown=shown tinted=tinted/>
                {detail.map(|detail| view! { <span class="block text-text-2">{detail}</span> })}
            }
        })),
    }
}

/// What company roles read: status, gates, use.
#[component]
fn CompanyState(facts: CompanyFacts) -> impl IntoView {
    let gates = facts.gates_passed.map(|passed| format!("{passed} of 4 gates"));
    let used = (facts.tenants_in_use > 0).then(|| {
        format!(
            "in {}",
            words::count(facts.tenants_in_use.into(), "tenant", "tenants")
        )
    });
    let line: Vec<_> = [gates, used].into_iter().flatten().collect();
    view! {
        <StatusWord shown=status::of_status(facts.status)/>
        {(!line.is_empty())
            .then(|| view! { <span class="block text-text-2 num">{line.join(" · ")}</span> })}
    }
}

/// A card of the list; below 640 pixels a row.
#[component]
pub fn IntegrationCard(
    /// What it shows.
    card: CardView,
) -> impl IntoView {
    let name = card.name.clone();
    let href = page_of(&card.id);
    let live = format!("card-{}", card.id);
    let (logo, summary) = (card.logo.clone(), card.summary.clone());
    let button = action(&card).map(|(label, look)| {
        view! {
            <span class="card-act">
                <LinkButton
                    href=href.clone()
                    label=label
                    look=look
                    small=true
                    full_name=full_name(label, &name)
                />
            </span>
        }
    });
    view! {
        <article class="card-i" data-live=live>
            <div class="card-top">
                <LogoTile name=name.clone() logo=logo/>
                <div class="card-text">
                    <h3>
                        <a class="card-link" href=href>{name}</a>
                    </h3>
                    <p class="card-line">{summary}</p>
                </div>
            </div>
            <div class="card-foot">
                <div class="card-state"><State card=card/></div>
                {button}
            </div>
            <span class="card-next"><Icon of=Glyph::Chevron/></span>
        </article>
    }
}

/// A row, with a sentence of its own or the card's cause.
#[component]
pub fn IntegrationRow(
    /// What it shows.
    card: CardView,
) -> impl IntoView {
    let name = card.name.clone();
    let href = page_of(&card.id);
    let button = action(&card).map(|(label, look)| {
        view! {
            <LinkButton
                href=href.clone()
                label=label
                look=look
                small=true
                full_name=full_name(label, &name)
            />
        }
    });
    view! {
        <LogoTile name=name.clone() logo=card.logo.clone() size=TileSize::Small/>
        <div class="row-text">
            <h3>
                <a class="link" href=href>{name}</a>
            </h3>
        </div>
        <div class="row-state"><State card=card/></div>
        <div class="row-act">{button}</div>
    }
}

/// The button's name for screen readers: it repeats its object.
fn full_name(label: &str, name: &str) -> String {
    match label {
        // The words on the button stay together, for people who say them.
        "Add key" => format!("Add key for {name}"),
        "Continue" => format!("Continue connecting {name}"),
        _ => format!("{label} {name}"),
    }
}
