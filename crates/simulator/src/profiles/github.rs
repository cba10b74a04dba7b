//! GitHub, OAuth apps.
//!
//! Sources: github/docs `authorizing-oauth-apps.md`, `scopes-for-oauth-apps.md`,
//! `troubleshooting-authorization-request-errors.md`,
//! `troubleshooting-oauth-app-access-token-request-errors.md`, and the REST reference of
//! `GET /user`, `GET /issues` and `DELETE /applications/{client_id}/token`. The stored copy of the
//! first still calls PKCE unsupported; S256 works since 2025 (own knowledge). Stricter than
//! documented: `redirect_uri` has to be sent, at both endpoints; an unknown scope is refused; an
//! `Authorization` header at the token endpoint is refused. Tokens of OAuth apps have no end and
//! no refresh token, unless an app opts in, which this one does not.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, OAuth, Profile, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, TokenState},
    history::{DAY_MS, days, iso, parse_iso},
    ledger::{GrantRecord, TokenKind},
    params::Params,
    random::Dice,
    token::{self, Refusal},
    world::World,
};

const WEB: &str = "github.com";
const API: &str = "api.github.com";
const HOUR_MS: i64 = 3_600_000;
/// Calls per hour and user.
const RATE_LIMIT: u32 = 5_000;
/// Longest page; longer ones are cut to it.
const MAX_PAGE: usize = 100;
const DEFAULT_PAGE: usize = 30;
const DOCS: &str = "https://docs.github.com/rest";

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "5100101",
        label: "ana-ruiz-acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "5100102",
        label: "acme-ops",
        name: "Acme Ops",
    },
    Account {
        id: "5100103",
        label: "ben-cole-globex",
        name: "Ben Cole",
    },
];

/// Repositories per account; the second is private.
const REPOSITORIES: [[&str; 2]; 3] = [
    ["acme/website", "acme/billing"],
    ["acme/runbooks", "acme/infrastructure"],
    ["globex/sdk", "globex/platform"],
];

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
            return api_error(
                StatusCode::BAD_REQUEST,
                "This API version is not supported.",
            );
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
        let state =
            world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now));
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
        let Some(token) = body["access_token"]
            .as_str()
            .filter(|token| !token.is_empty())
        else {
            return api_error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
        };
        match world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        {
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
        | Refusal::Code(BadCode::Unknown | BadCode::Expired | BadCode::Used | BadCode::Verifier) => {
            (
                "bad_verification_code",
                "The code passed is incorrect or expired.",
            )
        }
        Refusal::Client => (
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

/// Position of an account among the sample accounts; decides its ids.
fn position(account: &Account) -> usize {
    ACCOUNTS
        .iter()
        .position(|known| known.id == account.id)
        .unwrap_or_default()
}

fn user(account: &Account) -> Value {
    json!({
        "id": account.id.parse::<u64>().unwrap_or_default(),
        "login": account.label,
        "name": account.name,
        "type": "User",
        "url": format!("https://{API}/users/{}", account.label),
        "html_url": format!("https://{WEB}/{}", account.label),
    })
}

/// One issue or pull request of the sample data.
struct Issue {
    id: u64,
    number: u64,
    repository: &'static str,
    private: bool,
    pull_request: bool,
    assigned: bool,
    open: bool,
    comments: u64,
    title: String,
    created_at: i64,
    updated_at: i64,
}

impl Issue {
    fn record(&self, account: usize) -> Value {
        let kind = if self.pull_request { "pull" } else { "issues" };
        let mut record = json!({
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "state": if self.open { "open" } else { "closed" },
            "comments": self.comments,
            "created_at": iso(self.created_at, false),
            "updated_at": iso(self.updated_at, false),
            "closed_at": (!self.open).then(|| iso(self.updated_at, false)),
            "user": ACCOUNTS.get(account).map(user),
            "url": format!("https://{API}/repos/{}/issues/{}", self.repository, self.number),
            "html_url": format!("https://{WEB}/{}/{kind}/{}", self.repository, self.number),
            "repository_url": format!("https://{API}/repos/{}", self.repository),
            "repository": {"full_name": self.repository, "private": self.private},
        });
        if self.pull_request {
            record["pull_request"] = json!({"url": format!("https://{API}/repos/{}/pulls/{}", self.repository, self.number)});
        }
        record
    }
}

/// An account's issues and pull requests updated in `[from, to)`, as they were at `as_of`.
fn issues(seed: u64, account: usize, as_of: i64, from: i64, to: i64) -> Vec<Issue> {
    days(as_of, from, to)
        .flat_map(|day| issues_of_day(seed, account, day))
        .filter(|issue| {
            issue.updated_at >= from && issue.updated_at < to && issue.updated_at <= as_of
        })
        .collect()
}

fn issues_of_day(seed: u64, account: usize, day: i64) -> Vec<Issue> {
    const WHAT: [&str; 5] = [
        "Crash when",
        "Slow response when",
        "Docs missing for",
        "Wrong total when",
        "Add a test for",
    ];
    const WHERE: [&str; 5] = [
        "signing in",
        "exporting",
        "paging",
        "the cache",
        "an empty cart",
    ];
    let mut dice = Dice::at(seed, &format!("github {account} {day}"));
    let count = dice.between(1, 5);
    (0..count)
        .map(|index| {
            let what = dice.pick(&WHAT).copied().unwrap_or_default();
            let place = dice.pick(&WHERE).copied().unwrap_or_default();
            let private = dice.roll() % 2 == 1;
            let within = i64::try_from(dice.roll() % 86_400).unwrap_or_default() * 1_000;
            let age = i64::try_from(dice.between(0, 30 * 86_400)).unwrap_or_default() * 1_000;
            let updated_at = day * DAY_MS + within;
            let running = day.unsigned_abs() * 10 + index;
            Issue {
                id: 2_000_000_000
                    + u64::try_from(account).unwrap_or_default() * 10_000_000
                    + running,
                number: running,
                repository: REPOSITORIES
                    .get(account)
                    .map_or("", |pair| pair[usize::from(private)]),
                private,
                pull_request: dice.roll() % 3 == 0,
                assigned: dice.roll() % 3 == 0,
                open: dice.roll() % 2 == 0,
                comments: dice.between(0, 9),
                title: format!("{what} {place}"),
                created_at: updated_at - age,
                updated_at,
            }
        })
        .collect()
}

fn list(world: &World, call: &Call, grant: &GrantRecord, account: usize) -> Result<Answer, Answer> {
    let query = &call.query;
    let since = match query.get("since") {
        None => i64::MIN,
        Some(text) => parse_iso(text).ok_or_else(invalid)?,
    };
    let assigned_only = one_of(
        query,
        "filter",
        &[
            "assigned",
            "created",
            "mentioned",
            "subscribed",
            "repos",
            "all",
        ],
    )? == "assigned";
    let state = one_of(query, "state", &["open", "closed", "all"])?;
    let everything = grant.scopes.iter().any(|scope| scope == "repo");
    let mut issues = issues(world.seed, account, call.now, since, i64::MAX);
    issues.retain(|issue| {
        (everything || !issue.private)
            && (!assigned_only || issue.assigned)
            && (state == "all" || issue.open == (state == "open"))
    });
    let sort = one_of(query, "sort", &["created", "updated", "comments"])?;
    issues.sort_by_key(|issue| match sort {
        "updated" => (issue.updated_at, issue.id),
        "comments" => (i64::try_from(issue.comments).unwrap_or_default(), issue.id),
        _ => (issue.created_at, issue.id),
    });
    if one_of(query, "direction", &["desc", "asc"])? == "desc" {
        issues.reverse();
    }
    let size = number(query, "per_page", DEFAULT_PAGE)?.min(MAX_PAGE);
    let page = number(query, "page", 1)?;
    let records: Vec<_> = issues
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(|issue| issue.record(account))
        .collect();
    let answer = Answer::json(StatusCode::OK, &json!(records));
    Ok(match links(call, page, issues.len().div_ceil(size)) {
        Some(links) => answer.with("link", &links),
        None => answer,
    })
}

/// The `Link` header; there is none when everything is on one page.
fn links(call: &Call, page: usize, last: usize) -> Option<String> {
    let link = |to: usize, rel: &str| {
        let query = call.query.with("page", &to.to_string());
        format!("<https://{API}{}?{query}>; rel=\"{rel}\"", call.path)
    };
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
        links.push(link(1, "first"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
        links.push(link(last, "last"));
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// A parameter that takes one of some words; the first is the default.
fn one_of<'a>(query: &'a Params, name: &str, words: &[&'static str]) -> Result<&'a str, Answer> {
    match query.get(name) {
        Some(value) if words.contains(&value) => Ok(value),
        Some(_) => Err(invalid()),
        None => words.first().copied().ok_or_else(invalid),
    }
}

fn number(query: &Params, name: &str, default: usize) -> Result<usize, Answer> {
    match query.get(name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=1_000_000).contains(number))
            .ok_or_else(invalid),
    }
}

fn invalid() -> Answer {
    api_error(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed")
}
