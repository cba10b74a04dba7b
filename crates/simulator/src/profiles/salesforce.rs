//! Salesforce, an External Client App with a secret, PKCE and rotating refresh tokens.
//!
//! Sources: help.salesforce.com "OAuth 2.0 Web Server Flow" and the REST API guide (parameters, `prompt`, `code_challenge`: a verifier
//! that does not fit is an `invalid_request`; the fields of the answer, no `expires_in`), "OAuth 2.0 Refresh Token Flow"
//! (with rotation the old token is invalid at once), "Revoke OAuth Tokens" (an access token ends alone, a refresh token with
//! all that came from it; 400 for a token that is none), "Query for User Information", "OAuth 2.0 Authorization Errors";
//! developer.salesforce.com "Secure Your Connected Apps and External Client Apps" (PKCE, rotation and thirty idle days for
//! partner apps); jsforce and other clients for the plain-text 403 of the user information and `unsupported_token_type`.
//!
//! An organisation is reached at its My Domain, and at login.salesforce.com or, if it is a sandbox, test.salesforce.com.
//! Own knowledge: all token errors have status 400; sessions last two hours. Left out: `id_token`; `signature` is fixed text.
//! Stricter than documented: parameters belong in the body. What queries were read from stands in [`query`].

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    provider::{
        Api, Credentials, Ends, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, error,
        standard_answer,
    },
    token::Refusal,
};

mod query;

const LOGIN: &str = "login.salesforce.com";
const TEST: &str = "test.salesforce.com";
const HOSTS: &str =
    "login.salesforce.com|test.salesforce.com|*.my.salesforce.com|*.sandbox.my.salesforce.com";
const DAY_MS: i64 = 86_400_000;

/// An organisation is what gets connected; the label is the name that the person signs in with there.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "00Dxx0000000101EAA",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "00Dxx0000000102EAA",
        label: "ana@acme.example.dev",
        name: "Ana Ruiz",
    },
    Account {
        id: "00Dxx0000000103EAA",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOSTS,
    authorize_path: "/services/oauth2/authorize",
    scopes: &[
        Scope {
            name: "api",
            words: "see and change data with your rights, as far as it asks for it",
        },
        Scope {
            name: "refresh_token",
            words: "do so at any time",
        },
        Scope {
            name: "openid",
            words: "know which account this is",
        },
        Scope {
            name: "profile",
            words: "see your name",
        },
    ],
    denied: &[("error_description", "end-user denied authorization")],
    access_life_ms: Some(2 * 3_600_000),
    access_prefix: "00Dxx0000000000!AQ4AQ",
    refresh_prefix: Some("5Aep861"),
    token_length: 70,
    pkce: Pkce::Required,
    refresh_life_ms: Some(30 * DAY_MS),
    rotation: Rotation::Spend,
    what: "organisation",
    asks_which: Some(("prompt", "login")),
    ..OAuth::STANDARD
};

/// Salesforce.
pub static SALESFORCE: Provider = Provider {
    id: "salesforce",
    name: "Salesforce",
    hosts: &[HOSTS],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: prompt,
    lives_here,
    tokens: TokenDesk {
        host: HOSTS,
        path: "/services/oauth2/token",
        credentials: Credentials::Either,
        refresh_if: |grant| grant.scopes.iter().any(|scope| scope == "refresh_token"),
        answer: tokens,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: HOSTS,
        path: "/services/oauth2/revoke",
        by: RevokeBy::Token,
        ends: Ends::ByKind,
        unknown: || {
            error(
                StatusCode::BAD_REQUEST,
                "unsupported_token_type",
                "no token that works",
            )
        },
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        check: has_token,
        unauthorised: || forbidden("Bad_OAuth_Token"),
        unauthorised_at: |call| is_data(call).then(query::no_session),
        forbidden: |scope| match scope {
            "api" => query::no_right(),
            _ => forbidden("Invalid_Scope"),
        },
        reads: &[
            read("/services/oauth2/userinfo", "openid", userinfo),
            read("/services/data/*/query", "api", query::first),
            read("/services/data/*/query/*", "api", query::next),
        ],
        ..Api::STANDARD
    },
    streams: &query::STREAMS,
    ..Provider::STANDARD
};

/// A list of prompts, separated by spaces.
fn prompt(call: &Call) -> Result<Context, Told> {
    let mut prompts = call
        .query
        .get("prompt")
        .into_iter()
        .flat_map(|list| list.split(' '));
    if prompts.all(|prompt| ["login", "consent", "select_account"].contains(&prompt)) {
        Ok(Context::new())
    } else {
        Err(("invalid_request", "prompt is login, consent or select_account"))
    }
}

/// The host of an organisation, and whether it is a sandbox.
fn domain(account: &Account) -> (&'static str, bool) {
    match account.label {
        "ana@acme.example" => ("acme.my.salesforce.com", false),
        "ana@acme.example.dev" => ("acme--dev.sandbox.my.salesforce.com", true),
        _ => ("globex.my.salesforce.com", false),
    }
}

fn lives_here(account: &Account, host: &str) -> bool {
    let (own, is_sandbox) = domain(account);
    host == own || host == if is_sandbox { TEST } else { LOGIN }
}

/// The address that says who this is.
fn identity(account: &Account) -> String {
    let (_, is_sandbox) = domain(account);
    let host = if is_sandbox { TEST } else { LOGIN };
    format!("https://{host}/id/{}/{}", account.id, user(account))
}

fn user(account: &Account) -> String {
    account.id.replacen("00D", "005", 1)
}

/// No word of when access ends: that is the organisation's session policy.
fn tokens(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    if let Some(fields) = body.as_object_mut() {
        fields.remove("expires_in");
    }
    body["instance_url"] = json!(format!("https://{}", domain(handed.account).0));
    body["id"] = json!(identity(handed.account));
    body["issued_at"] = json!(handed.call.now.to_string());
    body["signature"] = json!("c2lnbmVkIGJ5IG5vYm9keTogbm90aGluZyByZWFkcyBpdCE=");
    body
}

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: HOSTS,
        path,
        scope,
        answer,
    }
}

/// Whether a call is for the organisation's data and not for the identity service.
fn is_data(call: &Call) -> bool {
    call.path.starts_with("/services/data/")
}

fn has_token(call: &Call) -> Result<(), Answer> {
    match call.bearer() {
        Some(_) => Ok(()),
        None if is_data(call) => Err(query::no_session()),
        None => Err(forbidden("Missing_OAuth_Token")),
    }
}

fn userinfo(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    if !lives_here(account, &seen.call.host) {
        return forbidden("Bad_OAuth_Token");
    }
    let instance = format!("https://{}", domain(account).0);
    let body = json!({
        "sub": identity(account),
        "user_id": user(account),
        "organization_id": account.id,
        "preferred_username": account.label,
        "nickname": account.name.to_lowercase().replace(' ', "."),
        "name": account.name,
        "email": account.label.trim_end_matches(".dev"),
        "email_verified": true,
        "zoneinfo": "Europe/Berlin",
        "profile": format!("{instance}/{}", user(account)),
        "urls": {"rest": format!("{instance}/services/data/v{{version}}/")},
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_GB",
        "utcOffset": 3_600_000,
        "updated_at": "2026-01-12T09:00:00Z",
    });
    Answer::json(StatusCode::OK, &body)
}

/// The identity service says what is wrong in one word of plain text.
fn forbidden(word: &'static str) -> Answer {
    Answer::text(StatusCode::FORBIDDEN, word).refused(word)
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let word = match refusal {
        Refusal::Malformed(_) | Refusal::Code(BadCode::Verifier) => "invalid_request",
        Refusal::NoClient => "invalid_client_id",
        Refusal::Client => "invalid_client",
        Refusal::GrantType => "unsupported_grant_type",
        Refusal::Code(BadCode::Redirect) => "redirect_uri_mismatch",
        Refusal::Code(_) | Refusal::Refresh => "invalid_grant",
    };
    error(StatusCode::BAD_REQUEST, word, refusal.reason())
}
