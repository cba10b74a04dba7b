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

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Rotation, Scope};
use crate::core::{
    answer::Answer,
    grants::BadCode,
    provider::{Api, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer},
    token::Refusal,
};

const WEB: &str = "account.box.com";
const API: &str = "api.box.com";
const DAY_MS: i64 = 86_400_000;

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
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/2.0/users/me",
            scope: "root_readonly",
            answer: me,
        }],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
};

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
