//! Box, a platform app with user authentication. The file's name ends in an underscore because `box` is a word of the
//! language.
//!
//! Sources: box/box-openapi `openapi.json` (2026-06-29) for the routes, credentials in the body, the answer with
//! `restricted_to`, `GET /2.0/users/me`, and errors; developer.box.com guides "tokens/refresh" (a refresh token works once,
//! within sixty days, and brings a new one), "tokens/revoke" (either token, and access ends) and
//! "permissions-and-errors/scopes" (a request without scopes gets those of the app);
//! box/developer.box.com `common-errors.md` (2026-04-22) for the token endpoint's words, all with status 400, and for a
//! code that lives for some tens of seconds; scribejava/scribejava issue 842 (Basic credentials are refused);
//! box/box-node-sdk issue 157 for `WWW-Authenticate` and the empty body of a 401. PKCE is not documented, so it is refused.
//! Stricter than documented: the redirect URI has to come with the code. The description of `access_denied`, and that an
//! unknown token is revoked with 200, are own knowledge.
//!
//! Files: the same specification, `get_folders_id_items` (folder 0 is the root, `usemarker`, `marker`, up to 1000 in a page,
//! with `fields` nothing but those and the basic ones, without them no times) and the error of a folder that is not there.
//! Stricter than documented: a larger `limit` is refused, and so is a parameter that is not known. Not played: paging by
//! offset, sorting.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Rotation, Scope};
use crate::core::{
    answer::Answer,
    grants::BadCode,
    history::iso,
    provider::{Api, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer},
    sample::{Sample, SampleStream},
    token::Refusal,
};

const WEB: &str = "account.box.com";
const API: &str = "api.box.com";
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
/// Most of a page.
const MOST: usize = 1000;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "11446101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "11446102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "11446103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/api/oauth2/authorize",
    scopes: &[Scope {
        name: "root_readonly",
        words: "see all files and folders stored in Box",
    }],
    scopes_of_app: true,
    denied: &[("error_description", "The user denied access to your application")],
    code_life_ms: 30_000,
    // An hour and some minutes: what is answered counts, not the hour.
    access_life_ms: Some(4_175_000),
    refresh_prefix: Some(""),
    token_length: 64,
    refresh_life_ms: Some(60 * DAY_MS),
    rotation: Rotation::Spend,
    ..OAuth::STANDARD
};

/// Box.
pub static BOX: Provider = Provider {
    id: "box",
    name: "Box",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/oauth2/token",
        answer: token_answer,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/oauth2/revoke",
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            challenge(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "The access token provided is invalid.",
            )
        },
        forbidden: |_| {
            challenge(
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "The request requires higher privileges than provided by the access token.",
            )
        },
        reads: &[read("/2.0/users/me", me), read("/2.0/folders/*/items", items)],
        ..Api::STANDARD
    },
    streams: &[FILES],
    ..Provider::STANDARD
};

/// Files in every folder; ids are unique everywhere.
const FILES: SampleStream = SampleStream {
    name: "files",
    parents: |account| FOLDERS.map(|(folder, _)| folder_id(account, folder)).to_vec(),
    per_day: 8,
    ..SampleStream::STANDARD
};

/// Folders by their name, and what each lies in. The first is the root, which lies in nothing.
const FOLDERS: [(&str, &str); 5] = [
    ("", "nothing"),
    ("Contracts", ""),
    ("Designs", ""),
    ("Drafts", "Contracts"),
    ("2026", "Drafts"),
];

const fn read(path: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: API,
        path,
        scope: "root_readonly",
        answer,
    }
}

/// A folder's id: everyone's root is 0.
fn folder_id(account: &Account, folder: &str) -> String {
    match FOLDERS.iter().position(|(name, _)| *name == folder) {
        None | Some(0) => "0".to_owned(),
        Some(place) => format!("{}{place}", account.id),
    }
}

/// Granted scopes are not named.
fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("scope");
    }
    body["token_type"] = json!("bearer");
    body["restricted_to"] = json!([]);
    body
}

/// Every refusal has status 400.
fn oauth_error(refusal: &Refusal) -> Answer {
    let (word, words) = match refusal {
        Refusal::NoClient | Refusal::Client => ("invalid_client", "The client credentials are invalid"),
        Refusal::Code(BadCode::Expired) => ("invalid_grant", "The authorization code has expired"),
        Refusal::Code(BadCode::Redirect) => (
            "redirect_uri_mismatch",
            "The redirect URI does not match the one of the authorization request",
        ),
        Refusal::Code(_) => (
            "invalid_grant",
            "Auth code doesn't exist or is invalid for the client",
        ),
        Refusal::Refresh => ("invalid_grant", "Invalid refresh token"),
        Refusal::GrantType => (
            "invalid_request",
            "Invalid grant_type parameter or parameter missing",
        ),
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    let mut answer = error(StatusCode::BAD_REQUEST, word, words);
    answer.refused = Some(refusal.reason().to_owned());
    answer
}

/// What is wrong stands in a header; there is no body.
fn challenge(status: StatusCode, word: &str, words: &str) -> Answer {
    let value = format!(r#"Bearer realm="Service", error="{word}", error_description="{words}""#);
    Answer::empty(status)
        .with("www-authenticate", &value)
        .refused(words)
}

/// What lies in a folder: folders first, then files, then links.
fn items(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let id = seen.segment(2);
    let Some((name, _)) = FOLDERS
        .iter()
        .find(|(name, _)| folder_id(seen.account, name) == id)
    else {
        return api_error(StatusCode::NOT_FOUND, "not_found", "Not Found");
    };
    let bad = |words| api_error(StatusCode::BAD_REQUEST, "bad_request", words);
    let known = ["usemarker", "marker", "limit", "fields"];
    if query.iter().any(|(name, _)| !known.contains(&name)) {
        return bad("a parameter that is not known (simulated provider)");
    }
    if query.get("usemarker") != Some("true") {
        return bad("usemarker is true (simulated provider)");
    }
    let size = query.get("limit").map_or(Some(100), |limit| limit.parse().ok());
    let Some(size) = size.filter(|size| (1..=MOST).contains(size)) else {
        return bad("limit is 1 to 1000");
    };
    let bound = query.sorted_without("marker");
    let page = seen.page(query.get("marker"), size, &bound, |as_of| {
        content(seen, name, id, as_of)
    });
    let Some((shown, next)) = page else {
        return bad("Invalid marker");
    };
    let shown: Vec<Value> = shown
        .into_iter()
        .map(|item| reduced(item, query.get("fields")))
        .collect();
    let body = json!({"limit": size, "next_marker": next, "entries": shown});
    Answer::json(StatusCode::OK, &body)
}

fn content(seen: &Seen<'_>, name: &str, id: &str, as_of: i64) -> Vec<Value> {
    let below = FOLDERS.iter().filter(|(_, parent)| *parent == name);
    let folders = below.map(
        |(name, _)| json!({"type": "folder", "id": folder_id(seen.account, name), "etag": "1", "name": name}),
    );
    let files = seen.samples_as_of(&FILES, id, i64::MIN, i64::MAX, as_of);
    let link = json!({
        "type": "web_link",
        "id": format!("7{}", seen.account.id),
        "etag": "1",
        "name": "Intranet",
        "url": "https://intranet.example.com",
        "modified_at": zoned(as_of - DAY_MS),
    });
    folders
        .chain(files.iter().map(|sample| file(id, sample)))
        .chain([link])
        .collect()
}

fn file(folder: &str, sample: &Sample) -> Value {
    json!({
        "type": "file",
        "id": (FILES.id)(folder, sample),
        "etag": "1",
        "name": format!("{}.pdf", sample.title),
        "size": 1_000 + sample.number % 90_000,
        "created_at": zoned(sample.made_at),
        "modified_at": zoned(sample.at),
    })
}

/// A time as Box writes it, in the time zone of its first office.
fn zoned(at: i64) -> String {
    iso(at - 7 * HOUR_MS, false).replace('Z', "-07:00")
}

/// An item with the fields that were asked for, or the few that come unasked.
fn reduced(mut item: Value, fields: Option<&str>) -> Value {
    let asked: Vec<&str> = fields.unwrap_or("name").split(',').collect();
    if let Some(own) = item.as_object_mut() {
        own.retain(|name, _| {
            matches!(name.as_str(), "type" | "id" | "etag") || asked.contains(&name.as_str())
        });
    }
    item
}

fn api_error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({
        "type": "error",
        "status": status.as_u16(),
        "code": code,
        "message": message,
        "help_url": "https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/",
        "request_id": "abcdef123456",
    });
    Answer::json(status, &body).refused(message)
}

fn me(seen: &Seen<'_>) -> Answer {
    let body = json!({
        "type": "user",
        "id": seen.account.id,
        "name": seen.account.name,
        "login": seen.account.label,
        "created_at": "2024-02-05T01:12:44-08:00",
        "modified_at": "2026-03-30T02:40:10-07:00",
        "language": "en",
        "timezone": "Europe/Berlin",
        "space_amount": 10_737_418_240_i64,
        "space_used": 48_230_144,
        "max_upload_size": 262_144_000,
        "status": "active",
        "job_title": "",
        "phone": "",
        "address": "",
        "avatar_url": format!("https://app.box.com/api/avatar/large/{}", seen.account.id),
        "notification_email": null,
    });
    Answer::json(StatusCode::OK, &body)
}
