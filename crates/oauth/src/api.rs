//! Calls of a provider's API, and the one that tells whose account it is. Redirects are not followed (check S36).

use std::collections::BTreeMap;

use patchbay_catalog::model::{ApiAuth, ApiAuthPlace, Integration, Method};
use patchbay_catalog::{path, template};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

pub use crate::account::Account;
use crate::account::{account, label, named};
use crate::answer::{self, Asked};
use crate::error::{ProviderError, ProviderErrorKind, listed_kind};
use crate::http::{API_CAP, Answer, Blocked, Client, Request};
use crate::{App, fill};

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

/// Asks whose account the token belongs to.
///
/// # Errors
/// [`ProviderError`]; `Garbled` also where the answer holds no id although it should.
pub async fn whoami(client: &Client, call: &ApiCall<'_>) -> Result<Account, ProviderError> {
    let refused = match ask_who(client, call).await {
        Ok(json) => return Ok(with_label(client, call, account(call, &json)?).await),
        Err(error) => error,
    };
    // The right is missing, not the token: the admin may have allowed less than was asked (check S26).
    match &call.integration.whoami.fallback {
        Some(fallback) if refused.kind == ProviderErrorKind::Refused && refused.status == Some(403) => {
            let json = read(client, call, &fallback.url).await?;
            named(&json, &fallback.id_paths, &fallback.label_paths)
        }
        _ => Err(refused),
    }
}

/// The account with the name that a call of its own tells, where the catalogue knows one. The account is known without
/// it, so a call that fails costs no more than the name.
pub(crate) async fn with_label(client: &Client, call: &ApiCall<'_>, account: Account) -> Account {
    let whoami = &call.integration.whoami;
    let Some(url) = &whoami.label_url else {
        return account;
    };
    let label = match read(client, call, url).await {
        Ok(json) => label(&json, &whoami.label_paths),
        Err(error) => {
            tracing::info!(integration = call.integration.id, %error, "an account's name was not told");
            None
        }
    };
    Account {
        label: label.unwrap_or(account.label),
        ..account
    }
}

/// The answer to the catalogue's whoami call. An error in a 200 is one.
pub(crate) async fn ask_who(client: &Client, call: &ApiCall<'_>) -> Result<Value, ProviderError> {
    let whoami = &call.integration.whoami;
    let url = fill::url(&whoami.url, call.values, call.client_id())?;
    let mut request = usual(call, method(whoami.method), url)?;
    fill::headers(&mut request, &whoami.headers, call.values, call.client_id())?;
    if let Some(body) = &whoami.body {
        request = request.body("application/json", body.clone().into_bytes());
    }
    let own = own_auth(&whoami.headers);
    let request = attach(request, call, own.as_ref().unwrap_or(&call.integration.api_auth))?;
    let (answer, json) = send_authorised(client, call, request, answer::says_error).await?;
    match broken(call.integration, &json) {
        Some(error) => Err(error.status(answer.status.as_u16())),
        None => Ok(json),
    }
}

/// What a success says is wrong with the access, where it says so.
fn broken(integration: &Integration, json: &Value) -> Option<ProviderError> {
    let word = path::text(json, integration.whoami.error_path.as_ref()?)?;
    Some(match listed_kind(&word, &integration.errors) {
        Some(kind) => ProviderError::of(kind).code(Some(word)),
        // Nobody knows what it means, so it may pass.
        None => ProviderErrorKind::Unavailable.into(),
    })
}

/// The header that carries the token instead of the usual one, where a call has one of its own.
fn own_auth(headers: &BTreeMap<String, String>) -> Option<ApiAuth> {
    let (name, value) = headers
        .iter()
        .find(|(_, value)| template::parts(value).contains(&"token"))?;
    Some(ApiAuth {
        place: ApiAuthPlace::Header,
        name: name.clone(),
        value: value.clone(),
        client: None,
    })
}

/// Reads what stands at one of the catalogue's addresses. An error in a 200 is one.
pub(crate) async fn read(client: &Client, call: &ApiCall<'_>, url: &str) -> Result<Value, ProviderError> {
    let url = fill::url(url, call.values, call.client_id())?;
    let request = authorise(usual(call, http::Method::GET, url)?, call)?;
    let (_, json) = send_authorised(client, call, request, answer::says_error).await?;
    Ok(json)
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
    // Records may well have a field called "error".
    send_authorised(client, call, authorise(request, call)?, answer::says_failed).await
}

/// Sends a call that has its token; a success that is JSON and does not say otherwise comes back.
async fn send_authorised(
    client: &Client,
    call: &ApiCall<'_>,
    request: Request,
    says_error: impl Fn(&Value) -> bool,
) -> Result<(Answer, Value), ProviderError> {
    let answer = client.send(request.cap(API_CAP)).await?;
    let json = answer::json(&answer);
    match json {
        Some(json) if answer.status.is_success() && !says_error(&json) => Ok((answer, json)),
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
pub(crate) fn authorise(request: Request, call: &ApiCall<'_>) -> Result<Request, Blocked> {
    attach(request, call, &call.integration.api_auth)
}

fn attach(mut request: Request, call: &ApiCall<'_>, auth: &ApiAuth) -> Result<Request, Blocked> {
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
                Value::Object(Map::new())
            } else {
                serde_json::from_slice(&request.body).map_err(|_| Blocked::Incomplete)?
            };
            let fields = body.as_object_mut().ok_or(Blocked::Incomplete)?;
            fields.insert(auth.name.clone(), value.expose_secret().into());
            name_client(fields, call.integration, call.app)?;
            request = request.body("application/json", body.to_string());
        }
    }
    Ok(request)
}

/// Adds our app's id and secret to a JSON body, where the catalogue says that every call carries them.
pub(crate) fn name_client(
    fields: &mut Map<String, Value>,
    integration: &Integration,
    app: Option<&App>,
) -> Result<(), Blocked> {
    let Some(names) = &integration.api_auth.client else {
        return Ok(());
    };
    let app = app.ok_or(Blocked::Incomplete)?;
    fields.insert(names.id.clone(), app.client_id.clone().into());
    fields.insert(names.secret.clone(), app.client_secret.expose_secret().into());
    Ok(())
}

pub(crate) fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    }
}
