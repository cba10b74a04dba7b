//! GitLab at gitlab.com. A self-managed GitLab is another company's server with apps of its own; none is played here.
//!
//! Sources: gitlab-org/gitlab `doc/api/oauth2.md` (PKCE recommended for server apps too, credentials in the body, two
//! hours, `created_at`, a refresh that repeats `redirect_uri` and ends the access token and the refresh token before it,
//! revocation answered with an empty object), `doc/api/users.md` for `GET /api/v4/user`; doorkeeper-gem/doorkeeper
//! `config/locales/en.yml` and `TokensController#revoke` for errors and their words, since GitLab is built on it, and for
//! `scope` in the answer. The words of the API for a token that was revoked or has expired are GitLab's
//! `lib/gitlab/auth/auth_finders.rb` as far as remembered. Stricter than documented: Basic credentials, which the page
//! shows for the password grant only, are refused, and a request has to name its scopes.
//!
//! What is read of projects has its sources in `projects`.

mod projects;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    grants::TokenState,
    provider::{Api, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer},
    token::Refusal,
};

const HOST: &str = "gitlab.com";

/// The id is a number there; people are known by their user name.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "21430101",
        label: "ana.ruiz",
        name: "Ana Ruiz",
    },
    Account {
        id: "21430102",
        label: "acme-ops",
        name: "Ops",
    },
    Account {
        id: "21430103",
        label: "ben.cole",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOST,
    authorize_path: "/oauth/authorize",
    scopes: &[
        Scope {
            name: "read_user",
            words: "see your profile",
        },
        Scope {
            name: "read_api",
            words: "see your groups, projects, issues and merge requests",
        },
    ],
    scope_required: true,
    denied: &[(
        "error_description",
        "The resource owner or authorization server denied the request.",
    )],
    access_life_ms: Some(7_200_000),
    refresh_prefix: Some(""),
    token_length: 64,
    pkce: Pkce::Allowed,
    rotation: Rotation::Spend,
    refresh_ends_access: true,
    ..OAuth::STANDARD
};

/// GitLab.
pub static GITLAB: Provider = Provider {
    id: "gitlab",
    name: "GitLab",
    hosts: &[HOST],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: HOST,
        path: "/oauth/token",
        redirect_uri_on_refresh: true,
        answer: token_answer,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: HOST,
        path: "/oauth/revoke",
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: || Answer::json(StatusCode::OK, &json!({})),
        error: |_| {
            error(
                StatusCode::FORBIDDEN,
                "unauthorized_client",
                "You are not authorized to revoke this token",
            )
        },
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            let body = json!({"message": "401 Unauthorized"});
            Answer::json(StatusCode::UNAUTHORIZED, &body).refused("no access token that works")
        },
        ended,
        forbidden: |_| {
            let body = json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api read_user read_api",
            });
            Answer::json(StatusCode::FORBIDDEN, &body).refused("the token lacks a scope")
        },
        reads: &[
            read("/api/v4/user", "read_user", user),
            read("/api/v4/projects", "read_api", projects::projects),
            read("/api/v4/projects/*/issues", "read_api", projects::issues),
            read(
                "/api/v4/projects/*/merge_requests",
                "read_api",
                projects::merge_requests,
            ),
        ],
        ..Api::STANDARD
    },
    streams: &[projects::ISSUES, projects::MERGE_REQUESTS],
    ..Provider::STANDARD
};

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: HOST,
        path,
        scope,
        answer,
    }
}

fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    // `expires_in` counts from here.
    body["created_at"] = json!(handed.call.now / 1000);
    body
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (status, word, words) = match refusal {
        Refusal::NoClient | Refusal::Client => (
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.",
        ),
        Refusal::Code(_) | Refusal::Refresh => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.",
        ),
        Refusal::GrantType => (
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        ),
        Refusal::Malformed(_) => (
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.",
        ),
    };
    let mut answer = error(status, word, words);
    answer.refused = Some(refusal.reason().to_owned());
    answer
}

fn ended(state: &TokenState) -> Option<Answer> {
    let words = match state {
        TokenState::Expired => "Token is expired. You can either do re-authorization or token refresh.",
        TokenState::Revoked => "Token was revoked. You have to re-authorize from the user.",
        TokenState::Unknown | TokenState::Live(..) => return None,
    };
    Some(error(StatusCode::UNAUTHORIZED, "invalid_token", words))
}

fn user(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let number = account.id.parse::<u64>().unwrap_or_default();
    let place = if account.label == "ben.cole" {
        "globex"
    } else {
        "acme"
    };
    let body = json!({
        "id": number,
        "username": account.label,
        "name": account.name,
        "state": "active",
        "locked": false,
        "avatar_url": null,
        "web_url": format!("https://gitlab.com/{}", account.label),
        "created_at": "2024-02-05T09:12:44.000Z",
        "email": format!("{}@{place}.example", account.label),
        "commit_email": format!("{}@{place}.example", account.label),
        "confirmed_at": "2024-02-05T09:14:01.000Z",
        "two_factor_enabled": true,
        "external": false,
        "can_create_group": true,
        "can_create_project": true,
    });
    Answer::json(StatusCode::OK, &body)
}
