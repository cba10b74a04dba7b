//! Teams in Graph: chats and their messages.
//!
//! Sources: learn.microsoft.com/graph/api/chat-list (`$top` up to 50) and …/graph/api/chat-list-messages (`$top` up to 50;
//! sorted by `lastModifiedDateTime` or `createdDateTime`, newest first only; a filter by one of them, `gt` and `lt` for the
//! first and `lt` for the second, which is ignored unless the order names the same property; no other options),
//! …/graph/api/resources/chatmessage (ids within a chat, event messages of the system). Only the order and filter by the
//! time of the last change are known here. Pages of chats are shorter than asked for, as Graph may make them.

use axum::http::StatusCode;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{graph_error, odata};
use crate::{
    core::{
        answer::Answer,
        history::{DAY_MS, iso},
        provider::Seen,
        sample::{Sample, SampleStream},
    },
    profiles::Account,
};

const MOST: usize = 50;
const USUAL: usize = 20;
/// Chats of a page, whatever was asked for.
const SHORT: usize = 2;

/// Messages that people wrote.
pub const MESSAGES: SampleStream = SampleStream {
    name: "chat_messages",
    parents: chat_ids,
    per_day: 2,
    // Times in milliseconds, apart from each other.
    id: |_, sample| (sample.at + i64::try_from(sample.number % 1000).unwrap_or_default()).to_string(),
    within_parents: true,
    ..SampleStream::STANDARD
};

/// A chat of two, a group and a meeting.
fn chat_ids(account: &Account) -> Vec<String> {
    let (id, own) = (account.id, account.id.get(33..).unwrap_or_default());
    vec![
        format!("19:{id}_0a7c1f52-0000-4000-8000-000000000199@unq.gbl.spaces"),
        format!("19:b8577894a63548969c5c92bb9c80c{own}@thread.v2"),
        format!("19:meeting_MmFiNjIwYzctMDEwNS00MTQzLWE4{own}@thread.v2"),
    ]
}

/// `GET /me/chats`.
pub fn chats(seen: &Seen<'_>) -> Answer {
    let size = odata::known(seen, &["$top"]).and_then(|()| odata::top(seen, USUAL, MOST));
    match size {
        Err(refusal) => refusal,
        Ok(size) => odata::page(
            seen,
            size.min(SHORT),
            |_| chat_ids(seen.account),
            |id| json!({"id": id, "topic": null, "chatType": "group", "createdDateTime": "2024-02-05T09:12:44.25Z"}),
        ),
    }
}

/// `GET /chats/{chat-id}/messages`.
pub fn messages(seen: &Seen<'_>) -> Answer {
    list(seen).unwrap_or_else(|refusal| refusal)
}

fn list(seen: &Seen<'_>) -> Result<Answer, Answer> {
    odata::known(seen, &["$top", "$orderby", "$filter"])?;
    let size = odata::top(seen, USUAL, MOST)?;
    let query = &seen.call.query;
    let order = query.get("$orderby");
    if !matches!(order, None | Some("lastModifiedDateTime desc")) {
        return Err(odata::bad("OrderBy clause is not supported."));
    }
    let filter = query.get("$filter").filter(|_| order.is_some());
    let (from, to) = match filter {
        None => (i64::MIN, i64::MAX),
        Some(filter) => odata::span(filter, "lastModifiedDateTime", &["gt", "lt"])?,
    };
    let chat = decoded(seen.segment(2));
    if !chat_ids(seen.account).contains(&chat) {
        return Err(graph_error(
            StatusCode::NOT_FOUND,
            "NotFound",
            "The chat was not found.",
        ));
    }
    let all = |as_of| {
        let mut all = seen.samples_as_of(&MESSAGES, &chat, from, to, as_of);
        all.push(someone_joined(as_of));
        all.retain(|sample| sample.at >= from && sample.at < to);
        all.sort_by_key(|sample| std::cmp::Reverse(sample.at));
        all
    };
    Ok(odata::page(seen, size, all, |sample| told(&chat, sample)))
}

/// What Teams itself says in a chat: no message of a person.
fn someone_joined(as_of: i64) -> Sample {
    let day = as_of - as_of.rem_euclid(DAY_MS) - 20 * DAY_MS;
    Sample {
        number: 0,
        at: day + 1000,
        made_at: day + 1000,
        title: "<systemEventMessage/>".to_owned(),
    }
}

fn told(chat: &str, sample: &Sample) -> Value {
    let by_teams = sample.number == 0;
    let person = json!({"user": {"id": "0a7c1f52-0000-4000-8000-000000000199", "displayName": "Ben Cole"}});
    json!({
        "id": (MESSAGES.id)(chat, sample),
        "chatId": chat,
        "messageType": if by_teams { "systemEventMessage" } else { "message" },
        "createdDateTime": iso(sample.made_at, true),
        "lastModifiedDateTime": iso(sample.at, true),
        "deletedDateTime": null,
        "subject": null,
        "from": if by_teams { Value::Null } else { person },
        "body": {"contentType": if by_teams { "html" } else { "text" }, "content": sample.title},
    })
}

/// A segment of the path as it is meant.
fn decoded(segment: &str) -> String {
    let mut found = form_urlencoded::parse(segment.as_bytes());
    found
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}
