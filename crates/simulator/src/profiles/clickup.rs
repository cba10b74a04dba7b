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
//!
//! Tasks: developer.clickup.com/reference/getauthorizedteams and /reference/getfilteredteamtasks (`page` from 0, a
//! hundred tasks each, closed tasks and subtasks on demand only, `date_updated_gt` greater than milliseconds), "Date
//! formatting" (times are texts of milliseconds); `last_page` as the sibling call for one list answers it. Own knowledge:
//! newest first. Stricter than documented: a parameter that is not played, such as `reverse`, is refused.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth};
use crate::core::{
    answer::Answer,
    grants::BadCode,
    params::Params,
    provider::{Api, Encoding, Provider, Read, Seen, TokenDesk},
    sample::{Sample, SampleStream},
    token::Refusal,
};

const WEB: &str = "app.clickup.com";
const API: &str = "api.clickup.com";
/// Tasks of a page.
const PAGE: usize = 100;

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
        reads: &[
            read("/api/v2/user", user),
            read("/api/v2/team", workspaces),
            read("/api/v2/team/*/task", tasks),
        ],
        ..Api::STANDARD
    },
    streams: &[TASKS],
    denial_returns: false,
    ..Provider::STANDARD
};

/// Tasks of two workspaces; ids are unique everywhere.
const TASKS: SampleStream = SampleStream {
    name: "tasks",
    parents: |account| workspace_ids(account).to_vec(),
    per_day: 6,
    id: |_, sample| format!("86{:x}", sample.number),
    ..SampleStream::STANDARD
};

const fn read(path: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: API,
        path,
        scope: "",
        answer,
    }
}

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

/// The workspaces that the person ticked.
fn workspace_ids(account: &Account) -> [String; 2] {
    [format!("901{}", account.id), format!("902{}", account.id)]
}

fn workspaces(seen: &Seen<'_>) -> Answer {
    let teams: Vec<Value> = workspace_ids(seen.account)
        .iter()
        .map(|id| json!({"id": id, "name": "Workspace", "color": "#536cfe", "avatar": null, "members": []}))
        .collect();
    Answer::json(StatusCode::OK, &json!({"teams": teams}))
}

/// What a list of tasks is asked with.
struct Asked {
    page: usize,
    after: i64,
    before: i64,
    closed: bool,
    subtasks: bool,
    by_change: bool,
}

impl Asked {
    fn read(query: &Params) -> Option<Self> {
        const KNOWN: [&str; 6] = [
            "page",
            "order_by",
            "subtasks",
            "include_closed",
            "date_updated_gt",
            "date_updated_lt",
        ];
        if query.iter().any(|(name, _)| !KNOWN.contains(&name)) {
            return None;
        }
        let time = |name, otherwise: i64| query.get(name).map_or(Some(otherwise), |text| text.parse().ok());
        let flag = |name| query.get(name).map_or(Some(false), |text| text.parse().ok());
        Some(Self {
            page: query.get("page").map_or(Some(0), |page| page.parse().ok())?,
            after: time("date_updated_gt", i64::MIN)?,
            before: time("date_updated_lt", i64::MAX)?,
            closed: flag("include_closed")?,
            subtasks: flag("subtasks")?,
            by_change: match query.get("order_by") {
                None | Some("created") => false,
                Some("updated") => true,
                Some(_) => return None,
            },
        })
    }
}

/// A page of a workspace's tasks.
fn tasks(seen: &Seen<'_>) -> Answer {
    let workspace = seen.segment(3);
    if !workspace_ids(seen.account).iter().any(|id| id == workspace) {
        return error(StatusCode::UNAUTHORIZED, "Team not authorized", "OAUTH_027");
    }
    let Some(asked) = Asked::read(&seen.call.query) else {
        let words = "a parameter that is not known or has no good value";
        return Answer::json(StatusCode::BAD_REQUEST, &json!({"err": words})).refused(words);
    };
    let mut all = seen.samples(&TASKS, workspace, asked.after.saturating_add(1), asked.before);
    all.retain(|task| (asked.closed || !is_closed(task)) && (asked.subtasks || !is_subtask(task)));
    if !asked.by_change {
        all.sort_by_key(|task| (task.made_at, task.number));
    }
    all.reverse();
    let begin = asked.page.saturating_mul(PAGE);
    let shown: Vec<Value> = all
        .iter()
        .skip(begin)
        .take(PAGE)
        .map(|sample| task(workspace, sample))
        .collect();
    let last = begin.saturating_add(PAGE) >= all.len();
    Answer::json(StatusCode::OK, &json!({"tasks": shown, "last_page": last}))
}

fn is_closed(task: &Sample) -> bool {
    task.number.is_multiple_of(3)
}

fn is_subtask(task: &Sample) -> bool {
    task.number.is_multiple_of(4)
}

fn task(workspace: &str, sample: &Sample) -> Value {
    let id = (TASKS.id)(workspace, sample);
    let closed = is_closed(sample);
    json!({
        "id": id,
        "custom_id": null,
        "name": sample.title,
        "status": {
            "status": if closed { "Closed" } else { "to do" },
            "type": if closed { "closed" } else { "open" },
        },
        "date_created": sample.made_at.to_string(),
        "date_updated": sample.at.to_string(),
        "date_closed": closed.then(|| sample.at.to_string()),
        "parent": is_subtask(sample).then_some("86parent"),
        "team_id": workspace,
        "url": format!("https://app.clickup.com/t/{id}"),
    })
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
