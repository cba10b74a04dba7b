//! ClickUp.
//!
//! Sources: developer.clickup.com/docs/authentication (the authorization page with `client_id`, `redirect_uri` and
//! `state`, a person chooses workspaces there, Bearer tokens that do not end), developer.clickup.com/reference/getaccesstoken
//! (id, secret and code, as JSON or as a form; the answer holds nothing but the token), /reference/getauthorizeduser, and
//! the list of common errors in the same documentation (`err` and `ECODE`: `OAUTH_010` client not found, `OAUTH_017` no
//! Authorization header, `OAUTH_019`, 021, 025 and 077 token not found). Public clients quote `OAUTH_013` and `OAUTH_014`
//! for codes and "Token invalid" for `OAUTH_025`. There are no scopes, no refresh tokens, no call that revokes, and PKCE
//! is not mentioned. A person who says no stays there (docs.unified.to, clickup skill). Stricter than documented: the body
//! is JSON, anything besides the three fields is refused, and so are scopes and PKCE.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth};
use crate::core::{
    answer::Answer,
    grants::BadCode,
    provider::{Api, Encoding, Provider, Read, Seen, TokenDesk},
    token::Refusal,
};

const WEB: &str = "app.clickup.com";
const API: &str = "api.clickup.com";

/// Ids are numbers in the API.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "48110201",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "48110202",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "48110203",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/api",
    response_type_required: false,
    access_life_ms: None,
    unasked: "see and change what you can in the workspaces you choose",
    ..OAuth::STANDARD
};

/// ClickUp.
pub static CLICKUP: Provider = Provider {
    id: "clickup",
    name: "ClickUp",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/api/v2/oauth/token",
        bare: true,
        body: Encoding::Json,
        answer: |handed| json!({"access_token": handed.issued.access}),
        error: token_error,
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || error(StatusCode::UNAUTHORIZED, "Token invalid", "OAUTH_025"),
        check: |call| {
            let words = "Authorization header required";
            let refusal = || error(StatusCode::BAD_REQUEST, words, "OAUTH_017");
            call.header("authorization").map(|_| ()).ok_or_else(refusal)
        },
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/api/v2/user",
            scope: "",
            answer: user,
        }],
        ..Api::STANDARD
    },
    denial_returns: false,
    ..Provider::STANDARD
};

fn user(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let initials: String = account
        .name
        .split(' ')
        .filter_map(|word| word.chars().next())
        .collect();
    let id: Value = account.id.parse::<u64>().map_or(Value::Null, Value::from);
    let body = json!({"user": {
        "id": id,
        "username": account.name,
        "email": account.label,
        "color": "#0231e8",
        "profilePicture": null,
        "initials": initials,
        "week_start_day": null,
        "global_font_support": false,
        "timezone": "Europe/Madrid",
    }});
    Answer::json(StatusCode::OK, &body)
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, words, code) = match refusal {
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "Client not found", "OAUTH_010"),
        Refusal::Code(BadCode::Used) => (StatusCode::BAD_REQUEST, "Code already used", "OAUTH_014"),
        Refusal::Code(_) => (StatusCode::BAD_REQUEST, "Code not found", "OAUTH_013"),
        Refusal::Malformed(_) | Refusal::GrantType | Refusal::Refresh => {
            return Answer::json(StatusCode::BAD_REQUEST, &json!({"err": refusal.reason()}))
                .refused(refusal.reason());
        }
    };
    error(status, words, code).refused(refusal.reason())
}

fn error(status: StatusCode, words: &str, code: &str) -> Answer {
    Answer::json(status, &json!({"err": words, "ECODE": code})).refused(words)
}
