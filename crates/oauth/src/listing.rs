//! Lists that a provider gives out page by page: records of history, and what has to be walked to reach them.
//!
//! What differs between providers is said in the catalogue ([`Paging`]); here it becomes the next request. Where to go
//! on is a text that can be stored and come back after a restart. No call leaves the host of the API: addresses that an
//! answer names are checked (check S36).

use std::collections::BTreeMap;

use patchbay_catalog::model::{Listing, Method, Paging, Ready};
use patchbay_catalog::{path, template};
use serde_json::{Map, Value, json};
use url::Url;

use crate::api::{self, ApiCall};
use crate::error::ProviderError;
use crate::fill;
use crate::http::{Answer, Blocked, Client, Request};

/// What a request is filled with besides the connection's values.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Start and end of the window, as this provider writes times.
    pub own: BTreeMap<String, String>,
    /// Whether those are numbers in a JSON body.
    pub numeric: bool,
    /// Ids that the provider gave out.
    pub foreign: BTreeMap<String, String>,
}

/// One page.
#[derive(Clone)]
pub struct Page {
    /// The elements of the list.
    pub records: Vec<Value>,
    /// Where the next page begins, to be given back to [`read`]; none: this was the last.
    pub next: Option<String>,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Customers' content, and addresses that can hold cursors of it.
        f.debug_struct("Page")
            .field("records", &self.records.len())
            .field("last", &self.next.is_none())
            .finish()
    }
}

/// Reads the page at `place`, or the first.
///
/// # Errors
/// [`ProviderError`]: `Refused` with status 401 where the token is no good, 403 where it lacks a right, 404 where the
/// thing is gone; `Limited` with the wait; `Blocked` for an address on another host than the API's; `Garbled` where
/// there is no list in the answer, or a page follows itself.
pub async fn read(
    client: &Client,
    call: &ApiCall<'_>,
    listing: &Listing<'_>,
    parts: &Parts,
    place: Option<&str>,
) -> Result<Page, ProviderError> {
    let request = outgoing(call, listing, parts, place)?;
    let asked = request.url.clone();
    let (answer, json) = api::send(client, call, request).await?;
    let found = if listing.single {
        path::at(&json, listing.records_path).map(|record| vec![record])
    } else {
        path::elements(&json, listing.records_path)
    };
    let records: Vec<Value> = match found {
        Some(found) => found.into_iter().cloned().collect(),
        None if listing.may_be_absent => Vec::new(),
        None => return Err(ProviderError::garbled()),
    };
    let next = next(listing.paging, &asked, place, &answer, &json, &records)?;
    if next.is_some() && next.as_deref() == place {
        // A page that follows itself would be read forever.
        return Err(ProviderError::garbled());
    }
    Ok(Page { records, next })
}

/// Reads one thing: path and query below `api_base`.
///
/// # Errors
/// As [`read`].
pub async fn read_one(
    client: &Client,
    call: &ApiCall<'_>,
    request: &str,
    parts: &Parts,
) -> Result<Value, ProviderError> {
    let url = address(call, request, parts)?;
    let request = api::usual(call, http::Method::GET, url)?;
    api::send(client, call, request).await.map(|(_, json)| json)
}

/// Asks whether the provider has collected what a stream reads.
///
/// # Errors
/// As [`read`].
pub async fn is_ready(
    client: &Client,
    call: &ApiCall<'_>,
    ready: &Ready,
    parts: &Parts,
) -> Result<bool, ProviderError> {
    let url = address(call, &ready.request, parts)?;
    let mut request = api::usual(call, api::method(ready.method), url)?;
    if let Some(body) = &ready.body {
        let body = filled_body(body, parts, &Paging::None, None)?;
        request = request.body("application/json", body.to_string());
    }
    let (_, json) = api::send(client, call, request).await?;
    Ok(path::text(&json, &ready.path).is_some_and(|told| told == ready.is))
}

/// The request of the page at `place`.
fn outgoing(
    call: &ApiCall<'_>,
    listing: &Listing<'_>,
    parts: &Parts,
    place: Option<&str>,
) -> Result<Request, Blocked> {
    let mut parts = parts.clone();
    let mut template = listing.request;
    let mut body = listing.body.map(ToOwned::to_owned);
    // `{page}` and `{offset}` in a first request are filled too.
    let counted = match listing.paging {
        Paging::Page { start, .. } => Some(("page", *start)),
        Paging::Offset { start, .. } => Some(("offset", *start)),
        _ => None,
    };
    if let Some((part, start)) = counted {
        let number = place.map_or_else(|| start.to_string(), ToOwned::to_owned);
        parts.own.insert(part.to_owned(), number);
    }
    let following = match listing.paging {
        Paging::Cursor {
            next_request,
            next_body,
            ..
        } => Some((next_request.as_deref(), next_body)),
        Paging::LastId { next_body, .. } => Some((None, next_body)),
        _ => None,
    };
    if let (Some(cursor), Some((next_request, next_body))) = (place, following) {
        parts.foreign.insert("cursor".to_owned(), cursor.to_owned());
        template = next_request.unwrap_or(template);
        body = next_body.clone().or(body);
    }
    let mut url = match (listing.paging, place) {
        (Paging::LinkHeader | Paging::NextLink { .. }, Some(link)) => checked(call, link)?,
        _ => address(call, template, &parts)?,
    };
    if let Some((param, value)) = place.and_then(|place| param_of(listing.paging, place)) {
        url = with_param(&url, param, value);
    }
    let mut request = api::usual(call, api::method(listing.method), url)?;
    if let Some(headers) = listing.headers {
        for (name, template) in headers {
            let value = template::fill_text(template, &parts.own).map_err(|_| Blocked::Incomplete)?;
            request.header(name, &value).map_err(|_| Blocked::Incomplete)?;
        }
    }
    if let Some(body) = body {
        let body = filled_body(&body, &parts, listing.paging, place)?;
        request = request.body("application/json", body.to_string());
    } else if listing.method != Method::Get {
        request = request.body("application/json", "{}");
    }
    Ok(request)
}

/// The parameter of the query that says where to go on.
fn param_of<'a>(paging: &'a Paging, place: &'a str) -> Option<(&'a str, &'a str)> {
    match paging {
        Paging::Cursor { param, .. }
        | Paging::Page { param, .. }
        | Paging::Offset { param, .. }
        | Paging::LastId { param, .. } => param.as_deref().map(|param| (param, place)),
        Paging::None | Paging::LinkHeader | Paging::NextLink { .. } => None,
    }
}

/// An address below `api_base`.
fn address(call: &ApiCall<'_>, request: &str, parts: &Parts) -> Result<Url, Blocked> {
    let mut own = call.values.clone();
    own.extend(parts.own.clone());
    own.insert("client_id".to_owned(), call.client_id().to_owned());
    let base = call.integration.api_base.trim_end_matches('/');
    let text = template::fill_foreign(&format!("{base}{request}"), &own, &parts.foreign);
    fill::guarded(&text.map_err(|_| Blocked::Incomplete)?)
}

/// An address that an answer named: absolute, or a path on the API's host.
fn checked(call: &ApiCall<'_>, link: &str) -> Result<Url, Blocked> {
    let base = fill::url(&call.integration.api_base, call.values, call.client_id())?;
    let url = base.join(link).map_err(|_| Blocked::Incomplete)?;
    crate::http::guard::check(&url)?;
    if base.host() == url.host() {
        Ok(url)
    } else {
        Err(Blocked::OtherHost)
    }
}

/// The body with its parts filled in, and the cursor in its field.
fn filled_body(
    template: &str,
    parts: &Parts,
    paging: &Paging,
    place: Option<&str>,
) -> Result<Value, Blocked> {
    let mut body: Value = serde_json::from_str(template).map_err(|_| Blocked::Incomplete)?;
    fill_texts(&mut body, parts);
    if let (
        Some(cursor),
        Paging::Cursor {
            field: Some(field), ..
        },
    ) = (place, paging)
    {
        set(&mut body, field, json!(cursor));
    }
    Ok(body)
}

/// Fills the parts in every text of a JSON value. Only known names are parts: braces also belong to GraphQL.
fn fill_texts(value: &mut Value, parts: &Parts) {
    match value {
        Value::String(text) => {
            let whole = parts.own.iter().find(|(name, _)| *text == format!("{{{name}}}"));
            let number = whole.and_then(|(name, part)| {
                let counts = matches!(name.as_str(), "page" | "offset");
                part.parse::<i64>().ok().filter(|_| counts || parts.numeric)
            });
            if let Some(number) = number {
                *value = json!(number);
                return;
            }
            for (name, part) in parts.own.iter().chain(&parts.foreign) {
                *text = text.replace(&format!("{{{name}}}"), part);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill_texts(item, parts)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_texts(field, parts)),
        _ => {}
    }
}

/// Sets a field by its path; objects on the way that are not there yet are made.
fn set(body: &mut Value, path: &str, value: Value) {
    let mut at = body;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(fields) = at.as_object_mut() else { return };
        if steps.peek().is_none() {
            fields.insert(step.to_owned(), value);
            return;
        }
        at = fields.entry(step).or_insert(Value::Null);
    }
}

/// Where the next page begins.
fn next(
    paging: &Paging,
    asked: &Url,
    place: Option<&str>,
    answer: &Answer,
    json: &Value,
    records: &[Value],
) -> Result<Option<String>, ProviderError> {
    let says_more = |more: &Option<String>| more.as_ref().is_none_or(|more| path::says(json, more));
    let is_full = |size: &Option<u64>| match size {
        Some(size) => u64::try_from(records.len()).unwrap_or(u64::MAX) >= *size,
        None => !records.is_empty(),
    };
    let counted = |start: u64| place.and_then(|place| place.parse().ok()).unwrap_or(start);
    Ok(match paging {
        Paging::None => None,
        Paging::Cursor { path, more_path, .. } => path::text(json, path).filter(|_| says_more(more_path)),
        Paging::LinkHeader => linked(asked, linked_next(answer))?,
        Paging::NextLink { path, more_path } => {
            linked(asked, path::text(json, path).filter(|_| says_more(more_path)))?
        }
        Paging::Page {
            start,
            size,
            more_path,
            ..
        } => {
            let goes_on = is_full(size) && says_more(more_path);
            goes_on.then(|| (counted(*start) + 1).to_string())
        }
        Paging::Offset { start, size, .. } => {
            is_full(&Some(*size)).then(|| (counted(*start) + size).to_string())
        }
        Paging::LastId {
            path,
            size,
            more_path,
            ..
        } => {
            let last = records.last().and_then(|record| path::text(record, path));
            last.filter(|_| is_full(size) && says_more(more_path))
        }
    })
}

/// An address that an answer named, absolute and on the host that was asked.
fn linked(asked: &Url, link: Option<String>) -> Result<Option<String>, ProviderError> {
    let Some(link) = link else { return Ok(None) };
    let url = asked.join(&link).map_err(|_| ProviderError::garbled())?;
    crate::http::guard::check(&url)?;
    if asked.host() != url.host() {
        return Err(Blocked::OtherHost.into());
    }
    if url == *asked {
        return Err(ProviderError::garbled());
    }
    Ok(Some(url.to_string()))
}

/// The address with one parameter set anew.
fn with_param(url: &Url, param: &str, value: &str) -> Url {
    let mut next = url.clone();
    let others: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != param)
        .collect();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(param, value);
    next
}

/// The target of `Link: <…>; rel="next"` (RFC 8288 section 3).
fn linked_next(answer: &Answer) -> Option<String> {
    answer
        .headers
        .get_all(http::header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split('<').skip(1))
        .find_map(|link| {
            let (target, params) = link.split_once('>')?;
            let is_next = params.split([';', ',']).any(|param| {
                let (name, value) = param.split_once('=').unwrap_or_default();
                name.trim().eq_ignore_ascii_case("rel")
                    && value
                        .trim()
                        .trim_matches('"')
                        .split_ascii_whitespace()
                        .any(|rel| rel.eq_ignore_ascii_case("next"))
            });
            is_next.then(|| target.to_owned())
        })
}
