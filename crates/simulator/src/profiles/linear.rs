//! Linear.
//!
//! Sources: linear.app/developers/oauth-2-0-authentication (authorize parameters, commas between scopes and spaces in
//! the answer, PKCE for apps with a secret too, form bodies, the answer of apps made since 2025-10-01, which always have
//! refresh tokens, and the three ways to revoke with their statuses) and linear.app/developers/graphql (the endpoint, the
//! viewer). Public clients quote the answer to a token that is not good: status 401 and `AUTHENTICATION_ERROR`.
//! linear.app/developers/pagination and filtering for lists: 50 by default and 250 at most, `nodes` and `pageInfo`, by the
//! time of creation or of the last update, the most recent first; archived ones only on request; times compared with
//! `gte` and its like. Durations, which stand for times too, are not played.
//! Stricter than documented: the secret comes in the body, also when refreshing and also with PKCE; only S256; a token is
//! revoked by a form field; a refresh token works once, without the half hour of grace that some clients report. What the
//! errors of the token endpoint look like is not documented: RFC 6749 section 5.2.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    graphql::{self, BOOLEAN, Field, INT, Kind, Problem, STRING, TYPE, Type},
    history::{iso, parse_iso},
    ledger::TokenKind,
    provider::{Api, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn, error, standard_answer},
    sample::{Sample, SampleStream},
};

const WEB: &str = "linear.app";
const API: &str = "api.linear.app";

/// A workspace is what gets connected; a person has an id of their own in each.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000201",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000202",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "5c1e7a90-0000-4000-8000-000000000203",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth/authorize",
    scopes: &[Scope {
        name: "read",
        words: "see what you see in the workspace",
    }],
    scope_separator: ',',
    scope_required: true,
    access_life_ms: Some(86_399_000),
    refresh_prefix: Some(""),
    token_length: 64,
    pkce: Pkce::Allowed,
    rotation: Rotation::Spend,
    what: "workspace",
    asks_which: Some(("prompt", "consent")),
    ..OAuth::STANDARD
};

/// Linear.
pub static LINEAR: Provider = Provider {
    id: "linear",
    name: "Linear",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["actor"],
    check_request,
    tokens: TokenDesk {
        host: API,
        path: "/oauth/token",
        answer: |handed| {
            let mut body = standard_answer(handed);
            body["scope"] = json!(handed.issued.grant.scopes.join(" "));
            body
        },
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/oauth/revoke",
        by: RevokeBy::Token,
        token: TokenIn::OneOf(&[
            ("access_token", TokenKind::Access),
            ("refresh_token", TokenKind::Refresh),
        ]),
        unknown: || {
            error(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Unable to revoke the token.",
            )
        },
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            let words = "Authentication required, not authenticated";
            refusal(StatusCode::UNAUTHORIZED, "AUTHENTICATION_ERROR", words)
        },
        reads: &[Read {
            method: "POST",
            host: API,
            path: "/graphql",
            scope: "",
            answer: ask,
        }],
        ..Api::STANDARD
    },
    streams: &[ISSUES],
    ..Provider::STANDARD
};

/// Issues of a workspace; some are archived.
const ISSUES: SampleStream = SampleStream {
    name: "issues",
    per_day: 8,
    id: |_, sample| format!("3f6e0d2a-0000-4000-8000-{:012}", sample.number),
    ..SampleStream::STANDARD
};

/// Issues of a page where the query does not say, and at most.
const PAGE: (u64, u64) = (50, 250);

static ORDER: Type = Type {
    name: "PaginationOrderBy",
    kind: Kind::Enum(&["createdAt", "updatedAt"]),
};
static MOMENT: Type = Type {
    name: "DateTimeOrDuration",
    kind: Kind::Text,
};
static MOMENTS: Type = Type {
    name: "DateComparator",
    kind: Kind::Object(&[("gte", &MOMENT), ("lt", &MOMENT)]),
};
static FILTER: Type = Type {
    name: "IssueFilter",
    kind: Kind::Object(&[("createdAt", &MOMENTS), ("updatedAt", &MOMENTS)]),
};

fn check_request(call: &Call) -> Result<Context, Told> {
    match (call.query.get("prompt"), call.query.get("actor")) {
        (None | Some("consent"), None | Some("user" | "app")) => Ok(Context::new()),
        _ => Err(("invalid_request", "prompt is consent, actor is user or app")),
    }
}

/// Answers a query about the viewer or the issues.
fn ask(seen: &Seen<'_>) -> Answer {
    match graphql::read(seen.call).map_err(|problem| invalid(&problem)) {
        Err(refusal) => refusal,
        Ok(fields) => {
            let told: Result<Map<String, Value>, Answer> = fields
                .iter()
                .map(|field| Ok((field.name.clone(), told(seen, field)?)))
                .collect();
            match told {
                Ok(data) => Answer::json(StatusCode::OK, &json!({ "data": data })),
                Err(refusal) => refusal,
            }
        }
    }
}

/// One field of the query.
fn told(seen: &Seen<'_>, field: &Field) -> Result<Value, Answer> {
    let value = match field.name.as_str() {
        "viewer" => field.arguments(&[]).map(|_| viewer(seen.account)),
        "issues" => return issues(seen, field),
        name => Err(Problem::Field {
            name: name.to_owned(),
            of: "Query".to_owned(),
        }),
    };
    value
        .and_then(|value| field.pick(&value, &[]))
        .map_err(|problem| invalid(&problem))
}

/// A page of issues, the most recent first.
fn issues(seen: &Seen<'_>, field: &Field) -> Result<Value, Answer> {
    let known = [
        ("first", &INT),
        ("after", &STRING),
        ("orderBy", &ORDER),
        ("includeArchived", &BOOLEAN),
        ("filter", &FILTER),
    ];
    let asked = field.arguments(&known).map_err(|problem| invalid(&problem))?;
    let refused = |words| refusal(StatusCode::BAD_REQUEST, "INVALID_INPUT", words);
    let size = match &asked["first"] {
        Value::Null => Some(PAGE.0),
        first => first.as_u64().filter(|size| (1..=PAGE.1).contains(size)),
    };
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| refused("first must be 1 to 250"))?;
    let created = span(&asked["filter"]["createdAt"]).ok_or_else(|| refused("not a time"))?;
    let updated = span(&asked["filter"]["updatedAt"]).ok_or_else(|| refused("not a time"))?;
    let by_update = asked["orderBy"] == "updatedAt";
    let mut bound = asked.clone();
    bound["after"] = Value::Null;
    let page = seen.page(asked["after"].as_str(), size, &bound.to_string(), |as_of| {
        let mut found = seen.samples_as_of(&ISSUES, "", updated.0, updated.1, as_of);
        found.retain(|issue| {
            let is_asked = asked["includeArchived"] == true || !is_archived(issue);
            is_asked && issue.made_at >= created.0 && issue.made_at < created.1
        });
        found.sort_by_key(|issue| {
            let at = if by_update { issue.at } else { issue.made_at };
            std::cmp::Reverse((at, issue.number))
        });
        found
    });
    let (shown, next) = page.ok_or_else(|| refused("after is no cursor of this list"))?;
    let last = shown.last().map(|issue| (ISSUES.id)("", issue));
    let nodes: Vec<Value> = shown.iter().map(issue).collect();
    let list = json!({
        TYPE: "IssueConnection",
        "nodes": nodes,
        "pageInfo": {
            TYPE: "PageInfo",
            "hasNextPage": next.is_some(),
            // The last page has a cursor as well.
            "endCursor": next.or(last),
        },
    });
    field.pick(&list, &[]).map_err(|problem| invalid(&problem))
}

/// The times that a comparison leaves, from and to; none where it names something that is no time.
fn span(compared: &Value) -> Option<(i64, i64)> {
    let at = |name: &str, open: i64| match compared[name].as_str() {
        Some(text) => parse_iso(text),
        None => Some(open),
    };
    Some((at("gte", i64::MIN)?, at("lt", i64::MAX)?))
}

fn is_archived(issue: &Sample) -> bool {
    issue.number.is_multiple_of(7)
}

fn issue(sample: &Sample) -> Value {
    let number = sample.number % 100_000;
    json!({
        TYPE: "Issue",
        "id": (ISSUES.id)("", sample),
        "identifier": format!("ACM-{number}"),
        "number": number,
        "title": sample.title,
        "createdAt": iso(sample.made_at, true),
        "updatedAt": iso(sample.at, true),
        "archivedAt": is_archived(sample).then(|| iso(sample.at, true)),
    })
}

fn viewer(workspace: &Account) -> Value {
    let first = workspace
        .name
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let company = if first == "ana" { "acme" } else { "globex" };
    let slug = workspace.label.to_lowercase().replace(' ', "-");
    json!({
        TYPE: "User",
        "id": workspace.id.replacen("5c1e7a90", "9d20b6f4", 1),
        "name": workspace.name,
        "displayName": first,
        "email": format!("{first}@{company}.example"),
        "active": true,
        "admin": true,
        "organization": {TYPE: "Organization", "id": workspace.id, "name": workspace.label, "urlKey": slug},
    })
}

fn invalid(problem: &Problem) -> Answer {
    let code = match problem {
        Problem::Missing => "BAD_REQUEST",
        Problem::Syntax => "GRAPHQL_PARSE_FAILED",
        _ => "GRAPHQL_VALIDATION_FAILED",
    };
    refusal(StatusCode::BAD_REQUEST, code, &problem.words())
}

fn refusal(status: StatusCode, code: &str, words: &str) -> Answer {
    let body = json!({"errors": [{
        "message": words,
        "extensions": {"code": code, "statusCode": status.as_u16(), "userError": true},
    }]});
    Answer::json(status, &body).refused(words)
}
