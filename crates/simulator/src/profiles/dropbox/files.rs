//! What Dropbox lists of a person's files.
//!
//! Sources: dropbox/dropbox-api-spec `files.stone` (2026-08-05): `list_folder` with `path`, `recursive`, `limit` (1 to 2000)
//! and the other fields of `ListFolderArg`, `list_folder/continue` with a `cursor` that stands for path and limit of the
//! first call, `has_more`, a cursor on every page, `.tag` of entries, `server_modified` in whole seconds, the errors
//! `path/not_found` and `reset`. A folder is told among its files. Stricter than documented: a field that is not known
//! is refused, and only the whole Dropbox can be listed, since the one folder in it is not played. The words for an
//! argument or a cursor that does not parse are public clients' reports.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::bad_request;
use crate::core::{
    answer::Answer,
    cursor::Cursor,
    history::iso,
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// Entries of a page at most.
const MOST: u64 = 2000;
/// How long a cursor works: as long as the folder is there.
const CURSOR_LIFE_MS: i64 = i64::MAX;

/// Files, by the time of their last change.
pub const FILES: SampleStream = SampleStream {
    name: "files",
    per_day: 14,
    id: |_, sample| format!("id:a4ayc_80_OEAAAAA{:016}", sample.number),
    ..SampleStream::STANDARD
};

/// `POST /files/list_folder`.
pub fn list_folder(seen: &Seen<'_>) -> Answer {
    first(seen).unwrap_or_else(|refusal| refusal)
}

fn first(seen: &Seen<'_>) -> Result<Answer, Answer> {
    const FLAGS: [&str; 6] = [
        "recursive",
        "include_media_info",
        "include_deleted",
        "include_has_explicit_shared_members",
        "include_mounted_folders",
        "include_non_downloadable_files",
    ];
    let bad = |words: &str| bad_request(&seen.call.path, &format!("request body: {words}"));
    let fields = argument(seen)?;
    for (name, value) in &fields {
        let fits = match name.as_str() {
            "path" => value.is_string(),
            "limit" => value.as_u64().is_some_and(|limit| (1..=MOST).contains(&limit)),
            name => FLAGS.contains(&name) && value.is_boolean(),
        };
        if !fits {
            return Err(bad(&format!(
                "{name}: unknown field, or not a value that it takes"
            )));
        }
    }
    match fields.get("path").and_then(Value::as_str) {
        None => Err(bad("missing required field 'path'")),
        Some("/") => Err(bad(
            "path: Specify the root folder as an empty string rather than as \"/\".",
        )),
        Some("") => {
            let whole = fields.get("recursive") == Some(&json!(true));
            let limit = fields.get("limit").and_then(Value::as_u64).unwrap_or(MOST);
            let place = Cursor {
                position: 0,
                as_of: seen.call.now,
            };
            Ok(page(seen, place, whole, limit))
        }
        Some(_) => Err(conflict(
            "path/not_found/..",
            &json!({".tag": "path", "path": {".tag": "not_found"}}),
        )),
    }
}

/// `POST /files/list_folder/continue`.
pub fn go_on(seen: &Seen<'_>) -> Answer {
    next(seen).unwrap_or_else(|refusal| refusal)
}

fn next(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let fields = argument(seen)?;
    let cursor = fields
        .get("cursor")
        .and_then(Value::as_str)
        .filter(|_| fields.len() == 1);
    let bad = || bad_request(&seen.call.path, "Invalid \"cursor\" parameter: could not be read");
    let (query, token) = cursor.and_then(|cursor| cursor.split_once('.')).ok_or_else(bad)?;
    let (whole, limit) = match query.split_at_checked(1) {
        Some(("r", limit)) => (true, limit),
        Some(("t", limit)) => (false, limit),
        _ => return Err(bad()),
    };
    let place = Cursor::open(
        token,
        seen.world.seed,
        &bound(seen, query),
        seen.call.now,
        CURSOR_LIFE_MS,
    );
    let limit = limit.parse::<u64>().ok();
    let (Some(place), Some(limit)) = (place, limit) else {
        return Err(bad());
    };
    Ok(page(seen, place, whole, limit))
}

/// What a cursor belongs to.
fn bound(seen: &Seen<'_>, query: &str) -> String {
    format!("list_folder {} {query}", seen.account.id)
}

/// The body of a call that takes an argument: one JSON object.
fn argument(seen: &Seen<'_>) -> Result<Map<String, Value>, Answer> {
    match seen.call.json() {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(bad_request(
            &seen.call.path,
            "request body: could not decode input as JSON",
        )),
    }
}

fn page(seen: &Seen<'_>, place: Cursor, whole: bool, limit: u64) -> Answer {
    let mut files = seen.samples_as_of(&FILES, "", i64::MIN, i64::MAX, place.as_of);
    // What is in the folder is not told of the root alone.
    files.retain(|sample| whole || !is_in_folder(sample));
    // In no order that anyone could rely on.
    files.sort_by_key(|sample| (sample.number % 97, sample.number));
    let mut all = vec![folder()];
    all.extend(files.iter().map(file));
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let end = place.position.saturating_add(size).min(all.len());
    let query = format!("{}{limit}", if whole { "r" } else { "t" });
    let cursor = Cursor {
        position: end,
        ..place
    }
    .seal(seen.world.seed, &bound(seen, &query));
    let body = json!({
        "entries": all.get(place.position..end).unwrap_or_default(),
        "cursor": format!("{query}.{cursor}"),
        "has_more": end < all.len(),
    });
    Answer::json(StatusCode::OK, &body)
}

fn is_in_folder(sample: &Sample) -> bool {
    !sample.number.is_multiple_of(4)
}

fn folder() -> Value {
    json!({
        ".tag": "folder", "name": "Plans", "path_lower": "/plans", "path_display": "/Plans",
        "id": "id:a4ayc_80_OEAAAAAfolder",
    })
}

fn file(sample: &Sample) -> Value {
    let name = format!("{} {}.docx", sample.title.replace(':', ""), sample.number);
    let path = if is_in_folder(sample) {
        format!("/Plans/{name}")
    } else {
        format!("/{name}")
    };
    json!({
        ".tag": "file",
        "name": name,
        "path_lower": path.to_lowercase(),
        "path_display": path,
        "id": (FILES.id)("", sample),
        // What the device says; it can be anything.
        "client_modified": iso(sample.made_at, false),
        "server_modified": iso(sample.at, false),
        "rev": format!("a1c10ce0dd78{}", sample.number),
        "size": 7212,
        "is_downloadable": true,
    })
}

/// An error of a call itself.
fn conflict(summary: &str, error: &Value) -> Answer {
    let body = json!({"error_summary": summary, "error": error});
    Answer::json(StatusCode::CONFLICT, &body).refused("nothing there")
}
