//! The list of integrations.

use patchbay_catalog::{Category, Stage};

use super::Status;

/// An integration as a tenant admin sees it. Ordered as the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdminState {
    /// A person must act.
    NeedsAttention,
    /// On its way: waiting for approval, or history arriving.
    Connecting,
    /// It works.
    Connected,
    /// It can be connected.
    NotConnected,
    /// It can't be connected yet.
    NotOffered,
}

/// What the list is narrowed to. Comes from and goes to the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a name.
    pub q: String,
    /// One category.
    pub category: Option<Category>,
    /// One state.
    pub state: Option<AdminState>,
    /// One computed status (company roles).
    pub status: Option<Status>,
    /// One phase.
    pub phase: Option<Stage>,
}

/// What company roles see on a card besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyFacts {
    /// Computed status.
    pub status: Status,
    /// Gates that passed, of four; none where it is connected by a key.
    pub gates_passed: Option<u32>,
    /// Tenants with a healthy connection.
    pub tenants_in_use: u32,
}

/// One card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardView {
    /// The integration's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What arrives.
    pub summary: String,
    /// Its category.
    pub category: Category,
    /// Its phase.
    pub stage: Stage,
    /// Its icon's slug, where there is one.
    pub logo: Option<String>,
    /// Whether it uses a key instead of sign-in.
    pub uses_key: bool,
    /// Its state for this viewer's tenant; company roles: connected where any tenant is, else offered or not.
    pub state: AdminState,
    /// The connected account's name.
    pub account: Option<String>,
    /// Why it needs attention, in at most five words.
    pub cause: Option<String>,
    /// How far the history is, while it arrives.
    pub percent: Option<u8>,
    /// For company roles.
    pub company: Option<CompanyFacts>,
    /// Whether the viewer may connect it.
    pub may_connect: bool,
}

/// How many cards a category holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category.
    pub category: Category,
    /// Its integrations, whatever the filter.
    pub count: u32,
}

/// The list page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationsView {
    /// The cards that match, in order.
    pub cards: Vec<CardView>,
    /// All integrations.
    pub total: u32,
    /// Connected ones, whatever the filter.
    pub connected: u32,
    /// Names that match the search in all categories, where none matches here.
    pub elsewhere: Vec<String>,
    /// Counts for the category select.
    pub categories: Vec<CategoryCount>,
    /// What it is narrowed to.
    pub filter: Filter,
    /// Files of this deployment's own that were left out, and why; for those who can mend them.
    pub left_out: Vec<String>,
}
