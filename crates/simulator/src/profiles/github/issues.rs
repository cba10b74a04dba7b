//! `GET /issues` of GitHub: filters, order, pages and their links.

use axum::http::StatusCode;
use serde_json::json;

use super::{API, api_error, sample::issues};
use crate::core::{
    answer::Answer, call::Call, history::parse_iso, ledger::GrantRecord, params::Params, world::World,
};

/// Longest page; longer ones are cut to it.
const MAX_PAGE: usize = 100;

const DEFAULT_PAGE: usize = 30;

/// Answers `GET /issues`.
///
/// # Errors
/// The answer that refuses: 422 for a value that a parameter does not take.
pub fn list(world: &World, call: &Call, grant: &GrantRecord, account: usize) -> Result<Answer, Answer> {
    let query = &call.query;
    let since = match query.get("since") {
        None => i64::MIN,
        Some(text) => parse_iso(text).ok_or_else(invalid)?,
    };
    let assigned_only = one_of(
        query,
        "filter",
        &["assigned", "created", "mentioned", "subscribed", "repos", "all"],
    )? == "assigned";
    let state = one_of(query, "state", &["open", "closed", "all"])?;
    let everything = grant.scopes.iter().any(|scope| scope == "repo");
    let mut issues = issues(world.seed, account, call.now, since, i64::MAX);
    issues.retain(|issue| {
        (everything || !issue.private())
            && (!assigned_only || issue.assigned)
            && (state == "all" || issue.open == (state == "open"))
    });
    let sort = one_of(query, "sort", &["created", "updated", "comments"])?;
    issues.sort_by_key(|issue| match sort {
        "updated" => (issue.updated_at, issue.id),
        "comments" => (i64::try_from(issue.comments).unwrap_or_default(), issue.id),
        _ => (issue.created_at, issue.id),
    });
    if one_of(query, "direction", &["desc", "asc"])? == "desc" {
        issues.reverse();
    }
    let size = number(query, "per_page", DEFAULT_PAGE)?.min(MAX_PAGE);
    let page = number(query, "page", 1)?;
    let records: Vec<_> = issues
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(|issue| issue.record(account))
        .collect();
    let answer = Answer::json(StatusCode::OK, &json!(records));
    Ok(match links(call, page, issues.len().div_ceil(size)) {
        Some(links) => answer.with("link", &links),
        None => answer,
    })
}

/// The `Link` header; there is none when everything is on one page.
fn links(call: &Call, page: usize, last: usize) -> Option<String> {
    let link = |to: usize, rel: &str| {
        let query = call.query.with("page", &to.to_string());
        format!("<https://{API}{}?{query}>; rel=\"{rel}\"", call.path)
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
        links.push(link(1, "first"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
        links.push(link(last, "last"));
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// A parameter that takes one of some words; the first is the default.
fn one_of<'a>(query: &'a Params, name: &str, words: &[&'static str]) -> Result<&'a str, Answer> {
    match query.get(name) {
        Some(value) if words.contains(&value) => Ok(value),
        Some(_) => Err(invalid()),
        None => words.first().copied().ok_or_else(invalid),
    }
}

fn number(query: &Params, name: &str, default: usize) -> Result<usize, Answer> {
    match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=1_000_000).contains(number))
            .ok_or_else(invalid),
    }
}

fn invalid() -> Answer {
    api_error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed")
}
