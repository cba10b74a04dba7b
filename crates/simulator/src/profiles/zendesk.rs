//! Zendesk, a global OAuth client with a secret: one app for every customer's host.
//!
//! Sources: developer.zendesk.com "OAuth Tokens for Grant Types" (JSON, codes that live 120 seconds, the limits of
//! `expires_in` and `refresh_token_expires_in`, which are exclusive; a refresh ends the access and refresh token before),
//! "Using PKCE…", "Revoking an OAuth access token" (`current.json`, 204) and "Users: Show Self" (allowed without signing
//! in, which then tells of nobody); support.zendesk.com 4408845965210 (authorization parameters, redirect rules) and the
//! announcement of 2026-02-02 (new global clients: thirty minutes and thirty days where the request says nothing); the 401
//! with `invalid_token` as many clients report it.
//!
//! Tickets: developer.zendesk.com "Incremental Exports" and "Using the Incremental Export API" (for admins; from a start
//! time on, by `generated_timestamp`, which can be later than `updated_at`; up to 1000 in a page; `after_cursor`,
//! `after_url` and `end_of_stream`; what changed in the last minute is left out). Own knowledge: the words for a start time
//! that is missing or less than a minute ago, and for people who are no admins.
//!
//! Not documented, so taken for granted: a token with `read` alone may end itself. Own knowledge: the words for a missing
//! scope and for a life that is out of bounds. Stricter than documented: the body must be JSON, lives must be numbers.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    history::iso,
    ledger::TokenKind,
    params::Params,
    provider::{
        Api, Encoding, Ends, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn,
        standard_answer,
    },
    sample::{Sample, SampleStream},
    token::Refusal,
};

const HOSTS: &str = "*.zendesk.com";
const ACME: &str = "acme.zendesk.com";
const GLOBEX: &str = "globex.zendesk.com";
/// Seconds that an access token lives where the request does not say; and a refresh token.
const LIVES: (i64, i64) = (1800, 2_592_000);
const ME: &str = "/api/v2/users/me.json";
/// Most of a page.
const MOST: usize = 1000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "360000000101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "360000000102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "360000000103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOSTS,
    authorize_path: "/oauth/authorizations/new",
    scopes: &[Scope {
        name: "read",
        words: "see tickets, people and organisations",
    }],
    scope_required: true,
    denied: &[("error_description", "The end-user denied the request.")],
    code_life_ms: 120_000,
    refresh_prefix: Some(""),
    token_length: 64,
    pkce: Pkce::Allowed,
    rotation: Rotation::Spend,
    refresh_ends_access: true,
    ..OAuth::STANDARD
};

/// Zendesk.
pub static ZENDESK: Provider = Provider {
    id: "zendesk",
    name: "Zendesk",
    hosts: &[HOSTS],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    lives_here: |account, host| home(account) == host,
    home: |account| Some(home(account)),
    tokens: TokenDesk {
        host: HOSTS,
        path: "/oauth/tokens",
        body: Encoding::Json,
        rules: as_asked,
        check: lives_in_bounds,
        answer: tokens,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        method: "DELETE",
        host: HOSTS,
        path: "/api/v2/oauth/tokens/current.json",
        by: RevokeBy::Token,
        token: TokenIn::Header,
        kinds: &[TokenKind::Access],
        ends: Ends::Grant,
        done: || Answer::empty(StatusCode::NO_CONTENT),
        unknown: invalid_token,
        error: |_| invalid_token(),
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        check: nobody,
        unauthorised: invalid_token,
        forbidden: |scope| {
            let body = json!({
                "error": "Forbidden",
                "description": format!("Missing the following required scopes: {scope}"),
            });
            Answer::json(StatusCode::FORBIDDEN, &body).refused("the token lacks a scope")
        },
        reads: &[
            Read {
                method: "GET",
                host: HOSTS,
                path: ME,
                scope: "read",
                answer: me,
            },
            Read {
                method: "GET",
                host: HOSTS,
                path: "/api/v2/incremental/tickets/cursor.json",
                scope: "read",
                answer: tickets,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[TICKETS],
    ..Provider::STANDARD
};

/// Tickets by their last change; what changed in the last minute is not told yet.
const TICKETS: SampleStream = SampleStream {
    name: "tickets",
    per_day: 40,
    held_back_ms: MINUTE_MS,
    ..SampleStream::STANDARD
};

/// The one host where an account is.
fn home(account: &Account) -> &'static str {
    if account.label.ends_with("@acme.example") {
        ACME
    } else {
        GLOBEX
    }
}

/// The seconds of life that a request asks for: of the access token and of the refresh token.
fn lives(fields: &Params) -> (i64, i64) {
    let asked = |name, otherwise| fields.get(name).map_or(Some(otherwise), |text| text.parse().ok());
    (
        asked("expires_in", LIVES.0).unwrap_or_default(),
        asked("refresh_token_expires_in", LIVES.1).unwrap_or_default(),
    )
}

fn as_asked(rules: &'static OAuth, fields: &Params) -> OAuth {
    let (access, refresh) = lives(fields);
    OAuth {
        access_life_ms: Some(access * 1000),
        refresh_life_ms: Some(refresh * 1000),
        ..*rules
    }
}

fn lives_in_bounds(call: &Call, fields: &Params) -> Result<(), Refusal> {
    let body = call.json().unwrap_or_default();
    let are_numbers = ["expires_in", "refresh_token_expires_in"]
        .iter()
        .all(|name| body.get(name).is_none_or(Value::is_number));
    let (access, refresh) = lives(fields);
    let in_bounds = 300 < access && access < 172_800.min(refresh) && 604_800 < refresh && refresh < 7_776_000;
    if are_numbers && in_bounds {
        Ok(())
    } else {
        Err(Refusal::Malformed("a life that is no number or out of bounds"))
    }
}

fn tokens(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    body["token_type"] = json!("bearer");
    body["refresh_token_expires_in"] = json!(handed.rules.refresh_life_ms.map(|life| life / 1000));
    body
}

/// Who does not sign in is told about nobody, with status 200.
fn nobody(call: &Call) -> Result<(), Answer> {
    if call.credentials("bearer").is_some() {
        return Ok(());
    }
    if call.path != ME {
        return Err(invalid_token());
    }
    let body = json!({"user": {
        "id": null, "url": null, "name": "Anonymous user", "email": "invalid@example.com",
        "role": "end-user", "active": false, "verified": false,
    }});
    Err(Answer::json(StatusCode::OK, &body))
}

fn me(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    if home(account) != seen.call.host {
        return invalid_token();
    }
    let id: i64 = account.id.parse().unwrap_or_default();
    let body = json!({"user": {
        "id": id,
        "url": format!("https://{}/api/v2/users/{id}.json", seen.call.host),
        "name": account.name,
        "email": account.label,
        "role": if is_admin(account) { "admin" } else { "agent" },
        "active": true,
        "verified": true,
        "locale": "en-US",
        "time_zone": "Berlin",
        "created_at": "2024-01-08T09:00:00Z",
        "updated_at": "2026-01-12T09:00:00Z",
    }});
    Answer::json(StatusCode::OK, &body)
}

fn is_admin(account: &Account) -> bool {
    account.name != "Ops"
}

/// Tickets from a start time on, or from where a cursor says.
fn tickets(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    if home(seen.account) != seen.call.host {
        return invalid_token();
    }
    if !is_admin(seen.account) {
        let words = "You do not have access to this page.";
        let body = json!({"error": {"title": "Forbidden", "message": words}});
        return Answer::json(StatusCode::FORBIDDEN, &body).refused(words);
    }
    let size = query.get("per_page").map_or(Some(MOST), |size| size.parse().ok());
    let Some(size) = size.filter(|size| (1..=MOST).contains(size)) else {
        return invalid("InvalidValue", "per_page is 1 to 1000");
    };
    // A cursor carries the start time that it goes on from.
    let (start, token) = match (query.get("start_time"), query.get("cursor")) {
        (Some(start), None) => (start, None),
        (None, Some(cursor)) => match cursor.split_once('.') {
            Some((start, token)) => (start, Some(token)),
            None => return invalid("InvalidValue", "cursor is not valid"),
        },
        _ => return invalid("InvalidValue", "either start_time or cursor has to come"),
    };
    let since = start.parse::<i64>().ok().filter(|seconds| *seconds >= 0);
    let Some(since) = since.map(|seconds| seconds.saturating_mul(1000)) else {
        return invalid("InvalidValue", "start_time is not valid");
    };
    if since > seen.call.now - MINUTE_MS {
        return invalid(
            "StartTimeTooRecent",
            "Too recent start_time. Use a start_time older than 60 seconds",
        );
    }
    let page = seen.page(token, size, start, |as_of| generated_since(seen, since, as_of));
    let Some((shown, next)) = page else {
        return invalid("InvalidValue", "cursor is not valid");
    };
    // At the end too, for the next export.
    let after = format!("{start}.{}", next.as_deref().or(token).unwrap_or("end"));
    let shown: Vec<Value> = shown
        .iter()
        .map(|(at, sample)| ticket(seen, *at, sample))
        .collect();
    let body = json!({
        "tickets": shown,
        "after_url": format!("https://{}{}?cursor={after}", seen.call.host, seen.call.path),
        "after_cursor": after,
        "before_url": null,
        "before_cursor": null,
        "end_of_stream": next.is_none(),
    });
    Answer::json(StatusCode::OK, &body)
}

/// Tickets with the time by which they are exported, in its order. Zendesk itself touches some an hour after people did.
fn generated_since(seen: &Seen<'_>, start: i64, as_of: i64) -> Vec<(i64, Sample)> {
    let generated = |sample: &Sample| {
        let later = sample.at + HOUR_MS;
        if sample.number.is_multiple_of(4) && later <= as_of - MINUTE_MS {
            later
        } else {
            sample.at
        }
    };
    let mut all: Vec<(i64, Sample)> = seen
        .samples_as_of(&TICKETS, "", start - HOUR_MS, i64::MAX, as_of)
        .into_iter()
        .map(|sample| (generated(&sample), sample))
        .filter(|(at, _)| *at >= start)
        .collect();
    all.sort_by_key(|(at, sample)| (*at, sample.number));
    all
}

fn ticket(seen: &Seen<'_>, generated: i64, sample: &Sample) -> Value {
    json!({
        "id": sample.number,
        "url": format!("https://{}/api/v2/tickets/{}.json", seen.call.host, sample.number),
        "subject": sample.title,
        "status": "open",
        "created_at": iso(sample.made_at, false),
        "updated_at": iso(sample.at, false),
        "generated_timestamp": generated / 1000,
    })
}

fn invalid(error: &str, words: &str) -> Answer {
    let body = json!({"error": error, "description": words});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(words)
}

fn invalid_token() -> Answer {
    let reason = "no access token that works";
    let body = json!({"error": "invalid_token", "error_description": reason});
    Answer::json(StatusCode::UNAUTHORIZED, &body).refused(reason)
}
