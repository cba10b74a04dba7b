//! Calls of a provider's API, and the one that tells whose account it is. Redirects are not followed (check S36).

use std::collections::BTreeMap;

use patchbay_catalog::model::{ApiAuthPlace, Integration, Method};
use patchbay_catalog::path;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::answer::{self, Asked};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{API_CAP, Answer, Blocked, Client, Request};
use crate::{App, fill};

/// Longest account id or name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// As whom an API is called.
#[derive(Debug, Clone, Copy)]
pub struct ApiCall<'a> {
    /// The integration.
    pub integration: &'a Integration,
    /// Our app at the provider, where calls name it; a key has none.
    pub app: Option<&'a App>,
    /// The access token or key.
    pub token: &'a SecretString,
    /// Connection parameters and returned values, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
}

/// Whose account it is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id for it; empty where the catalogue knows no place for one.
    pub id: String,
    /// Its name for people; the id where there is no name.
    pub label: String,
}

/// Asks whose account the token belongs to.
///
/// # Errors
/// [`ProviderError`]; `Garbled` also where the answer holds no id although it should.
pub async fn whoami(client: &Client, call: &ApiCall<'_>) -> Result<Account, ProviderError> {
    let refused = match ask_who(client, call).await {
        Ok(account) => return Ok(account),
        Err(error) => error,
    };
    // The right is missing, not the token: the admin may have allowed less than was asked (check S26).
    match &call.integration.whoami.fallback {
        Some(fallback) if refused.kind == ProviderErrorKind::Refused && refused.status == Some(403) => {
            let url = fill::url(&fallback.url, call.values, call.client_id())?;
            let request = usual(call, http::Method::GET, url)?;
            let (_, json) = send(client, call, request).await?;
            named(&json, &fallback.id_paths, &fallback.label_paths)
        }
        _ => Err(refused),
    }
}

async fn ask_who(client: &Client, call: &ApiCall<'_>) -> Result<Account, ProviderError> {
    let whoami = &call.integration.whoami;
    let url = fill::url(&whoami.url, call.values, call.client_id())?;
    let mut request = usual(call, method(whoami.method), url)?;
    fill::headers(&mut request, &whoami.headers, call.values, call.client_id())?;
    if let Some(body) = &whoami.body {
        request = request.body("application/json", body.clone().into_bytes());
    }
    let (_, json) = send(client, call, request).await?;
    account(call.integration, &json)
}

impl ApiCall<'_> {
    pub(crate) fn client_id(&self) -> &str {
        self.app.map_or("", |app| &app.client_id)
    }
}

/// A call with the headers that every call of this API needs.
pub(crate) fn usual(call: &ApiCall<'_>, method: http::Method, url: Url) -> Result<Request, Blocked> {
    let mut request = Request::new(method, url);
    add_headers(&mut request, call.integration, call.values, call.client_id())?;
    Ok(request)
}

/// Sends a call with the token; a success that is JSON comes back.
pub(crate) async fn send(
    client: &Client,
    call: &ApiCall<'_>,
    request: Request,
) -> Result<(Answer, Value), ProviderError> {
    let request = authorise(request, call)?.cap(API_CAP);
    let answer = client.send(request).await?;
    let json = answer::json(&answer);
    match json {
        Some(json) if answer.status.is_success() && json.get("ok") != Some(&Value::Bool(false)) => {
            Ok((answer, json))
        }
        json => Err(answer::failure(
            &answer,
            json.as_ref(),
            &call.integration.errors,
            Asked::Api,
        )),
    }
}

/// Adds the headers that every call of this API needs.
pub(crate) fn add_headers(
    request: &mut Request,
    integration: &Integration,
    values: &BTreeMap<String, String>,
    client_id: &str,
) -> Result<(), Blocked> {
    request
        .header("accept", "application/json")
        .map_err(|_| Blocked::Incomplete)?;
    fill::headers(request, &integration.api_headers, values, client_id)
}

/// Attaches the token where the catalogue says.
pub(crate) fn authorise(mut request: Request, call: &ApiCall<'_>) -> Result<Request, Blocked> {
    let auth = &call.integration.api_auth;
    // By hand: the token must not lie about in a map of ordinary texts.
    let value = SecretString::from(
        auth.value
            .replace("{client_id}", call.client_id())
            .replace("{token}", call.token.expose_secret()),
    );
    match auth.place {
        ApiAuthPlace::Header => request
            .secret_header(&auth.name, &value)
            .map_err(|_| Blocked::Incomplete)?,
        ApiAuthPlace::Query => {
            request
                .url
                .query_pairs_mut()
                .append_pair(&auth.name, value.expose_secret());
        }
        ApiAuthPlace::JsonBody => {
            let mut body: Value = if request.body.is_empty() {
                Value::Object(serde_json::Map::new())
            } else {
                serde_json::from_slice(&request.body).map_err(|_| Blocked::Incomplete)?
            };
            let fields = body.as_object_mut().ok_or(Blocked::Incomplete)?;
            fields.insert(auth.name.clone(), value.expose_secret().into());
            request = request.body("application/json", body.to_string());
        }
    }
    Ok(request)
}

pub(crate) fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    }
}

pub(crate) fn account(integration: &Integration, json: &Value) -> Result<Account, ProviderError> {
    named(
        json,
        &integration.whoami.id_paths,
        &integration.whoami.label_paths,
    )
}

fn named(json: &Value, id_paths: &[String], label_paths: &[String]) -> Result<Account, ProviderError> {
    let id = path::first_text(json, id_paths);
    if id.is_none() && !id_paths.is_empty() {
        return Err(ProviderError::garbled());
    }
    let id = id.map(|id| tidy(&id)).unwrap_or_default();
    let label = path::first_text(json, label_paths).map_or_else(|| id.clone(), |label| tidy(&label));
    Ok(Account { id, label })
}

/// A name from outside, without what could garble a page or a log.
fn tidy(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect()
}
