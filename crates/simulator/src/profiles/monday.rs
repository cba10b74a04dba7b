//! monday.com, an app of the OAuth 2.1 flow.
//!
//! Sources: developer.monday.com/apps/docs/oauth-2-1 and migrating-to-the-new-oauth-flow (PKCE, the token and revocation
//! endpoints, refresh tokens), mondaycom's migration skill (JSON bodies with the app's secret, an answer without
//! `expires_in` whose access token is a JSON Web Token with `exp`, a new refresh token with every refresh, `{success:
//! true}`), developer.monday.com/apps/docs/oauth (scopes, `force_install_if_needed`), developer.monday.com/api-reference
//! authentication, me and error-handling (the token in the Authorization header with or without "Bearer", application
//! errors in a 200 with `errors` and an empty `data`). That access lasts an hour and an approval six months is what
//! independent clients of that flow note; so is that a refresh token works once. Stricter than documented: PKCE is
//! required, bodies are JSON, and the app is installed nowhere yet, so the request has to ask for it to be installed.
//! That a revoked refresh token takes its access tokens along is RFC 7009 section 2.1. What boards and items were read from
//! stands in [`boards`].

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    graphql::{self, Field, Problem, TYPE},
    ledger::GrantRecord,
    provider::{Api, Encoding, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk},
};

mod boards;

const AUTH: &str = "auth.monday.com";
const API: &str = "api.monday.com";
const DAY_MS: i64 = 86_400_000;

/// A monday.com account is what gets connected: a company, not a person.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "17020201",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "17020202",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "17020203",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: AUTH,
    authorize_path: "/oauth2/authorize",
    response_type_required: false,
    scopes: &[
        Scope {
            name: "me:read",
            words: "see your profile",
        },
        Scope {
            name: "account:read",
            words: "see general information about the account",
        },
        Scope {
            name: "boards:read",
            words: "see boards and their items",
        },
        Scope {
            name: "users:read",
            words: "see people of the account",
        },
        Scope {
            name: "workspaces:read",
            words: "see workspaces",
        },
        Scope {
            name: "updates:read",
            words: "see updates and replies",
        },
    ],
    refresh_prefix: Some("mrt_"),
    pkce: Pkce::Required,
    consent_life_ms: Some(180 * DAY_MS),
    rotation: Rotation::Spend,
    claims: Some(claims),
    ..OAuth::STANDARD
};

/// monday.com.
pub static MONDAY: Provider = Provider {
    id: "monday",
    name: "monday.com",
    hosts: &[AUTH, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["force_install_if_needed"],
    check_request: installs,
    tokens: TokenDesk {
        host: AUTH,
        path: "/oauth_ms/oauth/token",
        body: Encoding::Json,
        answer: tokens,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: AUTH,
        path: "/oauth_ms/oauth/revoke",
        body: Encoding::Json,
        done: revoked,
        unknown: revoked,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        scheme_optional: true,
        unauthorised: || {
            let body = json!({"errors": [{"message": "Not Authenticated"}]});
            Answer::json(StatusCode::UNAUTHORIZED, &body).refused("no access token that works")
        },
        reads: &[Read {
            method: "POST",
            host: API,
            path: "/v2",
            scope: "",
            answer: ask,
        }],
        ..Api::STANDARD
    },
    streams: &[boards::ITEMS],
    ..Provider::STANDARD
};

fn installs(call: &Call) -> Result<Context, Told> {
    match call.query.get("force_install_if_needed") {
        Some("true") => Ok(Context::new()),
        _ => Err((
            "unauthorized_client",
            "the app is not installed in this account and the request does not ask for it",
        )),
    }
}

fn claims(grant: &GrantRecord, from: i64, to: Option<i64>) -> Value {
    json!({
        "actid": grant.account.parse::<u64>().ok(),
        "uid": person_id(&grant.account).parse::<u64>().ok(),
        "scope": grant.scopes.join(" "),
        "iat": from,
        "exp": to,
    })
}

/// How long the access token lives stands in it and nowhere else.
fn tokens(handed: &Handed<'_>) -> Value {
    json!({
        "access_token": handed.issued.access,
        "refresh_token": handed.issued.refresh,
        "token_type": "Bearer",
        "scope": handed.scope(),
    })
}

fn revoked() -> Answer {
    Answer::json(StatusCode::OK, &json!({"success": true}))
}

/// Answers a query about whoever approved, or about boards.
fn ask(seen: &Seen<'_>) -> Answer {
    let told = || -> Result<Map<String, Value>, Answer> {
        let fields = graphql::read(seen.call).map_err(|problem| invalid(&problem))?;
        fields
            .iter()
            .map(|field| {
                let value = match field.name.as_str() {
                    "me" => me(seen, field),
                    "boards" => boards::told(seen, field),
                    _ => Err(invalid(&boards::no_field(field))),
                };
                Ok((field.name.clone(), value?))
            })
            .collect()
    };
    match told() {
        Ok(data) => {
            let account_id = seen.account.id.parse::<u64>().ok();
            Answer::json(StatusCode::OK, &json!({"data": data, "account_id": account_id}))
        }
        Err(refusal) => refusal,
    }
}

/// The field `me` of a query.
fn me(seen: &Seen<'_>, field: &Field) -> Result<Value, Answer> {
    let may = |wanted: &str| seen.grant.scopes.iter().any(|scope| scope == wanted);
    if !may("me:read") {
        return Err(unauthorised_to("me"));
    }
    if field.within("account").is_some() && !may("account:read") {
        return Err(unauthorised_to("account"));
    }
    let told = field
        .arguments(&[])
        .and_then(|_| field.pick(&person(seen.account), &[]));
    told.map_err(|problem| invalid(&problem))
}

fn person(account: &Account) -> Value {
    let first = account.name.split(' ').next().unwrap_or_default().to_lowercase();
    let company = if first == "ana" { "acme" } else { "globex" };
    let slug = account.label.to_lowercase().replace(' ', "-");
    json!({
        TYPE: "User",
        "id": person_id(account.id),
        "name": account.name,
        "email": format!("{first}@{company}.example"),
        "is_admin": true,
        "is_guest": false,
        "account": {TYPE: "Account", "id": account.id, "name": account.label, "slug": slug},
    })
}

/// A person has an id of their own in each account.
fn person_id(account: &str) -> String {
    account.replacen("1702", "4012", 1)
}

fn unauthorised_to(field: &str) -> Answer {
    let error = json!({
        "message": "User unauthorized to perform action",
        "path": [field],
        "extensions": {"code": "UserUnauthorizedException", "error_data": {}, "status_code": 403},
    });
    Answer::json(StatusCode::OK, &json!({"data": [], "errors": [error]})).refused("a scope is missing")
}

fn invalid(problem: &Problem) -> Answer {
    match problem {
        Problem::Missing => {
            let words = "No query string was present";
            let body = json!({"errors": [{"message": words}]});
            Answer::json(StatusCode::BAD_REQUEST, &body).refused(words)
        }
        Problem::Syntax => refusal(&problem.words(), "parseError"),
        Problem::Field { name, of } => refusal(
            &format!("Field '{name}' doesn't exist on type '{of}'"),
            "undefinedField",
        ),
        Problem::Argument { .. } => refusal(&problem.words(), "argumentNotAccepted"),
        Problem::Variable(_) => refusal(&problem.words(), "variableMismatch"),
    }
}

/// Errors come with status 200.
fn refusal(words: &str, code: &str) -> Answer {
    let body = json!({"data": [], "errors": [{"message": words, "extensions": {"code": code}}]});
    Answer::json(StatusCode::OK, &body).refused(words)
}
