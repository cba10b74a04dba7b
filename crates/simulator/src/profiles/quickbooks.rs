//! QuickBooks Online.
//!
//! Sources: intuit/oauth-jsclient (2026-07-15: endpoints, headers, JSON revocation, `x_refresh_token_expires_in`,
//! `x-include-refresh-token-hard-expires-in`, "Token invalid"); developer.intuit.com "Set up OAuth 2.0" and
//! "Authorization FAQ" (`realmId` in the callback, Basic, Accept, a refresh token whose value changes once a day and
//! whose old value works a day longer); blogs.intuit.com 2024-06-03 (100 days from the last use) and 2025-11-12 (five
//! years at most); issues of intuit/oauth-jsclient, `minimul/qbo_api` and routablehq/python-quickbooks for the faults 3100
//! (another company, or the other environment) and 3200 (token); developer.intuit.com "Query operations and syntax" and
//! "Pagination" (one statement with where, orderby, startposition and maxresults, 1000 at most, an answer without the list
//! where nothing is found) and the entities' pages (`MetaData.LastUpdatedTime`). Own knowledge: what the revocation answers to a token
//! that is no good, how tokens look, and the words of a statement's faults. Stricter than documented: the token endpoint wants `Accept: application/json`,
//! the revocation takes JSON only, PKCE, which no page names, is refused. Of the sample companies none is a sandbox, so
//! the sandbox's host knows none. Of the statements those are known that select everything of an entity by the time of the last
//! change, and other parameters than `minorversion` are refused.

mod query;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Back, OAuth, Pairs, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    provider::{
        Api, Credentials, Encoding, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, error,
        standard_answer,
    },
    random::hash,
    token::{self, Refusal},
};

const WEB: &str = "appcenter.intuit.com";
const TOKENS: &str = "oauth.platform.intuit.com";
const REVOKE: &str = "developer.api.intuit.com";
const API: &str = "quickbooks.api.intuit.com";
const SANDBOX: &str = "sandbox-quickbooks.api.intuit.com";
const APIS: &str = "quickbooks.api.intuit.com|sandbox-quickbooks.api.intuit.com";
const DAY_MS: i64 = 86_400_000;
/// The header that asks for the hard end of a refresh token.
const HARD_END: &str = "x-include-refresh-token-hard-expires-in";

/// The account's id is the company's realm.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "4620816365001001001",
        label: "Acme Inc.",
        name: "Ana Ruiz",
    },
    Account {
        id: "4620816365001001002",
        label: "Acme Retail LLC",
        name: "Ana Ruiz",
    },
    Account {
        id: "4620816365001001003",
        label: "Globex Corporation",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/connect/oauth2",
    scopes: &[
        Scope {
            name: "com.intuit.quickbooks.accounting",
            words: "see and change your books",
        },
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
    ],
    scope_required: true,
    access_prefix: "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..",
    refresh_prefix: Some("RT1-"),
    token_length: 46,
    refresh_life_ms: Some(100 * DAY_MS),
    consent_life_ms: Some(1825 * DAY_MS),
    rotation: Rotation::Overlap {
        after_ms: DAY_MS,
        grace_ms: DAY_MS,
    },
    what: "company",
    ..OAuth::STANDARD
};

/// QuickBooks Online.
pub static QUICKBOOKS: Provider = Provider {
    id: "quickbooks",
    name: "QuickBooks",
    hosts: &[WEB, TOKENS, REVOKE, API, SANDBOX],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    send_back: realm,
    tokens: TokenDesk {
        host: TOKENS,
        path: "/oauth2/v1/tokens/bearer",
        credentials: Credentials::Basic,
        check: |call, _| {
            let asked = accepts_json(call);
            asked
                .then_some(())
                .ok_or(Refusal::Malformed("no Accept: application/json"))
        },
        answer: token_answer,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: REVOKE,
        path: "/v2/oauth2/tokens/revoke",
        by: RevokeBy::App(Credentials::Basic),
        body: Encoding::Json,
        unknown: || token_error(&Refusal::Refresh),
        error: token_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            fault(
                StatusCode::UNAUTHORIZED,
                "3200",
                "AUTHENTICATION",
                "message=AuthenticationFailed; errorCode=003200; statusCode=401",
            )
        },
        forbidden: |_| not_this_company(),
        reads: &[
            Read {
                method: "GET",
                host: APIS,
                path: "/v3/company/*/companyinfo/*",
                scope: "com.intuit.quickbooks.accounting",
                answer: company,
            },
            Read {
                method: "GET",
                host: APIS,
                path: "/v3/company/*/query",
                scope: "com.intuit.quickbooks.accounting",
                answer: query::answer,
            },
        ],
        ..Api::STANDARD
    },
    streams: &query::STREAMS,
    ..Provider::STANDARD
};

fn accepts_json(call: &Call) -> bool {
    call.header("accept")
        .is_some_and(|accepted| accepted.contains("application/json"))
}

/// The company that the person chose.
fn realm(back: &Back<'_>, pairs: &mut Pairs) {
    if let Some(account) = back.account {
        pairs.push(("realmId".to_owned(), account.id.to_owned()));
    }
}

fn token_answer(handed: &Handed<'_>) -> Value {
    let (issued, now) = (handed.issued, handed.call.now);
    let mut body = standard_answer(handed);
    body["token_type"] = json!("bearer");
    if let Some(fields) = body.as_object_mut() {
        fields.remove("scope");
    }
    if let Some(end) = issued.refresh_ends {
        body["x_refresh_token_expires_in"] = json!((end - now) / 1000);
    }
    if handed.call.header(HARD_END) == Some("true") {
        let left = OAUTH.consent_life_ms.map(|life| issued.grant.since + life - now);
        body["x_refresh_token_hard_expires_in"] = json!(left.map(|left| left / 1000));
    }
    if issued.grant.scopes.iter().any(|scope| scope == "openid") {
        let claims = json!({
            "sub": hash(handed.account.name).chars().take(32).collect::<String>(),
            "aud": [issued.grant.client_id],
            "realmid": handed.account.id,
            "iss": "https://oauth.platform.intuit.com/op/v1",
            "iat": now / 1000,
            "exp": now / 1000 + 3600,
        });
        body["id_token"] = json!(token::jwt(&claims, &hash(&issued.access)));
    }
    body
}

fn token_error(refusal: &Refusal) -> Answer {
    let (status, word, reason) = match refusal {
        Refusal::NoClient | Refusal::Client => (
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Invalid client credentials",
        ),
        Refusal::GrantType => (
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Unsupported grant type",
        ),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant", "Token invalid"),
        Refusal::Malformed(reason) => (StatusCode::BAD_REQUEST, "invalid_request", *reason),
    };
    error(status, word, reason)
}

/// The gateway's errors.
fn fault(status: StatusCode, code: &str, kind: &str, message: &'static str) -> Answer {
    let error = json!({"message": message, "detail": null, "code": code, "element": null});
    let body = json!({
        "warnings": null, "intuitObject": null,
        "fault": {"error": [error], "type": kind},
        "report": null, "queryResponse": null, "requestId": null, "status": null,
    });
    Answer::json(status, &body).refused(message)
}

fn not_this_company() -> Answer {
    fault(
        StatusCode::FORBIDDEN,
        "3100",
        "SERVICE",
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
    )
}

/// A company's data, for tokens of that company; as XML where JSON is not asked for.
fn company(seen: &Seen<'_>) -> Answer {
    let realm = seen.account.id;
    if seen.call.host != API || seen.segment(2) != realm || seen.segment(4) != realm {
        return not_this_company();
    }
    if !accepts_json(seen.call) {
        let xml = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><CompanyInfo><CompanyName>{}</CompanyName></CompanyInfo></IntuitResponse>"#,
            seen.account.label
        );
        return Answer::text(StatusCode::OK, xml);
    }
    // The id is the company's own record in its own books: the same in every company.
    let info = json!({
        "CompanyName": seen.account.label,
        "LegalName": seen.account.label,
        "Country": "US",
        "FiscalYearStartMonth": "January",
        "domain": "QBO",
        "sparse": false,
        "Id": "1",
        "SyncToken": "4",
    });
    Answer::json(
        StatusCode::OK,
        &json!({"CompanyInfo": info, "time": "2026-04-15T12:00:00.000Z"}),
    )
}
