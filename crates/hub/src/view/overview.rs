//! The first page.

use super::{ActivityRow, CardView, ConnectionView, Counts, PhaseRow, VerificationView};

/// The first page, by role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverviewView {
    /// For a tenant's people.
    Tenant(AdminOverview),
    /// For the company's people.
    Company(Box<CompanyOverview>),
}

/// Is anything wrong, what arrives, what is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminOverview {
    /// The tenant's name.
    pub tenant: String,
    /// Cards that need a person.
    pub attention: Vec<CardView>,
    /// Card and connection whose history arrives.
    pub arriving: Vec<(CardView, ConnectionView)>,
    /// Cards that work.
    pub connected: Vec<CardView>,
    /// How many can be connected.
    pub offered: u32,
    /// The newest things that happened in this tenant.
    pub activity: Vec<ActivityRow>,
}

/// The three counts, the plan, what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyOverview {
    /// The three counts.
    pub counts: Counts,
    /// What they rest on.
    pub verification: VerificationView,
    /// Plan against actual.
    pub phases: Vec<PhaseRow>,
    /// The newest things that happened.
    pub activity: Vec<ActivityRow>,
}
