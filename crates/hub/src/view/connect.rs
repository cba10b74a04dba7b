//! The pages on the way out and at the end.

use patchbay_store::ids::ConnectionId;

/// "Taking you to Asana".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavingView {
    /// The integration's id.
    pub integration: String,
    /// Its name.
    pub name: String,
    /// Its icon's slug.
    pub logo: Option<String>,
    /// The address to go on to.
    pub href: String,
    /// Its host, for the sentence.
    pub host: String,
}

/// "Disconnect Asana from Acme?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisconnectView {
    /// The connection.
    pub connection: ConnectionId,
    /// The integration's id.
    pub integration: String,
    /// Its name.
    pub name: String,
    /// The tenant's name.
    pub tenant: String,
    /// The account's name.
    pub account: String,
    /// What stops, in words.
    pub stops: Vec<String>,
    /// Records that stay unless deleted too.
    pub records: u64,
    /// What happens at the provider, in words.
    pub at_provider: String,
    /// Whether it is a key.
    pub uses_key: bool,
}

/// "Use another Asana account?"
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongAccountView {
    /// The connection.
    pub connection: ConnectionId,
    /// The integration's id.
    pub integration: String,
    /// Its name.
    pub name: String,
    /// The name of the account that was not meant.
    pub account: String,
    /// Records of it, which would be deleted.
    pub records: u64,
    /// Whether the provider has a call that ends our access.
    pub ends_access: bool,
    /// What happens at the provider, in words.
    pub at_provider: String,
    /// Whether the provider asks which account afterwards.
    pub asks_which: bool,
}
