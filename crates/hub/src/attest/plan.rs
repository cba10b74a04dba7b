//! What independent clients need to know of each integration to complete a flow against its simulated provider.

use std::collections::BTreeMap;

use patchbay_catalog::{Auth, CallAuth, ConnectionParam, Integration, Revoke};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::dialect::off_standard;
use crate::{Hub, HubError, Result, view::Gate};

/// All integrations that authorise, as JSON, with the apps that [`crate::demo::register`] has registered for them. Parts
/// of addresses that an admin types are filled with their examples; those that a provider returns stay as `{name}`.
///
/// # Errors
/// Where an app can't be read.
pub async fn plan(hub: &Hub) -> Result<Value> {
    let mut entries = Vec::new();
    for integration in hub.catalog().iter().filter(|found| !found.is_api_key()) {
        entries.push(entry(hub, integration).await?);
    }
    Ok(Value::Array(entries))
}

async fn entry(hub: &Hub, integration: &Integration) -> Result<Value> {
    let app = hub.app(&integration.provider_app).await?;
    let values = examples(integration)?;
    let off = |gate| off_standard(integration, gate);
    Ok(json!({
        "id": integration.id,
        "client_id": app.client_id,
        "client_secret": app.client_secret.expose_secret(),
        "redirect_uri": hub.redirect_uri(&integration.id),
        "dialect": dialect(integration, &values),
        "revoke": integration.revoke().map(|revoke| json!({
            "url": filled(&revoke.url, &values),
            "token": if is_access(revoke) { "access_token" } else { "refresh_token" },
            "auth": if revoke.auth == CallAuth::Basic { "basic" } else { "body" },
        })),
        "whoami": {
            "method": integration.whoami.method,
            "url": filled(&integration.whoami.url, &values),
            "body": integration.whoami.body,
            "headers": integration.api_headers.iter().filter(|(_, value)| !value.contains('{')).collect::<BTreeMap<_, _>>(),
            "authorization": integration.api_auth.value,
        },
        "returned": integration.returned.iter().map(|value| json!({
            "name": value.name,
            "path": value.path,
        })).collect::<Vec<_>>(),
        "off": { "flow": off(Gate::Flow), "lifecycle": off(Gate::Lifecycle) },
    }))
}

fn dialect(integration: &Integration, values: &BTreeMap<String, String>) -> Value {
    let filled = |url: &str| filled(url, values);
    match &integration.auth {
        Auth::OAuth2(dialect) => json!({
            "kind": "oauth2",
            "authorize_url": filled(&dialect.authorize_url),
            "authorize_params": dialect.authorize_params,
            "scope": (!dialect.omit_scope && dialect.scope_separator.is_some()).then(|| dialect.scopes.join(" ")),
            "pkce": dialect.pkce,
            "token_url": filled(&dialect.token_url),
            "client_auth": dialect.client_auth,
            "redirect_uri_on_refresh": dialect.redirect_uri_on_refresh,
            "refresh": dialect.refresh.issued,
        }),
        Auth::OAuth1(dialect) => json!({
            "kind": "oauth1",
            "request_token_url": filled(&dialect.request_token_url),
            "authorize_url": filled(&dialect.authorize_url),
            "authorize_params": dialect.authorize_params,
            "scope": dialect.scopes.join(dialect.scope_separator.as_deref().unwrap_or(" ")),
            "access_token_url": filled(&dialect.access_token_url),
        }),
        Auth::Link(_) | Auth::ApiKey(_) => json!({ "kind": integration.auth_word() }),
    }
}

fn is_access(revoke: &Revoke) -> bool {
    revoke.token == patchbay_catalog::TokenKind::Access
}

/// A value for every parameter: its example, its default, or the first of its choices.
fn examples(integration: &Integration) -> Result<BTreeMap<String, String>> {
    let value = |param: &ConnectionParam| {
        let choice = || param.options.keys().next().cloned();
        let usual = param.example.as_ref().or(param.default.as_ref());
        usual.cloned().or_else(choice)
    };
    let typed = integration
        .params
        .iter()
        .filter_map(|param| Some((param.name.clone(), value(param)?)))
        .collect();
    integration
        .accept_params(&typed)
        .map_err(|_| HubError::Broken("an example of the catalogue does not fit its own pattern"))
}

fn filled(template: &str, values: &BTreeMap<String, String>) -> String {
    values.iter().fold(template.to_owned(), |url, (name, value)| {
        url.replace(&format!("{{{name}}}"), value)
    })
}
