//! Calendar's API: whose calendar it is.
//!
//! Sources: developers.google.com/workspace/calendar/api/v3/reference/calendarList and calendarList/get (`primary` stands
//! for the own calendar; the fields of an entry). That the id of a primary calendar is the account's address is what
//! NangoHQ/nango `packages/providers/providers.yaml#google-calendar` and clients rely on.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{CALENDAR_READ, Google};
use crate::core::{answer::Answer, call::Call, world::World};

/// Answers a call below `/calendar/` of `www.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    if path != "/calendar/v3/users/me/calendarList/primary" {
        return Answer::no_such_path(&call.host, path);
    }
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    match google.caller(world, call, CALENDAR_READ) {
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
