//! The list of integrations.

use leptos::{either::EitherOf3, prelude::*};
use patchbay_hub::view::{AdminState, CardView, Filter, IntegrationsView};

use super::{for_viewer, queries};
use crate::{
    ui::{
        EmptyState, FilterBar, IntegrationCard, Layout, LinkButton, Notice, PageHead, Place, PlainList, Tone,
    },
    words,
};

/// `/integrations`
#[component]
pub fn Integrations() -> impl IntoView {
    let filter = Filter::from_params(&queries());
    for_viewer(|asked| async move {
        let view = asked.hub.integrations(&asked.viewer, &filter).await?;
        let company = asked.viewer.tenant.is_none();
        Ok(Some(view! { <ListPage view=view company=company/> }.into_any()))
    })
}

/// The list as it was read.
#[component]
pub fn ListPage(
    /// What was read.
    view: IntegrationsView,
    /// Whether the whole company's is shown, and no tenant's.
    company: bool,
) -> impl IntoView {
    let summary = summary(&view, company);
    let announce = summary.clone();
    view! {
        <Layout title=title(&view) here=Place::Integrations live=true>
            <PageHead title="Integrations"/>
            <FilterBar
                filter=view.filter.clone()
                categories=view.categories.clone()
                company=company
                summary=summary
            />
            {(!view.left_out.is_empty()).then(|| view! { <LeftOut problems=view.left_out.clone()/> })}
            <span hidden=true data-announce=announce data-region="announce"></span>
            <div data-region="results">
                <Results view=view/>
            </div>
        </Layout>
    }
}

/// Files of this deployment's own that are not right: what is wrong where, and that nothing else is touched by it.
#[component]
fn LeftOut(problems: Vec<String>) -> impl IntoView {
    let count = u64::try_from(problems.len()).unwrap_or_default();
    view! {
        <Notice
            tone=Tone::Attention
            title=format!("{} in files of your own integrations", words::count(count, "problem", "problems"))
            text="These files were left out; everything else works as before. Mend them and start the console again."
        >
            <PlainList items=problems/>
        </Notice>
    }
}

/// "2 need attention – Integrations"
fn title(view: &IntegrationsView) -> String {
    let attention = view
        .cards
        .iter()
        .filter(|card| card.state == AdminState::NeedsAttention)
        .count();
    match attention {
        0 => "Integrations".to_owned(),
        1 => "1 needs attention – Integrations".to_owned(),
        more => format!("{more} need attention – Integrations"),
    }
}

/// "39 integrations · 6 connected", "3 of 39 integrations"
fn summary(view: &IntegrationsView, company: bool) -> String {
    let shown = u64::try_from(view.cards.len()).unwrap_or_default();
    let all = words::count(view.total.into(), "integration", "integrations");
    let of = if view.filter.is_empty() {
        all
    } else {
        format!("{shown} of {all}")
    };
    if company {
        of
    } else {
        format!("{of} · {} connected", view.connected)
    }
}

#[component]
fn Results(view: IntegrationsView) -> impl IntoView {
    if !view.cards.is_empty() {
        return EitherOf3::A(view! { <Cards cards=view.cards/> });
    }
    if !view.elsewhere.is_empty() {
        return EitherOf3::B(view! { <Elsewhere filter=view.filter names=view.elsewhere/> });
    }
    EitherOf3::C(view! {
        <EmptyState text=no_match(&view.filter)>
            <LinkButton href="/integrations" label="Clear filters"/>
        </EmptyState>
    })
}

#[component]
fn Cards(cards: Vec<CardView>) -> impl IntoView {
    view! {
        <h2 class="sr-only">"Matching integrations"</h2>
        <ul class="cards">
            {cards
                .into_iter()
                .map(|card| view! { <li><IntegrationCard card=card/></li> })
                .collect_view()}
        </ul>
    }
}

/// "No integration matches “slck” in Mail and chat."
fn no_match(filter: &Filter) -> String {
    let place = filter
        .category
        .map_or_else(String::new, |category| format!(" in {}", category.label()));
    if filter.q.is_empty() {
        format!("No integration matches these filters{place}.")
    } else {
        format!("No integration matches “{}”{place}.", filter.q)
    }
}

/// There are matches, but the other filters leave them out.
#[component]
fn Elsewhere(filter: Filter, names: Vec<String>) -> impl IntoView {
    let count = u64::try_from(names.len()).unwrap_or_default();
    let text = format!(
        "{} {} without the other filters: {}.",
        no_match(&filter),
        words::count(count, "match", "matches"),
        words::list(&names, "and")
    );
    let show = if count == 1 { "Show it" } else { "Show them" };
    let query: String = words::form_encoded(&filter.q);
    view! {
        <EmptyState text=text>
            <LinkButton href=format!("/integrations?q={query}") label=show/>
            <a class="link" href="/integrations">"Clear filters"</a>
        </EmptyState>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_match_says_where_it_looked() {
        let filter = Filter {
            q: "slck".to_owned(),
            category: Some(patchbay_catalog::Category::MailAndChat),
            ..Filter::default()
        };
        assert_eq!(
            no_match(&filter),
            "No integration matches “slck” in Mail and chat."
        );
        assert_eq!(
            no_match(&Filter::default()),
            "No integration matches these filters."
        );
    }
}
