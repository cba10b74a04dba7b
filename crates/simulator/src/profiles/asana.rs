//! Asana.
//!
//! Sources: the OAuth page of the developer documentation (developers.asana.com/docs/oauth, stored
//! copy) for the authorization, token and deauthorization endpoints, registered scopes and the
//! expired-token message; Asana/openapi `defs/asana_oas.yaml` (2026-06-11) and
//! developers.asana.com/docs/pagination for the API. Where these name no error for the OAuth
//! endpoints, RFC 6749 sections 4.1.2.1 and 5.2 apply. Stricter than documented: `Authorization`
//! headers at the token endpoint are refused, and a list without `limit` ends at 1 000 records.

mod api;
mod sample;

use axum::http::{Method, StatusCode};
use serde_json::json;

use self::{
    api::{api_error, list, project_tasks, projects, user, workspaces},
    sample::{ACCOUNTS, position, tasks},
};
use super::{Account, OAuth, Pkce, Profile, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::TokenState,
    ledger::{GrantRecord, TokenKind},
    token::{self, Issued, Refusal},
    world::World,
};

const HOST: &str = "app.asana.com";
const EXPIRED: &str = "The bearer token has expired. If you have a refresh token, please use it to request a new bearer token, otherwise allow the user to re-authenticate.";

static OAUTH: OAuth = OAuth {
    authorize_host: HOST,
    authorize_path: "/-/oauth_authorize",
    response_type_required: true,
    scopes: &[
        Scope {
            name: "users:read",
            words: "see your name and address",
        },
        Scope {
            name: "workspaces:read",
            words: "see which workspaces you are in",
        },
        Scope {
            name: "projects:read",
            words: "see the projects that you can see",
        },
        Scope {
            name: "tasks:read",
            words: "see the tasks that you can see",
        },
    ],
    scope_separator: ' ',
    scope_required: true,
    unknown_scope: "forbidden_scopes",
    denied: &[],
    code_life_ms: 10 * 60_000,
    access_life_ms: Some(3_600_000),
    access_prefix: "2/",
    refresh_prefix: Some("r2/"),
    token_length: 40,
    pkce: Pkce::Allowed,
    optional_scopes: &[],
    refresh_life_ms: None,
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Never,
    what: "account",
    unasked: "see what is public anyway",
    ..OAuth::STANDARD
};

/// Asana.
pub struct Asana;

impl Profile for Asana {
    fn id(&self) -> &'static str {
        "asana"
    }

    fn name(&self) -> &'static str {
        "Asana"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[HOST]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["modified_since", "opt_fields", "project", "workspace"]
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        match call.path.as_str() {
            "/-/oauth_token" => posted(call, || {
                self.token(world, call)
                    .unwrap_or_else(|refusal| oauth_error(&refusal))
            }),
            "/-/oauth_revoke" => posted(call, || {
                self.revoke(world, call)
                    .unwrap_or_else(|refusal| oauth_error(&refusal))
            }),
            path => match path.strip_prefix("/api/1.0") {
                Some(path) => self.api(world, call, path),
                None => Answer::no_such_path(&call.host, path),
            },
        }
    }

    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        if stream != "tasks" {
            return None;
        }
        let mut tasks = tasks(world.seed, position(account), world.now(), from, to);
        tasks.sort_by_key(|task| (task.modified_at, task.gid));
        Some(tasks.iter().map(|task| task.gid.to_string()).collect())
    }
}

impl Asana {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        let client = token::client(world, self, call, &form)?;
        let issued = match form.get("grant_type") {
            Some("authorization_code") => token::exchange(world, self, &OAUTH, client, &form, call.now),
            Some("refresh_token") => token::refresh(world, self, &OAUTH, client, &form, call.now),
            Some(_) => Err(Refusal::GrantType),
            None => Err(Refusal::Malformed("grant_type is missing")),
        }?;
        Ok(self.token_answer(&issued))
    }

    /// The refresh token comes with a code only: it does not change and keeps working.
    fn token_answer(&self, issued: &Issued) -> Answer {
        let mut body = json!({
            "access_token": issued.access,
            "expires_in": 3600,
            "token_type": "bearer",
            "data": self.account(&issued.grant.account).map(|account| json!({
                "id": account.id.parse::<u64>().unwrap_or_default(),
                "gid": account.id,
                "name": account.name,
                "email": account.label,
            })),
        });
        if let Some(refresh) = &issued.refresh {
            body["refresh_token"] = json!(refresh);
        }
        Answer::json(StatusCode::OK, &body).with("cache-control", "no-store")
    }

    /// Takes refresh tokens only; one that is not found counts as gone.
    fn revoke(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        let client = token::client(world, self, call, &form)?;
        let token = form.get("token").ok_or(Refusal::Malformed("token is missing"))?;
        let state = |kind| world.read(|ledger| ledger.token_state(self.id(), token, kind, call.now));
        if !matches!(state(TokenKind::Access), TokenState::Unknown) {
            return Err(Refusal::Malformed(
                "an access token can't be deauthorized; send the refresh token",
            ));
        }
        if let TokenState::Live(number, grant) = state(TokenKind::Refresh) {
            // Another app's token is none of this app's business: to it, it does not exist.
            if grant.client_id == client {
                world.change(|ledger| ledger.revoke_grant(number));
            }
        }
        Ok(Answer::json(StatusCode::OK, &json!({})))
    }

    fn api(&self, world: &World, call: &Call, path: &str) -> Answer {
        let scope = match path {
            "/users/me" => "users:read",
            "/workspaces" => "workspaces:read",
            "/projects" => "projects:read",
            "/tasks" => "tasks:read",
            _ => return api_error(StatusCode::NOT_FOUND, "No matching route for request"),
        };
        if call.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        let (grant, account) = match self.caller(world, call, scope) {
            Ok(caller) => caller,
            Err(refusal) => return refusal,
        };
        match path {
            "/users/me" => user(call, account, position(account)),
            "/workspaces" => list(world, call, account, |_| Ok(workspaces(position(account)))),
            "/projects" => list(world, call, account, |_| projects(call, position(account))),
            _ => list(world, call, account, |as_of| {
                project_tasks(world, call, &grant, position(account), as_of)
            }),
        }
    }

    fn caller(
        &self,
        world: &World,
        call: &Call,
        scope: &str,
    ) -> Result<(GrantRecord, &'static Account), Answer> {
        let refuse = |status, words: &str| Err(api_error(status, words));
        let Some(token) = call.bearer() else {
            return refuse(StatusCode::UNAUTHORIZED, "Not Authorized");
        };
        match world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now)) {
            TokenState::Live(_, grant) => match self.account(&grant.account) {
                _ if !grant.scopes.iter().any(|granted| granted == scope) => refuse(
                    StatusCode::FORBIDDEN,
                    &format!("Forbidden: this call needs the scope {scope}"),
                ),
                Some(account) => Ok((grant, account)),
                None => refuse(StatusCode::UNAUTHORIZED, "Not Authorized"),
            },
            TokenState::Expired => refuse(StatusCode::UNAUTHORIZED, EXPIRED),
            TokenState::Unknown | TokenState::Revoked => refuse(StatusCode::UNAUTHORIZED, "Not Authorized"),
        }
    }
}

fn posted(call: &Call, answer: impl FnOnce() -> Answer) -> Answer {
    if call.method == Method::POST {
        answer()
    } else {
        Answer::wrong_method("POST")
    }
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
