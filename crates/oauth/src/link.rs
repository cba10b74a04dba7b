//! A page hosted by the provider that hands back a token: Plaid's Hosted Link. A session is created ([`create`]), the
//! admin goes through its page, the outcome is read ([`outcome`]) and the public token in it becomes an access token
//! ([`exchange`]).
//!
//! The page sends people back with nothing of its own, whether they linked an account or left. Our state stands in the
//! address that it goes back to, and what happened is asked of the provider, never believed of the browser.

use std::collections::BTreeMap;
use std::fmt;

use patchbay_catalog::model::{Integration, Link};
use patchbay_catalog::path;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use url::Url;

use crate::answer::{self, Asked};
use crate::api;
use crate::bridge;
use crate::error::{ProviderError, ProviderErrorKind, listed_kind};
use crate::http::{Blocked, Client, Request};
use crate::tokens::TokenAnswer;
use crate::{App, fill};

/// The name that the page shows for us.
const OUR_NAME: &str = "Patchbay";

/// As which app calls of a link are made.
#[derive(Debug, Clone, Copy)]
pub struct LinkCall<'a> {
    /// The integration, which must be a link.
    pub integration: &'a Integration,
    /// Our app at the provider.
    pub app: &'a App,
    /// Connection parameters, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
}

/// What a session is created for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Where the page sends the browser back to; it carries the flow's state.
    pub back: &'a SecretString,
    /// An id of ours for who links, without any meaning elsewhere.
    pub person: &'a str,
    /// Days of history.
    pub days: u16,
}

/// A session that waits for its admin.
#[derive(Clone)]
pub struct Session {
    /// By which the provider knows it: a secret.
    pub token: SecretString,
    /// Its page: the provider's real address, see [`crate::http::Client::browser_url`]. Whoever has it can link, so it
    /// goes to the flow's browser and nowhere else.
    pub page: Url,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// How a session ended.
#[derive(Debug)]
pub enum Outcome {
    /// An account was linked.
    Linked {
        /// What becomes an access token, once and soon.
        public_token: SecretString,
    },
    /// Nothing was linked: the admin left, or is not done.
    Left {
        /// What kept them from it, where the provider names something that the catalogue knows.
        why: Option<ProviderErrorKind>,
    },
}

/// Creates a session.
///
/// # Errors
/// [`ProviderError`]; `Blocked` where the page is not on the provider's own host.
pub async fn create(
    client: &Client,
    call: &LinkCall<'_>,
    wanted: &Wanted<'_>,
) -> Result<Session, ProviderError> {
    let link = link_of(call.integration)?;
    let mut body = Map::new();
    body.insert("client_name".into(), OUR_NAME.into());
    body.insert("language".into(), link.language.clone().into());
    body.insert("country_codes".into(), json!(link.countries));
    body.insert("user".into(), json!({"client_user_id": wanted.person}));
    body.insert("products".into(), json!(link.products));
    if link.products.iter().any(|product| product == "transactions") {
        body.insert("transactions".into(), json!({"days_requested": wanted.days}));
    }
    body.insert(
        "hosted_link".into(),
        json!({"completion_redirect_uri": wanted.back.expose_secret()}),
    );
    let answer = send(client, call, &link.create_url, body).await?;
    let token = bridge::token(answer.get("link_token")).ok_or_else(ProviderError::garbled)?;
    let page = answer.get("hosted_link_url").and_then(Value::as_str);
    let page = fill::guarded(page.ok_or_else(ProviderError::garbled)?)?;
    if page.host_str() != Some(link.page_host.as_str()) {
        return Err(Blocked::OtherHost.into());
    }
    Ok(Session {
        token: token.into(),
        page,
    })
}

/// Reads how the session of this link token ended.
///
/// # Errors
/// [`ProviderError`].
pub async fn outcome(
    client: &Client,
    call: &LinkCall<'_>,
    link_token: &SecretString,
) -> Result<Outcome, ProviderError> {
    let link = link_of(call.integration)?;
    let mut body = Map::new();
    body.insert("link_token".into(), link_token.expose_secret().into());
    let answer = send(client, call, &link.get_url, body).await?;
    Ok(judge(call.integration, &answer))
}

/// Exchanges a public token. Sends one request, once.
///
/// # Errors
/// [`ProviderError`]; after one with `maybe_done` the public token is used up all the same.
pub async fn exchange(
    client: &Client,
    call: &LinkCall<'_>,
    public_token: &SecretString,
) -> Result<TokenAnswer, ProviderError> {
    let link = link_of(call.integration)?;
    let mut body = Map::new();
    body.insert("public_token".into(), public_token.expose_secret().into());
    let answer = send(client, call, &link.exchange_url, body).await?;
    let access = bridge::token(answer.get("access_token")).ok_or_else(|| ProviderError {
        maybe_done: true,
        ..ProviderError::garbled()
    })?;
    Ok(TokenAnswer {
        access: access.into(),
        refresh: None,
        expires_in: None,
        scopes: None,
        ends_at: None,
        values: Ok(BTreeMap::new()),
    })
}

/// The page can be opened more than once, and each time is a session of its own: one that linked an account is enough.
/// A session that is not finished counts for nothing, whatever else it says.
fn judge(integration: &Integration, answer: &Value) -> Outcome {
    let sessions = answer.get("link_sessions").and_then(Value::as_array);
    let finished: Vec<&Value> = sessions
        .into_iter()
        .flatten()
        .filter(|session| session.get("finished_at").is_some_and(Value::is_string))
        .collect();
    let linked = finished.iter().find_map(|session| {
        let results = session.pointer("/results/item_add_results")?.as_array()?;
        results
            .iter()
            .find_map(|item| bridge::token(item.get("public_token")))
    });
    if let Some(public_token) = linked {
        return Outcome::Linked {
            public_token: public_token.into(),
        };
    }
    let why = finished.iter().find_map(|session| {
        let word = path::text(session, "exit.error.error_code")?;
        listed_kind(&word, &integration.errors)
    });
    Outcome::Left { why }
}

fn link_of(integration: &Integration) -> Result<&Link, ProviderError> {
    integration.link().ok_or(Blocked::Incomplete.into())
}

/// Posts a body with our app's id and secret; a success that is a JSON object comes back.
async fn send(
    client: &Client,
    call: &LinkCall<'_>,
    address: &str,
    mut body: Map<String, Value>,
) -> Result<Value, ProviderError> {
    let client_id = &call.app.client_id;
    api::name_client(&mut body, call.integration, Some(call.app))?;
    let mut request = Request::new(http::Method::POST, fill::url(address, call.values, client_id)?)
        .body("application/json", Value::Object(body).to_string());
    api::add_headers(&mut request, call.integration, call.values, client_id)?;
    let answer = client.send(request).await?;
    let json = answer::json(&answer);
    match json {
        Some(json) if answer.status.is_success() && json.is_object() => Ok(json),
        json => Err(answer::failure(
            &answer,
            json.as_ref(),
            &call.integration.errors,
            Asked::Token,
        )),
    }
}
