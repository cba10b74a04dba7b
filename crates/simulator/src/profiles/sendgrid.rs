//! SendGrid, API keys.
//!
//! Sources: twilio.com/docs/sendgrid/api-reference (errors page for the shape and for 401, 403 and
//! 406; stats), support.sendgrid.com article 18322114821403 for the words of 401; the limits of
//! `/stats` from the connectors of NangoHQ/integration-templates. The words of a missing header
//! and of 403 are own knowledge. A key works on both hosts here; at the provider a key of an EU
//! subuser works on the EU host only. Stricter than documented: only `aggregated_by=day`.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Profile};
use crate::core::{
    answer::Answer,
    call::Call,
    history::{DAY_MS, date, days, parse_date},
    ledger::KeyRecord,
    random::Dice,
    world::World,
};

/// Longest page.
const MAX_PAGE: usize = 500;

const ACCOUNTS: [Account; 1] = [Account {
    id: "acme-mail",
    label: "mail@acme.example",
    name: "Acme mail",
}];

/// SendGrid.
pub struct SendGrid;

impl Profile for SendGrid {
    fn id(&self) -> &'static str {
        "sendgrid"
    }

    fn name(&self) -> &'static str {
        "SendGrid"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["api.sendgrid.com", "api.eu.sendgrid.com"]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    /// `SG.x.y`, with 16 to 32 and 30 to 64 letters, digits, `_` or `-`.
    fn is_key(&self, key: &str) -> bool {
        let legal = |part: &str| {
            part.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        match key.split('.').collect::<Vec<_>>().as_slice() {
            ["SG", first, second] => {
                legal(first)
                    && legal(second)
                    && (16..=32).contains(&first.len())
                    && (30..=64).contains(&second.len())
            }
            _ => false,
        }
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["aggregated_by", "end_date", "offset", "start_date"]
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let right = match call.path.as_str() {
            "/v3/scopes" => None,
            "/v3/stats" => Some("stats.read"),
            path => return Answer::no_such_path(&call.host, path),
        };
        if call.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        if call.header("accept").is_none() {
            return error(StatusCode::NOT_ACCEPTABLE, "missing Accept header", None);
        }
        let Some(key) = call.bearer() else {
            return error(StatusCode::UNAUTHORIZED, "authorization required", None);
        };
        let Some(record) = world.read(|ledger| ledger.key(self.id(), key).cloned()) else {
            let words = "The provided authorization grant is invalid, expired, or revoked";
            return error(StatusCode::UNAUTHORIZED, words, None);
        };
        match right {
            None => Answer::json(StatusCode::OK, &json!({"scopes": record.rights})),
            Some(right) if !record.rights.iter().any(|held| held == right) => {
                error(StatusCode::FORBIDDEN, "access forbidden", None)
            }
            Some(_) => stats(world, call, &record).unwrap_or_else(|refusal| refusal),
        }
    }

    fn truth(
        &self,
        world: &World,
        _account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        let held = || days(world.now(), from, to).filter(|day| (from..to).contains(&(day * DAY_MS)));
        (stream == "stats").then(|| held().map(date).collect())
    }
}

fn error(status: StatusCode, message: &str, field: Option<&str>) -> Answer {
    Answer::json(status, &json!({"errors": [{"message": message, "field": field}]})).refused(message)
}

fn stats(world: &World, call: &Call, key: &KeyRecord) -> Result<Answer, Answer> {
    let bad = |field| error(StatusCode::BAD_REQUEST, "not a valid value", Some(field));
    let start = call
        .query
        .get("start_date")
        .and_then(parse_date)
        .ok_or_else(|| bad("start_date"))?;
    let end = match call.query.get("end_date") {
        None => call.now.div_euclid(DAY_MS),
        Some(text) => parse_date(text).ok_or_else(|| bad("end_date"))?,
    };
    if end < start {
        return Err(bad("end_date"));
    }
    if call.query.get("aggregated_by").is_some_and(|unit| unit != "day") {
        return Err(bad("aggregated_by"));
    }
    let limit = number(call, "limit", MAX_PAGE).filter(|limit| (1..=MAX_PAGE).contains(limit));
    let limit = limit.ok_or_else(|| bad("limit"))?;
    let offset = number(call, "offset", 0).ok_or_else(|| bad("offset"))?;
    let shown: Vec<Value> = days(call.now, start * DAY_MS, (end + 1) * DAY_MS)
        .skip(offset)
        .take(limit)
        .map(|day| json!({"date": date(day), "stats": [{"metrics": metrics(world.seed, &key.account, day)}]}))
        .collect();
    Ok(Answer::json(StatusCode::OK, &json!(shown)))
}

fn number(call: &Call, name: &str, default: usize) -> Option<usize> {
    call.query
        .get(name)
        .map_or(Some(default), |text| text.parse().ok())
}

fn metrics(seed: u64, account: &str, day: i64) -> Value {
    let mut dice = Dice::at(seed, &format!("sendgrid {account} {day}"));
    let requests = dice.between(50, 400);
    let bounces = dice.between(0, 4);
    let delivered = requests - bounces;
    let opens = dice.between(0, delivered);
    let clicks = dice.between(0, opens);
    json!({
        "requests": requests, "processed": requests, "delivered": delivered, "deferred": 0,
        "bounces": bounces, "bounce_drops": 0, "blocks": 0, "invalid_emails": 0,
        "opens": opens, "unique_opens": opens, "clicks": clicks, "unique_clicks": clicks,
        "spam_reports": 0, "spam_report_drops": 0, "unsubscribes": 0, "unsubscribe_drops": 0,
    })
}
