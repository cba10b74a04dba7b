//! OpenAI, API keys of projects and admin keys of an organisation.
//!
//! Sources: openai/openai-openapi `openapi.json` (2026-08-21) for `/models` and `/organization/costs` (buckets of a day,
//! `start_time`, `page`, `has_more`, 180 at most) and the object of an error; platform.openai.com/docs/api-reference/admin-api-keys
//! (admin keys work for the organisation's endpoints only). The words of errors, and that the wrong kind of key gets 403,
//! are own knowledge.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Profile};
use crate::core::{
    answer::Answer,
    call::Call,
    cursor::Cursor,
    history::{DAY_MS, days},
    random::Dice,
    world::World,
};

const HOST: &str = "api.openai.com";
/// Longest page.
const MOST: usize = 180;
const TOKEN_LIFE_MS: i64 = 3_600_000;
/// How admin keys begin.
const ADMIN: &str = "sk-admin-";

const ACCOUNTS: [Account; 1] = [Account {
    id: "org-AcmeExample0001",
    label: "Acme",
    name: "Acme",
}];

/// OpenAI.
pub struct OpenAi;

impl Profile for OpenAi {
    fn id(&self) -> &'static str {
        "openai"
    }

    fn name(&self) -> &'static str {
        "OpenAI"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[HOST]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn is_key(&self, key: &str) -> bool {
        key.strip_prefix("sk-").is_some_and(|rest| {
            rest.len() >= 20
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        })
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["bucket_width", "start_time"]
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let for_admins = match call.path.as_str() {
            "/v1/models" => false,
            "/v1/organization/costs" => true,
            path => return Answer::no_such_path(&call.host, path),
        };
        if call.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        let Some(key) = call.bearer() else {
            return error(StatusCode::UNAUTHORIZED, None, "You didn't provide an API key.");
        };
        if world.read(|ledger| ledger.key(self.id(), key).is_none()) {
            let code = Some("invalid_api_key");
            return error(StatusCode::UNAUTHORIZED, code, "Incorrect API key provided.");
        }
        if key.starts_with(ADMIN) != for_admins {
            let words = "You have insufficient permissions for this operation.";
            return error(StatusCode::FORBIDDEN, None, words);
        }
        if for_admins {
            costs(world, call)
        } else {
            let model = json!({"id": "gpt-4o-mini", "object": "model", "created": 1_721_172_741, "owned_by": "system"});
            Answer::json(StatusCode::OK, &json!({"object": "list", "data": [model]}))
        }
    }

    fn truth(&self, world: &World, _: &Account, stream: &str, from: i64, to: i64) -> Option<Vec<String>> {
        let held = || days(world.now(), from, to).filter(|day| (from..to).contains(&(day * DAY_MS)));
        (stream == "costs").then(|| held().map(|day| (day * DAY_MS / 1000).to_string()).collect())
    }
}

fn error(status: StatusCode, code: Option<&str>, message: &str) -> Answer {
    let body =
        json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}});
    Answer::json(status, &body).refused(message)
}

/// Buckets of a day, oldest first, from the day of `start_time` on.
fn costs(world: &World, call: &Call) -> Answer {
    let query = &call.query;
    let refused = |words| error(StatusCode::BAD_REQUEST, None, words);
    if query.get("bucket_width").is_some_and(|width| width != "1d") {
        return refused("bucket_width is 1d");
    }
    let start = query.get("start_time").and_then(|text| text.parse::<i64>().ok());
    let size = query.get("limit").map_or(Some(7), |size| size.parse().ok());
    let (Some(start), Some(size)) = (start, size.filter(|size| (1..=MOST).contains(size))) else {
        return refused("start_time or limit is not a number that is taken");
    };
    let bound = query.sorted_without("page");
    let begin = match query.get("page") {
        None => Some(0),
        Some(token) => {
            Cursor::open(token, world.seed, &bound, call.now, TOKEN_LIFE_MS).map(|cursor| cursor.position)
        }
    };
    let Some(begin) = begin else {
        return refused("page does not belong here");
    };
    let all = days(call.now, start * 1000, i64::MAX);
    let shown: Vec<Value> = all
        .clone()
        .skip(begin)
        .take(size)
        .map(|day| bucket(world, day))
        .collect();
    let end = begin + shown.len();
    let has_more = end < all.count();
    let cursor = Cursor {
        position: end,
        as_of: call.now,
    };
    let next = has_more.then(|| cursor.seal(world.seed, &bound));
    let body = json!({"object": "page", "data": shown, "has_more": has_more, "next_page": next});
    Answer::json(StatusCode::OK, &body)
}

fn bucket(world: &World, day: i64) -> Value {
    let cents = Dice::at(world.seed, &format!("openai costs {day}")).between(0, 900);
    let result = json!({
        "object": "organization.costs.result",
        "amount": {"value": format!("{}.{:02}", cents / 100, cents % 100), "currency": "usd"},
        "line_item": null,
        "project_id": null,
    });
    let start = day * DAY_MS / 1000;
    json!({"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": [result]})
}
