//! Jira's search for issues.
//!
//! Sources: the Jira REST API's "Search for issues using JQL enhanced search (GET)": a page token instead of a place to
//! start at, `isLast`, 50 by default and fewer than asked for where fields are asked for, only ids where none are, no query
//! without a restriction; support.atlassian.com "JQL fields" and "JQL operators" for times, which are read in the time zone of
//! the person: `-90d`, `2026-08-22`, `2026-08-22 14:05`. The times of an issue have that zone's offset, without a colon.
//! Played of JQL is what compares `created` and `updated` with times, joined by AND, and ORDER BY of one of them.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{error, may_use};
use crate::core::{
    answer::Answer,
    history::{DAY_MS, iso, parse_iso},
    provider::Seen,
    sample::{Sample, SampleStream},
};

/// The time zone that all people here have in their profile. It knows no summer time.
pub const ZONE: &str = "America/Phoenix";
/// Its distance from UTC.
const OFFSET_MS: i64 = -7 * 3_600_000;
/// How it stands behind a time.
const OFFSET: &str = "-0700";
/// Issues of a page where the request does not say, and at most with and without fields.
const PAGE: (usize, usize, usize) = (50, 100, 5000);

/// Issues of a site.
pub const ISSUES: SampleStream = SampleStream {
    name: "issues",
    parents: super::site_ids,
    per_day: 6,
    ..SampleStream::STANDARD
};

/// What a query asks for.
struct Query {
    created: (i64, i64),
    updated: (i64, i64),
    /// By creation rather than by update.
    by_creation: bool,
    ascending: bool,
}

/// `/ex/jira/{cloud id}/rest/api/3/search/jql`.
pub fn search(seen: &Seen<'_>) -> Answer {
    let asked = &seen.call.query;
    let site = seen.segment(2);
    if !may_use(seen.account, site) {
        return error(StatusCode::NOT_FOUND, "Not Found");
    }
    let query = match read(asked.get("jql").unwrap_or_default(), seen.call.now) {
        Ok(query) => query,
        Err(words) => return refused(words),
    };
    let fields: Vec<&str> = asked.get("fields").unwrap_or("id").split(',').collect();
    let most = if fields.iter().all(|field| matches!(*field, "id" | "key")) {
        PAGE.2
    } else {
        PAGE.1
    };
    let size = asked
        .get("maxResults")
        .map_or(Some(PAGE.0), |size| size.parse().ok());
    let Some(size) = size.filter(|size| (1..=PAGE.2).contains(size)) else {
        return refused("maxResults must be 1 to 5000.");
    };
    let page = seen.page(
        asked.get("nextPageToken"),
        size.min(most),
        &asked.sorted_without("nextPageToken"),
        |as_of| found(seen, site, &query, as_of),
    );
    let Some((shown, next)) = page else {
        return refused("The provided next page token is invalid or expired.");
    };
    let issues: Vec<Value> = shown.iter().map(|issue| told(seen, issue, &fields)).collect();
    let mut body = json!({"issues": issues, "isLast": next.is_none()});
    if let Some(next) = next {
        body["nextPageToken"] = json!(next);
    }
    Answer::json(StatusCode::OK, &body)
}

fn found(seen: &Seen<'_>, site: &str, query: &Query, as_of: i64) -> Vec<Sample> {
    let mut found = seen.samples_as_of(&ISSUES, site, query.updated.0, query.updated.1, as_of);
    found.retain(|issue| issue.made_at >= query.created.0 && issue.made_at < query.created.1);
    found.sort_by_key(|issue| {
        let at = if query.by_creation {
            issue.made_at
        } else {
            issue.at
        };
        (at, issue.number)
    });
    if !query.ascending {
        found.reverse();
    }
    found
}

/// An issue with the fields that were asked for; names of fields that do not exist are passed over.
fn told(seen: &Seen<'_>, issue: &Sample, fields: &[&str]) -> Value {
    let id = issue.number.to_string();
    let all = json!({
        "summary": issue.title,
        "created": local(issue.made_at),
        "updated": local(issue.at),
        "status": {"id": "3", "name": "In Progress"},
        "issuetype": {"id": "10001", "name": "Task", "subtask": false},
        "project": {"id": "10000", "key": "ACME", "name": "Acme"},
        "assignee": null,
    });
    let every = fields.iter().any(|field| matches!(*field, "*all" | "*navigable"));
    let picked: Map<String, Value> = all
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| every || fields.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut body = json!({"id": id});
    if every || fields.iter().any(|field| *field != "id") {
        let path = seen.call.path.replace("search/jql", "issue");
        body["self"] = json!(format!("https://{}{path}/{id}", seen.call.host));
        body["key"] = json!(format!("ACME-{}", issue.number % 100_000));
    }
    if !picked.is_empty() {
        body["fields"] = Value::Object(picked);
    }
    body
}

/// `2026-08-22T07:00:00.000-0700`.
fn local(at: i64) -> String {
    iso(at + OFFSET_MS, true).replace('Z', OFFSET)
}

/// Reads a query, or says what is wrong with it.
fn read(jql: &str, now: i64) -> Result<Query, &'static str> {
    let (restriction, order) = jql.split_once("ORDER BY").unwrap_or((jql, ""));
    if restriction.trim().is_empty() {
        return Err(
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
        );
    }
    let open = (i64::MIN, i64::MAX);
    let mut query = Query {
        created: open,
        updated: open,
        by_creation: true,
        ascending: false,
    };
    for clause in restriction.split(" AND ") {
        let words: Vec<&str> = clause.trim().splitn(3, ' ').collect();
        let [field, operator, time] = words[..] else {
            return Err("Error in the JQL Query: more than is played here, or no query.");
        };
        let span = match field {
            "updated" => &mut query.updated,
            "created" => &mut query.created,
            _ => return Err("Field does not exist or you do not have permission to view it."),
        };
        let at = time
            .trim()
            .strip_prefix('"')
            .and_then(|time| moment(time.strip_suffix('"')?, now))
            .ok_or("Date value for field is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.")?;
        match operator {
            ">=" => span.0 = at,
            "<" => span.1 = at,
            _ => return Err("Error in the JQL Query: only >= and < are played here."),
        }
    }
    let words: Vec<&str> = order.split_whitespace().collect();
    (query.by_creation, query.ascending) = match words[..] {
        ["updated"] | ["updated", "ASC"] => (false, true),
        ["updated", "DESC"] => (false, false),
        ["created"] | ["created", "ASC"] => (true, true),
        [] | ["created", "DESC"] => (true, false),
        _ => return Err("Error in the JQL Query: only created and updated sort here."),
    };
    Ok(query)
}

/// A time of a query: days back, or a date with or without a time, in the person's time zone.
fn moment(text: &str, now: i64) -> Option<i64> {
    if let Some(days) = text.strip_prefix('-').and_then(|rest| rest.strip_suffix('d')) {
        return Some(now - days.parse::<i64>().ok()? * DAY_MS);
    }
    let text = text.replace('/', "-");
    let local = match text.split_once(' ') {
        Some((date, time)) if time.len() == 5 => parse_iso(&format!("{date}T{time}:00Z"))?,
        None if text.len() == 10 => parse_iso(&text)?,
        Some(_) | None => return None,
    };
    Some(local - OFFSET_MS)
}

fn refused(words: &str) -> Answer {
    let body = json!({"errorMessages": [words], "errors": {}});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_where_the_person_lives() {
        let now = 1_776_254_400_000;
        assert_eq!(moment("2026-04-15", now), parse_iso("2026-04-15T07:00:00Z"));
        assert_eq!(moment("2026/04/15 09:30", now), parse_iso("2026-04-15T16:30:00Z"));
        assert_eq!(moment("-90d", now), Some(now - 90 * DAY_MS));
        for other in [
            "2026-04-15T09:30:00Z",
            "1776254400000",
            "yesterday",
            "2026-04-15 9:30",
        ] {
            assert_eq!(moment(other, now), None, "{other}");
        }
        assert_eq!(local(now), "2026-04-15T05:00:00.000-0700");
    }

    #[test]
    fn a_query_needs_a_restriction() {
        let now = 1_776_254_400_000;
        let query = read("updated >= \"2026-04-15\" ORDER BY updated ASC", now)
            .ok()
            .unwrap();
        assert_eq!(query.updated.0, 1_776_236_400_000);
        assert!(query.ascending && !query.by_creation);
        for jql in [
            "",
            "ORDER BY updated",
            "updated >= 2026-04-15",
            "updated > \"2026-04-15\"",
            "assignee = \"me\"",
            "updated >= \"-90d\" ORDER BY key",
        ] {
            assert!(read(jql, now).is_err(), "{jql}");
        }
    }
}
