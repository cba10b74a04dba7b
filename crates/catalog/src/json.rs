//! What `patchbay catalog --json` prints.

use serde_json::{Map, Value, json};

use crate::load::Catalog;
use crate::model::{Auth, Integration, Refresh};

impl Catalog {
    /// All integrations as JSON: an array of objects, null where a thing does not apply.
    ///
    /// A part that stands for a host and has a default is printed with it, so `{api}/v3/scopes` reads
    /// `https://api.sendgrid.com/v3/scopes`; other parts are printed as `{name}`.
    pub fn json(&self) -> Value {
        self.iter().map(entry).collect()
    }
}

/// What differs by the kind of authorization.
struct Dialect<'a> {
    authorize_url: Option<&'a str>,
    token_url: Option<&'a str>,
    pkce: Value,
    client_auth: Value,
    token_body: Value,
    scope_separator: Option<&'a str>,
    refresh: Option<&'a Refresh>,
}

fn dialect(auth: &Auth) -> Dialect<'_> {
    match auth {
        Auth::OAuth2(oauth2) => Dialect {
            authorize_url: Some(&oauth2.authorize_url),
            token_url: Some(&oauth2.token_url),
            pkce: json!(oauth2.pkce),
            client_auth: json!(oauth2.client_auth),
            token_body: json!(oauth2.token_body),
            scope_separator: oauth2.scope_separator.as_deref(),
            refresh: Some(&oauth2.refresh),
        },
        // The client signs instead of sending its secret (RFC 5849 section 3.4); answers and bodies are forms.
        Auth::OAuth1(oauth1) => Dialect {
            authorize_url: Some(&oauth1.authorize_url),
            token_url: Some(&oauth1.access_token_url),
            pkce: json!("none"),
            client_auth: Value::Null,
            token_body: json!("form"),
            scope_separator: oauth1.scope_separator.as_deref(),
            refresh: None,
        },
        // Client id and secret are fields of each JSON body.
        Auth::Link(link) => Dialect {
            authorize_url: None,
            token_url: Some(&link.exchange_url),
            pkce: json!("none"),
            client_auth: json!("body"),
            token_body: json!("json"),
            scope_separator: None,
            refresh: None,
        },
        Auth::ApiKey(_) => Dialect {
            authorize_url: None,
            token_url: None,
            pkce: json!("none"),
            client_auth: Value::Null,
            token_body: Value::Null,
            scope_separator: None,
            refresh: None,
        },
    }
}

fn entry(integration: &Integration) -> Value {
    let dialect = dialect(&integration.auth);
    let url = |template: &str| with_default_hosts(integration, template);
    let refresh = dialect.refresh;
    let fields = [
        ("id", json!(integration.id)),
        ("name", json!(integration.name)),
        ("category", json!(integration.category)),
        ("auth", json!(integration.auth_word())),
        ("authorize_url", json!(dialect.authorize_url.map(url))),
        ("token_url", json!(dialect.token_url.map(url))),
        (
            "refresh_url",
            json!(refresh.and_then(|refresh| refresh.url.as_deref()).map(url)),
        ),
        (
            "revoke_url",
            json!(integration.revoke().map(|revoke| url(&revoke.url))),
        ),
        ("whoami_url", json!(url(&integration.whoami.url))),
        ("scopes", json!(integration.scopes())),
        ("scope_separator", json!(dialect.scope_separator)),
        ("pkce", dialect.pkce),
        ("client_auth", dialect.client_auth),
        ("token_body", dialect.token_body),
        (
            "refresh",
            json!({
                "issued": refresh.is_some_and(|refresh| refresh.issued),
                "rotates": refresh.is_some_and(|refresh| refresh.rotates),
                "idle_days": refresh.and_then(|refresh| refresh.idle_days),
            }),
        ),
        ("connection_params", connection_params(integration)),
        ("sources", json!(integration.sources)),
    ];
    Value::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

/// What the admin types: the key, where there is one, then the fields.
fn connection_params(integration: &Integration) -> Value {
    let key = integration.api_key().map(|key| ("api_key", &key.pattern));
    let fields = integration
        .params
        .iter()
        .map(|param| (param.name.as_str(), &param.pattern));
    key.into_iter()
        .chain(fields)
        .map(|(name, pattern)| json!({ "name": name, "pattern": pattern }))
        .collect()
}

fn with_default_hosts(integration: &Integration, template: &str) -> String {
    integration.params.iter().fold(template.to_owned(), |url, param| {
        let default = param
            .default
            .as_ref()
            .and_then(|default| param.hosts.get(default));
        match (&param.host_part, default) {
            (Some(part), Some(host)) => url.replace(&format!("{{{part}}}"), host),
            _ => url,
        }
    })
}
