//! What Zoom lists of a person: meetings and cloud recordings.
//!
//! Sources: developers.zoom.us/docs/api/meetings, "List meetings" (`type`; `previous_meetings` are all that took place,
//! `scheduled`, which is meant without it, leaves out those that expired; instant meetings are never told) and "List all
//! recordings" (`from` and `to` as days in UTC, a month at most, today without them; `page_size` up to 300;
//! `next_page_token`, empty on the last page; `start_time`). That a meeting expires thirty days after it took place is
//! Zoom's help page on meeting ids. How a longer span is cut (`from` moves up) is own knowledge, as are the words for a
//! value that is not taken. Stricter than documented: a month has thirty days here. The dates that the list of
//! meetings takes are not known here.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::api_error;
use crate::core::{
    answer::Answer,
    history::{DAY_MS, date, iso, parse_date},
    provider::Seen,
    sample::{Sample, SampleStream},
};

const USUAL: usize = 30;
const MOST: usize = 300;
/// Days of a span at most.
const MONTH: i64 = 30;

/// Meetings that took place.
pub const MEETINGS: SampleStream = SampleStream {
    name: "meetings",
    per_day: 5,
    id: |_, sample| uuid(sample, "meeting"),
    ..SampleStream::STANDARD
};

/// Meetings that were recorded in the cloud.
pub const RECORDINGS: SampleStream = SampleStream {
    name: "recordings",
    id: |_, sample| uuid(sample, "recorded"),
    ..SampleStream::STANDARD
};

/// The id of one meeting of a series: any 16 bytes.
fn uuid(sample: &Sample, kind: &str) -> String {
    let mut bytes = [0u8; 16];
    for (place, byte) in bytes
        .iter_mut()
        .zip(sample.number.to_be_bytes().iter().chain(kind.as_bytes()))
    {
        *place = *byte;
    }
    STANDARD.encode(bytes)
}

/// `GET /users/me/meetings`.
pub fn meetings(seen: &Seen<'_>) -> Answer {
    let from = match seen.call.query.get("type") {
        Some("previous_meetings") => i64::MIN,
        None | Some("scheduled") => seen.call.now - MONTH * DAY_MS,
        Some("live" | "upcoming" | "upcoming_meetings") => i64::MAX,
        Some(_) => return invalid("type"),
    };
    list(
        seen,
        json!({}),
        |as_of| seen.samples_as_of(&MEETINGS, "", from, i64::MAX, as_of),
        |sample| {
            let mut told = told(&MEETINGS, seen, sample);
            told["timezone"] = json!("Europe/Berlin");
            told["created_at"] = json!(iso(sample.made_at, false));
            told["join_url"] = json!(format!("https://zoom.us/j/{}", series(sample)));
            told
        },
    )
}

/// `GET /users/me/recordings`.
pub fn recordings(seen: &Seen<'_>) -> Answer {
    let today = seen.call.now.div_euclid(DAY_MS);
    let day = |name| seen.call.query.get(name).map_or(Some(today), parse_date);
    let (Some(from), Some(to)) = (day("from"), day("to")) else {
        return invalid("from and to");
    };
    if to < from {
        return invalid("to");
    }
    let from = from.max(to - MONTH);
    let span = json!({"from": date(from), "to": date(to)});
    list(
        seen,
        span,
        |as_of| seen.samples_as_of(&RECORDINGS, "", from * DAY_MS, (to + 1) * DAY_MS, as_of),
        |sample| {
            let mut told = told(&RECORDINGS, seen, sample);
            told["total_size"] = json!(52_428_800);
            told["recording_count"] = json!(1);
            told["recording_files"] = json!([{
                "id": format!("file-{}", sample.number), "file_type": "MP4", "status": "completed",
                "recording_start": iso(sample.at, false),
            }]);
            told
        },
    )
}

/// Meetings of a series share a number.
fn series(sample: &Sample) -> u64 {
    93_000_000_000 + sample.number % 7
}

fn told(stream: &SampleStream, seen: &Seen<'_>, sample: &Sample) -> Value {
    json!({
        "uuid": (stream.id)("", sample),
        "id": series(sample),
        "host_id": seen.account.id,
        "topic": sample.title,
        "type": 8,
        "start_time": iso(sample.at, false),
        "duration": 45,
    })
}

/// A page, newest first.
fn list(
    seen: &Seen<'_>,
    mut body: Value,
    all: impl Fn(i64) -> Vec<Sample>,
    told: impl Fn(&Sample) -> Value,
) -> Answer {
    let query = &seen.call.query;
    let size = query
        .get("page_size")
        .map_or(Some(USUAL), |size| size.parse().ok());
    let Some(size) = size.filter(|size| (1..=MOST).contains(size)) else {
        return invalid("page_size");
    };
    let bound = query.sorted_without("next_page_token");
    let newest_first = |as_of| {
        let mut all = all(as_of);
        all.reverse();
        all
    };
    let Some((shown, next)) = seen.page(query.get("next_page_token"), size, &bound, newest_first) else {
        return api_error(
            StatusCode::BAD_REQUEST,
            300,
            "The next page token is invalid or expired.",
        );
    };
    body["page_size"] = json!(size);
    body["next_page_token"] = json!(next.unwrap_or_default());
    body["meetings"] = shown.iter().map(told).collect();
    Answer::json(StatusCode::OK, &body)
}

fn invalid(name: &str) -> Answer {
    api_error(StatusCode::BAD_REQUEST, 300, &format!("Invalid field: {name}."))
}
