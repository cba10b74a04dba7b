//! Spotify.
//!
//! Sources: developer.spotify.com "Authorization code flow", "Authorization code with PKCE flow" and "Refreshing tokens"
//! (Basic credentials, `show_dialog`, a refresh that brings a refresh token or none, depending on the grant);
//! its blog of 2026-06-18 (six months from the approval, which a refresh does not extend); sonallux/spotify-web-api
//! `fixed-spotify-open-api.yml` (2026-08-21) for `/me`, `account_id` and the errors of the API; rspotify's documentation
//! of PKCE for refresh tokens that work once. There is no call that revokes. Own knowledge: `invalid_client` comes with
//! 400, and the descriptions of errors. Not played: that redirect URIs may not name localhost, and the list of people
//! who may use an app in development mode: both are checked when an app is registered.

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, Context, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    provider::{Api, Credentials, Provider, Read, Seen, TokenDesk, error},
    token::Refusal,
};

const ACCOUNTS_HOST: &str = "accounts.spotify.com";
const API: &str = "api.spotify.com";
/// Half a year, as the days of one come to.
const HALF_A_YEAR_MS: i64 = 180 * 86_400_000;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "aNa1Ruiz2A",
        label: "Ana Ruiz",
        name: "ana@acme.example",
    },
    Account {
        id: "aCm3Radio4",
        label: "Acme Radio",
        name: "radio@acme.example",
    },
    Account {
        id: "bEn5Cole6G",
        label: "Ben Cole",
        name: "ben@globex.example",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: ACCOUNTS_HOST,
    authorize_path: "/authorize",
    scopes: &[
        Scope {
            name: "user-read-private",
            words: "see your country and your kind of subscription",
        },
        Scope {
            name: "user-read-email",
            words: "see your email address",
        },
        Scope {
            name: "user-read-recently-played",
            words: "see what you played lately",
        },
        Scope {
            name: "user-library-read",
            words: "see what you saved",
        },
    ],
    access_prefix: "BQ",
    refresh_prefix: Some("AQ"),
    token_length: 120,
    pkce: Pkce::Allowed,
    consent_life_ms: Some(HALF_A_YEAR_MS),
    rotation: Rotation::WithPkce,
    unasked: "see your public profile",
    ..OAuth::STANDARD
};

/// Spotify.
pub static SPOTIFY: Provider = Provider {
    id: "spotify",
    name: "Spotify",
    hosts: &[ACCOUNTS_HOST, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["show_dialog"],
    check_request: |call: &Call| match call.query.get("show_dialog") {
        None | Some("true" | "false") => Ok(Context::new()),
        Some(_) => Err(("invalid_request", "show_dialog is true or false")),
    },
    tokens: TokenDesk {
        host: ACCOUNTS_HOST,
        path: "/api/token",
        credentials: Credentials::Basic,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || api_error(StatusCode::UNAUTHORIZED, "The access token expired"),
        forbidden: |_| api_error(StatusCode::FORBIDDEN, "Insufficient client scope"),
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/v1/me",
            scope: "",
            answer: me,
        }],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
};

fn token_error(refusal: &Refusal) -> Answer {
    let (word, reason) = match refusal {
        Refusal::NoClient => ("invalid_client", "Invalid client"),
        Refusal::Client => ("invalid_client", "Invalid client secret"),
        Refusal::GrantType => (
            "unsupported_grant_type",
            "grant_type must be client_credentials, authorization_code or refresh_token",
        ),
        Refusal::Code(BadCode::Expired) => ("invalid_grant", "Authorization code expired"),
        Refusal::Code(BadCode::Redirect) => ("invalid_grant", "Invalid redirect URI"),
        Refusal::Code(BadCode::Verifier) => ("invalid_grant", "code_verifier was incorrect"),
        Refusal::Code(_) => ("invalid_grant", "Invalid authorization code"),
        Refusal::Refresh => ("invalid_grant", "Refresh token revoked"),
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    error(StatusCode::BAD_REQUEST, word, reason)
}

fn api_error(status: StatusCode, message: &'static str) -> Answer {
    let body = json!({"error": {"status": status.as_u16(), "message": message}});
    Answer::json(status, &body).refused(message)
}

/// What a person is told about themselves depends on the scopes.
fn me(seen: &Seen<'_>) -> Answer {
    let has = |scope: &str| seen.grant.scopes.iter().any(|granted| granted == scope);
    // The name of an account, unlike its id, can be changed.
    let user = seen.account.name.replace(['@', '.'], "_");
    let mut body = json!({
        "account_id": seen.account.id,
        "display_name": seen.account.label,
        "external_urls": {"spotify": format!("https://open.spotify.com/user/{user}")},
        "followers": {"href": null, "total": 0},
        "href": format!("https://api.spotify.com/v1/users/{user}"),
        "id": user,
        "images": [],
        "type": "user",
        "uri": format!("spotify:user:{user}"),
    });
    if has("user-read-private") {
        body["country"] = json!("DE");
        body["explicit_content"] = json!({"filter_enabled": false, "filter_locked": false});
        body["product"] = json!("premium");
    }
    if has("user-read-email") {
        body["email"] = json!(seen.account.name);
    }
    Answer::json(StatusCode::OK, &body)
}
