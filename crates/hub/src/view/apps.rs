//! Provider apps: what is registered, and how to register the rest.

use patchbay_store::time::Millis;

/// One provider app in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// Its id, the last part of its page's address.
    pub id: String,
    /// The provider's name.
    pub name: String,
    /// Names of the integrations that connect through it.
    pub integrations: Vec<String>,
    /// When and by whom its secret was saved; none: not registered.
    pub saved: Option<(Millis, String)>,
}

/// The list of provider apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppsView {
    /// By name; those that are not registered first.
    pub rows: Vec<AppRow>,
    /// How many are registered.
    pub saved: u32,
}

/// What one integration needs of its provider app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppNeeds {
    /// The integration's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The redirect URI to register, to the letter.
    pub redirect_uri: Option<String>,
    /// The permissions to tick.
    pub scopes: Vec<String>,
}

/// One provider app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppView {
    /// Its id.
    pub id: String,
    /// The provider's name.
    pub name: String,
    /// What each integration needs.
    pub needs: Vec<AppNeeds>,
    /// Where it is registered.
    pub console_url: Option<String>,
    /// The way there.
    pub steps: Option<String>,
    /// What the provider says about redirect URIs.
    pub redirect_rules: Option<String>,
    /// What review the provider asks for.
    pub review: Option<String>,
    /// Where this was read.
    pub sources: Vec<String>,
    /// The client id: saved, or typed and refused.
    pub client_id: String,
    /// When and by whom its secret was saved.
    pub saved: Option<(Millis, String)>,
    /// Whether variables or files of the settings set it: then they win at the next start.
    pub from_settings: bool,
    /// Live connections that another client id would end.
    pub connections: u32,
    /// What is wrong, by field: `client_id`, `client_secret`.
    pub errors: std::collections::BTreeMap<String, String>,
}
