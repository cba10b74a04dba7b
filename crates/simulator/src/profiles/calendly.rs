//! Calendly, a web app.
//!
//! Sources: developer.calendly.com "Get Authorization Code" (ten minutes, PKCE), "Get Access Token" (Basic credentials for
//! web clients, two hours, refresh tokens that live until they are used), "How to handle single-use refresh tokens" (the
//! old one is revoked at once), "Revoke Access/Refresh Token" (id and secret in the body, 400 and 403), "How to find the
//! organization or user URI" (`owner` and `organization` with the tokens), "Authorization Scopes" (`users:read` for the
//! user) and "Creating an OAuth app" (S256 for web apps too); public clients for the user and for `title` and `message`.
//!
//! Events: developer.calendly.com "List Events" (`organization` for owners and admins, `user` alone for one's own, start
//! times after `min_start_time` and before `max_start_time`, `sort`, up to 100 in a page, `page_token`) and "Conventions"
//! (times in UTC with microseconds, 400 with `details`).
//!
//! Own knowledge: the words of token errors are those of RFC 6749. Not played: eight token requests per user and minute.
//! Not played: filtering by status, group and invitee. Stricter than documented: a parameter of the list that is not
//! played is refused; PKCE, which Calendly asks of all apps, is required.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    history::{iso, parse_iso},
    provider::{
        Api, Credentials, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer,
        standard_error,
    },
    sample::{Sample, SampleStream},
    token::Refusal,
};

const AUTH: &str = "auth.calendly.com";
const API: &str = "api.calendly.com";

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "https://api.calendly.com/users/AAAAAAAAAAAAAA01",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "https://api.calendly.com/users/AAAAAAAAAAAAAA02",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "https://api.calendly.com/users/GGGGGGGGGGGGGG03",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: AUTH,
    authorize_path: "/oauth/authorize",
    scopes: &[
        Scope {
            name: "users:read",
            words: "see who you are",
        },
        Scope {
            name: "organizations:read",
            words: "see your organisation and who is in it",
        },
        Scope {
            name: "event_types:read",
            words: "see what can be booked with you",
        },
        Scope {
            name: "scheduled_events:read",
            words: "see what was booked",
        },
    ],
    denied: &[("error_description", "The resource owner denied the request.")],
    access_life_ms: Some(7200 * 1000),
    access_prefix: "eyJraWQi",
    refresh_prefix: Some(""),
    token_length: 64,
    pkce: Pkce::Required,
    rotation: Rotation::Spend,
    ..OAuth::STANDARD
};

/// Calendly.
pub static CALENDLY: Provider = Provider {
    id: "calendly",
    name: "Calendly",
    hosts: &[AUTH, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: AUTH,
        path: "/oauth/token",
        credentials: Credentials::Basic,
        answer: tokens,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: AUTH,
        path: "/oauth/revoke",
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: || Answer::json(StatusCode::OK, &json!({})),
        error: not_revoked,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            api_error(
                StatusCode::UNAUTHORIZED,
                "Unauthenticated",
                "no access token that works",
            )
        },
        forbidden: |_| {
            api_error(
                StatusCode::FORBIDDEN,
                "Permission Denied",
                "the token lacks a scope",
            )
        },
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/users/me",
                scope: "users:read",
                answer: me,
            },
            Read {
                method: "GET",
                host: API,
                path: "/scheduled_events",
                scope: "scheduled_events:read",
                answer: events,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[EVENTS],
    ..Provider::STANDARD
};

/// What was booked, by its start.
const EVENTS: SampleStream = SampleStream {
    name: "events",
    per_day: 9,
    id: |_, sample| format!("https://{API}/scheduled_events/{:016x}", sample.number),
    ..SampleStream::STANDARD
};

/// Whose, as URIs.
fn tokens(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    body["created_at"] = json!(handed.call.now / 1000);
    body["owner"] = json!(handed.account.id);
    body["organization"] = json!(organisation(handed.account));
    body
}

fn organisation(account: &Account) -> String {
    let name = if account.label.ends_with("@acme.example") {
        "AAAAAAAAAAAAACME"
    } else {
        "GGGGGGGGGGGLOBEX"
    };
    format!("https://{API}/organizations/{name}")
}

fn me(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let slug = account.name.to_lowercase().replace(' ', "-");
    let body = json!({"resource": {
        "uri": account.id,
        "name": account.name,
        "slug": slug,
        "email": account.label,
        "scheduling_url": format!("https://calendly.com/{slug}"),
        "timezone": "Europe/Berlin",
        "locale": "en",
        "avatar_url": null,
        "created_at": "2024-01-08T09:00:00.000000Z",
        "updated_at": "2026-01-12T09:00:00.000000Z",
        "current_organization": organisation(account),
        "resource_type": "User",
    }});
    Answer::json(StatusCode::OK, &body)
}

/// Whether a person may see what others of the organisation have.
fn is_admin(account: &Account) -> bool {
    account.name != "Ops"
}

/// Events of an organisation or of a person.
fn events(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let known = [
        "organization",
        "user",
        "sort",
        "count",
        "min_start_time",
        "max_start_time",
        "page_token",
    ];
    if let Some((name, _)) = query.iter().find(|(name, _)| !known.contains(name)) {
        return invalid(name, "is not known");
    }
    let (organisation_asked, user) = (query.get("organization"), query.get("user"));
    if organisation_asked.is_none() && user.is_none() {
        return invalid("organization", "one of organization, user and group has to come");
    }
    let own = organisation(seen.account);
    let may = match organisation_asked {
        Some(asked) => asked == own && is_admin(seen.account),
        None => user == Some(seen.account.id),
    };
    if !may {
        let words = "You do not have permission to access this resource.";
        return api_error(StatusCode::FORBIDDEN, "Permission Denied", words);
    }
    let newest_first = match query.get("sort") {
        None | Some("start_time:asc") => false,
        Some("start_time:desc") => true,
        Some(_) => return invalid("sort", "is not start_time:asc or start_time:desc"),
    };
    let size = query.get("count").map_or(Some(20), |count| count.parse().ok());
    let Some(size) = size.filter(|size| (1..=100).contains(size)) else {
        return invalid("count", "is not 1 to 100");
    };
    let time = |name, otherwise| query.get(name).map_or(Some(otherwise), parse_iso);
    let (Some(after), Some(before)) = (time("min_start_time", i64::MIN), time("max_start_time", i64::MAX))
    else {
        return invalid("min_start_time", "is no time, or max_start_time is none");
    };
    let page = seen.page(
        query.get("page_token"),
        size,
        &query.sorted_without("page_token"),
        |as_of| {
            let mut all = seen.samples_as_of(&EVENTS, "", after.saturating_add(1), before, as_of);
            if newest_first {
                all.reverse();
            }
            all
        },
    );
    let Some((shown, next)) = page else {
        return invalid("page_token", "is not one of this list");
    };
    let link = next.as_ref().map(|next| {
        format!(
            "https://{API}/scheduled_events?{}",
            query.with("page_token", next)
        )
    });
    let shown: Vec<Value> = shown.iter().map(|sample| event(seen.account, sample)).collect();
    let body = json!({
        "pagination": {
            "count": shown.len(),
            "next_page": link,
            "next_page_token": next,
            "previous_page": null,
            "previous_page_token": null,
        },
        "collection": shown,
    });
    Answer::json(StatusCode::OK, &body)
}

fn event(account: &Account, sample: &Sample) -> Value {
    // Microseconds.
    let time = |at| iso(at, true).replace('Z', "000Z");
    json!({
        "uri": (EVENTS.id)("", sample),
        "name": sample.title,
        "status": if sample.number.is_multiple_of(5) { "canceled" } else { "active" },
        "start_time": time(sample.at),
        "end_time": time(sample.at + 1_800_000),
        "event_type": format!("https://{API}/event_types/GBGBDCAADAEDCRZ2"),
        "location": {"type": "physical", "location": "Office"},
        "invitees_counter": {"total": 1, "active": 1, "limit": 1},
        "created_at": time(sample.made_at),
        "updated_at": time(sample.made_at),
        "event_memberships": [{"user": account.id}],
        "event_guests": [],
    })
}

fn invalid(parameter: &str, words: &str) -> Answer {
    let body = json!({
        "title": "Invalid Argument",
        "message": "The supplied parameters are invalid.",
        "details": [{"parameter": parameter, "message": words}],
    });
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(format!("{parameter} {words}"))
}

/// A wrong app is forbidden to revoke.
fn not_revoked(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::NoClient | Refusal::Client => {
            error(StatusCode::FORBIDDEN, "unauthorized_client", refusal.reason())
        }
        _ => standard_error(refusal),
    }
}

fn api_error(status: StatusCode, title: &str, reason: &str) -> Answer {
    Answer::json(status, &json!({"title": title, "message": reason})).refused(reason)
}
