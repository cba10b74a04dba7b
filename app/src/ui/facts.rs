//! Facts as terms and values, and what is folded away for those who look for it.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// A term and what it is.
pub struct Fact {
    term: &'static str,
    value: AnyView,
}

impl Fact {
    /// A term and what it is.
    pub fn new(term: &'static str, value: impl IntoView + 'static) -> Self {
        Self {
            term,
            value: value.into_any(),
        }
    }
}

/// A definition list.
#[component]
pub fn FactList(
    /// The facts, in order.
    facts: Vec<Fact>,
    /// Terms beside their values, where there is room.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let class = if wide { "facts facts-wide" } else { "facts" };
    view! {
        <dl class=class>
            {facts
                .into_iter()
                .map(|fact| {
                    view! {
                        <div>
                            <dt>{fact.term}</dt>
                            <dd>{fact.value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// Folded away until asked for.
#[component]
pub fn Details(
    /// What is inside.
    #[prop(into)]
    summary: String,
    /// Its id, so that it stays open when the page refreshes in place.
    #[prop(into)]
    id: String,
    /// Open from the start.
    #[prop(optional)]
    open: bool,
    /// What is folded away.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="more" id=id open=open>
            <summary><Icon of=Glyph::Chevron/>{summary}</summary>
            <div>{children()}</div>
        </details>
    }
}

/// Sentences as a list.
#[component]
pub fn PlainList(
    /// In order.
    items: Vec<String>,
) -> impl IntoView {
    view! {
        <ul class="plain-list">
            {items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view()}
        </ul>
    }
}
