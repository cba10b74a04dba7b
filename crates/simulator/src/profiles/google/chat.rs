//! Chat's API: spaces, and the messages in them.
//!
//! Sources: developers.google.com/workspace/chat/api/reference/rest/v1/spaces/list and spaces.messages/list (`pageSize` up
//! to 1000, `orderBy=createTime ASC`, `filter` with `createTime > "…"`). Other filters are refused here.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{CHAT_MESSAGES, CHAT_SPACES, Google, api_error, bad, list, size};
use crate::{
    core::{
        answer::Answer,
        call::Call,
        history::{iso, parse_iso},
        provider::Seen,
        sample::SampleStream,
        world::World,
    },
    profiles::Account,
};

/// Most of a page.
const MOST: usize = 1000;

/// Messages of two spaces.
pub const MESSAGES: SampleStream = SampleStream {
    name: "chat",
    parents: spaces,
    per_day: 3,
    id: |space, sample| format!("spaces/{space}/messages/m{}", sample.number),
    within_parents: false,
    ..SampleStream::STANDARD
};

fn spaces(account: &Account) -> Vec<String> {
    let end = account.id.get(account.id.len() - 3..).unwrap_or_default();
    vec![format!("AAAAteam{end}"), format!("AAAAnews{end}")]
}

/// Answers a call of `chat.googleapis.com`.
pub fn answer(google: &Google, world: &World, call: &Call, path: &str) -> Answer {
    let space = path
        .strip_prefix("/v1/spaces/")
        .and_then(|rest| rest.strip_suffix("/messages"));
    let scope = match (path, space) {
        ("/v1/spaces", _) => CHAT_SPACES,
        (_, Some(_)) => CHAT_MESSAGES,
        _ => return Answer::no_such_path(&call.host, path),
    };
    if call.method != Method::GET {
        return Answer::wrong_method("GET");
    }
    let (grant, account) = match google.caller(world, call, scope) {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let seen = Seen {
        world,
        call,
        grant: &grant,
        account,
    };
    let Some(size) = size(&seen, "pageSize", if space.is_some() { 25 } else { 100 }, MOST) else {
        return bad("pageSize is a number");
    };
    match space {
        None => list(
            &seen,
            "spaces",
            size,
            |_| spaces(account),
            |space| json!({"name": format!("spaces/{space}"), "spaceType": "SPACE", "displayName": space}),
        ),
        Some(space) => messages(&seen, space, size),
    }
}

fn messages(seen: &Seen<'_>, space: &str, size: usize) -> Answer {
    let query = &seen.call.query;
    if !spaces(seen.account).iter().any(|known| known == space) {
        let words = "Space not found.";
        return api_error(StatusCode::NOT_FOUND, "NOT_FOUND", "notFound", words);
    }
    let newest_first = match query.get("orderBy") {
        None | Some("createTime ASC") => false,
        Some("createTime DESC") => true,
        Some(_) => return bad("orderBy is createTime ASC or DESC"),
    };
    let after = query.get("filter").map_or(Some(i64::MIN), |filter| {
        parse_iso(filter.strip_prefix("createTime > \"")?.strip_suffix('"')?)
    });
    let Some(after) = after else {
        return bad("filter is createTime > \"…\" (simulated provider)");
    };
    let all = |as_of| {
        let mut all = seen.samples_as_of(&MESSAGES, space, after.saturating_add(1), i64::MAX, as_of);
        if newest_first {
            all.reverse();
        }
        all
    };
    list(seen, "messages", size, all, |sample| {
        json!({
            "name": (MESSAGES.id)(space, sample),
            "text": sample.title,
            "createTime": iso(sample.at, false),
            "space": {"name": format!("spaces/{space}")},
        })
    })
}
