//! Intercom, a public app.
//!
//! Sources: developers.intercom.com "Setting up OAuth" and "Using OAuth" (`client_id`, `state` and `redirect_uri` are all
//! that the address takes, the three fields of the exchange, codes that live about five minutes, tokens that do not
//! expire), "Installing and uninstalling apps" (`/auth/uninstall`); intercom/Intercom-OpenAPI 2.14 to 2.16 (`/me`, the
//! error list, the versions); public clients for the answer of the exchange, which holds the token twice.
//! Conversations: "Search conversations" (a query of up to fifteen filters, dates in seconds and compared with `>`, `<`,
//! `=`, `!=`), "Pagination & Sorting (Search)" (`starting_after`, `sort` with a field and `ascending` or `descending`)
//! and the schema's 150 a page.
//!
//! All workspaces here are in the United States: the hosts of the other regions don't know their tokens. Not played:
//! redirect URIs must be https, and workspaces elsewhere approve at app.eu and app.au. Own knowledge: the word for a wrong
//! secret. Stricter than documented: PKCE and scopes, which Intercom does not mention, are refused, and so is every other
//! parameter of the exchange. Of a search's filters the two times are known here, and lists in lists are refused.

mod conversations;

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, OAuth};
use crate::core::{
    answer::Answer,
    call::Call,
    ledger::TokenKind,
    provider::{Api, Ends, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn},
    token::Refusal,
};

const WEB: &str = "app.intercom.com";
const API: &str = "api.intercom.io";
/// The APIs of all regions.
const APIS: &str = "api.intercom.io|api.eu.intercom.io|api.au.intercom.io";
/// The newest minor versions of the API, by major version.
const VERSIONS: [(&str, u8); 2] = [("1.", 4), ("2.", 18)];

/// A workspace is what gets connected.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "acme0001",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "acme0002",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "globex03",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth",
    response_type_required: false,
    code_life_ms: 5 * 60_000,
    access_life_ms: None,
    access_prefix: "dG9r",
    token_length: 56,
    what: "workspace",
    unasked: "see conversations, contacts and the people of your team",
    ..OAuth::STANDARD
};

/// Intercom.
pub static INTERCOM: Provider = Provider {
    id: "intercom",
    name: "Intercom",
    hosts: &[WEB, APIS],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    home: |_| Some(API),
    tokens: TokenDesk {
        host: API,
        path: "/auth/eagle/token",
        bare: true,
        answer: |handed| {
            let token = &handed.issued.access;
            json!({"token_type": "Bearer", "token": token, "access_token": token})
        },
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: APIS,
        path: "/auth/uninstall",
        by: RevokeBy::Token,
        token: TokenIn::Header,
        kinds: &[TokenKind::Access],
        ends: Ends::Account,
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: unauthorised,
        error: |_| unauthorised(),
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        check: known_version,
        unauthorised,
        reads: &[
            Read {
                method: "GET",
                host: APIS,
                path: "/me",
                scope: "",
                answer: me,
            },
            Read {
                method: "POST",
                host: APIS,
                path: "/conversations/search",
                scope: "",
                answer: conversations::search,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[conversations::CONVERSATIONS],
    ..Provider::STANDARD
};

/// The version is the app's own where a call names none.
fn known_version(call: &Call) -> Result<(), Answer> {
    let is_known = |version: &str| {
        VERSIONS.iter().any(|(major, newest)| {
            let minor = version.strip_prefix(major).and_then(|minor| minor.parse().ok());
            minor.is_some_and(|minor: u8| minor <= *newest)
        })
    };
    match call.header("intercom-version") {
        Some(version) if !is_known(version) => Err(errors(
            StatusCode::BAD_REQUEST,
            "intercom_version_invalid",
            "no such version of the API",
        )),
        _ => Ok(()),
    }
}

fn me(seen: &Seen<'_>) -> Answer {
    if seen.call.host != API {
        return unauthorised();
    }
    let account = seen.account;
    let is_ana = account.name == "Ana Ruiz";
    let body = json!({
        "type": "admin",
        "id": if is_ana { "8100101" } else { "8100103" },
        "name": account.name,
        "email": if is_ana { "ana@acme.example" } else { "ben@globex.example" },
        "email_verified": true,
        "job_title": "Support lead",
        "away_mode_enabled": false,
        "away_mode_reassign": false,
        "has_inbox_seat": true,
        "team_ids": [],
        "app": {
            "type": "app",
            "id_code": account.id,
            "name": account.label,
            "region": "US",
            "timezone": "America/Los_Angeles",
            "created_at": 1_704_704_400,
            "identity_verification": false,
        },
    });
    Answer::json(StatusCode::OK, &body)
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let reason = refusal.reason();
    match refusal {
        Refusal::Malformed(_) | Refusal::GrantType => {
            errors(StatusCode::BAD_REQUEST, "parameter_invalid", reason)
        }
        Refusal::NoClient | Refusal::Client => errors(StatusCode::UNAUTHORIZED, "invalid_client", reason),
        Refusal::Code(_) | Refusal::Refresh => errors(StatusCode::UNAUTHORIZED, "unauthorized", reason),
    }
}

fn unauthorised() -> Answer {
    errors(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "no access token that works",
    )
}

fn errors(status: StatusCode, code: &str, reason: &str) -> Answer {
    let body = json!({
        "type": "error.list",
        "request_id": "000000000000000000a0",
        "errors": [{"code": code, "message": reason}],
    });
    Answer::json(status, &body).refused(reason)
}
