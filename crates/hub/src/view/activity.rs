//! What happened: rows of a list, and the page that holds them all.

use patchbay_store::{ids::TenantId, time::Millis};

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// We refused it.
    Refused,
    /// It failed.
    Failed,
}

/// One thing that happened, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// When.
    pub at: Millis,
    /// "Ana Ruiz connected Asana for Acme."
    pub sentence: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Reference id for support, where there is one.
    pub reference: Option<String>,
}

/// One thing that happened, with what stands behind "Details".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Its number in the trail.
    pub id: i64,
    /// When, what, how it ended.
    pub row: ActivityRow,
    /// The action as it is stored: `connect.callback`.
    pub action: String,
    /// Why it was refused or failed, as it is stored.
    pub reason: Option<String>,
    /// What it was done to: `connection 0198…`.
    pub target: String,
}

/// A family of actions to narrow the list to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// Connecting, reconnecting, testing, disconnecting, and what was refused of it.
    Connections,
    /// Access that a provider ended for us.
    Access,
    /// API keys.
    Keys,
    /// History.
    History,
    /// Provider apps.
    Apps,
    /// Proofs with a real account.
    Proofs,
    /// Verifications.
    Verifications,
    /// Sign-ins.
    SignIns,
}

/// What the list is narrowed to. Comes from and goes to the query string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Part of a person's name.
    pub who: String,
    /// One family of actions.
    pub kind: Option<ActivityKind>,
    /// One integration.
    pub integration: Option<String>,
    /// One tenant (company roles).
    pub tenant: Option<TenantId>,
    /// One result.
    pub outcome: Option<Outcome>,
    /// From this day on, as it was typed: `2026-04-15`.
    pub from: String,
    /// To the end of this day.
    pub to: String,
    /// Rows before this one: an older page.
    pub before: Option<i64>,
    /// Rows after this one: a newer page.
    pub after: Option<i64>,
}

/// What the last look at the whole trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailView {
    /// When it was looked at.
    pub at: Millis,
    /// Entries that are in order.
    pub entries: u64,
    /// Where it is broken, in words.
    pub broken: Option<String>,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityView {
    /// Newest first.
    pub entries: Vec<ActivityEntry>,
    /// Whether there are newer ones than these.
    pub newer: bool,
    /// Whether there are older ones.
    pub older: bool,
    /// What it is narrowed to.
    pub filter: ActivityFilter,
    /// Integrations to choose from, by id and name.
    pub integrations: Vec<(String, String)>,
    /// Tenants to choose from, by id and name; none for a tenant's own people.
    pub tenants: Vec<(TenantId, String)>,
    /// Whether the trail is whole, for those who answer for it; none before the first look.
    pub trail: Option<TrailView>,
    /// Whether what stands behind "Details" is shown.
    pub details: bool,
}
