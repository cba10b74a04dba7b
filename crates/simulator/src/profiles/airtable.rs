//! Airtable.
//!
//! Sources: airtable.com/developers/web/api/oauth-reference (authorize and token routes, PKCE and state required,
//! Basic credentials, single-use refresh tokens, `refresh_expires_in`, the challenge echoed to the redirect URI) and
//! the whoami page of the same reference; airbytehq/airbyte `source-airtable/CONTRIBUTING.md` for the single use. The
//! reference has no route that revokes, so there is none here. That using a spent refresh token ends the whole grant
//! is what RFC 9700 section 4.14.2 asks for and what clients report. The 60 days of a refresh token are own knowledge.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Account, Back, Context, OAuth, Pairs, Pkce, Profile, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::TokenState,
    ledger::TokenKind,
    token::{self, Issued, Refusal},
    world::World,
};

const WEB: &str = "airtable.com";
const API: &str = "api.airtable.com";
const TOKEN: &str = "/oauth2/v1/token";
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
    response_type_required: true,
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
    scope_separator: ' ',
    scope_required: true,
    unknown_scope: "invalid_scope",
    denied: &[("error_description", "The user denied the request.")],
    code_life_ms: 10 * 60_000,
    access_life_ms: Some(3_600_000),
    access_prefix: "oaa",
    refresh_prefix: Some("oar"),
    token_length: 60,
    pkce: Pkce::Required,
    optional_scopes: &[],
    refresh_life_ms: Some(60 * DAY_MS),
    rotation: Rotation::Detect,
    what: "account",
    unasked: "",
};

/// Airtable.
pub struct Airtable;

impl Profile for Airtable {
    fn id(&self) -> &'static str {
        "airtable"
    }

    fn name(&self) -> &'static str {
        "Airtable"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WEB, API]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        match call.query.get("state") {
            Some(state) if state.len() >= SHORTEST_STATE => Ok(Context::new()),
            _ => Err(("invalid_request", "state must have at least 16 characters")),
        }
    }

    /// The challenge comes back with the answer.
    fn send_back(&self, _world: &World, back: &Back<'_>, mut pairs: Pairs) -> Option<Pairs> {
        if let Some(challenge) = back.challenge {
            pairs.push(("code_challenge".to_owned(), challenge.to_owned()));
            pairs.push(("code_challenge_method".to_owned(), "S256".to_owned()));
        }
        Some(pairs)
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        match (call.host.as_str(), call.path.as_str()) {
            (WEB, TOKEN) if call.method == Method::POST => self
                .token(world, call)
                .unwrap_or_else(|refusal| oauth_error(&refusal)),
            (WEB, TOKEN) => Answer::wrong_method("POST"),
            (API, "/v0/meta/whoami") if call.method == Method::GET => self.whoami(world, call),
            (API, "/v0/meta/whoami") => Answer::wrong_method("GET"),
            (host, path) => Answer::no_such_path(host, path),
        }
    }

    fn truth(&self, _: &World, _: &Account, _: &str, _: i64, _: i64) -> Option<Vec<String>> {
        None
    }
}

impl Airtable {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        let client = token::basic_client(world, self, call, &form)?;
        let issued = match form.get("grant_type") {
            Some("authorization_code") => token::exchange(world, self, &OAUTH, &client, &form, call.now),
            Some("refresh_token") => token::refresh(world, self, &OAUTH, &client, &form, call.now),
            Some(_) => Err(Refusal::GrantType),
            None => Err(Refusal::Malformed("grant_type is missing")),
        }?;
        Ok(token_answer(&issued))
    }

    fn whoami(&self, world: &World, call: &Call) -> Answer {
        let state = call.bearer().map(|token| {
            world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        });
        let Some(TokenState::Live(_, grant)) = state else {
            let error =
                json!({"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}});
            return Answer::json(StatusCode::UNAUTHORIZED, &error).refused("no access token that works");
        };
        let mut body = json!({"id": grant.account, "scopes": grant.scopes});
        if grant.scopes.iter().any(|scope| scope == "user.email:read") {
            body["email"] = json!(self.account(&grant.account).map(|account| account.label));
        }
        Answer::json(StatusCode::OK, &body)
    }
}

fn token_answer(issued: &Issued) -> Answer {
    let body = json!({
        "access_token": issued.access,
        "token_type": "Bearer",
        "scope": issued.grant.scopes.join(" "),
        "expires_in": 3600,
        "refresh_token": issued.refresh,
        "refresh_expires_in": 60 * DAY_MS / 1000,
    });
    Answer::json(StatusCode::OK, &body).with("cache-control", "no-store")
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (status, error) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    let body = json!({"error": error, "error_description": refusal.reason()});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(refusal.reason())
}
