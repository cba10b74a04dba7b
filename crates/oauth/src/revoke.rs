//! The end of access at the provider (RFC 7009, or the provider's own call).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_catalog::model::{BodyKind, CallAuth, Integration, Revoke, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::answer::{self, Asked};
use crate::api::{self, ApiCall};
use crate::bridge::encode;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Blocked, Client, Request};
use crate::{App, fill};

/// What is to end.
#[derive(Debug, Clone, Copy)]
pub struct RevokeRequest<'a> {
    /// The integration.
    pub integration: &'a Integration,
    /// Our app at the provider.
    pub app: Option<&'a App>,
    /// Connection parameters and returned values, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
    /// The newest access token.
    pub access: &'a SecretString,
    /// The newest refresh token, where there is one.
    pub refresh: Option<&'a SecretString>,
}

/// How a revocation ended (check S75).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// The provider ended access, or knew of none: RFC 7009 section 2.2 makes them one answer.
    Done,
    /// The provider says that access had ended before.
    Gone,
    /// Not now: the token must be taken for alive and the call made again (RFC 7009 section 2.2.1).
    Later {
        /// The wait that the provider asks for.
        retry_after: Option<Duration>,
    },
    /// The provider has no such call: a person has to end access there by hand.
    NoCall,
}

/// Asks the provider to end access.
///
/// # Errors
/// [`ProviderError`] where asking again as things are won't help; the token must be taken for alive. Never `Refused`:
/// a refusal that is known to mean "gone" is [`Revoked::Gone`], and any other proves nothing.
pub async fn revoke(client: &Client, request: &RevokeRequest<'_>) -> Result<Revoked, ProviderError> {
    let Some(call) = request.integration.revoke() else {
        return Ok(Revoked::NoCall);
    };
    match client.send(outgoing(call, request)?).await {
        Ok(answer) => judge(call, request.integration, &answer),
        Err(error) => later(error.into()),
    }
}

fn judge(call: &Revoke, integration: &Integration, answer: &Answer) -> Result<Revoked, ProviderError> {
    let status = answer.status.as_u16();
    let json = answer::json(answer);
    let mut error = answer::failure(answer, json.as_ref(), &integration.errors, Asked::Token);
    // Here no grant type is asked for that a client might not use: the word says that we are not the client whose token it
    // is (RFC 7009 section 2.1). Doorkeeper, which GitLab and others are built on, says so to a wrong secret.
    error.blames_client |= error.code.as_deref() == Some("unauthorized_client");
    // Where the token itself authorises the call, 401 says that it is none any more; unless it is our app that the
    // provider does not know.
    let own_fault = error.kind == ProviderErrorKind::AppConfig && error.code.is_some();
    let token_unknown = call.auth == CallAuth::Token && status == 401 && !own_fault;
    let client_unknown = error.blames_client && error.code.is_some();
    if token_unknown || call.gone_statuses.contains(&status) && !client_unknown {
        return Ok(Revoked::Gone);
    }
    let says_error = json.as_ref().is_some_and(answer::says_error);
    if answer.status.is_success() && !says_error {
        return Ok(Revoked::Done);
    }
    match (&error.kind, &error.code) {
        // A known word for access that is gone, whatever the status.
        (ProviderErrorKind::Refused, Some(_)) => Ok(Revoked::Gone),
        (ProviderErrorKind::Refused, None) => Err(ProviderError {
            kind: ProviderErrorKind::Garbled,
            ..error
        }),
        _ => later(error),
    }
}

/// What passes by itself is tried again.
fn later(error: ProviderError) -> Result<Revoked, ProviderError> {
    match error.kind {
        ProviderErrorKind::Limited { retry_after } => Ok(Revoked::Later { retry_after }),
        ProviderErrorKind::Unavailable => Ok(Revoked::Later { retry_after: None }),
        _ => Err(error),
    }
}

fn outgoing(call: &Revoke, request: &RevokeRequest<'_>) -> Result<Request, Blocked> {
    let token = match call.token {
        TokenKind::Access => request.access,
        TokenKind::Refresh => request.refresh.unwrap_or(request.access),
    };
    let client_id = request.app.map_or("", |app| &app.client_id);
    let url = address(call, request, token, client_id)?;
    let mut out = Request::new(api::method(call.method), url);
    let mut fields = BTreeMap::new();
    if let Some(field) = &call.token_field {
        fields.insert(field.clone(), token.expose_secret().to_owned());
    }
    if call.auth == CallAuth::Body {
        let app = request.app.ok_or(Blocked::Incomplete)?;
        fields.insert("client_id".to_owned(), app.client_id.clone());
        fields.insert(
            "client_secret".to_owned(),
            app.client_secret.expose_secret().to_owned(),
        );
    }
    if call.body.is_some() || !fields.is_empty() {
        out = encode(out, call.body.unwrap_or(BodyKind::Form), &fields);
    }
    if call.auth == CallAuth::Basic {
        let app = request.app.ok_or(Blocked::Incomplete)?;
        out.secret_header("authorization", &basic(app))
            .map_err(|_| Blocked::Incomplete)?;
    }
    api::add_headers(&mut out, request.integration, request.values, client_id)?;
    if call.auth == CallAuth::Token {
        let as_api = ApiCall {
            integration: request.integration,
            app: request.app,
            token,
            values: request.values,
        };
        out = api::authorise(out, &as_api)?;
    }
    Ok(out)
}

/// The call's address; a few providers want the token in it.
fn address(
    call: &Revoke,
    request: &RevokeRequest<'_>,
    token: &SecretString,
    client_id: &str,
) -> Result<Url, Blocked> {
    if !call.url.contains("{token}") {
        return fill::url(&call.url, request.values, client_id);
    }
    let mut values = request.values.clone();
    values.insert("token".to_owned(), token.expose_secret().to_owned());
    fill::url(&call.url, &values, client_id)
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined.
fn basic(app: &App) -> SecretString {
    let part = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let joined = format!(
        "{}:{}",
        part(&app.client_id),
        part(app.client_secret.expose_secret())
    );
    format!("Basic {}", STANDARD.encode(joined)).into()
}
