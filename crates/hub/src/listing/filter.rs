//! The list's filter, from and to the query string.

use std::collections::BTreeMap;

use patchbay_catalog::{Category, Stage};

use crate::view::{AdminState, CardView, Filter, Status};

/// The words of states in addresses.
const STATES: [(AdminState, &str); 5] = [
    (AdminState::NeedsAttention, "needs-attention"),
    (AdminState::Connecting, "connecting"),
    (AdminState::Connected, "connected"),
    (AdminState::NotConnected, "not-connected"),
    (AdminState::NotOffered, "not-offered"),
];

/// The words of statuses in addresses.
const STATUSES: [(Status, &str); 3] = [
    (Status::Implemented, "implemented"),
    (Status::NotApplicable, "not-applicable"),
    (Status::Pending, "pending"),
];

impl AdminState {
    /// The word in addresses.
    pub fn slug(self) -> &'static str {
        STATES
            .iter()
            .find(|(state, _)| *state == self)
            .map_or("", |(_, slug)| slug)
    }
}

impl Status {
    /// The word in addresses.
    pub fn slug(self) -> &'static str {
        STATUSES
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("", |(_, slug)| slug)
    }
}

impl Filter {
    /// From the parameters of an address; words that mean nothing narrow nothing.
    pub fn from_params(params: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| params.get(name).map_or("", |value| value.trim());
        Self {
            q: get("q").chars().take(100).collect(),
            category: Category::ALL
                .iter()
                .copied()
                .find(|c| c.slug() == get("category")),
            state: STATES
                .iter()
                .find(|(_, slug)| *slug == get("state"))
                .map(|(state, _)| *state),
            status: STATUSES
                .iter()
                .find(|(_, slug)| *slug == get("status"))
                .map(|(status, _)| *status),
            phase: Stage::ALL
                .iter()
                .copied()
                .find(|stage| stage.slug() == get("phase")),
        }
    }

    /// Whether it narrows anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a card's name matches the search.
    pub(super) fn names(&self, card: &CardView) -> bool {
        self.q.is_empty() || card.name.to_lowercase().contains(&self.q.to_lowercase())
    }

    /// Whether a card passes.
    pub(super) fn passes(&self, card: &CardView) -> bool {
        self.names(card)
            && self.category.is_none_or(|category| card.category == category)
            && self.state.is_none_or(|state| card.state == state)
            && self.phase.is_none_or(|phase| card.stage == phase)
            && self
                .status
                .is_none_or(|status| card.company.as_ref().is_some_and(|facts| facts.status == status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_nothing_narrow_nothing() {
        let params = BTreeMap::from([
            ("category".to_owned(), "nonsense".to_owned()),
            ("state".to_owned(), "connected".to_owned()),
        ]);
        let filter = Filter::from_params(&params);
        assert_eq!(filter.category, None);
        assert_eq!(filter.state, Some(AdminState::Connected));
    }

    #[test]
    fn a_search_is_cut_at_a_hundred_letters() {
        let params = BTreeMap::from([("q".to_owned(), "é".repeat(1000))]);
        assert_eq!(Filter::from_params(&params).q.chars().count(), 100);
    }
}
