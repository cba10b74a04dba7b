//! Linear.
//!
//! Sources: linear.app/developers/oauth-2-0-authentication (authorize parameters, commas between scopes and spaces in
//! the answer, PKCE for apps with a secret too, form bodies, the answer of apps made since 2025-10-01, which always have
//! refresh tokens, and the three ways to revoke with their statuses) and linear.app/developers/graphql (the endpoint, the
//! viewer). Public clients quote the answer to a token that is not good: status 401 and `AUTHENTICATION_ERROR`.
//! Stricter than documented: the secret comes in the body, also when refreshing and also with PKCE; only S256; a token is
//! revoked by a form field; a refresh token works once, without the half hour of grace that some clients report. What the
//! errors of the token endpoint look like is not documented: RFC 6749 section 5.2.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    graphql::{self, Problem, TYPE},
    ledger::TokenKind,
    provider::{Api, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn, error, standard_answer},
};

const WEB: &str = "linear.app";
const API: &str = "api.linear.app";

/// A workspace is what gets connected; a person has an id of their own in each.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000201",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000202",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000203",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth/authorize",
    scopes: &[Scope {
        name: "read",
        words: "see what you see in the workspace",
    }],
    scope_separator: ',',
    scope_required: true,
    access_life_ms: Some(86_399_000),
    refresh_prefix: Some(""),
    token_length: 64,
    pkce: Pkce::Allowed,
    rotation: Rotation::Spend,
    what: "workspace",
    asks_which: Some(("prompt", "consent")),
    ..OAuth::STANDARD
};

/// Linear.
pub static LINEAR: Provider = Provider {
    id: "linear",
    name: "Linear",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["actor"],
    check_request,
    tokens: TokenDesk {
        host: API,
        path: "/oauth/token",
        answer: |handed| {
            let mut body = standard_answer(handed);
            body["scope"] = json!(handed.issued.grant.scopes.join(" "));
            body
        },
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/oauth/revoke",
        by: RevokeBy::Token,
        token: TokenIn::OneOf(&[
            ("access_token", TokenKind::Access),
            ("refresh_token", TokenKind::Refresh),
        ]),
        unknown: || {
            error(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Unable to revoke the token.",
            )
        },
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            let words = "Authentication required, not authenticated";
            refusal(StatusCode::UNAUTHORIZED, "AUTHENTICATION_ERROR", words)
        },
        reads: &[Read {
            method: "POST",
            host: API,
            path: "/graphql",
            scope: "",
            answer: ask,
        }],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
};

fn check_request(call: &Call) -> Result<Context, Told> {
    match (call.query.get("prompt"), call.query.get("actor")) {
        (None | Some("consent"), None | Some("user" | "app")) => Ok(Context::new()),
        _ => Err(("invalid_request", "prompt is consent, actor is user or app")),
    }
}

/// Answers a query about the viewer.
fn ask(seen: &Seen<'_>) -> Answer {
    let Some(query) = graphql::query(seen.call) else {
        let words = "POST body missing, invalid Content-Type, or JSON object has no keys.";
        return refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", words);
    };
    match graphql::select(&query, &root(seen.account)) {
        Ok(data) => Answer::json(StatusCode::OK, &json!({ "data": data })),
        Err(Problem::Syntax) => refusal(
            StatusCode::BAD_REQUEST,
            "GRAPHQL_PARSE_FAILED",
            "Syntax Error, or more than is played here",
        ),
        Err(Problem::Field { name, of }) => refusal(
            StatusCode::BAD_REQUEST,
            "GRAPHQL_VALIDATION_FAILED",
            &format!("Cannot query field \"{name}\" on type \"{of}\"."),
        ),
    }
}

fn root(workspace: &Account) -> Value {
    let first = workspace
        .name
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let company = if first == "ana" { "acme" } else { "globex" };
    let slug = workspace.label.to_lowercase().replace(' ', "-");
    json!({TYPE: "Query", "viewer": {
        TYPE: "User",
        "id": workspace.id.replacen("5c1e7a90", "9d20b6f4", 1),
        "name": workspace.name,
        "displayName": first,
        "email": format!("{first}@{company}.example"),
        "active": true,
        "admin": true,
        "organization": {TYPE: "Organization", "id": workspace.id, "name": workspace.label, "urlKey": slug},
    }})
}

fn refusal(status: StatusCode, code: &str, words: &str) -> Answer {
    let body = json!({"errors": [{
        "message": words,
        "extensions": {"code": code, "statusCode": status.as_u16(), "userError": true},
    }]});
    Answer::json(status, &body).refused(words)
}
