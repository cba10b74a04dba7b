//! GitLab's projects, and their issues and merge requests.
//!
//! Sources: gitlab-org/gitlab `doc/api/projects.md` (`membership`, `with_issues_enabled`, `with_merge_requests_enabled`,
//! `simple`, `order_by`, `sort`; without `membership` everything public is listed too), `doc/api/issues.md` and
//! `doc/api/merge_requests.md` (lists of a project: `scope`, `state`, `updated_after`, `updated_before`, `order_by`, `sort`),
//! `doc/api/rest/_index.md` (pages of 20, at most 100, more is cut to 100; the `Link` header, `X-Total`, `X-Next-Page`).
//! What a project without the feature answers and the words of errors are own knowledge. Of other people's public projects
//! one is played; parameters that are not named here are ignored, as GitLab does.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::HOST;
use crate::{
    core::{
        answer::Answer,
        call::Call,
        history::{iso, parse_iso},
        params::Params,
        provider::Seen,
        sample::{Sample, SampleStream, samples},
    },
    profiles::Account,
};

const USUAL: usize = 20;
const MOST: usize = 100;
/// Somebody else's, public.
const FOREIGN: &str = "278964";

/// Issues.
pub const ISSUES: SampleStream = SampleStream {
    name: "issues",
    parents: |account| with_feature(account, "issues"),
    ..SampleStream::STANDARD
};

/// Merge requests.
pub const MERGE_REQUESTS: SampleStream = SampleStream {
    name: "merge_requests",
    parents: |account| with_feature(account, "merge_requests"),
    ..SampleStream::STANDARD
};

/// The projects that an account is a member of: with everything, with issues only, with merge requests only.
fn own(account: &Account) -> [String; 3] {
    ["1", "2", "3"].map(|place| format!("41{}{place}", account.id.get(4..).unwrap_or_default()))
}

fn has_feature(project: &str, feature: &str) -> bool {
    match project.chars().last() {
        Some('2') => feature == "issues",
        Some('3') => feature == "merge_requests",
        _ => true,
    }
}

fn with_feature(account: &Account, feature: &str) -> Vec<String> {
    let mut projects = own(account).to_vec();
    projects.retain(|project| has_feature(project, feature));
    projects
}

/// `GET /projects`.
pub fn projects(seen: &Seen<'_>) -> Answer {
    list_projects(seen).unwrap_or_else(|refusal| refusal)
}

fn list_projects(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let query = &seen.call.query;
    let is_set = |name| one_of(query, name, &["false", "true"]).map(|value| value == "true");
    let mut found = own(seen.account).to_vec();
    if !is_set("membership")? {
        found.push(FOREIGN.to_owned());
    }
    for (filter, feature) in [
        ("with_issues_enabled", "issues"),
        ("with_merge_requests_enabled", "merge_requests"),
    ] {
        if is_set(filter)? {
            found.retain(|project| has_feature(project, feature));
        }
    }
    is_set("simple")?;
    one_of(
        query,
        "order_by",
        &["created_at", "id", "name", "path", "updated_at"],
    )?;
    let newest_first = one_of(query, "sort", &["desc", "asc"])? == "desc";
    found.sort_by_key(|id| id.parse::<u64>().unwrap_or_default());
    if newest_first {
        found.reverse();
    }
    page(seen.call, &found, |id| {
        json!({
            "id": id.parse::<u64>().unwrap_or_default(),
            "name": "Website",
            "path_with_namespace": format!("acme/website-{id}"),
            "created_at": "2024-02-05T09:12:44.000Z",
        })
    })
}

/// `GET /projects/:id/issues`.
pub fn issues(seen: &Seen<'_>) -> Answer {
    list(seen, &ISSUES, "issues", &["opened", "closed"]).unwrap_or_else(|refusal| refusal)
}

/// `GET /projects/:id/merge_requests`.
pub fn merge_requests(seen: &Seen<'_>) -> Answer {
    let states = ["opened", "closed", "locked", "merged"];
    list(seen, &MERGE_REQUESTS, "merge_requests", &states).unwrap_or_else(|refusal| refusal)
}

fn list(
    seen: &Seen<'_>,
    stream: &SampleStream,
    feature: &str,
    states: &[&'static str],
) -> Result<Answer, Answer> {
    let query = &seen.call.query;
    let project = seen.segment(3);
    if project != FOREIGN && !own(seen.account).iter().any(|own| own == project) {
        let body = json!({"message": "404 Project Not Found"});
        return Err(Answer::json(StatusCode::NOT_FOUND, &body).refused("no such project"));
    }
    if !has_feature(project, feature) {
        let body = json!({"message": "403 Forbidden"});
        return Err(Answer::json(StatusCode::FORBIDDEN, &body).refused("the project has no such feature"));
    }
    let scopes = ["all", "created_by_me", "assigned_to_me"];
    let only_mine = one_of(query, "scope", &scopes)? != "all";
    let wanted: Vec<&str> = ["all"].iter().chain(states).copied().collect();
    let state = one_of(query, "state", &wanted)?;
    let by_update = one_of(query, "order_by", &["created_at", "updated_at"])? == "updated_at";
    let newest_first = one_of(query, "sort", &["desc", "asc"])? == "desc";
    let after = time(query, "updated_after")?.unwrap_or(i64::MIN);
    let before = time(query, "updated_before")?.map_or(i64::MAX, |at| at + 1);
    let mut found = samples(
        seen.world.seed,
        stream,
        seen.account,
        project,
        seen.call.now,
        after,
        before,
    );
    found.retain(|sample| {
        (state == "all" || state_of(sample, states) == state)
            && (!only_mine || sample.number.is_multiple_of(2))
    });
    found.sort_by_key(|sample| (if by_update { sample.at } else { sample.made_at }, sample.number));
    if newest_first {
        found.reverse();
    }
    page(seen.call, &found, |sample| {
        json!({
            "id": sample.number,
            "iid": sample.number % 10_000_000,
            "project_id": project.parse::<u64>().unwrap_or_default(),
            "title": sample.title,
            "state": state_of(sample, states),
            "created_at": iso(sample.made_at, true),
            "updated_at": iso(sample.at, true),
            "web_url": format!("https://{HOST}/acme/website-{project}/-/{feature}/{}", sample.number),
        })
    })
}

fn state_of(sample: &Sample, states: &[&'static str]) -> &'static str {
    let place = usize::try_from(sample.number).unwrap_or_default() % states.len().max(1);
    states.get(place).copied().unwrap_or_default()
}

/// A page, and the links from it.
fn page<T>(call: &Call, all: &[T], told: impl Fn(&T) -> Value) -> Result<Answer, Answer> {
    let size = number(&call.query, "per_page", USUAL)?.min(MOST);
    let page = number(&call.query, "page", 1)?;
    let last = all.len().div_ceil(size).max(1);
    let shown: Vec<Value> = all.iter().skip((page - 1) * size).take(size).map(told).collect();
    let link = |to: usize, rel: &str| {
        let query = call.query.with("page", &to.to_string());
        format!("<https://{HOST}{}?{query}>; rel=\"{rel}\"", call.path)
    };
    let mut links = vec![link(1, "first"), link(last, "last")];
    if page < last {
        links.insert(0, link(page + 1, "next"));
    }
    Ok(Answer::json(StatusCode::OK, &json!(shown))
        .with("link", &links.join(", "))
        .with("x-total", &all.len().to_string())
        .with("x-page", &page.to_string())
        .with("x-per-page", &size.to_string()))
}

/// A parameter that takes one of some words; the first is what is meant without it.
fn one_of<'a>(query: &'a Params, name: &str, words: &[&'static str]) -> Result<&'a str, Answer> {
    match query.get(name) {
        None => words.first().copied().ok_or_else(|| invalid(name)),
        Some(value) if words.contains(&value) => Ok(value),
        Some(_) => Err(invalid(name)),
    }
}

fn number(query: &Params, name: &str, usual: usize) -> Result<usize, Answer> {
    match query.get(name) {
        None => Ok(usual),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=1_000_000).contains(number))
            .ok_or_else(|| invalid(name)),
    }
}

fn time(query: &Params, name: &str) -> Result<Option<i64>, Answer> {
    query
        .get(name)
        .map(|text| parse_iso(text).ok_or_else(|| invalid(name)))
        .transpose()
}

fn invalid(name: &str) -> Answer {
    let body = json!({"error": format!("{name} does not have a valid value")});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused("a parameter has a value that it does not take")
}
