//! Zoom, a general app that people authorise for themselves.
//!
//! Sources: developers.zoom.us/docs/integrations/oauth (both routes, Basic credentials, the answer with `api_url`, one
//! hour, a new refresh token with every refresh, `POST /oauth/revoke` with the access token), …/docs/integrations/PKCE,
//! …/docs/integrations/oauth-error-messages; tl-its-umich-edu/remote-office-hours-queue issue 342 (a request that names
//! scopes is refused: they are those of the app's build) and 363 (a bad refresh token is answered with 400);
//! JubaerHossain/zoom-laravel issues 3 and 15, raycast/extensions issue 10896, 1nm/zoomapps-test (errors of the token
//! endpoint and of the API, word by word). Zoom's words for a bad code repeat the code; here they don't. Stricter than
//! documented: parameters come in the body (Zoom takes them from the query too), and Zoom never says what becomes of
//! the refresh token when the access token is revoked, so it is left alone. The 90 days of a refresh token, the words
//! for another redirect URI and for an ended access token are own knowledge, as is a code's life of five minutes.
//!
//! What is listed of a person has its sources in `lists`.

mod lists;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, TokenState},
    ledger::TokenKind,
    provider::{
        Api, Credentials, Ends, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk,
        standard_answer,
    },
    token::Refusal,
};

const WEB: &str = "zoom.us";
const API: &str = "api.zoom.us";
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "zAnaRuizQm1gePTO8WbOqw",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "zOpsAcmeQm1gePTO8WbOqw",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "zBenColeQm1gePTO8WbOqw",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth/authorize",
    scopes: &[
        Scope {
            name: "user:read:user",
            words: "see your profile",
        },
        Scope {
            name: "meeting:read:list_meetings",
            words: "see the list of your meetings",
        },
        Scope {
            name: "cloud_recording:read:list_user_recordings",
            words: "see the list of your cloud recordings",
        },
    ],
    scopes_of_app: true,
    code_life_ms: 5 * MINUTE_MS,
    access_prefix: "eyJzdiI6",
    refresh_prefix: Some("eyJzdiI6"),
    // Far longer than those of most: what keeps them must not cut them.
    token_length: 640,
    pkce: Pkce::Allowed,
    refresh_life_ms: Some(90 * DAY_MS),
    rotation: Rotation::Spend,
    ..OAuth::STANDARD
};

/// Zoom.
pub static ZOOM: Provider = Provider {
    id: "zoom",
    name: "Zoom",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: no_scope,
    tokens: TokenDesk {
        host: WEB,
        path: "/oauth/token",
        credentials: Credentials::Basic,
        answer: token_answer,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: WEB,
        path: "/oauth/revoke",
        by: RevokeBy::App(Credentials::Basic),
        kinds: &[TokenKind::Access],
        ends: Ends::Token,
        done: || Answer::json(StatusCode::OK, &json!({"status": "success"})),
        unknown: || oauth_error(&Refusal::Refresh),
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || api_error(StatusCode::UNAUTHORIZED, 124, "Invalid access token."),
        ended: |state| {
            matches!(state, TokenState::Expired)
                .then(|| api_error(StatusCode::UNAUTHORIZED, 124, "Access token is expired."))
        },
        forbidden: |scope| {
            let words = format!("Invalid access token, does not contain scopes:[{scope}, {scope}:admin].");
            api_error(StatusCode::BAD_REQUEST, 4711, &words)
        },
        reads: &[
            read("/v2/users/me", "user:read:user", me),
            read(
                "/v2/users/me/meetings",
                "meeting:read:list_meetings",
                lists::meetings,
            ),
            read(
                "/v2/users/me/recordings",
                "cloud_recording:read:list_user_recordings",
                lists::recordings,
            ),
        ],
        ..Api::STANDARD
    },
    streams: &[lists::MEETINGS, lists::RECORDINGS],
    ..Provider::STANDARD
};

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: API,
        path,
        scope,
        answer,
    }
}

/// Scopes are those of the app's build: a request that names some is refused.
fn no_scope(call: &Call) -> Result<Context, Told> {
    match call.query.get("scope") {
        None => Ok(Context::new()),
        Some(_) => Err(("invalid_scope", "scopes come from the app's build")),
    }
}

fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    body["token_type"] = json!("bearer");
    body["api_url"] = json!("https://api.zoom.us");
    body
}

/// Every refusal has status 400, also one of the app's credentials.
fn oauth_error(refusal: &Refusal) -> Answer {
    let (error, reason) = match refusal {
        Refusal::NoClient | Refusal::Client => ("invalid_client", "Invalid client_id or client_secret"),
        Refusal::Code(BadCode::Redirect) => ("invalid_request", "Redirect URI mismatch."),
        Refusal::Code(_) => ("invalid_grant", "Invalid authorization code"),
        Refusal::Refresh => ("invalid_grant", "Invalid Token!"),
        Refusal::GrantType => ("unsupported_grant_type", "unsupported grant type"),
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({"reason": reason, "error": error}),
    )
    .refused(refusal.reason())
}

fn api_error(status: StatusCode, code: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"code": code, "message": message})).refused(message)
}

fn me(seen: &Seen<'_>) -> Answer {
    let (first, last) = seen
        .account
        .name
        .split_once(' ')
        .unwrap_or((seen.account.name, ""));
    let place = if seen.account.label.ends_with("@acme.example") {
        "Acme"
    } else {
        "Globex"
    };
    let body = json!({
        "id": seen.account.id,
        "first_name": first,
        "last_name": last,
        "display_name": seen.account.name,
        "email": seen.account.label,
        "type": 2,
        "role_name": "Member",
        "pmi": 3_542_471_135_i64,
        "use_pmi": false,
        "timezone": "Europe/Berlin",
        "verified": 1,
        "created_at": "2024-02-05T09:12:44Z",
        "language": "en-US",
        "status": "active",
        "account_id": format!("z{place}Account0000000001"),
    });
    Answer::json(StatusCode::OK, &body)
}
