//! One integration and its connections.

use patchbay_catalog::{Category, Stage};
use patchbay_store::{ids::ConnectionId, time::Millis};

use super::{ActivityRow, AdminState, BoardRow, ProveView};

/// A connection's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Healthy,
    /// It may recover by itself.
    Degraded,
    /// The provider no longer accepts our access.
    NeedsReconnect,
    /// The admin allowed less than was asked.
    Limited,
    /// Use stopped, the provider has not confirmed yet.
    RevokePending,
    /// Access has ended.
    Revoked,
}

/// Whether it can be connected now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Yes.
    Offered,
    /// Not yet; the reason in words, and who can help.
    NotOffered {
        /// "Zendesk is not ready on our side yet."
        reason: String,
        /// Names of people who can do something about it.
        who: Vec<String>,
    },
    /// This viewer only looks; names of those who may connect.
    LookOnly {
        /// The tenant's admins.
        who: Vec<String>,
    },
}

/// One thing that we ask to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeLine {
    /// In words.
    pub words: String,
    /// As sent.
    pub raw: String,
    /// Whether it could change something.
    pub can_change: bool,
}

/// A field of the connect form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamField {
    /// Form field name.
    pub name: String,
    /// Label.
    pub label: String,
    /// Help.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// Default or what was typed.
    pub value: String,
    /// An example.
    pub example: Option<String>,
    /// Fixed text behind it.
    pub suffix: Option<String>,
    /// Choices: value and label.
    pub options: Vec<(String, String)>,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

/// The field of the key form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyField {
    /// Label.
    pub label: String,
    /// Where to find a key and what it must be allowed to do.
    pub help: String,
    /// A key that the simulated provider of demo mode accepts.
    pub sample: Option<String>,
    /// What is wrong with the one given; the key itself is never shown again.
    pub error: Option<String>,
}

/// An authorization that waits at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingFlow {
    /// Where to go on: `/connect/{flow}`.
    pub href: String,
    /// Until when it works.
    pub until: Millis,
    /// Whether this viewer started it.
    pub mine: bool,
    /// Who did, within the same tenant.
    pub by: String,
}

/// Where a history import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryState {
    /// Not begun.
    Queued,
    /// Arriving.
    Running,
    /// All of it is there.
    Done,
    /// Some windows were set aside.
    Gaps,
    /// Stopped by disconnecting.
    Cancelled,
}

/// Why it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// "Asana asked us to wait"
    pub reason: String,
    /// Until when.
    pub until: Millis,
}

/// One stream of a history import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamView {
    /// "Tasks".
    pub label: String,
    /// Windows done.
    pub done: u32,
    /// Of how many.
    pub total: u32,
    /// Set aside.
    pub aside: u32,
    /// Records.
    pub records: u64,
    /// Newest record's time.
    pub newest: Option<Millis>,
    /// The provider's own limit, in one sentence.
    pub note: Option<String>,
}

/// A history import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryView {
    /// Where it stands.
    pub state: HistoryState,
    /// 0 to 100; never 100 before the end.
    pub percent: u8,
    /// Units done.
    pub done: u32,
    /// Of how many.
    pub total: u32,
    /// What the units are: "days", "projects".
    pub unit: String,
    /// Records so far.
    pub records: u64,
    /// First day covered.
    pub from: Millis,
    /// End of the time covered.
    pub to: Millis,
    /// When it began.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// Why it waits, while it does.
    pub waiting: Option<Waiting>,
    /// Per stream.
    pub streams: Vec<StreamView>,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionView {
    /// Its id.
    pub id: ConnectionId,
    /// The account's name.
    pub account: String,
    /// Its health.
    pub health: Health,
    /// The sentence for it: cause, since, who, next.
    pub sentence: String,
    /// Who connected it.
    pub connected_by: String,
    /// When.
    pub connected_at: Millis,
    /// When it was last tested.
    pub checked_at: Option<Millis>,
    /// How long the provider took, in milliseconds.
    pub latency_ms: Option<i64>,
    /// When the current access ends by itself; refreshed before.
    pub access_ends: Option<Millis>,
    /// Whether access is refreshed by itself.
    pub refreshes: bool,
    /// Whether it is a key.
    pub uses_key: bool,
    /// Host that data is read from.
    pub data_host: String,
    /// The newest history import.
    pub history: Option<HistoryView>,
    /// What was typed to connect it, for connecting it again.
    pub typed: Vec<(String, String)>,
    /// Where the customer can end our access by hand, while that matters.
    pub revoke_by_hand: Option<String>,
    /// Whether it is over.
    pub ended: bool,
}

/// What engineers see behind "Details".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineerDetails {
    /// Status, gates and evidence.
    pub board: BoardRow,
    /// Where the authorization goes.
    pub authorize_url: Option<String>,
    /// Where tokens come from.
    pub token_url: Option<String>,
    /// "PKCE S256", or the risk note where there is none.
    pub pkce_words: String,
    /// The redirect URI to register.
    pub redirect_uri: Option<String>,
    /// Where the facts were read.
    pub sources: Vec<String>,
    /// Which file of this deployment it comes from or is changed by, in words; none: it is as it came.
    pub origin: Option<String>,
    /// Versions of the provider's API that have an end, in words.
    pub api_versions: Vec<String>,
    /// What is uncertain.
    pub confidence: Vec<(String, String)>,
    /// Healthy connections and tenants; never account names.
    pub usage: (u32, u32),
}

/// One integration's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What arrives.
    pub summary: String,
    /// Its category.
    pub category: Category,
    /// Its phase.
    pub stage: Stage,
    /// Its icon's slug.
    pub logo: Option<String>,
    /// Its state for this viewer.
    pub state: AdminState,
    /// Whether it can be connected now.
    pub offer: Offer,
    /// What we ask to read.
    pub scopes: Vec<ScopeLine>,
    /// Fields to fill in before leaving.
    pub params: Vec<ParamField>,
    /// The label of the field that tells several accounts behind one approval apart.
    pub tells_apart: Option<String>,
    /// The key field, where it uses a key.
    pub key: Option<KeyField>,
    /// The host that the admin is sent to.
    pub provider_host: Option<String>,
    /// Whether the provider asks which account when another one is to be connected.
    pub asks_which: bool,
    /// Whether this is the way to another account: one was let go of, or the form for it was filled in wrongly.
    pub choosing: bool,
    /// Whether it can be connected before its history is built.
    pub history_later: bool,
    /// An authorization that waits.
    pub pending: Option<PendingFlow>,
    /// The tenant's connections, newest first; empty for company roles.
    pub connections: Vec<ConnectionView>,
    /// The newest five things that happened.
    pub activity: Vec<ActivityRow>,
    /// For engineers.
    pub details: Option<EngineerDetails>,
    /// Proving it with a real account, for engineers of a live deployment.
    pub prove: Option<ProveView>,
}
