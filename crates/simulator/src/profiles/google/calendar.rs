//! Calendar's API: whose calendar it is, and its events.
//!
//! Events: developers.google.com/workspace/calendar/api/v3/reference/events/list (`timeMin` goes by an event's end and
//! `timeMax` by its start, `orderBy=startTime` needs `singleEvents`, up to 2500 a page; an event of a whole day has
//! `start.date`). Other sources: developers.google.com/workspace/calendar/api/v3/reference/calendarList and calendarList/get (`primary` stands
//! for the own calendar; the fields of an entry). That the id of a primary calendar is the account's address is what
//! NangoHQ/nango `packages/providers/providers.yaml#google-calendar` and clients rely on.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{CALENDAR_READ, Google, bad, list, size};
use crate::core::{
    answer::Answer,
    call::Call,
    history::{DAY_MS, date, iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
    world::World,
};

/// Most of a page.
const MOST: usize = 2500;
/// Length of a meeting.
const HOUR_MS: i64 = 3_600_000;
const LIST: &str = "/calendar/v3/calendars/primary/events";

/// Meetings; those at the first second of a day last the whole day.
pub const EVENTS: SampleStream = SampleStream {
    name: "events",
    per_day: 4,
    id: |_, sample| format!("ev{}", sample.number),
    ..SampleStream::STANDARD
};

/// Answers a call below `/calendar/` of `www.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    if path != "/calendar/v3/users/me/calendarList/primary" && path != LIST {
        return Answer::no_such_path(&call.host, path);
    }
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    match google.caller(world, call, CALENDAR_READ) {
        Ok((grant, account)) if path == LIST => events(&Seen {
            world,
            call,
            grant: &grant,
            account,
        }),
        Ok((_, account)) => {
            let body = json!({
                "kind": "calendar#calendarListEntry",
                "etag": "\"1776254400000000\"",
                "id": account.label,
                "summary": account.label,
                "timeZone": "Europe/Berlin",
                "colorId": "14",
                "backgroundColor": "#9fe1e7",
                "foregroundColor": "#000000",
                "selected": true,
                "accessRole": "owner",
                "defaultReminders": [{"method": "popup", "minutes": 30}],
                "primary": true,
                "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
            });
            Answer::json(StatusCode::OK, &body)
        }
        Err(refusal) => refusal,
    }
}

/// Events by their start.
fn events(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let singles = query.get("singleEvents") == Some("true");
    match query.get("orderBy") {
        None | Some("updated") => {}
        Some("startTime") if singles => {}
        Some(_) => return bad("orderBy is updated, or startTime with singleEvents"),
    }
    let time = |name, default| query.get(name).map_or(Some(default), parse_iso);
    let (Some(min), Some(max), Some(size)) = (
        time("timeMin", i64::MIN / 2),
        time("timeMax", i64::MAX / 2),
        size(seen, "maxResults", 250, MOST),
    ) else {
        return bad("timeMin, timeMax or maxResults is not what is taken");
    };
    let all = |as_of| {
        let all = seen.samples_as_of(&EVENTS, "", min - DAY_MS, max, as_of);
        all.into_iter().filter(|sample| end(sample) > min).collect()
    };
    list(seen, "items", size, all, event)
}

fn is_whole_day(sample: &Sample) -> bool {
    sample.at % DAY_MS == 0
}

fn end(sample: &Sample) -> i64 {
    sample.at + if is_whole_day(sample) { DAY_MS } else { HOUR_MS }
}

fn event(sample: &Sample) -> serde_json::Value {
    let time = |at: i64| {
        if is_whole_day(sample) {
            json!({"date": date(at / DAY_MS)})
        } else {
            json!({"dateTime": iso(at, false), "timeZone": "UTC"})
        }
    };
    json!({
        "kind": "calendar#event", "id": (EVENTS.id)("", sample), "status": "confirmed", "summary": sample.title,
        "created": iso(sample.made_at, true), "updated": iso(sample.made_at, true),
        "start": time(sample.at), "end": time(end(sample)),
    })
}
