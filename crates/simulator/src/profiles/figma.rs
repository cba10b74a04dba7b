//! Figma.
//!
//! Sources: developers.figma.com/docs/rest-api/oauth-apps (authorize parameters; PKCE recommended, S256 only; a person who
//! says no is not sent back; codes live 30 seconds; Basic credentials and form bodies; `user_id_string` in the answer;
//! a path of its own for refresh tokens, which stay, while the access token before it ends; 90 days),
//! developers.figma.com/docs/rest-api/scopes, figma/rest-api-spec `openapi/openapi.yaml` (the user of `/v1/me`, and
//! `{status, err}` with 403 for a token that is not good). No call that revokes is documented. What the token endpoint's
//! errors look like is not either; public clients quote `{error: true, status, message, i18n}`. Stricter than documented:
//! scopes have commas between them as in the documentation's example, where spaces would do too.
//! developers.figma.com/docs/rest-api/projects-endpoints for a team's projects and a project's files: whole lists, without
//! pages or a filter, each file with the time of its last change. Everyone here belongs to one team.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    history::iso,
    provider::{Api, Credentials, Handed, Provider, Read, Seen, TokenDesk},
    sample::{Sample, SampleStream},
    token::Refusal,
};

const WEB: &str = "www.figma.com";
const API: &str = "api.figma.com";
const DAY_MS: i64 = 86_400_000;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "1101840975000000201",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "1101840975000000202",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "1101840975000000203",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth",
    scopes: &[
        Scope {
            name: "current_user:read",
            words: "see your name, e-mail address and picture",
        },
        Scope {
            name: "projects:read",
            words: "list projects and the files in them",
        },
        Scope {
            name: "file_metadata:read",
            words: "see names and dates of files",
        },
        Scope {
            name: "file_versions:read",
            words: "see the version history of files",
        },
    ],
    scope_separator: ',',
    scope_required: true,
    code_life_ms: 30_000,
    access_life_ms: Some(90 * DAY_MS),
    access_prefix: "figu_",
    refresh_prefix: Some("figur_"),
    pkce: Pkce::Allowed,
    rotation: Rotation::Never,
    refresh_ends_access: true,
    ..OAuth::STANDARD
};

/// Figma.
pub static FIGMA: Provider = Provider {
    id: "figma",
    name: "Figma",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/v1/oauth/token",
        refresh_path: Some("/v1/oauth/refresh"),
        credentials: Credentials::Basic,
        answer: tokens,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || error("Invalid token"),
        forbidden: |scope| {
            error(&format!(
                "Invalid scope(s). This endpoint requires the {scope} scope"
            ))
        },
        reads: &[
            read("/v1/me", "current_user:read", me),
            read("/v1/teams/*/projects", "projects:read", projects),
            read("/v1/projects/*/files", "projects:read", files),
        ],
        ..Api::STANDARD
    },
    streams: &[FILES],
    denial_returns: false,
    ..Provider::STANDARD
};

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: API,
        path,
        scope,
        answer,
    }
}

/// The team of everyone.
const TEAM: (&str, &str) = ("1234567890123456789", "Acme Design");

/// Files of a project.
const FILES: SampleStream = SampleStream {
    name: "files",
    parents: project_ids,
    id: |_, sample| format!("fK{:020}", sample.number),
    ..SampleStream::STANDARD
};

/// An account sees two projects of the team.
fn project_ids(account: &Account) -> Vec<String> {
    let own = account.id.get(account.id.len() - 3..).unwrap_or_default();
    ["71", "72"].map(|kind| format!("{kind}000{own}")).to_vec()
}

/// `/v1/teams/{id}/projects`.
fn projects(seen: &Seen<'_>) -> Answer {
    if seen.segment(2) != TEAM.0 {
        return error("You do not have access to this team");
    }
    let projects: Vec<Value> = project_ids(seen.account)
        .iter()
        .zip(["Website", "App"])
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    Answer::json(StatusCode::OK, &json!({"name": TEAM.1, "projects": projects}))
}

/// `/v1/projects/{id}/files`.
fn files(seen: &Seen<'_>) -> Answer {
    let project = seen.segment(2);
    if !project_ids(seen.account).iter().any(|id| id == project) {
        let body = json!({"status": 404, "err": "Not found"});
        return Answer::json(StatusCode::NOT_FOUND, &body).refused("no such project");
    }
    let mut files = seen.samples(&FILES, project, i64::MIN, i64::MAX);
    // The last to be made comes first, whenever it was changed.
    files.sort_by_key(|file| std::cmp::Reverse(file.made_at));
    let files: Vec<Value> = files.iter().map(file).collect();
    Answer::json(StatusCode::OK, &json!({"name": "Project", "files": files}))
}

fn file(sample: &Sample) -> Value {
    let key = (FILES.id)("", sample);
    json!({
        "key": key,
        "name": sample.title,
        "thumbnail_url": format!("https://s3-alpha.figma.com/thumbnails/{key}"),
        "last_modified": iso(sample.at, false),
    })
}

/// Whose tokens these are is said once, together with the refresh token.
fn tokens(handed: &Handed<'_>) -> Value {
    let mut body = json!({
        "access_token": handed.issued.access,
        "token_type": "bearer",
        "expires_in": handed.seconds(),
    });
    if let Some(refresh) = &handed.issued.refresh {
        body["refresh_token"] = json!(refresh);
        body["user_id_string"] = json!(handed.account.id);
    }
    body
}

fn me(seen: &Seen<'_>) -> Answer {
    let body = json!({
        "id": seen.account.id,
        "email": seen.account.label,
        "handle": seen.account.name,
        "img_url": "https://www.gravatar.com/avatar/?d=identicon",
    });
    Answer::json(StatusCode::OK, &body)
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, word) = match refusal {
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "error.unauthorized"),
        _ => (StatusCode::BAD_REQUEST, "error.bad_request"),
    };
    let reason = refusal.reason();
    let body = json!({"error": true, "status": status.as_u16(), "message": reason, "i18n": word});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(reason)
}

/// Errors of the API have status 403 also where the token is the reason.
fn error(words: &str) -> Answer {
    let body = json!({"status": 403, "err": words});
    Answer::json(StatusCode::FORBIDDEN, &body).refused(words)
}
