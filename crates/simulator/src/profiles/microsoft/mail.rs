//! Outlook in Graph: messages of all folders and meetings of the own calendar.
//!
//! Sources: learn.microsoft.com/graph/api/user-list-messages (pages of 10, 1 to 1000; what is sorted by has to be
//! filtered by first, or the call fails with `InefficientFilter`), …/graph/outlook-immutable-id (ids change when a
//! message is moved, unless the Prefer header asks for those that do not), …/graph/api/user-list-calendarview (both ends
//! are required; whatever touches the span is told, each meeting of a series; times in UTC without an offset),
//! …/graph/api/resources/message and …/event for the properties. Filters by other properties than the time are not known
//! here.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{graph_error, odata};
use crate::core::{
    answer::Answer,
    history::{iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

const IMMUTABLE: &str = r#"IdType="ImmutableId""#;
/// Records of a page that asks for no number, and most of one that does.
const USUAL: usize = 10;
const MOST: usize = 1000;
const MEETING_MS: i64 = 45 * 60_000;

/// Mail, by the ids that do not change.
pub const MESSAGES: SampleStream = SampleStream {
    name: "messages",
    per_day: 8,
    id: |_, sample| format!("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{:016}", sample.number),
    ..SampleStream::STANDARD
};

/// Meetings, by the time of their beginning.
pub const EVENTS: SampleStream = SampleStream {
    name: "events",
    id: |_, sample| format!("AAMkADEwAT4AAAENAABiDCDeoAAA{:016}=", sample.number),
    ..SampleStream::STANDARD
};

/// `GET /me/messages`.
pub fn messages(seen: &Seen<'_>) -> Answer {
    list_messages(seen).unwrap_or_else(|refusal| refusal)
}

fn list_messages(seen: &Seen<'_>) -> Result<Answer, Answer> {
    odata::known(seen, &["$select", "$filter", "$orderby", "$top"])?;
    let query = &seen.call.query;
    let size = odata::top(seen, USUAL, MOST)?;
    let (from, to) = match query.get("$filter") {
        None => (i64::MIN, i64::MAX),
        Some(filter) => odata::span(filter, "receivedDateTime", &["ge", "gt", "le", "lt"])?,
    };
    let newest_first = match query.get("$orderby") {
        None | Some("receivedDateTime desc") => true,
        Some("receivedDateTime" | "receivedDateTime asc") => false,
        Some(_) => {
            return Err(graph_error(
                StatusCode::BAD_REQUEST,
                "InefficientFilter",
                "The restriction or sort order is too complex for this operation.",
            ));
        }
    };
    let preferred = seen.call.header("prefer").unwrap_or_default();
    let immutable = preferred.split(',').any(|wish| wish.trim() == IMMUTABLE);
    odata::selected(query.get("$select"), &message(&EXAMPLE, immutable))?;
    let all = |as_of| {
        let mut all = seen.samples_as_of(&MESSAGES, "", from, to, as_of);
        if newest_first {
            all.reverse();
        }
        all
    };
    let answer = odata::page(seen, size, all, |sample| {
        odata::selected(query.get("$select"), &message(sample, immutable)).unwrap_or_default()
    });
    Ok(if immutable {
        answer.with("preference-applied", IMMUTABLE)
    } else {
        answer
    })
}

/// Shows which properties a record has.
const EXAMPLE: Sample = Sample {
    number: 0,
    at: 0,
    made_at: 0,
    title: String::new(),
};

/// A message in its folder. The usual id tells the folder too, so it is another one.
fn message(sample: &Sample, immutable: bool) -> Value {
    let id = (MESSAGES.id)("", sample);
    let id = if immutable {
        id
    } else {
        id.replacen("AAkALgAA", "AAMkAGI2", 1)
    };
    json!({
        "id": id,
        "receivedDateTime": iso(sample.at, false),
        "sentDateTime": iso(sample.at, false),
        "hasAttachments": false,
        "subject": sample.title,
        "bodyPreview": sample.title,
        "importance": "normal",
        "conversationId": format!("AAQkADEw{:016}=", sample.number / 2),
        "isRead": true,
        "isDraft": false,
        "from": {"emailAddress": {"name": "Ben Cole", "address": "ben@globex.example"}},
    })
}

/// `GET /me/calendarView`.
pub fn calendar_view(seen: &Seen<'_>) -> Answer {
    list_events(seen).unwrap_or_else(|refusal| refusal)
}

fn list_events(seen: &Seen<'_>) -> Result<Answer, Answer> {
    odata::known(
        seen,
        &["startDateTime", "endDateTime", "$select", "$orderby", "$top"],
    )?;
    let query = &seen.call.query;
    let size = odata::top(seen, USUAL, MOST)?;
    let ends = ["startDateTime", "endDateTime"].map(|name| query.get(name).and_then(parse_iso));
    let [Some(from), Some(to)] = ends else {
        return Err(graph_error(
            StatusCode::BAD_REQUEST,
            "ErrorInvalidParameter",
            "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
        ));
    };
    if !matches!(query.get("$orderby"), None | Some("start/dateTime")) {
        return Err(odata::bad("Invalid orderby clause."));
    }
    odata::selected(query.get("$select"), &event(&EXAMPLE))?;
    // What began before the span and lasts into it belongs to it.
    let all = |as_of| seen.samples_as_of(&EVENTS, "", from - MEETING_MS + 1, to, as_of);
    Ok(odata::page(seen, size, all, |sample| {
        odata::selected(query.get("$select"), &event(sample)).unwrap_or_default()
    }))
}

fn event(sample: &Sample) -> Value {
    let moment = |at| {
        let text = iso(at, false);
        json!({"dateTime": format!("{}.0000000", text.trim_end_matches('Z')), "timeZone": "UTC"})
    };
    json!({
        "id": (EVENTS.id)("", sample),
        "subject": sample.title,
        "isAllDay": false,
        "isCancelled": false,
        "type": if sample.number.is_multiple_of(3) { "occurrence" } else { "singleInstance" },
        "start": moment(sample.at),
        "end": moment(sample.at + MEETING_MS),
        "organizer": {"emailAddress": {"name": "Ana Ruiz", "address": "ana@acme.example"}},
    })
}
