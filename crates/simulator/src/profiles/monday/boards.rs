//! monday.com's boards and their items.
//!
//! Sources: developer.monday.com/api-reference reference/boards (25 by default, counted pages, active ones only unless `state`
//! says otherwise, `type`), reference/items-page (25 items by default and 500 at most, a cursor that works for an hour and
//! goes without `query_params`, active items only), reference/other-types `ItemsQuery` (`order_by` with `__last_updated__`,
//! ascending by default) and docs/error-handling (application errors with status 200). Played of `query_params` is that
//! order. That a page of boards has 500 at most is what clients of the API keep to.

use serde_json::{Value, json};

use super::{refusal, unauthorised_to};
use crate::{
    core::{
        answer::Answer,
        graphql::{Field, ID, INT, Kind, Problem, STRING, TYPE, Type},
        history::iso,
        provider::Seen,
        sample::{Sample, SampleStream},
    },
    profiles::Account,
};

/// Boards of a page where the query does not say, and at most.
const BOARDS_PAGE: (u64, u64) = (25, 500);
/// Items of a page where the query does not say, and at most.
const ITEMS_PAGE: (u64, u64) = (25, 500);

/// Active items of the active boards.
pub const ITEMS: SampleStream = SampleStream {
    name: "items",
    parents: |account| {
        let boards = boards(account).into_iter();
        boards
            .filter(|board| board.kind == "board" && board.state == "active")
            .map(|board| board.id)
            .collect()
    },
    per_day: 14,
    ..SampleStream::STANDARD
};

struct Board {
    id: String,
    name: &'static str,
    kind: &'static str,
    state: &'static str,
}

/// Two boards that are used, one that was put away, and a document, which is listed among the boards.
fn boards(account: &Account) -> Vec<Board> {
    let board = |number: &str, name, kind, state| Board {
        id: format!("{}{number}", account.id),
        name,
        kind,
        state,
    };
    vec![
        board("01", "Launch", "board", "active"),
        board("02", "Customers", "board", "active"),
        board("03", "Last year", "board", "archived"),
        board("04", "Notes", "document", "active"),
    ]
}

static STATE: Type = Type {
    name: "State",
    kind: Kind::Enum(&["active", "all", "archived", "deleted"]),
};
static IDS: Type = Type {
    name: "[ID!]",
    kind: Kind::List(&ID),
};
static DIRECTION: Type = Type {
    name: "ItemsOrderByDirection",
    kind: Kind::Enum(&["asc", "desc"]),
};
static ORDER: Type = Type {
    name: "ItemsQueryOrderBy",
    kind: Kind::Object(&[("column_id", &STRING), ("direction", &DIRECTION)]),
};
static ORDERS: Type = Type {
    name: "[ItemsQueryOrderBy!]",
    kind: Kind::List(&ORDER),
};
static ITEMS_QUERY: Type = Type {
    name: "ItemsQuery",
    kind: Kind::Object(&[("order_by", &ORDERS)]),
};

/// The field `boards` of a query.
pub fn told(seen: &Seen<'_>, field: &Field) -> Result<Value, Answer> {
    if !seen.grant.scopes.iter().any(|scope| scope == "boards:read") {
        return Err(unauthorised_to("boards"));
    }
    let known = [("ids", &IDS), ("limit", &INT), ("page", &INT), ("state", &STATE)];
    let asked = field
        .arguments(&known)
        .map_err(|problem| super::invalid(&problem))?;
    let size = size(&asked["limit"], BOARDS_PAGE)?;
    let page = match &asked["page"] {
        Value::Null => 1,
        page => page
            .as_u64()
            .and_then(|page| usize::try_from(page).ok())
            .filter(|page| *page > 0)
            .ok_or_else(|| wrong("page begins with 1"))?,
    };
    let state = asked["state"].as_str().unwrap_or("active");
    let ids = asked["ids"].as_array();
    let shown = boards(seen.account)
        .into_iter()
        .filter(|board| state == "all" || state == board.state)
        .filter(|board| ids.is_none_or(|ids| ids.contains(&json!(board.id))))
        .skip((page - 1) * size)
        .take(size);
    let list: Result<Vec<Value>, Answer> = shown.map(|board| board_with(seen, field, &board)).collect();
    let picked = field.pick(&Value::Array(list?), &["items_page"]);
    picked.map_err(|problem| super::invalid(&problem))
}

/// A board, with its items where they are asked for.
fn board_with(seen: &Seen<'_>, field: &Field, board: &Board) -> Result<Value, Answer> {
    let mut told = json!({
        TYPE: "Board",
        "id": board.id,
        "name": board.name,
        "type": board.kind,
        "state": board.state,
        "board_kind": "public",
        "items_page": Value::Null,
    });
    if let Some(items) = field.within("items_page") {
        told["items_page"] = items_page(seen, items, board)?;
    }
    Ok(told)
}

/// A page of a board's items.
fn items_page(seen: &Seen<'_>, field: &Field, board: &Board) -> Result<Value, Answer> {
    let known = [
        ("limit", &INT),
        ("cursor", &STRING),
        ("query_params", &ITEMS_QUERY),
    ];
    let asked = field
        .arguments(&known)
        .map_err(|problem| super::invalid(&problem))?;
    let size = size(&asked["limit"], ITEMS_PAGE)?;
    let expired = || {
        refusal(
            "The cursor provided for pagination has expired. Please refresh your query and obtain a new cursor to continue fetching items",
            "CursorExpiredError",
        )
    };
    // How the items are sorted goes along in the cursor.
    let (order, token) = match asked["cursor"].as_str() {
        Some(_) if !asked["query_params"].is_null() => {
            return Err(wrong("query_params and cursor do not go together"));
        }
        Some(cursor) => {
            let (order, token) = cursor.split_once(':').ok_or_else(expired)?;
            (order.to_owned(), Some(token))
        }
        None => (order(&asked["query_params"]["order_by"])?, None),
    };
    let bound = format!("{} {order}", board.id);
    let page = seen.page(token, size, &bound, |as_of| {
        let mut items = seen.samples_as_of(&ITEMS, &board.id, i64::MIN, i64::MAX, as_of);
        match order.as_str() {
            "place" => items.sort_by_key(|item| item.number),
            "desc" => items.reverse(),
            _ => {}
        }
        items
    });
    let (shown, next) = page.ok_or_else(expired)?;
    let items: Vec<Value> = shown.iter().map(item).collect();
    Ok(json!({
        TYPE: "ItemsResponse",
        "cursor": next.map(|next| format!("{order}:{next}")),
        "items": items,
    }))
}

/// `asc` or `desc` by the last update; `place` where nothing is said: as they stand on the board.
fn order(order_by: &Value) -> Result<String, Answer> {
    match order_by.as_array().map(Vec::as_slice) {
        None | Some([]) => Ok("place".to_owned()),
        Some([one]) if one["column_id"] == "__last_updated__" => {
            Ok(one["direction"].as_str().unwrap_or("asc").to_owned())
        }
        Some(_) => Err(wrong("only __last_updated__ sorts here")),
    }
}

fn size(limit: &Value, (usual, most): (u64, u64)) -> Result<usize, Answer> {
    let size = match limit {
        Value::Null => Some(usual),
        limit => limit.as_u64().filter(|size| (1..=most).contains(size)),
    };
    size.and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| wrong("limit must be a positive number that is not too large"))
}

fn item(sample: &Sample) -> Value {
    json!({
        TYPE: "Item",
        "id": (ITEMS.id)("", sample),
        "name": sample.title,
        "state": "active",
        "created_at": iso(sample.made_at, false),
        "updated_at": iso(sample.at, false),
    })
}

fn wrong(words: &str) -> Answer {
    refusal(words, "InvalidArgumentException")
}

/// There is no such field in a query.
pub fn no_field(field: &Field) -> Problem {
    Problem::Field {
        name: field.name.clone(),
        of: "Query".to_owned(),
    }
}
