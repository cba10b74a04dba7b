//! Search and selects above the list: a GET form whose values stay in the address.

use leptos::{either::Either, prelude::*};
use patchbay_catalog::{Category, Stage};
use patchbay_hub::view::{AdminState, CategoryCount, Filter, Status};

use super::{Button, FieldText, SearchField, SelectField, status};
use crate::islands::FilterForm;

const STATES: [AdminState; 5] = [
    AdminState::NeedsAttention,
    AdminState::Connecting,
    AdminState::Connected,
    AdminState::NotConnected,
    AdminState::NotOffered,
];

const STATUSES: [Status; 3] = [Status::Implemented, Status::NotApplicable, Status::Pending];

/// The form; works with scripts off through its Apply button, which the island hides.
#[component]
pub fn FilterBar(
    /// What is set.
    filter: Filter,
    /// Counts by category.
    categories: Vec<CategoryCount>,
    /// Whether statuses are offered instead of states.
    company: bool,
    /// "39 integrations · 6 connected".
    #[prop(into)]
    summary: String,
) -> impl IntoView {
    let narrowed = !filter.is_empty();
    let category = filter.category.map_or("", Category::slug);
    let phase = filter.phase.map_or("", Stage::slug);
    let label = phone_label(&filter);
    view! {
        <form
            class="filters"
            id="filters"
            method="get"
            action="/integrations"
            role="search"
            aria-label="Integrations"
        >
            <SearchField text=field("q", "Search") value=filter.q.clone()/>
            <input type="checkbox" id="filters-open" class="filters-open"/>
            <label for="filters-open" class="btn btn-line filters-label">{label}</label>
            <SelectField
                text=field("category", "Category")
                options=category_options(&categories)
                value=category
            />
            {state_or_status(&filter, company)}
            <SelectField text=field("phase", "Phase") options=phase_options() value=phase/>
            <Button label="Apply" class="apply"/>
            <FilterForm/>
            <p class="filters-count num" data-region="count">
                {summary}
                {narrowed.then(|| view! { <a class="link" href="/integrations">"Clear filters"</a> })}
            </p>
        </form>
    }
}

/// Tenants filter by their state, the company by computed status.
fn state_or_status(filter: &Filter, company: bool) -> impl IntoView + use<> {
    if company {
        let value = filter.status.map_or("", Status::slug);
        Either::Left(view! {
            <SelectField text=field("status", "Status") options=status_options() value=value/>
        })
    } else {
        let value = filter.state.map_or("", AdminState::slug);
        Either::Right(view! {
            <SelectField text=field("state", "State") options=state_options() value=value/>
        })
    }
}

fn field(name: &str, label: &str) -> FieldText {
    FieldText {
        id: format!("filter-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        ..FieldText::default()
    }
}

/// The phone's button: how many selects are set; the search text stands beside it anyway.
fn phone_label(filter: &Filter) -> String {
    let set = [
        filter.category.is_some(),
        filter.state.is_some(),
        filter.status.is_some(),
        filter.phase.is_some(),
    ];
    match set.into_iter().filter(|set| *set).count() {
        0 => "Filter".to_owned(),
        set => format!("Filter · {set}"),
    }
}

/// "All …" and the choices.
fn choices(all: &str, each: impl Iterator<Item = (&'static str, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), all.to_owned()))
        .chain(each.map(|(value, label)| (value.to_owned(), label)))
        .collect()
}

fn category_options(counts: &[CategoryCount]) -> Vec<(String, String)> {
    let label = |each: &CategoryCount| format!("{} ({})", each.category.label(), each.count);
    choices(
        "All categories",
        counts.iter().map(|each| (each.category.slug(), label(each))),
    )
}

fn state_options() -> Vec<(String, String)> {
    let label = |state| status::of_card(state, None).map_or("Not connected".to_owned(), |shown| shown.word);
    choices(
        "All states",
        STATES.into_iter().map(|state| (state.slug(), label(state))),
    )
}

fn status_options() -> Vec<(String, String)> {
    let label = |of| status::of_status(of).word;
    choices(
        "All statuses",
        STATUSES.into_iter().map(|status| (status.slug(), label(status))),
    )
}

fn phase_options() -> Vec<(String, String)> {
    let label = |stage: Stage| stage.label().to_owned();
    choices(
        "All phases",
        Stage::ALL.iter().map(|stage| (stage.slug(), label(*stage))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_button_counts_selects_not_the_search() {
        let filter = Filter {
            q: "goo".to_owned(),
            category: Some(Category::Calendar),
            phase: Some(Stage::Phase6),
            ..Filter::default()
        };
        assert_eq!(phone_label(&filter), "Filter · 2");
        assert_eq!(phone_label(&Filter::default()), "Filter");
    }

    #[test]
    fn every_choice_is_offered_and_all_comes_first() {
        assert_eq!(state_options().len(), 6);
        assert_eq!(state_options()[0], (String::new(), "All states".to_owned()));
        assert_eq!(
            state_options()[4],
            ("not-connected".to_owned(), "Not connected".to_owned())
        );
        assert_eq!(phase_options()[1].1, "Baseline");
    }
}
