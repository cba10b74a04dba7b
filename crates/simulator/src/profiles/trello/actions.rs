//! Trello's boards and what happened on them.
//!
//! Sources: developer.atlassian.com "API reference: members, boards" (`fields`; actions with `filter`, `limit` up to 1000 and
//! 50 by default, `before` and `since` as an action's id or a time) and "Nested resources" (the answer is the list, newest
//! first). An id begins with the seconds of its time in hexadecimal digits, as every `ObjectId` does. Own knowledge: the words
//! of refusals. Stricter than documented: a parameter that is not known is refused, `since` leaves out its own moment.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::text;
use crate::{
    core::{
        answer::Answer,
        call::Call,
        history::{iso, parse_iso},
        sample::{Sample, SampleStream, samples},
        world::World,
    },
    profiles::Account,
};

/// Where a person's boards are.
pub const BOARDS: &str = "/1/members/me/boards";
/// Most of a page.
const MOST: usize = 1000;
/// Kinds of actions that are played.
const KINDS: [&str; 4] = ["addMemberToBoard", "createCard", "updateCard", "commentCard"];

/// What happened on two boards.
pub const ACTIONS: SampleStream = SampleStream {
    name: "actions",
    parents: |account| board_ids(account).to_vec(),
    per_day: 40,
    id: |_, sample| id(sample),
    ..SampleStream::STANDARD
};

/// The board whose actions a path names.
pub fn board(path: &str) -> Option<&str> {
    let board = path.strip_prefix("/1/boards/")?.strip_suffix("/actions")?;
    (!board.is_empty() && !board.contains('/')).then_some(board)
}

/// A person's boards.
///
/// # Errors
/// The answer that refuses.
pub fn boards(call: &Call, account: &Account) -> Result<Answer, Answer> {
    let fields = call.query.get("fields").unwrap_or("all");
    let known = ["all", "name", "closed", "url"];
    if call.query.iter().any(|(name, _)| name != "fields")
        || !fields.split(',').all(|field| known.contains(&field))
    {
        return Err(text(StatusCode::BAD_REQUEST, "invalid value for fields"));
    }
    let boards: Vec<Value> = board_ids(account)
        .iter()
        .map(|id| json!({"id": id, "name": "Board", "closed": false, "url": format!("https://trello.com/b/{id}")}))
        .collect();
    Ok(Answer::json(StatusCode::OK, &json!(boards)))
}

/// What happened on a board, newest first.
///
/// # Errors
/// The answer that refuses.
pub fn list(world: &World, call: &Call, account: &Account) -> Result<Answer, Answer> {
    let query = &call.query;
    let bad = |words| text(StatusCode::BAD_REQUEST, words);
    let board = board(&call.path).unwrap_or_default();
    if !board_ids(account).iter().any(|own| own == board) {
        return Err(text(
            StatusCode::NOT_FOUND,
            "The requested resource was not found.",
        ));
    }
    let known = ["filter", "limit", "before", "since"];
    if query.iter().any(|(name, _)| !known.contains(&name)) {
        return Err(bad("invalid parameter"));
    }
    let limit = query.get("limit").map_or(Some(50), |limit| limit.parse().ok());
    let limit = limit
        .filter(|limit| *limit <= MOST)
        .ok_or_else(|| bad("invalid value for limit"))?;
    let kinds: Vec<&str> = query.get("filter").unwrap_or("all").split(',').collect();
    if !kinds.iter().all(|kind| *kind == "all" || KINDS.contains(kind)) {
        return Err(bad("invalid value for filter"));
    }
    let edge = |name, words| {
        query
            .get(name)
            .map(|text| edge(text).ok_or_else(|| bad(words)))
            .transpose()
    };
    let before = edge("before", "invalid value for before")?;
    let since = edge("since", "invalid value for since")?;
    let mut all = samples(world.seed, &ACTIONS, account, board, call.now, i64::MIN, i64::MAX);
    all.retain(|action| kinds.contains(&"all") || kinds.contains(&kind(action)));
    all.retain(|action| before.as_ref().is_none_or(|before| id(action) < *before));
    all.retain(|action| since.as_ref().is_none_or(|since| id(action) > *since));
    all.sort_by_key(id);
    let shown: Vec<Value> = all
        .iter()
        .rev()
        .take(limit)
        .map(|sample| action(account, board, sample))
        .collect();
    Ok(Answer::json(StatusCode::OK, &json!(shown)))
}

/// A person's boards by id.
fn board_ids(account: &Account) -> [String; 2] {
    let own = account.id.trim_start_matches("5e0f1a2b");
    [format!("61aa0001{own}"), format!("61aa0002{own}")]
}

/// An action's id or a time, as an id that nothing of that second comes before.
fn edge(text: &str) -> Option<String> {
    let is_id = text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id {
        return Some(text.to_owned());
    }
    // To the end of its second: whoever needs what happened in it must ask for more.
    parse_iso(text).map(|at| format!("{:08x}{}", at.div_euclid(1000), "f".repeat(16)))
}

fn id(sample: &Sample) -> String {
    format!("{:08x}{:016x}", sample.at.div_euclid(1000), sample.number)
}

fn kind(sample: &Sample) -> &'static str {
    let place = usize::try_from(sample.number % 10).unwrap_or_default();
    KINDS.get(place).copied().unwrap_or("updateCard")
}

fn action(account: &Account, board: &str, sample: &Sample) -> Value {
    let mut data = json!({"board": {"id": board, "name": "Board"}});
    if kind(sample) != "addMemberToBoard" {
        data["card"] = json!({"id": format!("62{:022x}", sample.number), "name": sample.title});
    }
    json!({
        "id": id(sample),
        "idMemberCreator": account.id,
        "type": kind(sample),
        "date": iso(sample.at, true),
        "data": data,
        "memberCreator": {"id": account.id, "username": account.label, "fullName": account.name},
    })
}
