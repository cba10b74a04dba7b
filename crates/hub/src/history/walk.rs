//! Walks the pages of a window and turns them into records.

use std::{collections::BTreeMap, time::Duration};

use patchbay_catalog::{Only, Parent, RecordTime, Stream, Times, path};
use patchbay_oauth::{
    ProviderError, ProviderErrorKind,
    api::ApiCall,
    http::Client,
    listing::{self, Parts},
};
use patchbay_store::{records::NewRecord, sync::Window, time::Millis};
use serde_json::Value;

use super::DAY_MS;

/// More parents than this are not listed: an account that large needs a plan of its own.
pub(super) const MOST_PARENTS: usize = 10_000;
/// Longest title kept, in characters.
const LONGEST_TITLE: usize = 300;
/// How long a provider is left alone that is still collecting.
const COLLECTING: Duration = Duration::from_mins(2);
/// Largest record kept, in bytes of JSON.
const LARGEST_RECORD: usize = 256 * 1024;

/// One page of a window, ready to be stored.
pub(super) struct Brought {
    /// Records within the window.
    pub records: Vec<NewRecord>,
    /// Ids of the places in a tree that the page names.
    pub places: Vec<String>,
    /// Where the next page is.
    pub next: Option<String>,
    /// The time that the walk has come to, where the provider sorts: the newest seen of what comes oldest first, the
    /// oldest seen of what comes newest first.
    pub reached: Option<Millis>,
}

/// What a window's requests are filled with: its ends, and its parents' ids.
pub(super) fn parts_of(stream: &Stream, window: &Window) -> Parts {
    let from = Millis(window.from_at.0 - i64::from(stream.early_days) * DAY_MS);
    Parts {
        own: BTreeMap::from([
            ("from".to_owned(), start(stream.times, from)),
            ("to".to_owned(), end(stream.times, window.to_at)),
        ]),
        numeric: stream.times.is_numeric(),
        foreign: parents_of(window),
    }
}

/// The ids of a window's parents.
fn parents_of(window: &Window) -> BTreeMap<String, String> {
    serde_json::from_str(&window.window_key).unwrap_or_default()
}

/// The first moment of a window, as a provider writes times.
fn start(times: Times, at: Millis) -> String {
    match times {
        // Whole seconds, rounded down: a provider that knows no fraction must not lose what lies within one.
        Times::Rfc3339 => at.rfc3339_seconds(),
        Times::Seconds => at.0.div_euclid(1000).to_string(),
        Times::Milliseconds | Times::MillisecondsText => at.0.to_string(),
        Times::Date => at.rfc3339().chars().take(10).collect(),
    }
}

/// The first moment after a window; of days, the last that belongs to it.
fn end(times: Times, at: Millis) -> String {
    match times {
        Times::Date => start(times, Millis(at.0 - 1)),
        // Rounded up: what lies within the last second is left out afterwards if it is too new.
        Times::Rfc3339 | Times::Seconds => start(times, Millis(at.0 + 999)),
        Times::Milliseconds | Times::MillisecondsText => start(times, at),
    }
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
            for id in list_one(client, call, parent, above, stream, window).await? {
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
    stream: &Stream,
    window: &Window,
) -> Result<Vec<String>, ProviderError> {
    let mut parts = parts_of(stream, window);
    parts.foreign.clone_from(above);
    let mut ids = Vec::new();
    let mut place = None;
    loop {
        let page = listing::read(client, call, &parent.listing(), &parts, place.as_deref()).await?;
        for item in page
            .records
            .iter()
            .filter(|item| counts(parent.only.as_ref(), item))
        {
            let id = path::text(item, &parent.id_path).ok_or(ProviderErrorKind::Garbled)?;
            ids.push(id.strip_prefix(&parent.id_prefix).unwrap_or(&id).to_owned());
        }
        if ids.len() > MOST_PARENTS {
            return Err(ProviderErrorKind::Garbled.into());
        }
        place = page.next;
        if place.is_none() {
            return Ok(ids);
        }
    }
}

/// Reads one page of a window: the one at `place`, or the first.
pub(super) async fn bring(
    client: &Client,
    call: &ApiCall<'_>,
    stream: &Stream,
    window: &Window,
    place: Option<&str>,
) -> Result<Brought, ProviderError> {
    let parts = parts_of(stream, window);
    if let (None, Some(ready)) = (place, &stream.ready)
        && !listing::is_ready(client, call, ready, &parts).await?
    {
        let retry_after = Some(COLLECTING);
        return Err(ProviderErrorKind::Limited { retry_after }.into());
    }
    let page = listing::read(client, call, &stream.listing(), &parts, place).await?;
    let mut brought = Brought {
        records: Vec::new(),
        places: places(stream, &page.records)?,
        next: page.next,
        reached: None,
    };
    for item in page
        .records
        .iter()
        .filter(|item| counts(stream.only.as_ref(), item))
    {
        let record = match &stream.detail {
            None => record(stream, window, item)?,
            Some(detail) => {
                let item = bring_one(client, call, stream, detail, &parts, item).await?;
                record(stream, window, &item)?
            }
        };
        let at = record.occurred_at;
        let newer = |reached: Millis| {
            if stream.newest_first {
                reached.min(at)
            } else {
                reached.max(at)
            }
        };
        brought.reached = Some(brought.reached.map_or(at, newer));
        if stream.newest_first && at < window.from_at {
            // All that follows is older still.
            brought.next = None;
            break;
        }
        // Some providers include the end of the span; what is newer than the run belongs to the next one.
        if at >= window.from_at && at < window.to_at {
            brought.records.push(record);
        }
    }
    Ok(brought)
}

/// The places of a tree that are among the elements of a list.
fn places(stream: &Stream, items: &[Value]) -> Result<Vec<String>, ProviderError> {
    let Some(tree) = &stream.tree else {
        return Ok(Vec::new());
    };
    items
        .iter()
        .filter(|item| counts(Some(&tree.only), item))
        .map(|item| path::text(item, &tree.id_path).ok_or_else(|| ProviderErrorKind::Garbled.into()))
        .collect()
}

/// A listed record as a call of its own tells it.
async fn bring_one(
    client: &Client,
    call: &ApiCall<'_>,
    stream: &Stream,
    detail: &str,
    parts: &Parts,
    item: &Value,
) -> Result<Value, ProviderError> {
    let id = path::text(item, &stream.id_path).ok_or(ProviderErrorKind::Garbled)?;
    let mut parts = parts.clone();
    parts.foreign.insert("id".to_owned(), id);
    listing::read_one(client, call, detail, &parts).await
}

/// Whether an element of a list is one that is meant.
pub(super) fn counts(only: Option<&Only>, item: &Value) -> bool {
    only.is_none_or(|only| match path::at(item, &only.path) {
        Some(Value::Bool(is)) => is.to_string() == only.is,
        Some(_) => path::text(item, &only.path).is_some_and(|text| text == only.is),
        None => false,
    })
}

/// One record of a page.
fn record(stream: &Stream, window: &Window, item: &Value) -> Result<NewRecord, ProviderError> {
    let text = |at: &str| path::text(item, at).ok_or(ProviderError::from(ProviderErrorKind::Garbled));
    let occurred_at = occurred_at(stream, window, item).ok_or(ProviderErrorKind::Garbled)?;
    let mut upstream_id = text(&stream.id_path)?;
    if stream.id_within_parents {
        let ids = parents_of(window);
        let parents = stream.parents.iter().filter_map(|parent| ids.get(&parent.name));
        let parts: Vec<&str> = parents
            .map(String::as_str)
            .chain([upstream_id.as_str()])
            .collect();
        upstream_id = parts.join(":");
    }
    let title = first(item, &stream.title_path).unwrap_or_default();
    let payload = item.to_string().into_bytes();
    Ok(NewRecord {
        upstream_id,
        occurred_at,
        title: title
            .chars()
            .filter(|letter| !letter.is_control())
            .take(LONGEST_TITLE)
            .collect(),
        payload: if payload.len() > LARGEST_RECORD {
            too_large(payload.len())
        } else {
            payload
        },
    })
}

/// The first that is there of the texts at several paths between bars.
fn first(item: &Value, paths: &str) -> Option<String> {
    paths.split('|').find_map(|at| path::text(item, at))
}

/// A record's time; where the provider tells none, the last moment of the window.
fn occurred_at(stream: &Stream, window: &Window, item: &Value) -> Option<Millis> {
    if stream.undated {
        return Some(Millis(window.to_at.0 - 1));
    }
    let time = first(item, &stream.time_path)?;
    moment(stream.time, &time)
}

/// What is kept in the place of a record that is too large: that it was there, and how large.
fn too_large(bytes: usize) -> Vec<u8> {
    serde_json::json!({"patchbay_note": format!("left out: {bytes} bytes, and {LARGEST_RECORD} are kept at most")})
        .to_string()
        .into_bytes()
}

/// A record's time.
fn moment(written: RecordTime, text: &str) -> Option<Millis> {
    let millis = match written {
        RecordTime::Rfc3339 => match text.parse::<jiff::Timestamp>() {
            Ok(at) => at.as_millisecond(),
            Err(_) => return moment(RecordTime::Date, text),
        },
        RecordTime::Seconds => seconds(text)?,
        RecordTime::Milliseconds => text.parse().ok()?,
        RecordTime::Date => return moment(RecordTime::Utc, &format!("{text}T00:00:00")),
        RecordTime::Utc => format!("{text}Z")
            .parse::<jiff::Timestamp>()
            .ok()?
            .as_millisecond(),
        RecordTime::JsonDate => {
            let inside = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
            // The offset says where it was written; the number is in UTC whatever it says.
            let offset = inside
                .get(1..)?
                .find(['+', '-'])
                .map_or(inside.len(), |at| at + 1);
            inside.get(..offset)?.parse().ok()?
        }
    };
    Some(Millis(millis))
}

/// Seconds with or without a fraction, exactly: a floating-point number would lose Slack's microseconds.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(thousandths.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_as_providers_write_them() {
        let read = |written, text: &str| moment(written, text).map(|at| at.0);
        assert_eq!(
            read(RecordTime::Rfc3339, "2026-01-01T01:00:00+01:00"),
            Some(1_767_225_600_000)
        );
        assert_eq!(
            read(RecordTime::Rfc3339, "2026-01-01T00:00:00.250+0000"),
            Some(1_767_225_600_250)
        );
        assert_eq!(read(RecordTime::Rfc3339, "2026-01-01"), Some(1_767_225_600_000));
        assert_eq!(read(RecordTime::Rfc3339, "yesterday"), None);
        assert_eq!(read(RecordTime::Seconds, "1767225600"), Some(1_767_225_600_000));
        assert_eq!(
            read(RecordTime::Seconds, "1767225600.250200"),
            Some(1_767_225_600_250)
        );
        assert_eq!(
            read(RecordTime::Milliseconds, "1767225600250"),
            Some(1_767_225_600_250)
        );
        assert_eq!(read(RecordTime::Date, "2026-01-01"), Some(1_767_225_600_000));
        assert_eq!(
            read(RecordTime::Utc, "2026-01-01T00:00:00.2500000"),
            Some(1_767_225_600_250)
        );
        assert_eq!(read(RecordTime::Utc, "2026-01-01T00:00:00Z"), None);
        assert_eq!(
            read(RecordTime::JsonDate, "/Date(1767225600250+0000)/"),
            Some(1_767_225_600_250)
        );
        assert_eq!(
            read(RecordTime::JsonDate, "/Date(1767225600250)/"),
            Some(1_767_225_600_250)
        );
        assert_eq!(read(RecordTime::JsonDate, "2026-01-01"), None);
    }

    #[test]
    fn the_ends_of_a_window_lose_nothing() {
        let (from, to) = (Millis(1_767_225_600_250), Millis(1_767_312_000_250));
        assert_eq!(start(Times::Seconds, from), "1767225600");
        assert_eq!(end(Times::Seconds, to), "1767312001");
        assert_eq!(start(Times::Milliseconds, from), "1767225600250");
        let text = (
            start(Times::MillisecondsText, from),
            end(Times::MillisecondsText, to),
        );
        assert_eq!(text, ("1767225600250".to_owned(), "1767312000250".to_owned()));
        assert!(Times::Milliseconds.is_numeric() && !Times::MillisecondsText.is_numeric());
        assert_eq!(start(Times::Rfc3339, from), "2026-01-01T00:00:00Z");
        assert_eq!(end(Times::Rfc3339, to), "2026-01-02T00:00:01Z");
        assert_eq!(
            (start(Times::Date, from).as_str(), end(Times::Date, to).as_str()),
            ("2026-01-01", "2026-01-02")
        );
    }

    #[test]
    fn only_what_is_meant_counts() {
        let only = |path: &str, is: &str| Only {
            path: path.to_owned(),
            is: is.to_owned(),
        };
        let file = json!({".tag": "file", "n": 3, "member": true});
        assert!(counts(None, &file));
        assert!(counts(Some(&only("n", "3")), &file) && counts(Some(&only("member", "true")), &file));
        assert!(!counts(Some(&only("n", "4")), &file) && !counts(Some(&only("absent", "x")), &file));
    }
}
