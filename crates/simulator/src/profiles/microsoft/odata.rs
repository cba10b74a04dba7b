//! How Graph's lists are asked for: query options, filters by time, pages with a link to the next.
//!
//! Sources: learn.microsoft.com/graph/query-parameters and …/graph/paging (a page can be shorter than asked for; the link
//! is to be used as it is). Stricter than documented: an option that is not known to a call is refused, also one
//! without its `$`, and times are RFC 3339 in UTC. The words of errors are own knowledge.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{GRAPH, graph_error};
use crate::core::{answer::Answer, history::parse_iso, provider::Seen};

/// Records of a page, whatever was asked for: who asks has to follow the link.
const FULLEST: usize = 20;
/// The option that a link to the next page carries.
const PLACE: &str = "$skiptoken";

/// Refuses options that a call does not know.
///
/// # Errors
/// The answer that refuses.
pub fn known(seen: &Seen<'_>, options: &[&str]) -> Result<(), Answer> {
    let is_known = |name: &str| name == PLACE || options.contains(&name);
    match seen.call.query.iter().find(|(name, _)| !is_known(name)) {
        None => Ok(()),
        Some((name, _)) => Err(bad(&format!("The query parameter '{name}' is not supported."))),
    }
}

/// How many records a page has: `$top`.
///
/// # Errors
/// The answer that refuses.
pub fn top(seen: &Seen<'_>, usual: usize, most: usize) -> Result<usize, Answer> {
    match seen.call.query.get("$top") {
        None => Ok(usual),
        Some(text) => text
            .parse()
            .ok()
            .filter(|top| (1..=most).contains(top))
            .ok_or_else(|| bad(&format!("Invalid value for '$top'. It is 1 to {most}."))),
    }
}

/// The first moment that a filter by one property lets through, and the first after it, in milliseconds.
///
/// # Errors
/// The answer that refuses: another property, or an operator that is not allowed.
pub fn span(filter: &str, property: &str, allowed: &[&str]) -> Result<(i64, i64), Answer> {
    let mut span = (i64::MIN, i64::MAX);
    for condition in filter.split(" and ") {
        let words: Vec<&str> = condition.split(' ').collect();
        let [name, operator, time] = words.as_slice() else {
            return Err(bad("Invalid filter clause."));
        };
        let at = parse_iso(time).filter(|_| time.ends_with('Z'));
        match (at, *operator) {
            (Some(at), operator) if *name == property && allowed.contains(&operator) => match operator {
                "ge" => span.0 = at,
                "gt" => span.0 = at + 1,
                "le" => span.1 = at + 1,
                _ => span.1 = at,
            },
            _ => return Err(bad("Invalid filter clause.")),
        }
    }
    Ok(span)
}

/// A page of records, with a link to the next where there is one. `all` gives them as they were at a time.
pub fn page<T: Clone>(
    seen: &Seen<'_>,
    size: usize,
    all: impl Fn(i64) -> Vec<T>,
    told: impl Fn(&T) -> Value,
) -> Answer {
    let query = &seen.call.query;
    let bound = query.sorted_without(PLACE);
    let Some((shown, next)) = seen.page(query.get(PLACE), size.min(FULLEST), &bound, all) else {
        return bad("The skip token is not one that was given out.");
    };
    let told: Vec<Value> = shown.iter().map(told).collect();
    let mut body = json!({"@odata.count": told.len(), "value": told});
    if let Some(next) = next {
        let query = query.with(PLACE, &next);
        body["@odata.nextLink"] = json!(format!("https://{GRAPH}{}?{query}", seen.call.path));
    }
    Answer::json(StatusCode::OK, &body)
}

/// Of a record what `$select` names, and always its id; all of it where nothing is named.
///
/// # Errors
/// The answer that refuses: a property that the record does not have.
pub fn selected(select: Option<&str>, record: &Value) -> Result<Value, Answer> {
    let Some(select) = select else {
        return Ok(record.clone());
    };
    let mut kept = json!({"id": record["id"]});
    for name in select.split(',') {
        let found = record
            .get(name)
            .ok_or_else(|| bad(&format!("Could not find a property named '{name}'.")))?;
        kept[name] = found.clone();
    }
    Ok(kept)
}

/// A request that makes no sense.
pub fn bad(message: &str) -> Answer {
    graph_error(StatusCode::BAD_REQUEST, "BadRequest", message)
}
