//! How a provider app is registered, and what is known about it.

use serde::Deserialize;

/// How the provider app is registered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Where it is registered.
    #[serde(default)]
    pub console_url: Option<String>,
    /// The way there.
    #[serde(default)]
    pub steps: Option<String>,
    /// What is said about redirect URIs.
    #[serde(default)]
    pub redirect_rules: Option<String>,
    /// Whether the provider's list holds origins (`https://patchbay.example`) and no whole addresses.
    #[serde(default)]
    pub redirect_by_origin: bool,
    /// What the provider calls the client id, where it has another name for it.
    #[serde(default)]
    pub client_id_name: Option<String>,
    /// What the provider calls the client secret, where it has another name for it.
    #[serde(default)]
    pub client_secret_name: Option<String>,
    /// Whether `http://localhost` is accepted as a redirect URI; none: unknown.
    #[serde(default)]
    pub localhost_ok: Option<bool>,
    /// Whether `http://127.0.0.1` is accepted as a redirect URI; none: unknown.
    #[serde(default)]
    pub loopback_ip_ok: Option<bool>,
    /// What review the provider asks for.
    #[serde(default)]
    pub review: Option<String>,
    /// Months after which a client secret ends at the latest; none: it has no end.
    #[serde(default)]
    pub secret_max_months: Option<u32>,
    /// Whether two secrets can be valid at once, which rotation without a gap needs; none: unknown.
    #[serde(default)]
    pub two_secrets: Option<bool>,
    /// What it takes before customers' accounts may connect; none: access is given by a key.
    #[serde(default)]
    pub opens: Option<Opens>,
    /// What the provider limits, as far as it is known.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// How client id and secret can be tried without harm; none: no such call is known.
    #[serde(default)]
    pub probe: Option<Probe>,
    /// Where it can be tried without real data.
    #[serde(default)]
    pub sandbox: Option<String>,
    /// Where a customer withdraws our access by hand.
    #[serde(default)]
    pub revoke_by_hand: Option<String>,
    /// Where this was read.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// What it takes before customers' accounts may connect through an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opens {
    /// Nothing: they may as soon as it is registered.
    AtOnce,
    /// A switch that we turn ourselves.
    BySwitch,
    /// A review by the provider, or an application to it.
    ByReview,
}

/// Something that the provider limits: how many may connect, how long access lasts, how often we may ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What, in a sentence.
    pub text: String,
    /// Where this was read.
    pub source: String,
}

/// A token request with a code that can't exist: the provider's word for it tells that it knows our client id and secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// What the provider answers where only the code is no good.
    pub unknown_code: Vec<String>,
    /// Where this was read.
    pub source: String,
}
