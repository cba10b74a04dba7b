//! Canva Connect.
//!
//! Sources: canva-sdks/canva-connect-api-starter-kit `openapi/spec.yml` (2026-08-20) and canva.dev "Authentication",
//! "Generate an access token", "Revoke a token" and "Users": PKCE, credentials in Basic or in the body, a new refresh
//! token each time, the two ways in which a revocation ends things, `{code, message}` errors, the wrong secret that is
//! told as `invalid_access_token`. The specification names api.canva.com/auth as the newer root of the token
//! routes and calls the one that the pages show, which is played here, deprecated. That a refresh token works once and
//! that using it again ends its lineage is medium sure (see the facts). Own knowledge: codes live ten minutes, and the
//! words of a refusal at the redirect URI. Stricter than documented: a token that has ended is no token to the
//! revocation either.
//!
//! Designs: the same specification, `listDesigns` (`ownership`, `sort_by` with relevance as the default, 1 to 100 in a page,
//! a continuation token, times in seconds). Stricter than documented: a parameter that is not known is refused, and a
//! continuation token belongs to its query. Not played: searching.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    provider::{Api, Credentials, Ends, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk},
    sample::{Sample, SampleStream},
    token::Refusal,
};

const WEB: &str = "www.canva.com";
const API: &str = "api.canva.com";

/// The account's id is the person's; its label is the name that the profile tells.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "auAnaRuiz2rQNNOsUl5O1",
        label: "Ana Ruiz",
        name: "Team Acme",
    },
    Account {
        id: "auAcmeStudioNNOsUl5O2",
        label: "Acme Studio",
        name: "Team Acme",
    },
    Account {
        id: "auBenCole2rQNNOsUl5O3",
        label: "Ben Cole",
        name: "Team Globex",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/api/oauth/authorize",
    scopes: &[
        Scope {
            name: "profile:read",
            words: "see your name",
        },
        Scope {
            name: "design:meta:read",
            words: "see the names and dates of your designs",
        },
    ],
    scope_required: true,
    denied: &[("error_description", "The user denied the request")],
    access_life_ms: Some(14_400_000),
    access_prefix: "Jag",
    refresh_prefix: Some("JAB"),
    token_length: 1200,
    pkce: Pkce::Required,
    rotation: Rotation::Detect,
    ..OAuth::STANDARD
};

/// Canva.
pub static CANVA: Provider = Provider {
    id: "canva",
    name: "Canva",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: API,
        path: "/rest/v1/oauth/token",
        credentials: Credentials::Either,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: "/rest/v1/oauth/revoke",
        by: RevokeBy::App(Credentials::Either),
        ends: Ends::ByKind,
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: || {
            told(
                StatusCode::BAD_REQUEST,
                "bad_request_params",
                "Token is neither an access or refresh token",
            )
        },
        error: token_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            told(
                StatusCode::UNAUTHORIZED,
                "invalid_access_token",
                "Access token is invalid",
            )
        },
        forbidden: |_| told(StatusCode::FORBIDDEN, "missing_scope", "Missing scopes"),
        reads: &[
            Read {
                method: "GET",
                host: API,
                path: "/rest/v1/users/me",
                scope: "",
                answer: me,
            },
            Read {
                method: "GET",
                host: API,
                path: "/rest/v1/users/me/profile",
                scope: "profile:read",
                answer: |seen| {
                    let profile = json!({"profile": {"display_name": seen.account.label}});
                    Answer::json(StatusCode::OK, &profile)
                },
            },
            Read {
                method: "GET",
                host: API,
                path: "/rest/v1/designs",
                scope: "design:meta:read",
                answer: designs,
            },
        ],
        ..Api::STANDARD
    },
    streams: &[DESIGNS],
    ..Provider::STANDARD
};

/// Designs by their last change.
const DESIGNS: SampleStream = SampleStream {
    name: "designs",
    per_day: 5,
    id: |_, sample| format!("DA{:x}", sample.number),
    ..SampleStream::STANDARD
};

/// Every error of Canva.
fn told(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({"code": code, "message": message});
    Answer::json(status, &body).refused(message)
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, code) = match refusal {
        Refusal::NoClient => (StatusCode::BAD_REQUEST, "unauthorized_client"),
        Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_access_token"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
    };
    told(status, code, refusal.reason())
}

/// Ids only: the name is a call of its own.
fn me(seen: &Seen<'_>) -> Answer {
    Answer::json(StatusCode::OK, &json!({"team_user": ids(seen.account)}))
}

fn ids(account: &Account) -> Value {
    let team = if account.name == "Team Acme" {
        "Oi2RJILTrKk0KRhRUZo01"
    } else {
        "Oi2RJILTrKk0KRhRUZo02"
    };
    json!({"user_id": account.id, "team_id": team})
}

/// Designs that the person made, and designs of others.
fn designs(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let bad = |words| told(StatusCode::BAD_REQUEST, "bad_query_params", words);
    let known = ["continuation", "ownership", "sort_by", "limit"];
    if query.iter().any(|(name, _)| !known.contains(&name)) {
        return bad("Unknown query parameter");
    }
    let size = query.get("limit").map_or(Some(25), |limit| limit.parse().ok());
    let Some(size) = size.filter(|size| (1..=100).contains(size)) else {
        return bad("limit must be from 1 to 100");
    };
    let keep: fn(&Sample) -> bool = match query.get("ownership") {
        None | Some("any") => |_| true,
        Some("owned") => |design| !is_shared(design),
        Some("shared") => is_shared,
        Some(_) => return bad("ownership is any, owned or shared"),
    };
    let Some(sort) = Sort::of(query.get("sort_by").unwrap_or("relevance")) else {
        return bad("sort_by is not one of the orders");
    };
    let bound = query.sorted_without("continuation");
    let page = seen.page(query.get("continuation"), size, &bound, |as_of| {
        let mut all = seen.samples_as_of(&DESIGNS, "", i64::MIN, i64::MAX, as_of);
        all.retain(keep);
        sort.apply(&mut all);
        all
    });
    let Some((shown, next)) = page else {
        return bad("Invalid continuation token");
    };
    let shown: Vec<Value> = shown.iter().map(|sample| design(seen, sample)).collect();
    let mut body = json!({"items": shown});
    if let Some(next) = next {
        body["continuation"] = json!(next);
    }
    Answer::json(StatusCode::OK, &body)
}

/// An order of designs.
enum Sort {
    /// One that says nothing of time.
    Relevance,
    /// By the last change.
    Modified { newest_first: bool },
    /// By title.
    Title { last_first: bool },
}

impl Sort {
    fn of(word: &str) -> Option<Self> {
        match word {
            "relevance" => Some(Self::Relevance),
            "modified_descending" => Some(Self::Modified { newest_first: true }),
            "modified_ascending" => Some(Self::Modified { newest_first: false }),
            "title_descending" => Some(Self::Title { last_first: true }),
            "title_ascending" => Some(Self::Title { last_first: false }),
            _ => None,
        }
    }

    /// Puts what comes oldest first into this order.
    fn apply(&self, designs: &mut [Sample]) {
        let reverse = match self {
            Self::Relevance => {
                designs.sort_by_key(|design| design.number % 1009);
                false
            }
            Self::Modified { newest_first } => *newest_first,
            Self::Title { last_first } => {
                designs.sort_by(|one, other| (&one.title, one.number).cmp(&(&other.title, other.number)));
                *last_first
            }
        };
        if reverse {
            designs.reverse();
        }
    }
}

/// Whether someone else made a design.
fn is_shared(design: &Sample) -> bool {
    design.number.is_multiple_of(4)
}

fn design(seen: &Seen<'_>, sample: &Sample) -> Value {
    let id = (DESIGNS.id)("", sample);
    let owner = if is_shared(sample) {
        json!({"user_id": "auSomeoneElseNNOsUl5O9", "team_id": "Oi2RJILTrKk0KRhRUZo09"})
    } else {
        ids(seen.account)
    };
    json!({
        "id": id,
        "title": sample.title,
        "owner": owner,
        "urls": {
            "edit_url": format!("https://www.canva.com/api/design/{id}/edit"),
            "view_url": format!("https://www.canva.com/api/design/{id}/view"),
        },
        "created_at": sample.made_at / 1000,
        "updated_at": sample.at / 1000,
        "page_count": 1,
        "design_types": ["presentation"],
    })
}
