//! Provider apps: what is to be done with each, and how it is done.

use std::collections::BTreeMap;

use patchbay_catalog::model::Opens;
use patchbay_store::{
    app_progress::{AppProgress, Grade, Stage},
    time::Millis,
};

use crate::apps::{AppNext, Finding};

/// One provider app in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// Its id, the last part of its page's address.
    pub id: String,
    /// The provider's name.
    pub name: String,
    /// The slug of its logo.
    pub logo: Option<String>,
    /// Names of the integrations that connect through it.
    pub integrations: Vec<String>,
    /// How far it is.
    pub stage: Stage,
    /// What is to be done next.
    pub next: AppNext,
    /// Who looks after it; empty: nobody was named.
    pub owner: String,
    /// The last day of the secret in use; none: no end is known, or there is no secret.
    pub secret_ends: Option<Millis>,
    /// Whether two secrets are held.
    pub two_secrets: bool,
    /// When it was last checked, and what that came to.
    pub checked: Option<(Millis, Grade)>,
}

/// The list of provider apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppsView {
    /// What needs a person first, then what waits for a provider, then the rest.
    pub rows: Vec<AppRow>,
    /// How many apps there are, whatever is shown.
    pub all: u32,
    /// How many integrations connect through them.
    pub integrations: u32,
    /// How many apps are at each stage.
    pub stages: Vec<(Stage, u32)>,
    /// The stage that alone is shown.
    pub shown: Option<Stage>,
}

/// What one integration needs of its provider app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppNeeds {
    /// The integration's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The redirect URI to register, to the letter; its origin where the provider's list holds origins.
    pub redirect_uri: String,
    /// Whether it is an origin.
    pub by_origin: bool,
    /// The permissions to tick.
    pub scopes: Vec<String>,
}

/// A text that holds for some of the integrations that share an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfSome {
    /// The text.
    pub text: String,
    /// The integrations' names; empty: it holds for all.
    pub of: Vec<String>,
}

impl OfSome {
    /// Names nobody where it holds for all of them.
    pub(crate) fn of_all(&mut self, all: usize) {
        if self.of.len() == all {
            self.of.clear();
        }
    }
}

/// Something that the provider limits, and where that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcedLimit {
    /// The limit.
    pub limit: OfSome,
    /// Where it was read.
    pub source: String,
}

/// What is known about registering an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppFacts {
    /// Where it is registered.
    pub consoles: Vec<OfSome>,
    /// The way there.
    pub steps: Vec<OfSome>,
    /// What the provider says about redirect URIs.
    pub redirect_rules: Vec<OfSome>,
    /// What review the provider asks for.
    pub reviews: Vec<OfSome>,
    /// Where it can be tried without real data.
    pub sandboxes: Vec<OfSome>,
    /// What the provider limits.
    pub limits: Vec<SourcedLimit>,
    /// Where all this was read.
    pub sources: Vec<String>,
}

/// When each secret came, and its last day. The secrets themselves are never read for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSecrets {
    /// Since when the one in use is held.
    pub since: Millis,
    /// Its last day.
    pub ends: Option<Millis>,
    /// Since when the provider is known to accept it; only kept while two are held.
    pub accepted: Option<Millis>,
    /// Since when the other one is held and its last day, where there are two.
    pub other: Option<(Option<Millis>, Option<Millis>)>,
}

/// What the last check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCheck {
    /// When it was.
    pub at: Millis,
    /// The gravest thing that it found.
    pub grade: Grade,
    /// All that it found.
    pub findings: Vec<Finding>,
}

/// What stands in the fields of the page: stored, or typed and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppForm {
    /// Texts by field.
    pub fields: BTreeMap<&'static str, String>,
    /// Whether the redirect URIs of our address stand at the provider.
    pub uris_registered: bool,
}

impl AppForm {
    /// What stands in a field.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }
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
    /// What is known about registering it.
    pub facts: AppFacts,
    /// What the provider calls the client id, where it has another name for it.
    pub client_id_name: Option<String>,
    /// What the provider calls the client secret, where it has another name for it.
    pub client_secret_name: Option<String>,
    /// How far it is.
    pub stage: Stage,
    /// What is to be done next.
    pub next: AppNext,
    /// What it takes before customers may connect.
    pub opens: Opens,
    /// How far it is, as it was said.
    pub progress: AppProgress,
    /// When and by whom client id and secret were saved; none: they are missing.
    pub saved: Option<(Millis, String)>,
    /// Whether variables or files of the settings set it: then they win at the next start.
    pub from_settings: bool,
    /// Its secrets' dates.
    pub secrets: Option<AppSecrets>,
    /// Whether the provider lets two secrets be valid at once; none: unknown.
    pub two_secrets: Option<bool>,
    /// How many months a secret lasts at most, where the provider ends them.
    pub secret_max_months: Option<u32>,
    /// Live connections that another client id would end.
    pub connections: u32,
    /// What the last check came to; none: not since the last change.
    pub checked: Option<AppCheck>,
    /// What stands in the fields.
    pub form: AppForm,
    /// What is wrong, by field.
    pub errors: BTreeMap<String, String>,
}
