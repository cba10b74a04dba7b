//! Canva Connect.
//!
//! Sources: canva-sdks/canva-connect-api-starter-kit `openapi/spec.yml` (2026-08-20) and canva.dev "Authentication",
//! "Generate an access token", "Revoke a token" and "Users": PKCE, credentials in Basic or in the body, a new refresh
//! token each time, the two ways in which a revocation ends things, `{code, message}` errors, the wrong secret that is
//! told as `invalid_access_token`. The specification names api.canva.com/auth as the newer root of the token
//! routes and calls the one that the pages show, which is played here, deprecated. That a refresh token works once and
//! that using it again ends its lineage is medium sure (see the facts). Own knowledge: codes live ten minutes, and the
//! words of a refusal at the redirect URI. Stricter than documented: a token that has ended is no token to the
//! revocation either.

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    provider::{Api, Credentials, Ends, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk},
    token::Refusal,
};

const WEB: &str = "www.canva.com";
const API: &str = "api.canva.com";

/// The account's id is the person's; its label is the name that the profile tells.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "auAnaRuiz2rQNNOsUl5O1",
        label: "Ana Ruiz",
        name: "Team Acme",
    },
    Account {
        id: "auAcmeStudioNNOsUl5O2",
        label: "Acme Studio",
        name: "Team Acme",
    },
    Account {
        id: "auBenCole2rQNNOsUl5O3",
        label: "Ben Cole",
        name: "Team Globex",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/api/oauth/authorize",
    scopes: &[
        Scope {
            name: "profile:read",
            words: "see your name",
        },
        Scope {
            name: "design:meta:read",
            words: "see the names and dates of your designs",
        },
    ],
    scope_required: true,
    denied: &[("error_description", "The user denied the request")],
    access_life_ms: Some(14_400_000),
    access_prefix: "Jag",
    refresh_prefix: Some("JAB"),
    token_length: 1200,
    pkce: Pkce::Required,
    rotation: Rotation::Detect,
    ..OAuth::STANDARD
};

/// Canva.
pub static CANVA: Provider = Provider {
    id: "canva",
    name: "Canva",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/rest/v1/oauth/token",
        credentials: Credentials::Either,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/rest/v1/oauth/revoke",
        by: RevokeBy::App(Credentials::Either),
        ends: Ends::ByKind,
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: || {
            told(
                StatusCode::BAD_REQUEST,
                "bad_request_params",
                "Token is neither an access or refresh token",
            )
        },
        error: token_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            told(
                StatusCode::UNAUTHORIZED,
                "invalid_access_token",
                "Access token is invalid",
            )
        },
        forbidden: |_| told(StatusCode::FORBIDDEN, "missing_scope", "Missing scopes"),
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/rest/v1/users/me",
                scope: "",
                answer: me,
            },
            Read {
                method: "GET",
                host: API,
                path: "/rest/v1/users/me/profile",
                scope: "profile:read",
                answer: |seen| {
                    let profile = json!({"profile": {"display_name": seen.account.label}});
                    Answer::json(StatusCode::OK, &profile)
                },
            },
        ],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
};

/// Every error of Canva.
fn told(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({"code": code, "message": message});
    Answer::json(status, &body).refused(message)
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, code) = match refusal {
        Refusal::NoClient => (StatusCode::BAD_REQUEST, "unauthorized_client"),
        Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_access_token"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
    };
    told(status, code, refusal.reason())
}

/// Ids only: the name is a call of its own.
fn me(seen: &Seen<'_>) -> Answer {
    let team = if seen.account.name == "Team Acme" {
        "Oi2RJILTrKk0KRhRUZo01"
    } else {
        "Oi2RJILTrKk0KRhRUZo02"
    };
    let ids = json!({"user_id": seen.account.id, "team_id": team});
    Answer::json(StatusCode::OK, &json!({"team_user": ids}))
}
