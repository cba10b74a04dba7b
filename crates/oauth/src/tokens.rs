//! Codes to tokens and old tokens to new (RFC 6749 sections 4.1.3 and 6), in every provider's dialect.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, ExtraTokenFields,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, StandardRevocableToken,
    StandardTokenResponse, TokenResponse as _, TokenUrl,
};
use patchbay_catalog::model::{ClientAuth, Integration, OAuth2};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::bridge::{Bridge, ENDS_FIELD, Grant, VALUES_FIELD, extra_params};
use crate::error::ProviderError;
use crate::http::{Blocked, Client};
use crate::{App, fill};

/// What a code is exchanged with.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeRequest<'a> {
    /// The integration, which must be an OAuth 2.0 one.
    pub integration: &'a Integration,
    /// Our app at the provider.
    pub app: &'a App,
    /// Connection parameters and returned values, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
    /// The very redirect URI of the authorization URL.
    pub redirect_uri: &'a str,
    /// The code of the callback.
    pub code: &'a SecretString,
    /// The flow's verifier, where the authorization URL carried its challenge.
    pub verifier: Option<&'a SecretString>,
}

/// What a refresh needs.
#[derive(Debug, Clone, Copy)]
pub struct RefreshRequest<'a> {
    /// The integration, which must be an OAuth 2.0 one.
    pub integration: &'a Integration,
    /// Our app at the provider.
    pub app: &'a App,
    /// Connection parameters and returned values, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
    /// The redirect URI of the authorization URL: some providers want it repeated.
    pub redirect_uri: &'a str,
    /// The newest refresh token.
    pub refresh: &'a SecretString,
}

/// The tokens of a grant.
#[derive(Clone)]
pub struct TokenAnswer {
    /// The access token.
    pub access: SecretString,
    /// The refresh token; on a refresh none means: the old one stays.
    pub refresh: Option<SecretString>,
    /// How long the access token lives; none: the provider did not say anything sensible.
    pub expires_in: Option<Duration>,
    /// Granted scopes; none: as asked.
    pub scopes: Option<Vec<String>>,
    /// When the access token itself says that it ends, in seconds since 1970, where the catalogue lets it: only a hint,
    /// for where the answer says nothing.
    pub ends_at: Option<u64>,
    /// The catalogue's returned values of this answer, by name, held to their patterns; or that one was refused (S34):
    /// then the tokens must not be used, and given back.
    pub values: Result<BTreeMap<String, String>, Blocked>,
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAnswer")
            .field("has_refresh", &self.refresh.is_some())
            .field("expires_in", &self.expires_in)
            .field("ends_at", &self.ends_at)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// Exchanges a code for tokens. Sends one request, once.
///
/// # Errors
/// [`ProviderError`]; after one with `maybe_done` the code is used up all the same.
pub async fn exchange(client: &Client, request: &ExchangeRequest<'_>) -> Result<TokenAnswer, ProviderError> {
    let oauth = oauth_of(request.integration)?;
    let redirect_uri = RedirectUrl::new(request.redirect_uri.to_owned()).map_err(|_| Blocked::Incomplete)?;
    let engine = engine(oauth, &oauth.token_url, request.app, request.values)?.set_redirect_uri(redirect_uri);
    let mut call = engine.exchange_code(AuthorizationCode::new(exposed(request.code)));
    if let Some(verifier) = request.verifier {
        call = call.set_pkce_verifier(PkceCodeVerifier::new(exposed(verifier)));
    }
    for (name, value) in extra_params(oauth, Grant::Code) {
        let value = fill::text(value, request.values, &request.app.client_id)?;
        call = call.add_extra_param(name.as_str(), value);
    }
    let bridge = Bridge {
        client: client.clone(),
        integration: request.integration.clone(),
        oauth: oauth.clone(),
        grant: Grant::Code,
    };
    finish(call.request_async(&bridge).await)
}

/// Exchanges a refresh token for a new access token. Sends one request, once.
///
/// # Errors
/// [`ProviderError`]; after one with `maybe_done` a refresh token that rotates may be used up.
pub async fn refresh(client: &Client, request: &RefreshRequest<'_>) -> Result<TokenAnswer, ProviderError> {
    let oauth = oauth_of(request.integration)?;
    let address = oauth.refresh.url.as_ref().unwrap_or(&oauth.token_url);
    let engine = engine(oauth, address, request.app, request.values)?;
    let token = RefreshToken::new(exposed(request.refresh));
    let mut call = engine.exchange_refresh_token(&token);
    for (name, value) in extra_params(oauth, Grant::Refresh) {
        let value = fill::text(value, request.values, &request.app.client_id)?;
        call = call.add_extra_param(name.as_str(), value);
    }
    if oauth.redirect_uri_on_refresh {
        call = call.add_extra_param("redirect_uri", request.redirect_uri);
    }
    let bridge = Bridge {
        client: client.clone(),
        integration: request.integration.clone(),
        oauth: oauth.clone(),
        grant: Grant::Refresh,
    };
    finish(call.request_async(&bridge).await)
}

/// What the bridge adds to the standard's fields.
#[derive(Debug, Serialize, Deserialize)]
struct Extra {
    #[serde(rename = "patchbay_values")]
    values: Option<BTreeMap<String, String>>,
    #[serde(rename = "patchbay_ends_at", default)]
    ends_at: Option<u64>,
}

// The renames above can't name the constants.
const _: () = assert!(matches!(VALUES_FIELD.as_bytes(), b"patchbay_values"));
const _: () = assert!(matches!(ENDS_FIELD.as_bytes(), b"patchbay_ends_at"));

impl ExtraTokenFields for Extra {}

type Tokens = StandardTokenResponse<Extra, BasicTokenType>;

type Engine = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn oauth_of(integration: &Integration) -> Result<&OAuth2, ProviderError> {
    integration.oauth2().ok_or(Blocked::Incomplete.into())
}

fn engine(
    oauth: &OAuth2,
    address: &str,
    app: &App,
    values: &BTreeMap<String, String>,
) -> Result<Engine, ProviderError> {
    let address = fill::url(address, values, &app.client_id)?;
    let auth_type = match oauth.client_auth {
        ClientAuth::Basic => AuthType::BasicAuth,
        ClientAuth::Body => AuthType::RequestBody,
    };
    Ok(oauth2::Client::new(ClientId::new(app.client_id.clone()))
        .set_client_secret(ClientSecret::new(exposed(&app.client_secret)))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(address)))
}

fn exposed(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}

/// The crate's own errors hold the answer's body: they end here.
fn finish(
    result: Result<Tokens, RequestTokenError<ProviderError, BasicErrorResponse>>,
) -> Result<TokenAnswer, ProviderError> {
    let tokens = result.map_err(|error| match error {
        RequestTokenError::Request(error) => error,
        _ => ProviderError::garbled(),
    })?;
    Ok(TokenAnswer {
        access: tokens.access_token().secret().clone().into(),
        refresh: tokens.refresh_token().map(|token| token.secret().clone().into()),
        expires_in: tokens.expires_in(),
        scopes: tokens.scopes().map(|scopes| {
            scopes
                .iter()
                .map(|scope| scope.to_string())
                .filter(|scope| !scope.is_empty())
                .collect()
        }),
        ends_at: tokens.extra_fields().ends_at,
        values: tokens.extra_fields().values.clone().ok_or(Blocked::Value),
    })
}
