//! How access is given, used and withdrawn: the four kinds of authorization.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How access is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Auth {
    /// OAuth 2.0 authorization code.
    OAuth2(Box<OAuth2>),
    /// OAuth 1.0a (RFC 5849).
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
    /// How the provider is asked to let the person choose an account, where it would go on with the one that is signed
    /// in; none: it documents no way.
    #[serde(default)]
    pub choose_account: Option<ChooseAccount>,
    /// Asked scopes, bare tokens.
    pub scopes: Vec<String>,
    /// Between scopes; none where the provider has no scopes.
    #[serde(default)]
    pub scope_separator: Option<String>,
    /// Scopes are set at the provider app: the parameter is left out of the authorization URL.
    #[serde(default)]
    pub omit_scope: bool,
    /// What each scope is for, in words for an admin; by scope. One that lets us write starts with "Can change: ".
    #[serde(default)]
    pub scope_words: BTreeMap<String, String>,
    /// Names under which the answer says that a scope was granted, besides its own: another spelling, or a wider scope
    /// that includes it; by scope.
    #[serde(default)]
    pub scope_aliases: BTreeMap<String, Vec<String>>,
    /// Proof key for code exchange (RFC 7636).
    pub pkce: Pkce,
    /// How the provider names itself in every answer to an authorization (RFC 9207): its issuer identifier, letter by
    /// letter; none: it is not known to do so.
    #[serde(default)]
    pub issuer: Option<String>,
    /// How the provider signs the callback; none: it does not.
    #[serde(default)]
    pub signed_callback: Option<SignedCallback>,
    /// What becomes of a person who says no.
    #[serde(default)]
    pub denial: Denial,
    /// Where codes become tokens.
    pub token_url: String,
    /// How our client proves itself at the token endpoint.
    pub client_auth: ClientAuth,
    /// Encoding of the token request's body.
    pub token_body: BodyKind,
    /// The exchange of a code sends the client's id and secret, the code and `token_params`, and nothing else: no
    /// `grant_type`, no `redirect_uri`.
    #[serde(default)]
    pub bare_exchange: bool,
    /// `redirect_uri` is sent when refreshing too.
    #[serde(default)]
    pub redirect_uri_on_refresh: bool,
    /// Extra headers of the token request.
    #[serde(default)]
    pub token_headers: BTreeMap<String, String>,
    /// Extra parameters of the token request. In a JSON body one of digits only is a number.
    #[serde(default)]
    pub token_params: BTreeMap<String, String>,
    /// Those of a refresh; none: the same as `token_params`.
    #[serde(default)]
    pub refresh_params: Option<BTreeMap<String, String>>,
    /// The object of the token answer that holds the tokens where the answer itself holds none: `authed_user`.
    #[serde(default)]
    pub token_part: Option<String>,
    /// Usual life of an access token in seconds; none: unknown or endless. The answer beats it.
    #[serde(default)]
    pub access_ttl_s: Option<u64>,
    /// What can be read in an access token.
    #[serde(default)]
    pub access_token: TokenForm,
    /// Refresh tokens.
    pub refresh: Refresh,
    /// How access is withdrawn; none: the provider has no such call.
    #[serde(default)]
    pub revoke: Option<Revoke>,
}

/// How a provider is asked to let the person choose an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChooseAccount {
    /// Parameters of the authorization URL, in place of those of the same name in
    /// [`authorize_params`](OAuth2::authorize_params).
    pub params: BTreeMap<String, String>,
    /// Where the provider documents them.
    pub source: String,
}

/// A callback that carries a signature made with our app's secret: hex HMAC-SHA256 over all other parameters, sorted by
/// name and form-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCallback {
    /// The parameter that holds the signature.
    pub signature: String,
    /// The parameter that says when it was signed, in seconds since 1970.
    pub timestamp: String,
    /// How old, or how far ahead of our clock, it may be, in seconds.
    pub max_age_s: u32,
    /// Parameters that must equal what the admin typed under the same name.
    #[serde(default)]
    pub same: Vec<String>,
}

/// What a provider does with a person who says no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Sends them back to us with an error (RFC 6749 section 4.1.2.1).
    #[default]
    Returns,
    /// Keeps them on a page of its own: we hear nothing, and the flow ends by itself.
    Stays,
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
    /// The scope that asks for one, where the answer does not name it: the refresh token shows that it was granted.
    #[serde(default)]
    pub scope: Option<String>,
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
    /// Field of the body that carries the token; none: it is in the header or the URL.
    #[serde(default)]
    pub token_field: Option<String>,
    /// Encoding of the body; none: no body.
    #[serde(default)]
    pub body: Option<BodyKind>,
    /// Answers besides 200 and 204 that mean "already gone".
    #[serde(default)]
    pub gone_statuses: Vec<u16>,
    /// Access tokens that were given out go on until they end by themselves: the call ends renewing only.
    #[serde(default)]
    pub access_outlives: bool,
    /// The provider does not document that the refresh token ends with this call.
    #[serde(default)]
    pub refresh_undocumented: bool,
    /// What the call ends, in words, where it is more or less than this access.
    #[serde(default)]
    pub effect: Option<String>,
}

/// What can be read in an access token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenForm {
    /// Nothing.
    #[default]
    Opaque,
    /// It is a JWT (RFC 7519). Its claim `exp` says when it ends where the answer does not, believed within reason; other
    /// claims are read only where a `pick` names them.
    Jwt,
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

/// A page hosted by the provider that hands back a token: Plaid's Hosted Link, whose requests and answers it takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where a link session is created.
    pub create_url: String,
    /// The host of the page that the answer sends people to: any other is refused.
    pub page_host: String,
    /// The language of that page.
    pub language: String,
    /// Countries whose banks it offers, as ISO 3166-1 alpha-2 codes.
    pub countries: Vec<String>,
    /// Where its outcome is read.
    pub get_url: String,
    /// Where the public token becomes an access token.
    pub exchange_url: String,
    /// What is asked for.
    pub products: Vec<String>,
    /// What each product is for, in words for an admin; by product.
    #[serde(default)]
    pub product_words: BTreeMap<String, String>,
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
    /// Fields of the JSON body that carry our app's id and secret, where every call has to.
    #[serde(default)]
    pub client: Option<ClientFields>,
}

/// How the fields are called that carry our app's id and secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFields {
    /// The id's.
    pub id: String,
    /// The secret's.
    pub secret: String,
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
