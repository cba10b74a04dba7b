//! Airtable.
//!
//! Sources: airtable.com/developers/web/api/oauth-reference (authorize and token routes, PKCE and state required,
//! Basic credentials, single-use refresh tokens, `refresh_expires_in`, the challenge echoed to the redirect URI) and
//! the whoami page of the same reference; airbytehq/airbyte `source-airtable/CONTRIBUTING.md` for the single use. The
//! reference has no route that revokes, so there is none here. That using a spent refresh token ends the whole grant
//! is what RFC 9700 section 4.14.2 asks for and what clients report. Of formulas the one is understood that filters by
//! `CREATED_TIME()`; pages hold 100 records at most, and an `offset` belongs to its query. The 60 days of a refresh token are own knowledge.

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, Back, Context, OAuth, Pairs, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    history::{iso, parse_iso},
    provider::{Api, Credentials, Provider, Read, Seen, TokenDesk, error, standard_answer},
    sample::{Sample, SampleStream},
};

const WEB: &str = "airtable.com";
const API: &str = "api.airtable.com";
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
    scope_required: true,
    denied: &[("error_description", "The user denied the request.")],
    access_prefix: "oaa",
    refresh_prefix: Some("oar"),
    token_length: 60,
    pkce: Pkce::Required,
    refresh_life_ms: Some(60 * DAY_MS),
    rotation: Rotation::Detect,
    ..OAuth::STANDARD
};

/// Airtable.
pub static AIRTABLE: Provider = Provider {
    id: "airtable",
    name: "Airtable",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: long_state,
    send_back: challenge_back,
    tokens: TokenDesk {
        host: WEB,
        path: "/oauth2/v1/token",
        credentials: Credentials::Basic,
        answer: |handed| {
            let mut body = standard_answer(handed);
            body["refresh_expires_in"] = json!(60 * DAY_MS / 1000);
            body
        },
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || {
            let error =
                json!({"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}});
            Answer::json(StatusCode::UNAUTHORIZED, &error).refused("no access token that works")
        },
        reads: &[
            read("/v0/meta/whoami", "", whoami),
            read("/v0/meta/bases", "schema.bases:read", bases),
            read("/v0/meta/bases/*/tables", "schema.bases:read", tables),
            read("/v0/*/*", "data.records:read", records),
        ],
        ..Api::STANDARD
    },
    streams: &[RECORDS],
    ..Provider::STANDARD
};

/// Records of two tables in each of two bases; ids are unique everywhere.
const RECORDS: SampleStream = SampleStream {
    name: "records",
    parents: |account| {
        let bases = base_ids(account);
        bases
            .iter()
            .flat_map(|base| TABLES.map(|(id, _)| format!("{base}/{id}")))
            .collect()
    },
    id: |_, sample| format!("rec{:014}", sample.number),
    ..SampleStream::STANDARD
};

/// Tables, by id and name.
const TABLES: [(&str, &str); 2] = [("tblProjects00001", "Projects"), ("tblContacts00002", "Contacts")];

/// An account's bases.
fn base_ids(account: &Account) -> [String; 2] {
    let own = account.id.trim_start_matches("usr");
    [format!("app{own}"), format!("apq{own}")]
}

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: API,
        path,
        scope,
        answer,
    }
}

fn bases(seen: &Seen<'_>) -> Answer {
    let bases: Vec<_> = base_ids(seen.account)
        .iter()
        .map(|id| json!({"id": id, "name": "Base", "permissionLevel": "read"}))
        .collect();
    Answer::json(StatusCode::OK, &json!({"bases": bases}))
}

fn tables(seen: &Seen<'_>) -> Answer {
    if !base_ids(seen.account).iter().any(|base| base == seen.segment(3)) {
        return not_found();
    }
    let tables =
        TABLES.map(|(id, name)| json!({"id": id, "name": name, "primaryFieldId": "fldName0000000001"}));
    Answer::json(StatusCode::OK, &json!({"tables": tables}))
}

fn records(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let place = format!("{}/{}", seen.segment(1), seen.segment(2));
    if !(RECORDS.parents)(seen.account).contains(&place) {
        return not_found();
    }
    let Some(size) = query
        .get("pageSize")
        .map_or(Some(100), |size| size.parse().ok())
        .filter(|size| (1..=100).contains(size))
    else {
        return error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "INVALID_REQUEST_UNKNOWN",
            "pageSize is 1 to 100",
        );
    };
    let Some(after) = query.get("filterByFormula").map_or(Some(i64::MIN), created_after) else {
        return error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "INVALID_FILTER_BY_FORMULA",
            "a formula that is not known here",
        );
    };
    let page = seen.page(
        query.get("offset"),
        size,
        &query.sorted_without("offset"),
        |as_of| {
            let all = seen.samples_as_of(&RECORDS, &place, after, i64::MAX, as_of);
            all.into_iter().filter(|sample| sample.at > after).collect()
        },
    );
    let Some((shown, next)) = page else {
        return error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "LIST_RECORDS_ITERATOR_NOT_AVAILABLE",
            "an offset that does not belong here",
        );
    };
    let shown: Vec<_> = shown.iter().map(|sample| record(&place, sample)).collect();
    let mut body = json!({"records": shown});
    if let Some(next) = next {
        body["offset"] = json!(next);
    }
    Answer::json(StatusCode::OK, &body)
}

fn record(place: &str, sample: &Sample) -> serde_json::Value {
    json!({
        "id": (RECORDS.id)(place, sample),
        "createdTime": iso(sample.at, true),
        "fields": {"Name": sample.title},
    })
}

/// The time of `IS_AFTER(CREATED_TIME(),'…')`.
fn created_after(formula: &str) -> Option<i64> {
    let inside = formula
        .strip_prefix("IS_AFTER(CREATED_TIME(),'")?
        .strip_suffix("')")?;
    parse_iso(inside)
}

fn not_found() -> Answer {
    let body = json!({"error": {"type": "MODEL_ID_NOT_FOUND", "message": "Could not find what you are looking for"}});
    Answer::json(StatusCode::NOT_FOUND, &body).refused("no such base or table")
}

fn long_state(call: &Call) -> Result<Context, Told> {
    match call.query.get("state") {
        Some(state) if state.len() >= SHORTEST_STATE => Ok(Context::new()),
        _ => Err(("invalid_request", "state must have at least 16 characters")),
    }
}

/// The challenge comes back with the answer.
fn challenge_back(back: &Back<'_>, pairs: &mut Pairs) {
    if let Some(challenge) = back.challenge {
        pairs.push(("code_challenge".to_owned(), challenge.to_owned()));
        pairs.push(("code_challenge_method".to_owned(), "S256".to_owned()));
    }
}

fn whoami(seen: &Seen<'_>) -> Answer {
    let mut body = json!({"id": seen.account.id, "scopes": seen.grant.scopes});
    if seen.grant.scopes.iter().any(|scope| scope == "user.email:read") {
        body["email"] = json!(seen.account.label);
    }
    Answer::json(StatusCode::OK, &body)
}
