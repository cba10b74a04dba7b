//! The providers, one file each.

mod airtable;
mod asana;
mod box_;
mod calendly;
mod canva;
mod clickup;
mod discord;
mod dropbox;
mod figma;
mod github;
mod gitlab;
mod google;
mod hubspot;
mod intercom;
mod jira;
mod linear;
mod linkedin;
mod mailchimp;
mod microsoft;
mod monday;
mod notion;
mod openai;
mod plaid;
mod quickbooks;
mod salesforce;
mod sendgrid;
mod shopify;
mod slack;
mod spotify;
mod stripe;
mod trello;
mod xero;
mod zendesk;
mod zoho_books;
mod zoom;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::core::{answer::Answer, call::Call, ledger::GrantRecord, world::World};

/// All providers played here.
pub fn all() -> Vec<Box<dyn Profile>> {
    vec![
        Box::new(asana::Asana),
        Box::new(github::GitHub),
        Box::new(sendgrid::SendGrid),
        Box::new(stripe::Stripe),
        Box::new(openai::OpenAi),
        Box::new(google::Google),
        Box::new(&microsoft::MICROSOFT),
        Box::new(notion::Notion),
        Box::new(&airtable::AIRTABLE),
        Box::new(slack::Slack),
        Box::new(shopify::Shopify),
        Box::new(&hubspot::HUBSPOT),
        Box::new(&zendesk::ZENDESK),
        Box::new(&intercom::INTERCOM),
        Box::new(&calendly::CALENDLY),
        Box::new(&salesforce::SALESFORCE),
        Box::new(&clickup::CLICKUP),
        Box::new(&figma::FIGMA),
        Box::new(&jira::JIRA),
        Box::new(&linear::LINEAR),
        Box::new(&monday::MONDAY),
        Box::new(&zoom::ZOOM),
        Box::new(&dropbox::DROPBOX),
        Box::new(&discord::DISCORD),
        Box::new(&gitlab::GITLAB),
        Box::new(&linkedin::LINKEDIN),
        Box::new(&box_::BOX),
        Box::new(trello::Trello),
        Box::new(plaid::Plaid),
        Box::new(&zoho_books::ZOHO_BOOKS),
        Box::new(&spotify::SPOTIFY),
        Box::new(&canva::CANVA),
        Box::new(&quickbooks::QUICKBOOKS),
        Box::new(&xero::XERO),
        Box::new(&mailchimp::MAILCHIMP),
    ]
}

/// Parameters of an answer, in order.
pub type Pairs = Vec<(String, String)>;

/// The request that a person's answer goes back to.
pub struct Back<'a> {
    /// The host of the consent page.
    pub host: &'a str,
    /// The app.
    pub client_id: &'a str,
    /// Its code challenge.
    pub challenge: Option<&'a str>,
    /// Who approved; none where nobody did.
    pub account: Option<&'a Account>,
    /// When, in epoch milliseconds.
    pub now: i64,
}

/// A sample account at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The id the provider's API tells.
    pub id: &'static str,
    /// The label the provider's API tells: an address or a login.
    pub label: &'static str,
    /// The name of the person, for the consent page.
    pub name: &'static str,
}

/// One scope, with the words the consent page has for it.
pub struct Scope {
    /// As in the request.
    pub name: &'static str,
    /// Completes the sentence "Patchbay will be able to …".
    pub words: &'static str,
}

/// What an access token says of a grant, from when to when, in seconds since 1970.
pub type Claims = fn(&GrantRecord, i64, Option<i64>) -> Value;

/// The OAuth rules of a provider.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one documented rule, named where it is set"
)]
#[derive(Clone, Copy)]
pub struct OAuth {
    /// Host of the authorization endpoint.
    pub authorize_host: &'static str,
    /// Path of the authorization endpoint.
    pub authorize_path: &'static str,
    /// True where `response_type` has to be sent.
    pub response_type_required: bool,
    /// The scopes that may be asked for.
    pub scopes: &'static [Scope],
    /// What stands between scopes in the request.
    pub scope_separator: char,
    /// True where a request without scopes is refused.
    pub scope_required: bool,
    /// True where scopes are set at the app's registration: a request without any is granted all of them.
    pub scopes_of_app: bool,
    /// The error word for a scope that is not known or not allowed; empty where the person sees a page of the provider
    /// and the app is told nothing.
    pub unknown_scope: &'static str,
    /// The error word where the person says no.
    pub denied_word: &'static str,
    /// What comes back with it.
    pub denied: &'static [(&'static str, &'static str)],
    /// Life of a code in milliseconds.
    pub code_life_ms: i64,
    /// Life of an access token in milliseconds; `None` for no end.
    pub access_life_ms: Option<i64>,
    /// How access tokens begin.
    pub access_prefix: &'static str,
    /// How refresh tokens begin; `None` where there are none.
    pub refresh_prefix: Option<&'static str>,
    /// How many letters and digits follow the prefix of a token.
    pub token_length: usize,
    /// Whether a code challenge may, must or must not come (RFC 7636).
    pub pkce: Pkce,
    /// Scopes that the person can untick on the consent page.
    pub optional_scopes: &'static [&'static str],
    /// Life of a refresh token in milliseconds; `None` for no end.
    pub refresh_life_ms: Option<i64>,
    /// How many refresh tokens an account may have given an app; one more ends the oldest. `None` for any number.
    pub most_refresh_tokens: Option<usize>,
    /// Life of an approval in milliseconds: no refresh token outlives it, however often it is renewed. `None` for no end.
    pub consent_life_ms: Option<i64>,
    /// What a refresh does to the refresh token that was used.
    pub rotation: Rotation,
    /// True where a refresh also ends the access tokens that were given out before.
    pub refresh_ends_access: bool,
    /// What the person gives access to: "account", "workspace", "shop".
    pub what: &'static str,
    /// What an app that asks for no scope will be able to do.
    pub unasked: &'static str,
    /// The claims of access tokens that are JSON Web Tokens (RFC 9068). `None` where access tokens say nothing.
    pub claims: Option<Claims>,
    /// The parameter, and the word in it, that makes the provider ask which account where it would go on with the one that
    /// is signed in. `None` where it documents no such thing.
    pub asks_which: Option<(&'static str, &'static str)>,
}

impl OAuth {
    /// What most providers have in common; hosts, scopes and prefixes are a profile's own.
    pub const STANDARD: Self = Self {
        authorize_host: "",
        authorize_path: "",
        response_type_required: true,
        scopes: &[],
        scope_separator: ' ',
        scope_required: false,
        scopes_of_app: false,
        unknown_scope: "invalid_scope",
        denied_word: "access_denied",
        denied: &[],
        code_life_ms: 10 * 60_000,
        access_life_ms: Some(3_600_000),
        access_prefix: "",
        refresh_prefix: None,
        token_length: 48,
        pkce: Pkce::Refused,
        optional_scopes: &[],
        refresh_life_ms: None,
        consent_life_ms: None,
        most_refresh_tokens: None,
        rotation: Rotation::Never,
        refresh_ends_access: false,
        what: "account",
        unasked: "see who you are",
        claims: None,
        asks_which: None,
    };
}

/// Whether a code challenge may come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// It may.
    Allowed,
    /// A request without one is refused.
    Required,
    /// The provider documents none, or it changes what the app is: a request with one is refused.
    Refused,
}

/// What a refresh does to the refresh token that was used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It stays the only one.
    Never,
    /// A new one comes and the old one is dead.
    Spend,
    /// As [`Rotation::Spend`], and who uses a dead one loses the whole grant.
    Detect,
    /// A new one comes; the old one works until the new one is used.
    Grace,
    /// A new one comes; the old one goes on working until its own end.
    Keep,
    /// It comes back as it is, with a new life, until it is `after_ms` old; then a new one comes and the old one works `grace_ms` longer.
    Overlap {
        /// The age at which it is replaced.
        after_ms: i64,
        /// How long it works after that.
        grace_ms: i64,
    },
    /// As [`Rotation::Spend`] where the approval came with PKCE, else as [`Rotation::Never`].
    WithPkce,
}

/// What a code and its grant carry besides the usual, by name: the shop, whether access is offline.
pub type Context = BTreeMap<String, String>;

/// An error word and its description, told to the app at its redirect URI.
pub type Told = (&'static str, &'static str);

/// A provider. What differs between providers is here; what they share is in `core/`.
pub trait Profile: Send + Sync {
    /// The name in our own words, such as `asana`.
    fn id(&self) -> &'static str;

    /// The name as people know it.
    fn name(&self) -> &'static str;

    /// The real hosts it answers on.
    fn hosts(&self) -> &'static [&'static str];

    /// True when it answers on this host. Providers with a host per customer override it.
    fn owns(&self, host: &str) -> bool {
        self.hosts().contains(&host)
    }

    /// The sample accounts a person can choose from.
    fn accounts(&self) -> &'static [Account];

    /// A sample account by id or label.
    fn account(&self, wanted: &str) -> Option<&'static Account> {
        self.accounts()
            .iter()
            .find(|account| account.id == wanted || account.label == wanted)
    }

    /// Its OAuth rules; `None` where there is no OAuth.
    fn oauth(&self) -> Option<&'static OAuth> {
        None
    }

    /// True where apps are registered.
    fn has_apps(&self) -> bool {
        self.oauth().is_some()
    }

    /// True when this call is for the authorization endpoint. Providers with a host per customer override it.
    fn authorizes(&self, call: &Call) -> bool {
        self.oauth()
            .is_some_and(|rules| rules.authorize_host == call.host && rules.authorize_path == call.path)
    }

    /// Checks what only this provider asks for in an authorization request, and says what the code has to carry.
    ///
    /// # Errors
    /// What the app is told.
    fn check_request(&self, _call: &Call) -> Result<Context, Told> {
        Ok(Context::new())
    }

    /// Whether this account may approve this. People who may not are sent back as if they had said no.
    ///
    /// # Errors
    /// What the app is told.
    fn may_approve(&self, _account: &Account, _scopes: &[String], _context: &Context) -> Result<(), Told> {
        Ok(())
    }

    /// The accounts that can be chosen from on this host.
    fn accounts_at(&self, _host: &str) -> Vec<&'static Account> {
        self.accounts().iter().collect()
    }

    /// Adds what this provider sends back besides the usual, or signs it. `None`: it can't answer.
    fn send_back(&self, _world: &World, _back: &Back<'_>, pairs: Pairs) -> Option<Pairs> {
        Some(pairs)
    }

    /// True where a person who says no is sent back to the app; some providers keep them on a page of their own.
    fn denial_returns(&self) -> bool {
        true
    }

    /// True when this text has the shape of one of its API keys.
    fn is_key(&self, _key: &str) -> bool {
        false
    }

    /// Parameters of its API whose values are harmless in the request log.
    fn plain_params(&self) -> &'static [&'static str] {
        &[]
    }

    /// The path as the request log shows it: without a token that is part of it.
    fn shown_path(&self, call: &Call) -> String {
        call.path.clone()
    }

    /// Answers everything but the authorization endpoint.
    fn answer(&self, world: &World, call: &Call) -> Answer;

    /// The upstream ids of a stream whose time lies in `[from, to)` (epoch milliseconds), oldest
    /// first; `None` when there is no such stream.
    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>>;
}
