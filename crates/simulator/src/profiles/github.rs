//! GitHub, OAuth apps.
//!
//! Sources: github/docs `authorizing-oauth-apps.md`, `scopes-for-oauth-apps.md`,
//! `troubleshooting-authorization-request-errors.md`,
//! `troubleshooting-oauth-app-access-token-request-errors.md`, and the REST reference of
//! `GET /user`, `GET /issues` and `DELETE /applications/{client_id}/token`. The stored copy of the
//! first still calls PKCE unsupported; S256 works since 2025 (own knowledge). Stricter than
//! documented: `redirect_uri` has to be sent, at both endpoints; an unknown scope and another
//! `prompt` than the account picker's (github.blog changelog, 2024-06-07) are refused; an
//! `Authorization` header at the token endpoint is refused. Tokens of OAuth apps have no end and
//! no refresh token, unless an app opts in, which this one does not.

mod issues;
mod sample;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use self::{
    issues::list,
    sample::{ACCOUNTS, issues, position, user},
};
use super::{Account, Context, OAuth, Pkce, Profile, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, TokenState},
    ledger::TokenKind,
    token::{self, Refusal},
    world::World,
};

const WEB: &str = "github.com";
const API: &str = "api.github.com";
const HOUR_MS: i64 = 3_600_000;
/// Calls per hour and user.
const RATE_LIMIT: u32 = 5_000;
const DOCS: &str = "https://docs.github.com/rest";

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/login/oauth/authorize",
    response_type_required: false,
    scopes: &[
        Scope {
            name: "read:user",
            words: "read your profile",
        },
        Scope {
            name: "user:email",
            words: "read your email addresses",
        },
        Scope {
            name: "user",
            words: "read and change your profile",
        },
        Scope {
            name: "read:org",
            words: "see your organisations and teams",
        },
        Scope {
            name: "public_repo",
            words: "read and write public repositories",
        },
        Scope {
            name: "repo:status",
            words: "read and write commit statuses",
        },
        Scope {
            name: "repo",
            words: "read and write all repositories, private ones included",
        },
        Scope {
            name: "read:project",
            words: "read projects",
        },
        Scope {
            name: "notifications",
            words: "read your notifications",
        },
        Scope {
            name: "gist",
            words: "write gists",
        },
    ],
    scope_separator: ' ',
    scope_required: false,
    unknown_scope: "invalid_scope",
    denied: &[
        (
            "error_description",
            "The user has denied your application access.",
        ),
        (
            "error_uri",
            "/apps/building-integrations/setting-up-and-registering-oauth-apps/troubleshooting-authorization-request-errors/#access-denied",
        ),
    ],
    code_life_ms: 10 * 60_000,
    access_life_ms: None,
    access_prefix: "gho_",
    refresh_prefix: None,
    token_length: 36,
    pkce: Pkce::Allowed,
    optional_scopes: &[],
    refresh_life_ms: None,
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Never,
    what: "account",
    unasked: "see what is public anyway",
    asks_which: Some(("prompt", "select_account")),
    ..OAuth::STANDARD
};

/// GitHub.
pub struct GitHub;

impl Profile for GitHub {
    fn id(&self) -> &'static str {
        "github"
    }

    fn name(&self) -> &'static str {
        "GitHub"
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

    fn plain_params(&self) -> &'static [&'static str] {
        &["direction", "filter", "per_page", "since", "sort"]
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        match call.query.get("prompt") {
            None | Some("select_account") => Ok(Context::new()),
            Some(_) => Err(("invalid_request", "prompt is select_account")),
        }
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        match (call.host.as_str(), call.path.as_str()) {
            (WEB, "/login/oauth/access_token") if call.method == Method::POST => self
                .token(world, call)
                .unwrap_or_else(|refusal| oauth_error(call, &refusal)),
            (WEB, "/login/oauth/access_token") => Answer::wrong_method("POST"),
            (API, path) => self.api(world, call, path),
            (host, path) => Answer::no_such_path(host, path),
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
        if stream != "issues" {
            return None;
        }
        let mut issues = issues(world.seed, position(account), world.now(), from, to);
        issues.sort_by_key(|issue| (issue.updated_at, issue.id));
        Some(issues.iter().map(|issue| issue.id.to_string()).collect())
    }
}

impl GitHub {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        let client = token::client(world, self, call, &form)?;
        match form.get("grant_type") {
            None | Some("authorization_code") => {}
            Some(_) => return Err(Refusal::GrantType),
        }
        let issued = token::exchange(world, self, &OAUTH, client, &form, call.now)?;
        let scope = issued.grant.scopes.join(",");
        let pairs = [
            ("access_token", issued.access.as_str()),
            ("scope", &scope),
            ("token_type", "bearer"),
        ];
        Ok(shaped(call, &pairs).with("cache-control", "no-store"))
    }

    fn api(&self, world: &World, call: &Call, path: &str) -> Answer {
        if call.header("user-agent").is_none_or(str::is_empty) {
            let words = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n";
            return Answer::text(StatusCode::FORBIDDEN, words).refused("no User-Agent header");
        }
        if call
            .header("x-github-api-version")
            .is_some_and(|version| version != "2022-11-28")
        {
            return api_error(StatusCode::BAD_REQUEST, "This API version is not supported.");
        }
        if let Some((client_id, what)) = application(path) {
            return self.revoke(world, call, client_id, what);
        }
        match (path, &call.method) {
            ("/user" | "/issues", &Method::GET) => self.read(world, call, path),
            ("/user" | "/issues", _) => Answer::wrong_method("GET"),
            _ => api_error(StatusCode::NOT_FOUND, "Not Found"),
        }
    }

    fn read(&self, world: &World, call: &Call, path: &str) -> Answer {
        let Some(token) = call.bearer() else {
            return api_error(StatusCode::UNAUTHORIZED, "Requires authentication");
        };
        let state = world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now));
        let TokenState::Live(number, grant) = state else {
            return api_error(StatusCode::UNAUTHORIZED, "Bad credentials");
        };
        let Some(account) = self.account(&grant.account) else {
            return api_error(StatusCode::UNAUTHORIZED, "Bad credentials");
        };
        let used = world.count_call(number, call.now);
        let answer = if used > RATE_LIMIT {
            let words = format!("API rate limit exceeded for user ID {}.", account.id);
            api_error(StatusCode::FORBIDDEN, &words)
        } else if path == "/user" {
            Answer::json(StatusCode::OK, &user(account))
        } else {
            list(world, call, &grant, position(account)).unwrap_or_else(|refusal| refusal)
        };
        let accepted = if path == "/user" { "" } else { "repo" };
        let reset = (call.now.div_euclid(HOUR_MS) + 1) * 3_600;
        answer
            .with("x-oauth-scopes", &grant.scopes.join(", "))
            .with("x-accepted-oauth-scopes", accepted)
            .with("x-ratelimit-limit", &RATE_LIMIT.to_string())
            .with(
                "x-ratelimit-remaining",
                &RATE_LIMIT.saturating_sub(used).to_string(),
            )
            .with("x-ratelimit-used", &used.min(RATE_LIMIT).to_string())
            .with("x-ratelimit-reset", &reset.to_string())
    }

    /// Ends one token, or with `/grant` the whole authorization of the token's user.
    fn revoke(&self, world: &World, call: &Call, client_id: &str, what: &str) -> Answer {
        if call.method != Method::DELETE {
            return Answer::wrong_method("DELETE");
        }
        let authentic = call.basic().is_some_and(|(id, secret)| {
            id == client_id && world.read(|ledger| ledger.authenticates(self.id(), &id, &secret))
        });
        if !authentic {
            return api_error(StatusCode::UNAUTHORIZED, "Bad credentials");
        }
        let body = serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
        let Some(token) = body["access_token"].as_str().filter(|token| !token.is_empty()) else {
            return api_error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
        };
        match world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now)) {
            TokenState::Live(_, grant) if grant.client_id == client_id => {
                world.change(|ledger| {
                    if what == "grant" {
                        ledger.revoke_account(self.id(), &grant.account, Some(client_id));
                    } else {
                        ledger.revoke_token(token);
                    }
                });
                Answer::empty(StatusCode::NO_CONTENT)
            }
            _ => api_error(StatusCode::NOT_FOUND, "Not Found"),
        }
    }
}

/// The client id and the last part of `/applications/{client_id}/token` or `…/grant`.
fn application(path: &str) -> Option<(&str, &str)> {
    let (client_id, what) = path.strip_prefix("/applications/")?.split_once('/')?;
    matches!(what, "token" | "grant").then_some((client_id, what))
}

/// Form-encoded, unless JSON is asked for.
fn shaped(call: &Call, pairs: &[(&str, &str)]) -> Answer {
    let json_wanted = call
        .header("accept")
        .is_some_and(|accept| accept.contains("application/json"));
    if json_wanted {
        let fields = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)));
        Answer::json(StatusCode::OK, &Value::Object(fields.collect()))
    } else {
        Answer::form(StatusCode::OK, pairs.iter().copied())
    }
}

/// Errors of the token endpoint come with status 200.
fn oauth_error(call: &Call, refusal: &Refusal) -> Answer {
    let (error, description) = match refusal {
        Refusal::Malformed("code is missing")
        | Refusal::Code(BadCode::Unknown | BadCode::Expired | BadCode::Used | BadCode::Verifier) => (
            "bad_verification_code",
            "The code passed is incorrect or expired.",
        ),
        Refusal::NoClient | Refusal::Client => (
            "incorrect_client_credentials",
            "The client_id and/or client_secret passed are incorrect.",
        ),
        Refusal::Code(BadCode::Redirect) => (
            "redirect_uri_mismatch",
            "The redirect_uri MUST match the registered callback URL for this application.",
        ),
        Refusal::GrantType | Refusal::Refresh => {
            ("unsupported_grant_type", "The grant type is not supported.")
        }
        // Not documented; the word of RFC 6749 section 5.2.
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    let uri = "/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/";
    let pairs = [
        ("error", error),
        ("error_description", description),
        ("error_uri", uri),
    ];
    shaped(call, &pairs).refused(refusal.reason())
}

fn api_error(status: StatusCode, message: &str) -> Answer {
    let body = json!({"message": message, "documentation_url": DOCS, "status": status.as_u16().to_string()});
    Answer::json(status, &body).refused(message)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{body::Bytes, http::HeaderMap};

    use super::*;
    use crate::core::{
        ledger::{GrantRecord, Ledger},
        params::Params,
    };

    #[test]
    fn past_the_rate_limit_calls_are_refused_with_the_time_of_the_end() {
        // Given a token
        let mut ledger = Ledger::default();
        let grant = GrantRecord {
            profile: "github".to_owned(),
            client_id: "patchbay".to_owned(),
            account: "5100101".to_owned(),
            scopes: Vec::new(),
            context: crate::profiles::Context::new(),
            since: 0,
            pkce: false,
            revoked: false,
        };
        ledger.grants.insert(1, grant);
        ledger.add_token("gho_token", 1, TokenKind::Access, None);
        let world = World::new(1, Arc::new(|| 0), ledger);
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer gho_token".parse().unwrap());
        headers.insert("user-agent", "patchbay-tests".parse().unwrap());
        let call = Call {
            method: Method::GET,
            host: API.to_owned(),
            path: "/user".to_owned(),
            query: Params::default(),
            headers,
            body: Bytes::new(),
            now: 0,
        };
        // When it is used as often as it may be in an hour
        for _ in 0..RATE_LIMIT {
            assert_eq!(GitHub.answer(&world, &call).status, StatusCode::OK);
        }
        // Then the next call is refused
        let answer = GitHub.answer(&world, &call);
        let header = |name| {
            answer
                .headers
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_str())
        };
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(matches!(header("x-ratelimit-remaining"), Some(Ok("0"))));
        assert!(matches!(header("x-ratelimit-reset"), Some(Ok("3600"))));
        // And in the next hour it works again
        assert_eq!(
            GitHub.answer(&world, &Call { now: HOUR_MS, ..call }).status,
            StatusCode::OK
        );
    }
}
