//! LinkedIn, an app with the product "Sign In with LinkedIn using `OpenID` Connect" and no other.
//!
//! Sources: learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow (both routes, credentials in the
//! body, exact redirect URIs, `user_cancelled_login` and `user_cancelled_authorize`, a code's thirty minutes, sixty days
//! of access, and that all scopes are allowed or none), …/programmatic-refresh-tokens (refresh tokens for approved
//! marketing partners only, which this app is not), …/consumer/integrations/self-serve/sign-in-with-linkedin-v2
//! (`/v2/userinfo` and what each scope tells); `d3xt3r2909/linkedin_login` issues 75 and 77 and scribejava/scribejava issue
//! 848 for the answer to a code that is not good, which is `invalid_request` or `invalid_redirect_uri` and never
//! `invalid_grant`; PKCE has a route of its own for native apps, so a request with a challenge is refused here. The
//! revocation is not in the vendor's documentation; public clients post client id, secret and token to it. Its answer,
//! the commas between granted scopes, and the codes 65600 to 65602 are own knowledge. Posts and pages belong to other
//! products, so nothing of them can be read here.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, OAuth, Scope};
use crate::core::{
    answer::Answer,
    grants::{BadCode, TokenState},
    ledger::TokenKind,
    provider::{Api, Handed, Provider, Read, RevokeDesk, Seen, TokenDesk, error, standard_answer},
    sample::SampleStream,
    token::Refusal,
};

const WEB: &str = "www.linkedin.com";
const API: &str = "api.linkedin.com";
const DAY_MS: i64 = 86_400_000;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "782bbtAna1",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "782bbtOps2",
        label: "ops@acme.example",
        name: "Ops Desk",
    },
    Account {
        id: "782bbtBen3",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth/v2/authorization",
    scopes: &[
        Scope {
            name: "openid",
            words: "know that it is you",
        },
        Scope {
            name: "profile",
            words: "see your name and picture",
        },
        Scope {
            name: "email",
            words: "see your primary email address",
        },
    ],
    scope_required: true,
    unknown_scope: "unauthorized_scope_error",
    denied_word: "user_cancelled_authorize",
    denied: &[("error_description", "The user cancelled the authorization")],
    code_life_ms: 30 * 60_000,
    access_life_ms: Some(60 * DAY_MS),
    access_prefix: "AQ",
    token_length: 340,
    ..OAuth::STANDARD
};

/// LinkedIn.
pub static LINKEDIN: Provider = Provider {
    id: "linkedin",
    name: "LinkedIn",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    tokens: TokenDesk {
        host: WEB,
        path: "/oauth/v2/accessToken",
        answer: token_answer,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: WEB,
        path: "/oauth/v2/revoke",
        kinds: &[TokenKind::Access],
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || {
            service_error(
                StatusCode::UNAUTHORIZED,
                65600,
                "INVALID_ACCESS_TOKEN",
                "Invalid access token",
            )
        },
        ended,
        forbidden: |_| {
            service_error(
                StatusCode::FORBIDDEN,
                100,
                "ACCESS_DENIED",
                "Not enough permissions to access: userinfo.GET.NO_VERSION",
            )
        },
        reads: &[Read {
            method: "GET",
            host: API,
            path: "/v2/userinfo",
            scope: "openid",
            answer: userinfo,
        }],
        ..Api::STANDARD
    },
    streams: &[PROFILE],
    ..Provider::STANDARD
};

/// All that these scopes give access to: whose account it is, as it is now.
const PROFILE: SampleStream = SampleStream {
    name: "profile",
    undated: Some(|account| vec![account.id.to_owned()]),
    ..SampleStream::STANDARD
};

fn token_answer(handed: &Handed<'_>) -> Value {
    let mut body = standard_answer(handed);
    let mut scopes = handed.issued.grant.scopes.clone();
    scopes.sort();
    body["scope"] = json!(scopes.join(","));
    if scopes.iter().any(|scope| scope == "openid") {
        // Not signed by anyone: who needs to know whose account it is asks for it.
        body["id_token"] = json!("simulated.not-an-id-token.opaque");
    }
    body
}

/// A code that is not good in whatever way has one sentence, and its word says only that the request was wrong.
fn oauth_error(refusal: &Refusal) -> Answer {
    const NO_MATCH: &str = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";
    let (status, word, words) = match refusal {
        Refusal::NoClient | Refusal::Client => (
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed",
        ),
        Refusal::Code(BadCode::Redirect) => (StatusCode::BAD_REQUEST, "invalid_redirect_uri", NO_MATCH),
        Refusal::Code(_) => (StatusCode::BAD_REQUEST, "invalid_request", NO_MATCH),
        Refusal::Refresh => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "The provided authorization grant or refresh token is invalid, expired or revoked",
        ),
        Refusal::GrantType => (
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            refusal.reason(),
        ),
        Refusal::Malformed(reason) => (StatusCode::BAD_REQUEST, "invalid_request", *reason),
    };
    let mut answer = error(status, word, words);
    answer.refused = Some(refusal.reason().to_owned());
    answer
}

fn ended(state: &TokenState) -> Option<Answer> {
    let (code, word, words) = match state {
        TokenState::Revoked => (
            65601,
            "REVOKED_ACCESS_TOKEN",
            "The token used in the request has been revoked by the user",
        ),
        TokenState::Expired => (
            65602,
            "EXPIRED_ACCESS_TOKEN",
            "The token used in the request has expired",
        ),
        TokenState::Unknown | TokenState::Live(..) => return None,
    };
    Some(service_error(StatusCode::UNAUTHORIZED, code, word, words))
}

fn service_error(status: StatusCode, service: u32, code: &str, message: &str) -> Answer {
    let body = json!({
        "status": status.as_u16(), "serviceErrorCode": service, "code": code, "message": message,
    });
    Answer::json(status, &body).refused(message)
}

/// What is told depends on the scopes.
fn userinfo(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let mut body = json!({"sub": account.id});
    let has = |wanted: &str| seen.grant.scopes.iter().any(|scope| scope == wanted);
    if has("profile") {
        let (given, family) = account.name.split_once(' ').unwrap_or((account.name, ""));
        body["name"] = json!(account.name);
        body["given_name"] = json!(given);
        body["family_name"] = json!(family);
        body["picture"] = json!("https://media.licdn.com/dms/image/simulated");
        body["locale"] = json!({"country": "DE", "language": "en"});
    }
    if has("email") {
        body["email"] = json!(account.label);
        body["email_verified"] = json!(true);
    }
    Answer::json(StatusCode::OK, &body)
}
