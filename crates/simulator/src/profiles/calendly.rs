//! Calendly, a web app.
//!
//! Sources: developer.calendly.com "Get Authorization Code" (ten minutes, PKCE), "Get Access Token" (Basic credentials for
//! web clients, two hours, refresh tokens that live until they are used), "How to handle single-use refresh tokens" (the
//! old one is revoked at once), "Revoke Access/Refresh Token" (id and secret in the body, 400 and 403), "How to find the
//! organization or user URI" (`owner` and `organization` with the tokens), "Authorization Scopes" (`users:read` for the
//! user) and "Creating an OAuth app" (S256 for web apps too); public clients for the user and for `title` and `message`.
//!
//! Own knowledge: the words of token errors are those of RFC 6749. Not played: eight token requests per user and minute.
//! Stricter than documented: PKCE, which Calendly asks of all apps, is required.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    provider::{
        Api, Credentials, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer,
        standard_error,
    },
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
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/users/me",
            scope: "users:read",
            answer: me,
        }],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
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
