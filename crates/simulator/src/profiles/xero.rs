//! Xero.
//!
//! Sources: XeroAPI/Xero-OpenAPI `xero-identity.yaml` (2026-07-13: `/connections`, its fields, the filter
//! `authEventId`); developer.xero.com "The standard authorization code flow" and its FAQ on OAuth 2.0 (Basic, PKCE,
//! `offline_access`, 30 minutes, 60 days, a replaced refresh token that can be sent again for 30 minutes, codes that
//! live five); XeroAPI/xero-node 4.10.1 (a revocation ends a person's refresh token and all their connections to the
//! app); public clients for the claims of access tokens; a public recording for the 401. The books: `xero_accounting.yaml`
//! (2026-07-13: `If-Modified-Since`, `page`, `pageSize`, `order`, the block `pagination`) and developer.xero.com "Requests
//! and responses" (XML unless JSON is asked for, dates of JSON, `UpdatedDateUTC` as a field to order by). Own knowledge: `invalid_client`
//! comes with 400, the order of connections, and that a revoked person's access tokens end at once. Stricter than
//! documented: `/connections` is case-sensitive; of the books' parameters only those of pages and order are known, one
//! order besides none, and what was changed in the very second of `If-Modified-Since` is not told.
//!
//! A person connects one organisation at a time and keeps those from before: the list then holds several, and the one
//! just chosen is told by `authentication_event_id` of the access token.

mod books;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    history::iso,
    ledger::{GrantRecord, TokenKind},
    provider::{
        Api, Credentials, Ends, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk,
        standard_answer,
    },
    random::hash,
    token::{self, Refusal},
};

const LOGIN: &str = "login.xero.com";
const IDENTITY: &str = "identity.xero.com";
const API: &str = "api.xero.com";
/// What a grant calls its authorization.
const EVENT: &str = "authentication-event";

/// The account's id is the organisation's.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "fe79f7dd-b6d4-4a92-ba7b-538af6280001",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "fe79f7dd-b6d4-4a92-ba7b-538af6280002",
        label: "Acme Retail",
        name: "Ana Ruiz",
    },
    Account {
        id: "fe79f7dd-b6d4-4a92-ba7b-538af6280003",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: LOGIN,
    authorize_path: "/identity/connect/authorize",
    scopes: &[
        Scope {
            name: "openid",
            words: "know that it is you",
        },
        Scope {
            name: "profile",
            words: "see your name",
        },
        Scope {
            name: "email",
            words: "see your email address",
        },
        Scope {
            name: "offline_access",
            words: "do so while you are away",
        },
        Scope {
            name: "accounting.invoices.read",
            words: "see invoices",
        },
        Scope {
            name: "accounting.payments.read",
            words: "see payments",
        },
        Scope {
            name: "accounting.banktransactions.read",
            words: "see bank transactions",
        },
        Scope {
            name: "accounting.contacts.read",
            words: "see contacts",
        },
        Scope {
            name: "accounting.settings.read",
            words: "see accounts and tax rates",
        },
    ],
    scope_required: true,
    code_life_ms: 5 * 60_000,
    access_life_ms: Some(1_800_000),
    refresh_prefix: Some(""),
    token_length: 43,
    pkce: Pkce::Allowed,
    refresh_life_ms: Some(60 * 86_400_000),
    rotation: Rotation::Overlap {
        after_ms: 0,
        grace_ms: 30 * 60_000,
    },
    what: "organisation",
    claims: Some(claims),
    ..OAuth::STANDARD
};

/// Xero.
pub static XERO: Provider = Provider {
    id: "xero",
    name: "Xero",
    hosts: &[LOGIN, IDENTITY, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: |call| Ok(event(call)),
    tokens: TokenDesk {
        host: IDENTITY,
        path: "/connect/token",
        credentials: Credentials::Basic,
        refresh_if: |grant| grant.scopes.iter().any(|scope| scope == "offline_access"),
        answer: token_answer,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: IDENTITY,
        path: "/connect/revocation",
        by: RevokeBy::App(Credentials::Basic),
        kinds: &[TokenKind::Refresh],
        ends: Ends::Person,
        error: token_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            let body = json!({
                "title": "Unauthorized", "status": 401, "detail": "AuthenticationUnsuccessful",
                "instance": "e3ec736b-3932-4630-a701-89098e09d5c9",
            });
            Answer::json(StatusCode::UNAUTHORIZED, &body)
                .with("www-authenticate", "Bearer error=invalid_token")
                .refused("no access token that works")
        },
        forbidden: |_| {
            books::refused(
                StatusCode::UNAUTHORIZED,
                "Unauthorized",
                "AuthorizationUnsuccessful",
            )
        },
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/connections",
                scope: "",
                answer: connections,
            },
            Read {
                method: "GET",
                host: API,
                path: "/api.xro/2.0/Invoices",
                scope: "accounting.invoices.read",
                answer: |seen| books::list(seen, &books::INVOICES),
            },
            Read {
                method: "GET",
                host: API,
                path: "/api.xro/2.0/Payments",
                scope: "accounting.payments.read",
                answer: |seen| books::list(seen, &books::PAYMENTS),
            },
            Read {
                method: "GET",
                host: API,
                path: "/api.xro/2.0/Contacts",
                scope: "accounting.contacts.read",
                answer: |seen| books::list(seen, &books::CONTACTS),
            },
        ],
        ..Api::STANDARD
    },
    streams: &[
        books::INVOICES.stream,
        books::PAYMENTS.stream,
        books::CONTACTS.stream,
    ],
    ..Provider::STANDARD
};

/// An authorization gets an id of its own, which its access tokens and connections carry.
fn event(call: &Call) -> Context {
    let unique = format!(
        "{} {:?} {:?}",
        call.now,
        call.query.get("state"),
        call.query.get("code_challenge")
    );
    Context::from([(EVENT.to_owned(), guid(&unique))])
}

/// An id that is always the same for the same text.
fn guid(text: &str) -> String {
    let hex = hash(text);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

fn person(account: &str) -> String {
    let known = ACCOUNTS.iter().find(|known| known.id == account);
    guid(known.map_or("nobody", |known| known.name))
}

fn claims(grant: &GrantRecord, from: i64, to: Option<i64>) -> Value {
    let person = person(&grant.account);
    json!({
        "nbf": from,
        "exp": to,
        "iss": "https://identity.xero.com",
        "aud": "https://identity.xero.com/resources",
        "client_id": grant.client_id,
        "sub": person.replace('-', ""),
        "auth_time": grant.since / 1000,
        "xero_userid": person,
        "global_session_id": person.replace('-', ""),
        "jti": guid(&format!("{from} {:?}", grant.context.get(EVENT))).replace('-', ""),
        "authentication_event_id": grant.context.get(EVENT),
        "scope": grant.scopes,
        "amr": ["pwd"],
    })
}

fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    let grant = &handed.issued.grant;
    if grant.scopes.iter().any(|scope| scope == "openid") {
        let now = handed.call.now / 1000;
        let claims = json!({
            "nbf": now, "exp": now + 300, "iss": "https://identity.xero.com", "aud": grant.client_id,
            "sub": person(&grant.account).replace('-', ""), "xero_userid": person(&grant.account),
            "name": handed.account.name,
        });
        body["id_token"] = json!(token::jwt(&claims, &hash(&handed.issued.access)));
    }
    body
}

/// A word, and nothing else.
fn token_error(refusal: &Refusal) -> Answer {
    let word = match refusal {
        Refusal::NoClient | Refusal::Client => "invalid_client",
        Refusal::GrantType => "unsupported_grant_type",
        Refusal::Code(_) | Refusal::Refresh => "invalid_grant",
        Refusal::Malformed(_) => "invalid_request",
    };
    Answer::json(StatusCode::BAD_REQUEST, &json!({"error": word}))
        .with("cache-control", "no-store")
        .refused(refusal.reason())
}

/// An organisation that a person connected to the app: its first approval that still holds, and its newest.
struct Connection {
    first: GrantRecord,
    newest: GrantRecord,
}

/// The organisations that this person connected to the app, those from before first.
fn connections(seen: &Seen<'_>) -> Answer {
    let wanted = seen.call.query.get("authEventId");
    let list: Vec<Value> = connected(seen)
        .iter()
        .filter(|connection| wanted.is_none() || wanted == connection.event())
        .map(|connection| connection.json(seen.account.name))
        .collect();
    Answer::json(StatusCode::OK, &Value::Array(list))
}

fn connected(seen: &Seen<'_>) -> Vec<Connection> {
    let mine = |grant: &GrantRecord| {
        let same_person = XERO.of_same_person(seen.account.id);
        !grant.revoked
            && grant.profile == XERO.id
            && grant.client_id == seen.grant.client_id
            && same_person.into_iter().any(|account| account.id == grant.account)
    };
    let mut found: Vec<Connection> = Vec::new();
    // Grants are numbered as they came.
    let grants: Vec<GrantRecord> = seen.world.read(|ledger| {
        ledger
            .grants
            .values()
            .filter(|grant| mine(grant))
            .cloned()
            .collect()
    });
    for grant in grants {
        match found
            .iter_mut()
            .find(|known| known.first.account == grant.account)
        {
            Some(known) => known.newest = grant,
            None => found.push(Connection {
                first: grant.clone(),
                newest: grant,
            }),
        }
    }
    found
}

impl Connection {
    /// The authorization that connected it last.
    fn event(&self) -> Option<&str> {
        self.newest.context.get(EVENT).map(String::as_str)
    }

    fn json(&self, person: &str) -> Value {
        let account = ACCOUNTS.iter().find(|account| account.id == self.first.account);
        // Without a time zone, as Xero writes it.
        let time = |ms: i64| iso(ms, true).replace('Z', "0000");
        json!({
            "id": guid(&format!("{person} {} {}", self.first.client_id, self.first.account)),
            "authEventId": self.event(),
            "tenantId": self.first.account,
            "tenantType": "ORGANISATION",
            "tenantName": account.map(|account| account.label),
            "createdDateUtc": time(self.first.since),
            "updatedDateUtc": time(self.newest.since),
        })
    }
}
