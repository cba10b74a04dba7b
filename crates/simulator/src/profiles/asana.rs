//! Asana.
//!
//! Sources: the OAuth page of the developer documentation (developers.asana.com/docs/oauth, stored
//! copy) for the authorization, token and deauthorization endpoints, registered scopes and the
//! expired-token message; Asana/openapi `defs/asana_oas.yaml` (2026-06-11) and
//! developers.asana.com/docs/pagination for the API. Where these name no error for the OAuth
//! endpoints, RFC 6749 sections 4.1.2.1 and 5.2 apply. Stricter than documented: `Authorization`
//! headers at the token endpoint are refused, and a list without `limit` ends at 1 000 records.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Account, OAuth, Profile, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    cursor::Cursor,
    grants::TokenState,
    history::{DAY_MS, days, iso, parse_iso},
    ledger::{GrantRecord, TokenKind},
    random::Dice,
    token::{self, Issued, Refusal},
    world::World,
};

const HOST: &str = "app.asana.com";
/// Longest page.
const MAX_PAGE: usize = 100;
/// Where a list that was not asked for in pages is cut.
const UNPAGED: usize = 1_000;
/// Clients report offsets that stopped working after about 15 minutes.
const OFFSET_LIFE_MS: i64 = 15 * 60_000;
const HELP: &str = "For more information on API status codes and how to handle them, read the docs on errors: https://developers.asana.com/docs/errors";
const EXPIRED: &str = "The bearer token has expired. If you have a refresh token, please use it to request a new bearer token, otherwise allow the user to re-authenticate.";

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "1200000000000101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "1200000000000102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "1200000000000103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

/// Two workspaces per account, in the order of the accounts.
const WORKSPACES: [[&str; 2]; 3] = [
    ["Acme", "Acme Labs"],
    ["Acme Operations", "Acme Suppliers"],
    ["Globex", "Globex Research"],
];

/// Projects: the workspace they are in, and their name.
const PROJECTS: [(usize, &str); 5] = [
    (0, "Website relaunch"),
    (0, "Customer onboarding"),
    (0, "Hiring"),
    (1, "Experiments"),
    (1, "Prototypes"),
];

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
            Some("authorization_code") => {
                token::exchange(world, self, &OAUTH, client, &form, call.now)
            }
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
        let token = form
            .get("token")
            .ok_or(Refusal::Malformed("token is missing"))?;
        let state =
            |kind| world.read(|ledger| ledger.token_state(self.id(), token, kind, call.now));
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
        match world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        {
            TokenState::Live(_, grant) => match self.account(&grant.account) {
                _ if !grant.scopes.iter().any(|granted| granted == scope) => refuse(
                    StatusCode::FORBIDDEN,
                    &format!("Forbidden: this call needs the scope {scope}"),
                ),
                Some(account) => Ok((grant, account)),
                None => refuse(StatusCode::UNAUTHORIZED, "Not Authorized"),
            },
            TokenState::Expired => refuse(StatusCode::UNAUTHORIZED, EXPIRED),
            TokenState::Unknown | TokenState::Revoked => {
                refuse(StatusCode::UNAUTHORIZED, "Not Authorized")
            }
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
        Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    let body = json!({"error": error, "error_description": refusal.reason()});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(refusal.reason())
}

fn api_error(status: StatusCode, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"errors": [{"message": message, "help": HELP}]}),
    )
    .refused(message)
}

/// Position of an account among the sample accounts; decides its ids.
fn position(account: &Account) -> usize {
    ACCOUNTS
        .iter()
        .position(|known| known.id == account.id)
        .unwrap_or_default()
}

fn gid(account: usize, number: u64) -> u64 {
    let account = u64::try_from(account).unwrap_or_default();
    1_210_000_000_000_000 + account * 10_000_000_000 + number
}

fn workspace_gid(account: usize, workspace: usize) -> String {
    gid(account, 1 + u64::try_from(workspace).unwrap_or_default()).to_string()
}

fn project_gid(account: usize, project: usize) -> String {
    gid(account, 101 + u64::try_from(project).unwrap_or_default()).to_string()
}

fn user(call: &Call, account: &Account, position: usize) -> Answer {
    let record = json!({
        "gid": account.id,
        "resource_type": "user",
        "name": account.name,
        "email": account.label,
        "workspaces": workspaces(position).iter().map(|workspace| fields(workspace, None)).collect::<Vec<_>>(),
    });
    // Unlike lists, a single record comes whole when no fields are named.
    let shown = if call.query.get("opt_fields").is_some() {
        fields(&record, call.query.get("opt_fields"))
    } else {
        record
    };
    Answer::json(StatusCode::OK, &json!({"data": shown}))
}

fn workspaces(account: usize) -> Vec<Value> {
    let names = WORKSPACES.get(account).into_iter().flatten().enumerate();
    names
        .map(|(index, name)| {
            json!({
                "gid": workspace_gid(account, index),
                "resource_type": "workspace",
                "name": name,
                "is_organization": index == 0,
            })
        })
        .collect()
}

fn projects(call: &Call, account: usize) -> Result<Vec<Value>, Answer> {
    let wanted = call.query.get("workspace").ok_or_else(|| {
        api_error(
            StatusCode::BAD_REQUEST,
            "You should specify one of workspace, team",
        )
    })?;
    if !(0..2).any(|index| workspace_gid(account, index) == wanted) {
        return Err(unknown_object("workspace", wanted));
    }
    Ok(PROJECTS
        .iter()
        .enumerate()
        .filter(|(_, (workspace, _))| workspace_gid(account, *workspace) == wanted)
        .map(|(index, (_, name))| {
            json!({
                "gid": project_gid(account, index),
                "resource_type": "project",
                "name": name,
                "archived": false,
                "workspace": {"gid": wanted, "resource_type": "workspace"},
            })
        })
        .collect())
}

fn project_tasks(
    world: &World,
    call: &Call,
    grant: &GrantRecord,
    account: usize,
    as_of: i64,
) -> Result<Vec<Value>, Answer> {
    let wanted = call.query.get("project").ok_or_else(|| {
        api_error(
            StatusCode::BAD_REQUEST,
            "You should specify one of workspace, project, tag, section, user_task_list",
        )
    })?;
    let project = (0..PROJECTS.len())
        .find(|index| project_gid(account, *index) == wanted)
        .ok_or_else(|| unknown_object("project", wanted))?;
    let since = match call.query.get("modified_since") {
        None => i64::MIN,
        Some(text) => parse_iso(text).ok_or_else(|| {
            api_error(
                StatusCode::BAD_REQUEST,
                "modified_since: Not a valid ISO 8601 time",
            )
        })?,
    };
    let persons = call
        .query
        .get("opt_fields")
        .unwrap_or_default()
        .split(',')
        .any(|field| field.starts_with("assignee."));
    if persons && !grant.scopes.iter().any(|scope| scope == "users:read") {
        return Err(api_error(
            StatusCode::FORBIDDEN,
            "Forbidden: these opt_fields need the scope users:read",
        ));
    }
    let mut tasks = tasks(world.seed, account, as_of, since, i64::MAX);
    tasks.retain(|task| task.project == project);
    // The order of a project's tasks is the one people gave them; no client may rely on it.
    tasks.sort_by_cached_key(|task| Dice::at(world.seed, &format!("order {}", task.gid)).roll());
    Ok(tasks.iter().map(|task| task.record(account)).collect())
}

fn unknown_object(field: &str, gid: &str) -> Answer {
    // The id came from outside; only digits of it are repeated.
    let digits: String = gid.chars().filter(char::is_ascii_digit).take(32).collect();
    api_error(
        StatusCode::NOT_FOUND,
        &format!("{field}: Unknown object: {digits}"),
    )
}

/// One task of the sample data.
struct Task {
    gid: u64,
    project: usize,
    name: String,
    created_at: i64,
    modified_at: i64,
    completed: bool,
}

impl Task {
    fn record(&self, account: usize) -> Value {
        let assignee = ACCOUNTS.get(account).map(|user| {
            json!({"gid": user.id, "resource_type": "user", "name": user.name, "email": user.label})
        });
        json!({
            "gid": self.gid.to_string(),
            "resource_type": "task",
            "name": self.name,
            "created_at": iso(self.created_at, true),
            "modified_at": iso(self.modified_at, true),
            "completed": self.completed,
            "assignee": assignee,
            "due_on": crate::core::history::date(self.modified_at.div_euclid(DAY_MS) + 7),
        })
    }
}

/// An account's tasks modified in `[from, to)`, as they were at `as_of`.
fn tasks(seed: u64, account: usize, as_of: i64, from: i64, to: i64) -> Vec<Task> {
    days(as_of, from, to)
        .flat_map(|day| tasks_of_day(seed, account, day))
        .filter(|task| {
            task.modified_at >= from && task.modified_at < to && task.modified_at <= as_of
        })
        .collect()
}

fn tasks_of_day(seed: u64, account: usize, day: i64) -> Vec<Task> {
    const VERBS: [&str; 6] = ["Draft", "Review", "Ship", "Plan", "Fix", "Discuss"];
    const THINGS: [&str; 6] = [
        "pricing page",
        "welcome mail",
        "interview guide",
        "search",
        "import",
        "contract",
    ];
    let mut dice = Dice::at(seed, &format!("asana {account} {day}"));
    let count = dice.between(2, 6);
    (0..count)
        .map(|index| {
            let verb = dice.pick(&VERBS).copied().unwrap_or_default();
            let thing = dice.pick(&THINGS).copied().unwrap_or_default();
            let within = i64::try_from(dice.roll() % DAY_MS.unsigned_abs()).unwrap_or_default();
            let age =
                i64::try_from(dice.between(0, 30 * DAY_MS.unsigned_abs())).unwrap_or_default();
            let modified_at = day * DAY_MS + within;
            Task {
                gid: gid(account, 1_000_000_000 + day.unsigned_abs() * 100 + index),
                project: usize::try_from(dice.roll() % 5).unwrap_or_default(),
                name: format!("{verb} {thing}"),
                created_at: modified_at - age,
                modified_at,
                completed: dice.roll() % 2 == 0,
            }
        })
        .collect()
}

/// A list, in pages when `limit` was sent.
fn list(
    world: &World,
    call: &Call,
    account: &Account,
    records: impl FnOnce(i64) -> Result<Vec<Value>, Answer>,
) -> Answer {
    paged(world, call, account, records).unwrap_or_else(|refusal| refusal)
}

fn paged(
    world: &World,
    call: &Call,
    account: &Account,
    records: impl FnOnce(i64) -> Result<Vec<Value>, Answer>,
) -> Result<Answer, Answer> {
    let limit = limit(call)?;
    let bound = format!(
        "{} {} {}",
        account.id,
        call.path,
        call.query.sorted_without("offset")
    );
    let start = match call.query.get("offset") {
        None => Cursor {
            position: 0,
            as_of: call.now,
        },
        Some(_) if limit.is_none() => {
            return Err(api_error(StatusCode::BAD_REQUEST, "offset: Send limit too"));
        }
        Some(token) => Cursor::open(token, world.seed, &bound, call.now, OFFSET_LIFE_MS)
            .ok_or_else(|| {
                api_error(
                    StatusCode::BAD_REQUEST,
                    "offset: Your pagination token has expired.",
                )
            })?,
    };
    let all = records(start.as_of)?;
    let size = limit.unwrap_or(UNPAGED);
    let wanted = call.query.get("opt_fields");
    let page: Vec<Value> = all
        .iter()
        .skip(start.position)
        .take(size)
        .map(|record| fields(record, wanted))
        .collect();
    let mut body = json!({"data": page});
    if limit.is_some() {
        let position = start.position + size;
        let next = (position < all.len()).then(|| {
            let offset = Cursor { position, ..start }.seal(world.seed, &bound);
            let path = format!(
                "{}?{}",
                call.path.trim_start_matches("/api/1.0"),
                call.query.with("offset", &offset)
            );
            json!({"offset": offset, "path": path, "uri": format!("https://{HOST}/api/1.0{path}")})
        });
        body["next_page"] = json!(next);
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

fn limit(call: &Call) -> Result<Option<usize>, Answer> {
    let Some(text) = call.query.get("limit") else {
        return Ok(None);
    };
    text.parse()
        .ok()
        .filter(|limit| (1..=MAX_PAGE).contains(limit))
        .map(Some)
        .ok_or_else(|| {
            api_error(
                StatusCode::BAD_REQUEST,
                "limit: Must be a number from 1 to 100",
            )
        })
}

/// A record with the fields that were named, or the compact ones.
fn fields(record: &Value, wanted: Option<&str>) -> Value {
    let wanted = wanted.unwrap_or("resource_type,name");
    let mut shown = Map::new();
    for name in std::iter::once("gid").chain(wanted.split(',').map(str::trim)) {
        match name.split_once('.') {
            None => match &record[name] {
                Value::Null => {}
                // Of another object only the compact form comes along.
                Value::Object(_) => {
                    shown.insert(
                        name.to_owned(),
                        fields(&record[name], Some("resource_type")),
                    );
                }
                value => {
                    shown.insert(name.to_owned(), value.clone());
                }
            },
            Some((object, field)) => {
                if let Some(value) = record[object].get(field) {
                    let inner = shown
                        .entry(object)
                        .or_insert_with(|| json!({"gid": record[object]["gid"]}));
                    inner[field] = value.clone();
                }
            }
        }
    }
    Value::Object(shown)
}
