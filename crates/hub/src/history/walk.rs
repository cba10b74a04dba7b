//! Walks the pages of a window and turns them into records.

use std::collections::BTreeMap;

use patchbay_catalog::{Parent, Stream, path};
use patchbay_oauth::{
    ProviderError, ProviderErrorKind,
    api::{self, ApiCall},
    http::Client,
};
use patchbay_store::{records::NewRecord, sync::Window, time::Millis};
use serde_json::Value;
use url::Url;

/// More parents than this are not listed: an account that large needs a plan of its own.
const MOST_PARENTS: usize = 10_000;
/// Longest title kept, in characters.
const LONGEST_TITLE: usize = 300;

/// One page of a window, ready to be stored.
pub(super) struct Brought {
    /// Records within the window.
    pub records: Vec<NewRecord>,
    /// Where the next page is.
    pub next: Option<Url>,
    /// The newest time seen, for streams that arrive oldest first.
    pub reached: Option<Millis>,
}

/// The values that a window's request is filled with: its ends, and its parents' ids.
pub(super) fn values_of(window: &Window) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, String> = serde_json::from_str(&window.window_key).unwrap_or_default();
    values.insert("from".to_owned(), window.from_at.rfc3339());
    values.insert("to".to_owned(), window.to_at.rfc3339());
    values
}

/// Lists the innermost parents of a stream: one map of ids for each.
pub(super) async fn list_parents(
    client: &Client,
    call: &ApiCall<'_>,
    stream: &Stream,
    window: &Window,
) -> Result<Vec<BTreeMap<String, String>>, ProviderError> {
    let mut found = vec![BTreeMap::new()];
    for parent in &stream.parents {
        let mut deeper = Vec::new();
        for above in &found {
            for id in list_one(client, call, parent, above, window).await? {
                let mut ids = above.clone();
                ids.insert(parent.name.clone(), id);
                deeper.push(ids);
            }
            if deeper.len() > MOST_PARENTS {
                return Err(ProviderErrorKind::Garbled.into());
            }
        }
        found = deeper;
    }
    Ok(found)
}

/// All ids of one parent.
async fn list_one(
    client: &Client,
    call: &ApiCall<'_>,
    parent: &Parent,
    above: &BTreeMap<String, String>,
    window: &Window,
) -> Result<Vec<String>, ProviderError> {
    let mut values = values_of(window);
    values.extend(above.clone());
    let mut next = Some(api::first_url(call, &parent.request, &values)?);
    let mut ids = Vec::new();
    while let Some(url) = next {
        let page = api::get_page(client, call, &url, &parent.paging).await?;
        for item in array(&page.json, &parent.records_path)? {
            ids.push(path::text(item, &parent.id_path).ok_or(ProviderErrorKind::Garbled)?);
        }
        if ids.len() > MOST_PARENTS {
            return Err(ProviderErrorKind::Garbled.into());
        }
        next = page.next;
    }
    Ok(ids)
}

/// Reads one page of a window: the one at `cursor`, or the first.
pub(super) async fn bring(
    client: &Client,
    call: &ApiCall<'_>,
    stream: &Stream,
    window: &Window,
    cursor: Option<&str>,
) -> Result<Brought, ProviderError> {
    let url = match cursor {
        Some(cursor) => Url::parse(cursor).map_err(|_| ProviderErrorKind::Garbled)?,
        None => api::first_url(call, &stream.request, &values_of(window))?,
    };
    let page = api::get_page(client, call, &url, &stream.paging).await?;
    let mut records = Vec::new();
    let mut reached = None;
    for item in array(&page.json, &stream.records_path)? {
        let record = record(stream, item)?;
        reached = reached.max(Some(record.occurred_at));
        // Some providers include the end of the span; what is newer than the run belongs to the next one.
        if record.occurred_at >= window.from_at && record.occurred_at < window.to_at {
            records.push(record);
        }
    }
    Ok(Brought {
        records,
        next: page.next,
        reached,
    })
}

/// One record of a page.
fn record(stream: &Stream, item: &Value) -> Result<NewRecord, ProviderError> {
    let text = |at: &str| path::text(item, at).ok_or(ProviderError::from(ProviderErrorKind::Garbled));
    let time = text(&stream.time_path)?;
    let occurred_at = time
        .parse::<jiff::Timestamp>()
        .map_err(|_| ProviderErrorKind::Garbled)?;
    let title = path::text(item, &stream.title_path).unwrap_or_default();
    Ok(NewRecord {
        upstream_id: text(&stream.id_path)?,
        occurred_at: Millis(occurred_at.as_millisecond()),
        title: title
            .chars()
            .filter(|letter| !letter.is_control())
            .take(LONGEST_TITLE)
            .collect(),
        payload: item.to_string().into_bytes(),
    })
}

/// The array at a path; anything else there is not an answer of this API.
fn array<'a>(json: &'a Value, at: &str) -> Result<&'a Vec<Value>, ProviderError> {
    path::at(json, at)
        .and_then(Value::as_array)
        .ok_or_else(|| ProviderErrorKind::Garbled.into())
}
