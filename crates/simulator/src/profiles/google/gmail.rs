//! Gmail's API: whose mailbox it is, and its messages.
//!
//! Sources: developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile, users.messages/list (`q`, ids
//! only, `maxResults` up to 500, no `messages` where there are none) and users.messages/get (`format=metadata`,
//! `internalDate` in milliseconds); that `after:` and `before:` take seconds: developers.google.com/workspace/gmail/api/guides/filtering.
//! Both ends are left out here, so that who asks must not rely on either.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{GMAIL_READ, Google, api_error, bad, list, size};
use crate::core::{
    answer::Answer,
    call::Call,
    history::DAY_MS,
    provider::Seen,
    sample::{Sample, SampleStream},
    world::World,
};

/// Most of a page.
const MOST: usize = 500;
const LIST: &str = "/gmail/v1/users/me/messages";

/// Mail.
pub const MESSAGES: SampleStream = SampleStream {
    name: "messages",
    id: |_, sample| format!("19{:014x}", sample.number),
    ..SampleStream::STANDARD
};

/// Answers a call of `gmail.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    let one = path.strip_prefix(LIST).and_then(|rest| rest.strip_prefix('/'));
    if path != "/gmail/v1/users/me/profile" && path != LIST && one.is_none() {
        return Answer::no_such_path(&call.host, path);
    }
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    let (grant, account) = match google.caller(world, call, GMAIL_READ) {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let seen = Seen {
        world,
        call,
        grant: &grant,
        account,
    };
    match one {
        Some(id) => message(&seen, id),
        None if path == LIST => messages(&seen),
        None => {
            let body = json!({
                "emailAddress": account.label, "messagesTotal": 4210, "threadsTotal": 1870, "historyId": "918273",
            });
            Answer::json(StatusCode::OK, &body)
        }
    }
}

/// Ids, newest first.
fn messages(seen: &Seen<'_>) -> Answer {
    let Some(size) = size(seen, "maxResults", 100, MOST) else {
        return bad("maxResults is a number");
    };
    let Some((after, before)) = span(seen.call.query.get("q").unwrap_or_default()) else {
        return bad("q is after:SECONDS before:SECONDS (simulated provider)");
    };
    let all = |as_of| {
        let mut all = seen.samples_as_of(&MESSAGES, "", after.saturating_add(1), before, as_of);
        all.reverse();
        all
    };
    list(seen, "messages", size, all, |sample| {
        let id = (MESSAGES.id)("", sample);
        json!({"id": id, "threadId": id})
    })
}

/// The ends of a search by time, in milliseconds.
fn span(q: &str) -> Option<(i64, i64)> {
    let mut ends = (0, i64::MAX);
    for word in q.split_ascii_whitespace() {
        let (name, seconds) = word.split_once(':')?;
        let at = seconds.parse::<i64>().ok()?.checked_mul(1000)?;
        match name {
            "after" => ends.0 = at,
            "before" => ends.1 = at,
            _ => return None,
        }
    }
    Some(ends)
}

/// One message, as far as `format=metadata` tells it.
fn message(seen: &Seen<'_>, id: &str) -> Answer {
    if seen.call.query.get("format") != Some("metadata") {
        return bad("format is metadata (simulated provider)");
    }
    let now = seen.call.now;
    let all = seen.samples(&MESSAGES, "", now - 366 * DAY_MS, i64::MAX);
    match all.iter().find(|sample| (MESSAGES.id)("", sample) == id) {
        Some(sample) => Answer::json(StatusCode::OK, &told(sample)),
        None => api_error(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "notFound",
            "Requested entity was not found.",
        ),
    }
}

fn told(sample: &Sample) -> serde_json::Value {
    let id = (MESSAGES.id)("", sample);
    json!({
        "id": id, "threadId": id, "labelIds": ["INBOX"], "snippet": sample.title,
        "internalDate": sample.at.to_string(),
        "payload": {"headers": [{"name": "Subject", "value": sample.title}]},
    })
}
