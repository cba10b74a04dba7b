//! Microsoft: one app for Outlook and Teams, at the Microsoft identity platform and Microsoft Graph.
//!
//! Sources: MicrosoftDocs/entra-docs `docs/identity-platform/v2-oauth2-auth-code-flow.md` (paths with the tenant,
//! parameters, `response_mode`, PKCE, credentials in the body or as Basic, the refresh token for `offline_access` only,
//! errors), `refresh-tokens.md` (90 days, each use gives a new one, the old one is not revoked, bound to no tenant),
//! `reference-error-codes.md` (AADSTS numbers; a code is redeemed at the tenant that it was acquired for), `v2-protocols.md`
//! (`common`, `organizations`, `consumers`, directory ids and domains), `scopes-oidc.md` (permissions that only an
//! administrator can give); microsoftgraph/microsoft-graph-docs-contrib for `/me` and its errors. Lives of 60 to 90
//! minutes are documented for access tokens: one in between is played. No call ends access, so there is none here.
//!
//! From what others met: the answer's `scope` does not name `offline_access`, the refresh token is the sign of it
//! (O365/python-o365 issues 518 and 611); error descriptions hold line breaks with trace ids, and who declines comes back
//! with `access_denied` and AADSTS65004 (MicrosoftDocs/azure-docs issue 114009); a scope that does not exist comes back
//! as `invalid_client` (damienbod/AspNetCoreMicrosoftGraph issue 1); another redirect URI at the token endpoint is
//! AADSTS500112 with `invalid_client`. Which number a code or refresh token that was never given out gets is own
//! knowledge, and one number stands here for refresh tokens that are unknown, ended or revoked.
//!
//! Stricter than documented: a method of `plain`, other response modes than `query`, tokens that can be read, scopes in
//! another letter case and with the resource in front are refused. Not played: an administrator's own approval, so no
//! sample account can give what only an administrator can, and personal accounts. An account of another organisation is
//! sent back with AADSTS50020, which the real page shows itself.
//!
//! What is read of Outlook and Teams has its sources in `mail` and `chats`, how lists are asked for in `odata`.

mod chats;
mod mail;
mod odata;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Back, Context, OAuth, Pairs, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    consent,
    grants::BadCode,
    provider::{Api, Credentials, Handed, Provider, Read, Seen, TokenDesk},
    token::Refusal,
};

const LOGIN: &str = "login.microsoftonline.com";
const GRAPH: &str = "graph.microsoft.com";
const DAY_MS: i64 = 86_400_000;
const OFFLINE: &str = "offline_access";
/// Only an administrator of the organisation can give it.
const ADMIN_ONLY: &str = "ChannelMessage.Read.All";
/// Under which name codes and grants carry the tenant of the address.
const TENANT: &str = "tenant";
const OTHER_TENANT: &str = "code is for another tenant";

/// A text of the platform as it is sent: with its number in front and where to find it in the logs behind.
macro_rules! aadsts {
    ($text:literal) => {
        concat!(
            "AADSTS",
            $text,
            "\r\nTrace ID: 0000aaaa-11bb-cccc-dd22-eeeeee333333",
            "\r\nCorrelation ID: aaaa0000-bb11-2222-33cc-444444dddddd",
            "\r\nTimestamp: 2026-04-15 12:00:00Z"
        )
    };
}

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "0a7c1f52-0000-4000-8000-000000000101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "0a7c1f52-0000-4000-8000-000000000102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "0a7c1f52-0000-4000-8000-000000000103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

/// An organisation: the id of its directory, the domain that it was given, and its own, in which its people are.
const ORGANISATIONS: [[&str; 3]; 2] = [
    [
        "7e1d0c3a-0000-4000-8000-000000000201",
        "acme.onmicrosoft.com",
        "acme.example",
    ],
    [
        "7e1d0c3a-0000-4000-8000-000000000202",
        "globex.onmicrosoft.com",
        "globex.example",
    ],
];

static OAUTH: OAuth = OAuth {
    authorize_host: LOGIN,
    authorize_path: "/*/oauth2/v2.0/authorize",
    scopes: &[
        Scope {
            name: "openid",
            words: "sign you in",
        },
        Scope {
            name: "profile",
            words: "see your basic profile",
        },
        Scope {
            name: OFFLINE,
            words: "keep the access that you give it",
        },
        Scope {
            name: "User.Read",
            words: "read your profile",
        },
        Scope {
            name: "Mail.Read",
            words: "read your mail",
        },
        Scope {
            name: "Calendars.Read",
            words: "read your calendars",
        },
        Scope {
            name: "Chat.Read",
            words: "read your chats",
        },
        Scope {
            name: "Team.ReadBasic.All",
            words: "read the names and descriptions of your teams",
        },
        Scope {
            name: "Channel.ReadBasic.All",
            words: "read the names and descriptions of your teams' channels",
        },
        Scope {
            name: ADMIN_ONLY,
            words: "read the messages of your teams' channels",
        },
    ],
    scope_required: true,
    unknown_scope: "invalid_client",
    denied: &[
        (
            "error_description",
            aadsts!("65004: User declined to consent to access the app."),
        ),
        ("error_uri", "https://login.microsoftonline.com/error?code=65004"),
    ],
    access_life_ms: Some(4_523_000),
    // Its beginning promises what the rest does not hold: nobody but Graph is to read it.
    access_prefix: "eyJ0eXAiOiJKV1QiLCJub25jZSI6",
    refresh_prefix: Some("1.AX0A"),
    token_length: 1400,
    pkce: Pkce::Allowed,
    refresh_life_ms: Some(90 * DAY_MS),
    rotation: Rotation::Keep,
    asks_which: Some(("prompt", "select_account")),
    ..OAuth::STANDARD
};

/// Microsoft.
pub static MICROSOFT: Provider = Provider {
    id: "microsoft",
    name: "Microsoft",
    hosts: &[LOGIN, GRAPH],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["response_mode"],
    check_request,
    elsewhere,
    may_approve,
    send_back: session,
    tokens: TokenDesk {
        host: LOGIN,
        path: "/*/oauth2/v2.0/token",
        credentials: Credentials::Either,
        code_fits,
        refresh_if: |grant| grant.scopes.iter().any(|scope| scope == OFFLINE),
        answer: tokens,
        error: |refusal| said(&problem(refusal)).refused(refusal.reason()),
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || {
            graph_error(
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                "Access token has expired or is not yet valid.",
            )
        },
        forbidden: |_| {
            graph_error(
                StatusCode::FORBIDDEN,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )
        },
        reads: &[
            read("/v1.0/me", "User.Read", me),
            read("/v1.0/me/messages", "Mail.Read", mail::messages),
            read("/v1.0/me/calendarView", "Calendars.Read", mail::calendar_view),
            read("/v1.0/me/chats", "Chat.Read", chats::chats),
            read("/v1.0/chats/*/messages", "Chat.Read", chats::messages),
        ],
        ..Api::STANDARD
    },
    streams: &[mail::MESSAGES, mail::EVENTS, chats::MESSAGES],
    ..Provider::STANDARD
};

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: GRAPH,
        path,
        scope,
        answer,
    }
}

/// The tenant of the address: the first segment of its path.
fn tenant(call: &Call) -> &str {
    let path = call.path.trim_start_matches('/');
    path.split('/').next().unwrap_or_default()
}

/// The organisation of an id or domain.
fn organisation(tenant: &str) -> Option<&'static [&'static str; 3]> {
    ORGANISATIONS
        .iter()
        .find(|names| names.iter().any(|name| name.eq_ignore_ascii_case(tenant)))
}

fn is_shared(tenant: &str) -> bool {
    ["common", "organizations", "consumers"].contains(&tenant)
}

/// An organisation that is not there: people see it on a page, apps as an error.
fn elsewhere(call: &Call) -> Option<Answer> {
    let tenant = tenant(call);
    if call.host != LOGIN || is_shared(tenant) || organisation(tenant).is_some() {
        return None;
    }
    if call.path.ends_with("/authorize") {
        let words =
            "AADSTS90002: This organisation was not found. Check the directory ID or domain that you gave.";
        return Some(consent::problem(&&MICROSOFT, words));
    }
    let unknown = Problem(
        StatusCode::BAD_REQUEST,
        "invalid_request",
        90002,
        "Tenant was not found. Check to make sure you have the correct tenant ID.",
    );
    Some(said(&unknown).refused("no such tenant"))
}

fn check_request(call: &Call) -> Result<Context, Told> {
    if !matches!(call.query.get("response_mode"), None | Some("query")) {
        return Err((
            "invalid_request",
            aadsts!("70007: The response_mode is not supported for this request."),
        ));
    }
    match call.query.get("prompt") {
        None | Some("login" | "consent" | "select_account") => {}
        Some("none") => {
            return Err((
                "interaction_required",
                aadsts!("50058: A silent sign-in request was sent but no user is signed in."),
            ));
        }
        Some(_) => {
            return Err(("invalid_request", aadsts!("90023: Unsupported 'prompt' value.")));
        }
    }
    Ok(Context::from([(TENANT.to_owned(), tenant(call).to_owned())]))
}

/// People of the address's organisation may approve, and nobody may what only an administrator can give.
fn may_approve(account: &Account, scopes: &[String], context: &Context) -> Result<(), Told> {
    let tenant = context.get(TENANT).map(String::as_str).unwrap_or_default();
    if tenant == "consumers" {
        return Err((
            "access_denied",
            aadsts!("500208: The domain is not a valid login domain for the account type."),
        ));
    }
    let is_of = |names: &[&str; 3]| {
        account
            .label
            .rsplit_once('@')
            .is_some_and(|(_, domain)| names.contains(&domain))
    };
    if !is_shared(tenant) && !organisation(tenant).is_some_and(is_of) {
        return Err((
            "access_denied",
            aadsts!("50020: User account does not exist in tenant and cannot access the application."),
        ));
    }
    if scopes.iter().any(|scope| scope == ADMIN_ONLY) {
        return Err((
            "access_denied",
            aadsts!("90094: The grant requires admin permission."),
        ));
    }
    Ok(())
}

/// An opaque value that says which session of the person it was.
fn session(back: &Back<'_>, pairs: &mut Pairs) {
    if back.account.is_some() {
        let session = "5c4b3a29-0000-4000-8000-000000000301".to_owned();
        pairs.push(("session_state".to_owned(), session));
    }
}

/// A code is redeemed at the tenant that it was acquired for.
fn code_fits(call: &Call, context: &Context) -> Result<(), Refusal> {
    if context.get(TENANT).is_some_and(|own| own == tenant(call)) {
        Ok(())
    } else {
        Err(Refusal::Malformed(OTHER_TENANT))
    }
}

/// The scopes are those of the access token, so the one that asks for a refresh token is not among them.
fn tokens(handed: &Handed<'_>) -> Value {
    let granted = &handed.issued.grant.scopes;
    let named: Vec<&str> = granted
        .iter()
        .map(String::as_str)
        .filter(|scope| *scope != OFFLINE)
        .collect();
    let seconds = handed.seconds().map(|seconds| seconds - 1);
    let mut body = json!({
        "token_type": "Bearer",
        "scope": named.join(" "),
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": handed.issued.access,
    });
    if let Some(refresh) = &handed.issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if named.contains(&"openid") {
        // Not signed by anyone: who needs to know whose account it is asks Graph.
        body["id_token"] = json!("simulated.not-an-id-token.opaque");
    }
    body
}

/// Status, word, number and text of an error of the token endpoint.
struct Problem(StatusCode, &'static str, u32, &'static str);

fn problem(refusal: &Refusal) -> Problem {
    let bad = StatusCode::BAD_REQUEST;
    match refusal {
        Refusal::Malformed("not a POST") => Problem(
            bad,
            "invalid_request",
            900_561,
            "The endpoint only accepts POST requests.",
        ),
        Refusal::Malformed(OTHER_TENANT) => Problem(
            bad,
            "invalid_grant",
            700_005,
            "The authorization code is intended to be used against another tenant.",
        ),
        Refusal::Malformed(reason) if reason.ends_with("is missing") => Problem(
            bad,
            "invalid_request",
            900_144,
            "The request body must contain the following parameter.",
        ),
        Refusal::Malformed(_) => Problem(
            bad,
            "invalid_request",
            9_002_313,
            "Invalid request. Request is malformed or invalid.",
        ),
        Refusal::NoClient => Problem(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ),
        Refusal::Client => Problem(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            7_000_215,
            "Invalid client secret provided.",
        ),
        Refusal::GrantType => Problem(
            bad,
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type.",
        ),
        Refusal::Code(code) => bad_code(code),
        Refusal::Refresh => Problem(
            bad,
            "invalid_grant",
            70_000,
            "The provided grant is invalid or malformed.",
        ),
    }
}

fn bad_code(code: &BadCode) -> Problem {
    let (number, text) = match code {
        BadCode::Unknown => (
            70_000,
            "The provided value for the 'code' parameter is not valid.",
        ),
        BadCode::Expired => (70_008, "The provided authorization code has expired."),
        BadCode::Used => (
            54_005,
            "OAuth2 Authorization code was already redeemed, retry with a new valid code.",
        ),
        BadCode::Redirect => {
            return Problem(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                500_112,
                "The reply address does not match the one provided when requesting the authorization code.",
            );
        }
        BadCode::Verifier => (
            501_481,
            "The Code_Verifier does not match the code_challenge of the authorization request.",
        ),
    };
    Problem(StatusCode::BAD_REQUEST, "invalid_grant", number, text)
}

fn said(Problem(status, word, number, text): &Problem) -> Answer {
    let body = json!({
        "error": word,
        "error_description": format!(
            "AADSTS{number}: {text}\r\nTrace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\nTimestamp: {TIME}"
        ),
        "error_codes": [number],
        "timestamp": TIME,
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
        "error_uri": format!("https://login.microsoftonline.com/error?code={number}"),
    });
    Answer::json(*status, &body).with("cache-control", "no-store")
}

const TRACE: &str = "0000aaaa-11bb-cccc-dd22-eeeeee333333";
const CORRELATION: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";
const TIME: &str = "2026-04-15 12:00:00Z";

fn me(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let (given, family) = account.name.split_once(' ').unwrap_or((account.name, ""));
    let body = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users/$entity",
        "businessPhones": [],
        "displayName": account.name,
        "givenName": given,
        "jobTitle": null,
        "mail": account.label,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": family,
        "userPrincipalName": account.label,
        "id": account.id,
    });
    Answer::json(StatusCode::OK, &body)
}

fn graph_error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({"error": {
        "code": code,
        "message": message,
        "innerError": {
            "date": "2026-04-15T12:00:00",
            "request-id": TRACE,
            "client-request-id": TRACE,
        },
    }});
    Answer::json(status, &body).refused(message)
}
