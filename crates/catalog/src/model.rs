//! The types that describe one integration. Field by field they are the TOML of `integrations/*.toml`.
//!
//! URLs may contain `{name}` parts. A part is filled from what the admin typed ([`ConnectionParam`]), what the
//! provider returned ([`ReturnedValue`]), or `{client_id}`; never from anything else, and only after the value
//! matched its pattern.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One of the integrations of the catalogue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// Stable id, also the file's name and the last part of its callback address.
    pub id: String,
    /// The name people know it by.
    pub name: String,
    /// The group it is listed under.
    pub category: Category,
    /// What arrives from it, in a few plain words: "Tasks, projects, people".
    pub summary: String,
    /// Whether the rollout plan names it; the others are inferred from the plan's count.
    pub named_in_plan: bool,
    /// When the plan says it is done.
    pub stage: Stage,
    /// The plan's estimate of the work, in minutes.
    #[serde(default)]
    pub estimate_minutes: Option<u32>,
    /// The provider app it connects through; several integrations can share one.
    pub provider_app: String,
    /// The icon's slug in simple-icons; none: two letters stand in.
    #[serde(default)]
    pub logo: Option<String>,
    /// Root of the API that data is read from.
    pub api_base: String,
    /// How a token is attached to an API call.
    pub api_auth: ApiAuth,
    /// Headers that every API call needs.
    #[serde(default)]
    pub api_headers: BTreeMap<String, String>,
    /// How access is given. Exactly one of the four.
    #[serde(flatten)]
    pub auth: Auth,
    /// What the admin types before connecting.
    #[serde(default)]
    pub params: Vec<ConnectionParam>,
    /// What the provider returns and a URL is later built from.
    #[serde(default)]
    pub returned: Vec<ReturnedValue>,
    /// The call that tells whose account it is.
    pub whoami: Whoami,
    /// Words of the provider's errors, by what they mean.
    #[serde(default)]
    pub errors: ErrorWords,
    /// How 90 days of history are read; empty: not built yet.
    #[serde(default)]
    pub history: Vec<Stream>,
    /// How the provider app is registered.
    pub setup: Setup,
    /// Where the facts were read.
    pub sources: Vec<String>,
    /// How sure an uncertain field is, by field.
    #[serde(default)]
    pub confidence: BTreeMap<String, String>,
    /// Oddities that whoever works on this integration must know.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// The groups that integrations are listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Work and projects.
    WorkAndProjects,
    /// Mail and chat.
    MailAndChat,
    /// Money and commerce.
    MoneyAndCommerce,
    /// Files and design.
    FilesAndDesign,
    /// Sales and support.
    SalesAndSupport,
    /// Marketing and media.
    MarketingAndMedia,
    /// Developer and AI.
    DeveloperAndAi,
    /// Calendar.
    Calendar,
}

/// When the plan says an integration is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Done when the plan was written (2026-04-15).
    Baseline,
    /// Planned for phase 5.
    Phase5,
    /// Planned for phase 6.
    Phase6,
    /// Planned for phase 7.
    Phase7,
    /// Planned for phase 8.
    Phase8,
    /// Planned for phase 9.
    Phase9,
}

/// How access is given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// OAuth 2.0 authorization code.
    #[serde(rename = "oauth2")]
    OAuth2(Box<OAuth2>),
    /// OAuth 1.0a (RFC 5849).
    #[serde(rename = "oauth1")]
    OAuth1(Box<OAuth1>),
    /// A page hosted by the provider that hands back a token (Plaid Hosted Link).
    Link(Box<Link>),
    /// A key that the admin copies from the provider.
    ApiKey(ApiKey),
}

/// An OAuth 2.0 authorization-code dialect (RFC 6749).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth2 {
    /// Where the admin approves.
    pub authorize_url: String,
    /// Extra parameters of the authorization URL.
    #[serde(default)]
    pub authorize_params: BTreeMap<String, String>,
    /// Asked scopes, bare tokens.
    pub scopes: Vec<String>,
    /// Between scopes; none where the provider has no scopes.
    #[serde(default)]
    pub scope_separator: Option<String>,
    /// What each scope is for, in words for an admin; by scope.
    #[serde(default)]
    pub scope_words: BTreeMap<String, String>,
    /// Proof key for code exchange (RFC 7636).
    pub pkce: Pkce,
    /// Where codes become tokens.
    pub token_url: String,
    /// How our client proves itself at the token endpoint.
    pub client_auth: ClientAuth,
    /// Encoding of the token request's body.
    pub token_body: BodyKind,
    /// Extra headers of the token request.
    #[serde(default)]
    pub token_headers: BTreeMap<String, String>,
    /// Extra parameters of the token request.
    #[serde(default)]
    pub token_params: BTreeMap<String, String>,
    /// Usual life of an access token in seconds; none: unknown or endless. The answer beats it.
    #[serde(default)]
    pub access_ttl_s: Option<u64>,
    /// Refresh tokens.
    pub refresh: Refresh,
    /// How access is withdrawn; none: the provider has no such call.
    #[serde(default)]
    pub revoke: Option<Revoke>,
}

/// Whether PKCE (S256) is used. RFC 7636, RFC 9700 section 2.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// Our confidential client must send it.
    Required,
    /// It may send it, so it does.
    Supported,
    /// Undocumented, or it breaks the flow: not sent.
    None,
}

/// How a client proves itself (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// In the request's body.
    Body,
}

/// Encoding of a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

/// What is documented about refresh tokens, for the parameters that we send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// Whether one is issued.
    pub issued: bool,
    /// Whether its value can change on use.
    pub rotates: bool,
    /// Days without use after which it dies, where documented.
    #[serde(default)]
    pub idle_days: Option<u32>,
    /// Days after consent at which it dies whatever happens, where documented.
    #[serde(default)]
    pub absolute_days: Option<u32>,
    /// How long the previous value still works, in words, where documented.
    #[serde(default)]
    pub grace: Option<String>,
    /// Where to refresh, if not at the token URL.
    #[serde(default)]
    pub url: Option<String>,
    /// An oddity in words.
    #[serde(default)]
    pub note: Option<String>,
}

/// The call that withdraws access (RFC 7009 or the provider's own).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// HTTP method.
    pub method: Method,
    /// Where.
    pub url: String,
    /// How the call is authorised.
    pub auth: CallAuth,
    /// Which token ends the grant.
    pub token: TokenKind,
    /// Field that carries the token; none: it is in the header or the URL.
    #[serde(default)]
    pub token_field: Option<String>,
    /// Encoding of the body; none: no body.
    #[serde(default)]
    pub body: Option<BodyKind>,
    /// Answers besides 200 and 204 that mean "already gone".
    #[serde(default)]
    pub gone_statuses: Vec<u16>,
    /// What the call ends, in words, where it is more than this token.
    #[serde(default)]
    pub effect: Option<String>,
}

/// Which of the two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The access token.
    Access,
    /// The refresh token; the access token where there is none.
    Refresh,
}

/// How a call besides the token call is authorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAuth {
    /// Not at all.
    None,
    /// HTTP Basic with client id and secret.
    Basic,
    /// Client id and secret in the body.
    Body,
    /// As an API call: see [`ApiAuth`].
    Token,
}

/// The HTTP methods that providers ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// DELETE.
    Delete,
}

/// An OAuth 1.0a dialect (RFC 5849).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth1 {
    /// Where a request token is asked for (section 2.1).
    pub request_token_url: String,
    /// Where the admin approves (section 2.2).
    pub authorize_url: String,
    /// Extra parameters of the authorization URL.
    #[serde(default)]
    pub authorize_params: BTreeMap<String, String>,
    /// Where the verifier becomes a token (section 2.3).
    pub access_token_url: String,
    /// Asked scopes.
    pub scopes: Vec<String>,
    /// Between scopes.
    #[serde(default)]
    pub scope_separator: Option<String>,
    /// What each scope is for, in words for an admin.
    #[serde(default)]
    pub scope_words: BTreeMap<String, String>,
    /// How access is withdrawn.
    #[serde(default)]
    pub revoke: Option<Revoke>,
}

/// A page hosted by the provider that hands back a token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where a link session is created.
    pub create_url: String,
    /// Where its outcome is read.
    pub get_url: String,
    /// Where the public token becomes an access token.
    pub exchange_url: String,
    /// What is asked for.
    pub products: Vec<String>,
    /// How access is withdrawn.
    #[serde(default)]
    pub revoke: Option<Revoke>,
}

/// A key that the admin copies from the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// What a key looks like, anchored.
    pub pattern: String,
    /// How the field is called.
    pub label: String,
    /// Where the admin finds it, and what it must be allowed to do.
    pub help: String,
    /// What to check when the provider refuses it: "Check that it has Stats: read."
    pub refused_hint: String,
}

/// How a token or key is attached to an API call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiAuth {
    /// Header, or query parameter, or field of the JSON body.
    pub place: ApiAuthPlace,
    /// Its name: `Authorization`.
    pub name: String,
    /// Its value, with `{token}` (and `{client_id}` where needed): `Bearer {token}`.
    pub value: String,
}

/// Where a token goes in an API call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiAuthPlace {
    /// A header.
    Header,
    /// A query parameter.
    Query,
    /// A field of the JSON body.
    JsonBody,
}

/// A value that the admin types before connecting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionParam {
    /// Its name in URLs.
    pub name: String,
    /// Its label in the form.
    pub label: String,
    /// Where to find it.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it must look like, anchored at both ends.
    pub pattern: String,
    /// Used where nothing is typed.
    #[serde(default)]
    pub default: Option<String>,
    /// A value that would do.
    #[serde(default)]
    pub example: Option<String>,
    /// Fixed text behind the field: ".zendesk.com".
    #[serde(default)]
    pub suffix: Option<String>,
    /// The values to choose from, where it is a choice: value to label.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The host that each choice stands for, where it stands for one.
    #[serde(default)]
    pub hosts: BTreeMap<String, String>,
}

/// A value that the provider returns and a URL is later built from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedValue {
    /// Its name in URLs.
    pub name: String,
    /// Where it comes from.
    pub from: ReturnedFrom,
    /// Its parameter (callback) or JSON path.
    pub path: String,
    /// What it must look like, anchored at both ends.
    pub pattern: String,
    /// The call whose answer holds it, where it is from one of its own.
    #[serde(default)]
    pub call_url: Option<String>,
}

/// Where a returned value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnedFrom {
    /// The callback's query.
    Callback,
    /// The token answer.
    Token,
    /// A call made after the exchange.
    Call,
}

/// The call that tells whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whoami {
    /// HTTP method.
    pub method: Method,
    /// Where.
    pub url: String,
    /// JSON body, where one is needed.
    #[serde(default)]
    pub body: Option<String>,
    /// Headers besides the usual ones.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON path of the account's id; the first of several that is there.
    #[serde(default)]
    pub id_paths: Vec<String>,
    /// JSON path of the account's name; the first of several that is there.
    #[serde(default)]
    pub label_paths: Vec<String>,
}

/// Words of the provider's errors, by what they mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorWords {
    /// Access is gone: only a person can mend it.
    #[serde(default)]
    pub permanent: Vec<String>,
    /// It may pass.
    #[serde(default)]
    pub temporary: Vec<String>,
    /// Our provider app is set up wrongly.
    #[serde(default)]
    pub app_config: Vec<String>,
    /// The person said no.
    #[serde(default)]
    pub user_refused: Vec<String>,
}

/// One kind of record, and how 90 days of it are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Its name: "tasks".
    pub name: String,
    /// What an admin calls it: "Tasks".
    pub label: String,
    /// How it is cut into windows.
    pub cut: Cut,
    /// What must be walked first, outermost first: workspaces, then projects.
    #[serde(default)]
    pub parents: Vec<Parent>,
    /// Path and query below `api_base`, with `{from}` (RFC 3339, start of the window), `{to}` and the parents' names.
    pub request: String,
    /// JSON path of the array of records; empty: the answer itself.
    #[serde(default)]
    pub records_path: String,
    /// JSON path of a record's id.
    pub id_path: String,
    /// JSON path of a record's time (RFC 3339), by which the 90 days are judged.
    pub time_path: String,
    /// JSON path of a record's title.
    pub title_path: String,
    /// How the next page is found.
    pub paging: Paging,
    /// What the provider documents about completeness, in one sentence for the admin.
    #[serde(default)]
    pub note: Option<String>,
}

/// How a stream is cut into windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The provider filters by both ends: one window a day.
    Days,
    /// The provider filters by the start only and sorts oldest first: days are done as they are passed.
    Ascending,
    /// The provider filters by the start only and does not sort: one window for each innermost parent.
    Parents,
}

/// Something that must be listed before a stream's records can be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Its name in later requests: "workspace".
    pub name: String,
    /// Several of them, in words: "workspaces".
    pub plural: String,
    /// Path and query below `api_base`.
    pub request: String,
    /// JSON path of the array.
    #[serde(default)]
    pub records_path: String,
    /// JSON path of the id.
    pub id_path: String,
    /// How the next page is found.
    pub paging: Paging,
}

/// How the next page is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// There is one page.
    None,
    /// A value of the answer goes into a parameter of the next request.
    Cursor {
        /// JSON path of the value; absent or null: last page.
        path: String,
        /// The parameter.
        param: String,
    },
    /// The `Link` header names it (RFC 8288).
    LinkHeader,
}

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
    /// What review the provider asks for.
    #[serde(default)]
    pub review: Option<String>,
    /// Where a customer withdraws our access by hand.
    #[serde(default)]
    pub revoke_by_hand: Option<String>,
    /// Where this was read.
    #[serde(default)]
    pub sources: Vec<String>,
}
