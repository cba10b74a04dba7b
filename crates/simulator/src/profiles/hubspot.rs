//! HubSpot, with the OAuth endpoints of 2026-03.
//!
//! Sources: HubSpot/HubSpot-public-api-spec-collection `Auth/Oauth/…/2026-03/oauth.json` (fields of the token, revocation
//! and error bodies; `code_verifier`); developers.hubspot.com "Manage OAuth access tokens with the 2026-03 API" (thirty
//! minutes, everything in the body), the changelogs "New OAuth v3 API endpoints and standardized error responses" (the
//! standard's error words beside HubSpot's own) and "Additional details returned when generating OAuth access tokens"
//! (`hub_id`, `scopes`), "Delete a refresh token" (only the refresh token ends: access tokens that came from it go on, and
//! the app stays installed), and the account information page with its legacy `v3` path.
//!
//! Own knowledge: which of HubSpot's words goes with which mistake, all with status 400; a scope that the app is not set up
//! with stops at a page of HubSpot. Stricter than documented: only scopes that we ask for are known. What searches were read
//! from stands in [`search`].

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    grants::BadCode,
    ledger::TokenKind,
    provider::{Api, Ends, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk},
    token::Refusal,
};

mod search;

const WEB: &str = "app.hubspot.com";
const API: &str = "api.hubapi.com";
/// HubSpot's own id of an error; one that never changes will do.
const CORRELATION: &str = "5f1c0d8e-0000-4000-8000-000000000000";

/// An account is what gets connected; its API knows it by a number only.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "48100101",
        label: "48100101",
        name: "Acme",
    },
    Account {
        id: "48100102",
        label: "48100102",
        name: "Acme Labs",
    },
    Account {
        id: "48100103",
        label: "48100103",
        name: "Globex",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth/authorize",
    response_type_required: false,
    scopes: &[
        Scope {
            name: "oauth",
            words: "know which account this is",
        },
        Scope {
            name: "crm.objects.contacts.read",
            words: "see contacts",
        },
        Scope {
            name: "crm.objects.companies.read",
            words: "see companies",
        },
        Scope {
            name: "crm.objects.deals.read",
            words: "see deals",
        },
        Scope {
            name: "crm.objects.owners.read",
            words: "see who looks after contacts and deals",
        },
    ],
    scope_required: true,
    unknown_scope: "",
    denied: &[("error_description", "The user did not approve the request")],
    access_life_ms: Some(1800 * 1000),
    access_prefix: "CN",
    refresh_prefix: Some("na1-"),
    pkce: Pkce::Allowed,
    rotation: Rotation::Never,
    ..OAuth::STANDARD
};

/// HubSpot.
pub static HUBSPOT: Provider = Provider {
    id: "hubspot",
    name: "HubSpot",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/oauth/2026-03/token",
        answer: tokens,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/oauth/2026-03/token/revoke",
        kinds: &[TokenKind::Refresh],
        ends: Ends::Token,
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || api_error(StatusCode::UNAUTHORIZED, "INVALID_AUTHENTICATION"),
        forbidden: |_| api_error(StatusCode::FORBIDDEN, "MISSING_SCOPES"),
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/account-info/v3/details",
                scope: "oauth",
                answer: details,
            },
            Read {
                method: "POST",
                host: API,
                path: "/crm/v3/objects/contacts/search",
                scope: "crm.objects.contacts.read",
                answer: search::contacts,
            },
            Read {
                method: "POST",
                host: API,
                path: "/crm/v3/objects/companies/search",
                scope: "crm.objects.companies.read",
                answer: search::companies,
            },
            Read {
                method: "POST",
                host: API,
                path: "/crm/v3/objects/deals/search",
                scope: "crm.objects.deals.read",
                answer: search::deals,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[
        search::CONTACTS.stream,
        search::COMPANIES.stream,
        search::DEALS.stream,
    ],
    ..Provider::STANDARD
};

/// The refresh token is always in it: a refresh gives back the one that came.
fn tokens(handed: &Handed<'_>) -> Value {
    let sent = handed.call.form().unwrap_or_default();
    let refresh = handed.issued.refresh.as_deref().or(sent.get("refresh_token"));
    json!({
        "token_use": "access_token",
        "token_type": "bearer",
        "access_token": handed.issued.access,
        "refresh_token": refresh,
        "expires_in": handed.seconds(),
        "hub_id": number(handed.account),
        "user_id": 61_000_000 + number(handed.account),
        "scopes": handed.issued.grant.scopes,
    })
}

fn details(seen: &Seen<'_>) -> Answer {
    let body = json!({
        "portalId": number(seen.account),
        "accountType": "STANDARD",
        "timeZone": "Europe/Berlin",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+02:00",
        "utcOffsetMilliseconds": 7_200_000,
        "uiDomain": WEB,
        "dataHostingLocation": "na1",
    });
    Answer::json(StatusCode::OK, &body)
}

fn number(account: &Account) -> u32 {
    account.id.parse().unwrap_or_default()
}

/// The standard's words, and HubSpot's own beside them.
fn oauth_error(refusal: &Refusal) -> Answer {
    let (error, status) = match refusal {
        Refusal::Malformed(_) => ("invalid_request", "BAD_REQUEST"),
        Refusal::NoClient => ("invalid_client", "BAD_CLIENT_ID"),
        Refusal::Client => ("invalid_client", "BAD_CLIENT_SECRET"),
        Refusal::GrantType => ("unsupported_grant_type", "BAD_GRANT_TYPE"),
        Refusal::Code(BadCode::Redirect) => ("invalid_grant", "MISMATCH_REDIRECT_URI_AUTH_CODE"),
        Refusal::Code(BadCode::Expired) => ("invalid_grant", "EXPIRED_AUTH_CODE"),
        Refusal::Code(_) => ("invalid_grant", "BAD_AUTH_CODE"),
        Refusal::Refresh => ("invalid_grant", "BAD_REFRESH_TOKEN"),
    };
    let reason = refusal.reason();
    let body = json!({
        "error": error, "error_description": reason,
        "status": status, "message": reason, "correlationId": CORRELATION,
    });
    Answer::json(StatusCode::BAD_REQUEST, &body)
        .with("cache-control", "no-store")
        .refused(reason)
}

fn api_error(status: StatusCode, category: &str) -> Answer {
    let reason = match category {
        "MISSING_SCOPES" => "the app was not given a scope that this call needs",
        _ => "no access token that works",
    };
    let body = json!({
        "status": "error", "message": reason, "category": category, "correlationId": CORRELATION,
    });
    Answer::json(status, &body).refused(reason)
}
