//! Asana's API: a person, workspaces, projects, tasks; paging and field selection.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    HOST,
    sample::{PROJECTS, WORKSPACES, project_gid, tasks, workspace_gid},
};
use crate::{
    core::{
        answer::Answer, call::Call, cursor::Cursor, history::parse_iso, ledger::GrantRecord, random::Dice,
        world::World,
    },
    profiles::Account,
};

/// Longest page.
const MAX_PAGE: usize = 100;

/// Where a list that was not asked for in pages is cut.
const UNPAGED: usize = 1_000;

/// Clients report offsets that stopped working after about 15 minutes.
const OFFSET_LIFE_MS: i64 = 15 * 60_000;

/// Comes with every error.
const HELP: &str = "For more information on API status codes and how to handle them, read the docs on errors: https://developers.asana.com/docs/errors";

/// An error of the API: `{errors: [{message, help}]}`.
pub fn api_error(status: StatusCode, message: &str) -> Answer {
    Answer::json(status, &json!({"errors": [{"message": message, "help": HELP}]})).refused(message)
}

/// `GET /users/me`.
pub fn user(call: &Call, account: &Account, position: usize) -> Answer {
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

/// The records of `GET /workspaces`.
pub fn workspaces(account: usize) -> Vec<Value> {
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

/// The records of `GET /projects?workspace=`.
///
/// # Errors
/// The answer that refuses: no workspace named, or not one of the account's.
pub fn projects(call: &Call, account: usize) -> Result<Vec<Value>, Answer> {
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

/// The records of `GET /tasks?project=&modified_since=`, as they were at `as_of`.
///
/// # Errors
/// The answer that refuses: no project named or not one of the account's, a time that is none, or
/// fields that the granted scopes do not cover.
pub fn project_tasks(
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

/// A list, in pages when `limit` was sent.
pub fn list(
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
        Some(token) => {
            Cursor::open(token, world.seed, &bound, call.now, OFFSET_LIFE_MS).ok_or_else(|| {
                api_error(
                    StatusCode::BAD_REQUEST,
                    "offset: Your pagination token has expired.",
                )
            })?
        }
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
        .ok_or_else(|| api_error(StatusCode::BAD_REQUEST, "limit: Must be a number from 1 to 100"))
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
                    shown.insert(name.to_owned(), fields(&record[name], Some("resource_type")));
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
