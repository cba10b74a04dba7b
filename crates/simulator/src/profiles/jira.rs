//! Jira Cloud, an OAuth 2.0 (3LO) app at Atlassian.
//!
//! Sources: developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps (the parameters of the authorization URL, all of
//! them required; JSON bodies with the secret), developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens
//! (`offline_access`, rotation, 90 days without use, 403 `invalid_grant` "Unknown or invalid refresh token."),
//! .../making-calls-to-api (accessible-resources, which lists the sites, and the cloud id in every address after it), and
//! the Jira REST API's "Get current user". The 365 days are from docs.nango.dev; that a wrong secret gives `access_denied`
//! with 401 from MrRefactoring/jira.js. No call that revokes is documented. Stricter than documented: PKCE, which is not
//! mentioned, is refused; bodies are JSON; and a refresh token works once, without the ten minutes in which a lost answer
//! can be asked for again. What searching for issues was read from stands in [`search`].

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    provider::{self, Api, Encoding, Provider, Read, Seen, TokenDesk},
    token::Refusal,
};

mod search;

const AUTH: &str = "auth.atlassian.com";
const API: &str = "api.atlassian.com";
const DAY_MS: i64 = 86_400_000;

/// The second keeps its address to itself, as the profile's settings allow.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "712020:6f1d0000-0000-4000-8000-000000000201",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "712020:6f1d0000-0000-4000-8000-000000000202",
        label: "Acme Operations",
        name: "Acme Operations",
    },
    Account {
        id: "712020:6f1d0000-0000-4000-8000-000000000203",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

/// A site: its cloud id, its name, which is also its place below atlassian.net, and who can use it.
struct Site {
    id: &'static str,
    name: &'static str,
    of: &'static [&'static str],
}

/// Ana has one site, Acme's operations two.
static SITES: [Site; 3] = [
    Site {
        id: "a4361e00-0000-4000-8000-000000000301",
        name: "acme",
        of: &[ACCOUNTS[0].id, ACCOUNTS[1].id],
    },
    Site {
        id: "a4361e00-0000-4000-8000-000000000302",
        name: "acme-labs",
        of: &[ACCOUNTS[1].id],
    },
    Site {
        id: "a4361e00-0000-4000-8000-000000000303",
        name: "globex",
        of: &[ACCOUNTS[2].id],
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: AUTH,
    authorize_path: "/authorize",
    scopes: &[
        Scope {
            name: "offline_access",
            words: "do this while you are away",
        },
        Scope {
            name: "read:me",
            words: "see your profile",
        },
        Scope {
            name: "read:jira-work",
            words: "see projects and issues",
        },
        Scope {
            name: "read:jira-user",
            words: "see people in Jira",
        },
    ],
    scope_required: true,
    denied: &[("error_description", "User did not authorize the request")],
    refresh_prefix: Some(""),
    token_length: 80,
    refresh_life_ms: Some(90 * DAY_MS),
    consent_life_ms: Some(365 * DAY_MS),
    rotation: Rotation::Spend,
    ..OAuth::STANDARD
};

/// Jira.
pub static JIRA: Provider = Provider {
    id: "jira",
    name: "Jira",
    hosts: &[AUTH, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["audience"],
    check_request,
    tokens: TokenDesk {
        host: AUTH,
        path: "/oauth/token",
        body: Encoding::Json,
        refresh_if: |grant| grant.scopes.iter().any(|scope| scope == "offline_access"),
        error: token_error,
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || error(StatusCode::UNAUTHORIZED, "Unauthorized"),
        forbidden: |_| error(StatusCode::UNAUTHORIZED, "Unauthorized; scope does not match"),
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/oauth/token/accessible-resources",
                scope: "",
                answer: resources,
            },
            Read {
                method: "GET",
                host: API,
                path: "/ex/jira/*/rest/api/3/myself",
                scope: "read:jira-user",
                answer: myself,
            },
            Read {
                method: "GET",
                host: API,
                path: "/ex/jira/*/rest/api/3/search/jql",
                scope: "read:jira-work",
                answer: search::search,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[search::ISSUES],
    ..Provider::STANDARD
};

/// Every documented parameter is required.
fn check_request(call: &Call) -> Result<Context, Told> {
    let query = &call.query;
    if query.get("audience") != Some(API) {
        return Err(("invalid_request", "audience must be api.atlassian.com"));
    }
    if query.get("prompt") != Some("consent") {
        return Err(("invalid_request", "prompt must be consent"));
    }
    match query.get("state") {
        Some(_) => Ok(Context::new()),
        None => Err(("invalid_request", "state is missing")),
    }
}

/// The sites of the person, with the scopes that are about Jira.
fn resources(seen: &Seen<'_>) -> Answer {
    let scopes: Vec<&String> = seen
        .grant
        .scopes
        .iter()
        .filter(|scope| scope.contains(":jira-"))
        .collect();
    let sites: Vec<Value> = sites(seen.account)
        .filter(|_| !scopes.is_empty())
        .map(|site| {
            json!({
                "id": site.id,
                "url": format!("https://{}.atlassian.net", site.name),
                "name": site.name,
                "scopes": scopes,
                "avatarUrl": "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/flag.png",
            })
        })
        .collect();
    Answer::json(StatusCode::OK, &json!(sites))
}

fn sites(account: &Account) -> impl Iterator<Item = &'static Site> {
    SITES.iter().filter(|site| site.of.contains(&account.id))
}

fn site_ids(account: &Account) -> Vec<String> {
    sites(account).map(|site| site.id.to_owned()).collect()
}

fn may_use(account: &Account, site: &str) -> bool {
    sites(account).any(|known| known.id == site)
}

/// `/ex/jira/{cloud id}/rest/api/3/myself`.
fn myself(seen: &Seen<'_>) -> Answer {
    if !may_use(seen.account, seen.segment(2)) {
        return error(StatusCode::NOT_FOUND, "Not Found");
    }
    let mut body = json!({
        "self": format!("https://{API}{}?accountId={}", seen.call.path.replace("myself", "user"), seen.account.id),
        "accountId": seen.account.id,
        "accountType": "atlassian",
        "displayName": seen.account.name,
        "active": true,
        "timeZone": search::ZONE,
        "locale": "en_GB",
        "avatarUrls": {},
    });
    if seen.account.label.contains('@') {
        body["emailAddress"] = json!(seen.account.label);
    }
    Answer::json(StatusCode::OK, &body)
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, word, words) = match refusal {
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"),
        Refusal::Code(BadCode::Redirect) => (
            StatusCode::FORBIDDEN,
            "invalid_grant",
            "The redirect URI is wrong.",
        ),
        Refusal::Code(_) => (
            StatusCode::FORBIDDEN,
            "invalid_grant",
            "Invalid authorization code",
        ),
        Refusal::Refresh => (
            StatusCode::FORBIDDEN,
            "invalid_grant",
            "Unknown or invalid refresh token.",
        ),
        Refusal::Malformed(_) | Refusal::GrantType => return provider::standard_error(refusal),
    };
    provider::error(status, word, words).refused(refusal.reason())
}

fn error(status: StatusCode, words: &str) -> Answer {
    Answer::json(status, &json!({"code": status.as_u16(), "message": words})).refused(words)
}
