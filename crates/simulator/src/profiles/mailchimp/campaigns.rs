//! The Marketing API's list of campaigns. Here the token is a bearer's, and each data centre knows its own accounts.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{API, centre};
use crate::core::{
    answer::Answer,
    history::{iso, parse_iso},
    provider::{Api, Read, Seen},
    sample::{Sample, SampleStream},
};

/// Most of a page.
const MOST: usize = 1000;
const KNOWN: [&str; 9] = [
    "count",
    "offset",
    "status",
    "sort_field",
    "sort_dir",
    "since_create_time",
    "before_create_time",
    "since_send_time",
    "before_send_time",
];
const STATUSES: [&str; 5] = ["save", "paused", "schedule", "sending", "sent"];

/// Campaigns, by the time they were sent.
pub const CAMPAIGNS: SampleStream = SampleStream {
    name: "campaigns",
    per_day: 4,
    id: |_, sample| format!("{:010x}", sample.number),
    ..SampleStream::STANDARD
};

/// The API of the data centres.
pub const MARKETING: Api = Api {
    unauthorised: || {
        problem(
            StatusCode::UNAUTHORIZED,
            "API Key Invalid",
            "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
        )
    },
    reads: &[Read {
        method: "GET",
        host: API,
        path: "/3.0/campaigns",
        scope: "",
        answer: |seen| list(seen).unwrap_or_else(|refusal| refusal),
    }],
    ..Api::STANDARD
};

fn list(seen: &Seen<'_>) -> Result<Answer, Answer> {
    if seen.call.host.split('.').next() != Some(centre(seen.account)) {
        return Err(problem(
            StatusCode::FORBIDDEN,
            "WrongDatacenter",
            "The API key provided is linked to a different data center.",
        ));
    }
    let query = &seen.call.query;
    if query.repeated().is_some() || query.iter().any(|(name, _)| !KNOWN.contains(&name)) {
        return Err(invalid("a parameter is not known, or comes twice"));
    }
    let number = |name, default| query.get(name).map_or(Some(default), |text| text.parse().ok());
    let size = number("count", 10).filter(|size| *size <= MOST);
    let (Some(size), Some(offset)) = (size, number("offset", 0)) else {
        return Err(invalid("count is up to 1000, offset a number"));
    };
    let mut all = chosen(seen)?;
    sort(seen, &mut all)?;
    let shown: Vec<Value> = all.iter().skip(offset).take(size).map(campaign).collect();
    let body = json!({"campaigns": shown, "total_items": all.len(), "_links": []});
    Ok(Answer::json(StatusCode::OK, &body))
}

/// What the filters leave.
fn chosen(seen: &Seen<'_>) -> Result<Vec<Sample>, Answer> {
    let query = &seen.call.query;
    let status = query.get("status").unwrap_or("sent");
    if !STATUSES.contains(&status) {
        return Err(invalid("no such status"));
    }
    let time = |name, default| {
        let given = query.get(name).map_or(Some(default), time);
        given.ok_or_else(|| invalid("a time is written in ISO 8601"))
    };
    let sent = time("since_send_time", i64::MIN)?..time("before_send_time", i64::MAX)?;
    let made = time("since_create_time", i64::MIN)?..time("before_create_time", i64::MAX)?;
    let mut all = seen.samples(&CAMPAIGNS, "", i64::MIN, i64::MAX);
    all.retain(|sample| {
        status == "sent"
            && sample.at > sent.start
            && sample.at < sent.end
            && sample.made_at > made.start
            && sample.made_at < made.end
    });
    Ok(all)
}

/// A time with its zone; a plain date is not one.
fn time(text: &str) -> Option<i64> {
    parse_iso(text).filter(|_| text.contains('T'))
}

fn sort(seen: &Seen<'_>, all: &mut [Sample]) -> Result<(), Answer> {
    let query = &seen.call.query;
    match query.get("sort_field") {
        Some("send_time") => all.sort_by_key(|sample| (sample.at, sample.number)),
        None | Some("create_time") => all.sort_by_key(|sample| (sample.made_at, sample.number)),
        Some(_) => return Err(invalid("sort_field is create_time or send_time")),
    }
    match query.get("sort_dir") {
        None | Some("ASC") => Ok(()),
        Some("DESC") => {
            all.reverse();
            Ok(())
        }
        Some(_) => Err(invalid("sort_dir is ASC or DESC")),
    }
}

fn campaign(sample: &Sample) -> Value {
    let time = |at: i64| iso(at, false).replace('Z', "+00:00");
    json!({
        "id": (CAMPAIGNS.id)("", sample),
        "web_id": sample.number,
        "type": "regular",
        "create_time": time(sample.made_at),
        "send_time": time(sample.at),
        "status": "sent",
        "emails_sent": 100 + sample.number % 900,
        "content_type": "template",
        "settings": {"title": sample.title, "subject_line": sample.title, "from_name": "Acme"},
        "recipients": {"list_id": "57afe96172", "list_name": "Customers"},
    })
}

fn invalid(detail: &str) -> Answer {
    problem(StatusCode::BAD_REQUEST, "Invalid Resource", detail)
}

/// Problem details (RFC 7807).
fn problem(status: StatusCode, title: &str, detail: &str) -> Answer {
    let body = json!({
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "instance": "995c5cb0-3280-4a6e-808b-3b096d0bb219",
    });
    Answer::json(status, &body).refused(detail)
}
