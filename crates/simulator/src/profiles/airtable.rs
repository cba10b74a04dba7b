//! Airtable.
//!
//! Sources: airtable.com/developers/web/api/oauth-reference (authorize and token routes, PKCE and state required,
//! Basic credentials, single-use refresh tokens, `refresh_expires_in`, the challenge echoed to the redirect URI) and
//! the whoami page of the same reference; airbytehq/airbyte `source-airtable/CONTRIBUTING.md` for the single use. The
//! reference has no route that revokes, so there is none here. That using a spent refresh token ends the whole grant
//! is what RFC 9700 section 4.14.2 asks for and what clients report. The 60 days of a refresh token are own knowledge.

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, Back, Context, OAuth, Pairs, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    provider::{Api, Credentials, Provider, Read, Seen, TokenDesk, standard_answer},
};

const WEB: &str = "airtable.com";
const API: &str = "api.airtable.com";
const DAY_MS: i64 = 86_400_000;
/// Shortest state that is accepted.
const SHORTEST_STATE: usize = 16;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "usrAnaRuiz0000001",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "usrOpsAcme0000002",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "usrBenCole0000003",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth2/v1/authorize",
    scopes: &[
        Scope {
            name: "data.records:read",
            words: "see the records of your bases",
        },
        Scope {
            name: "schema.bases:read",
            words: "see the structure of your bases",
        },
        Scope {
            name: "user.email:read",
            words: "see your email address",
        },
    ],
    scope_required: true,
    denied: &[("error_description", "The user denied the request.")],
    access_prefix: "oaa",
    refresh_prefix: Some("oar"),
    token_length: 60,
    pkce: Pkce::Required,
    refresh_life_ms: Some(60 * DAY_MS),
    rotation: Rotation::Detect,
    ..OAuth::STANDARD
};

/// Airtable.
pub static AIRTABLE: Provider = Provider {
    id: "airtable",
    name: "Airtable",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: long_state,
    send_back: challenge_back,
    tokens: TokenDesk {
        host: WEB,
        path: "/oauth2/v1/token",
        credentials: Credentials::Basic,
        answer: |handed| {
            let mut body = standard_answer(handed);
            body["refresh_expires_in"] = json!(60 * DAY_MS / 1000);
            body
        },
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || {
            let error =
                json!({"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}});
            Answer::json(StatusCode::UNAUTHORIZED, &error).refused("no access token that works")
        },
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/v0/meta/whoami",
            scope: "",
            answer: whoami,
        }],
        ..Api::STANDARD
    },
    ..Provider::STANDARD
};

fn long_state(call: &Call) -> Result<Context, Told> {
    match call.query.get("state") {
        Some(state) if state.len() >= SHORTEST_STATE => Ok(Context::new()),
        _ => Err(("invalid_request", "state must have at least 16 characters")),
    }
}

/// The challenge comes back with the answer.
fn challenge_back(back: &Back<'_>, pairs: &mut Pairs) {
    if let Some(challenge) = back.challenge {
        pairs.push(("code_challenge".to_owned(), challenge.to_owned()));
        pairs.push(("code_challenge_method".to_owned(), "S256".to_owned()));
    }
}

fn whoami(seen: &Seen<'_>) -> Answer {
    let mut body = json!({"id": seen.account.id, "scopes": seen.grant.scopes});
    if seen.grant.scopes.iter().any(|scope| scope == "user.email:read") {
        body["email"] = json!(seen.account.label);
    }
    Answer::json(StatusCode::OK, &body)
}
