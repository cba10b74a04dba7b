//! Dropbox, an app with scopes and short-lived access tokens.
//!
//! Sources: dropbox.com/developers/reference/oauth-guide and dropbox.tech "Using OAuth 2.0 with offline access"
//! (2022-10-19) for `token_access_type`, the answers of exchange and refresh, the refresh token that stays and has no
//! end, the API's own reference for `force_reauthentication`, PKCE besides or instead of a secret, and scopes that default to those of the app;
//! dropbox/dropbox-api-spec `auth.stone` and `users.stone` (2026-08-05) for `token/revoke`, which takes no argument and
//! ends also the refresh token behind the access token, for `users/get_current_account` and for the kinds of errors;
//! `nextcloud/integration_dropbox` issue 34, dropbox/dropbox-sdk-python pull request 544 and several public clients for the
//! words of the token endpoint's errors, of which the one for a wrong app is a sentence. The description that comes with
//! `access_denied`, the four hours of an access token and the words for a code are own knowledge. Stricter than
//! documented: credentials come in the body only, and a call without arguments has neither a body nor a media type.
//!
//! The lists of files have their sources in `files`.

mod files;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, TokenState},
    ledger::TokenKind,
    provider::{
        Api, Handed, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, TokenIn, standard_answer,
    },
    token::Refusal,
};

const WEB: &str = "www.dropbox.com";
const API: &str = "api.dropboxapi.com";
const REVOKE: &str = "/2/auth/token/revoke";
const ACCOUNT: &str = "/2/users/get_current_account";
const ACCESS_TYPE: &str = "token_access_type";
/// Signs the person out first, so that they can sign in to another account.
const SIGN_OUT: &str = "force_reauthentication";

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "dbid:AAAnaRuiz0001-OurWxbNQ6ywGRopQngcA",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "dbid:AAOpsAcme0002-OurWxbNQ6ywGRopQngcA",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "dbid:AABenCole0003-OurWxbNQ6ywGRopQngcA",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: WEB,
    authorize_path: "/oauth2/authorize",
    scopes: &[
        Scope {
            name: "account_info.read",
            words: "see basic information about your account",
        },
        Scope {
            name: "files.metadata.read",
            words: "see names and dates of your files and folders",
        },
    ],
    scopes_of_app: true,
    denied: &[(
        "error_description",
        "The user chose not to give your app access to their Dropbox account.",
    )],
    access_life_ms: Some(14_400_000),
    access_prefix: "sl.",
    refresh_prefix: Some(""),
    token_length: 140,
    pkce: Pkce::Allowed,
    asks_which: Some((SIGN_OUT, "true")),
    ..OAuth::STANDARD
};

/// Dropbox.
pub static DROPBOX: Provider = Provider {
    id: "dropbox",
    name: "Dropbox",
    hosts: &[WEB, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &[ACCESS_TYPE, SIGN_OUT],
    check_request,
    tokens: TokenDesk {
        host: API,
        path: "/oauth2/token",
        refresh_if: |grant| {
            grant
                .context
                .get(ACCESS_TYPE)
                .is_some_and(|kind| kind == "offline")
        },
        answer: token_answer,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: API,
        path: REVOKE,
        by: RevokeBy::Token,
        token: TokenIn::Header,
        kinds: &[TokenKind::Access],
        check: |call| match argument(call) {
            None => Ok(()),
            Some(_) => Err(Refusal::Malformed(
                "a body or a media type, where there is no argument",
            )),
        },
        done: || Answer::json(StatusCode::OK, &Value::Null),
        unknown: || auth_error("invalid_access_token"),
        error: |refusal| bad_request(REVOKE, refusal.reason()),
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        check: well_formed,
        unauthorised: || auth_error("invalid_access_token"),
        ended: |state| matches!(state, TokenState::Expired).then(|| auth_error("expired_access_token")),
        forbidden: |scope| {
            let error = json!({".tag": "missing_scope", "required_scope": scope});
            let body = json!({"error_summary": "missing_scope/..", "error": error});
            Answer::json(StatusCode::UNAUTHORIZED, &body).refused("the token lacks a scope")
        },
        reads: &[
            read(ACCOUNT, "account_info.read", current_account),
            read("/2/files/list_folder", "files.metadata.read", files::list_folder),
            read(
                "/2/files/list_folder/continue",
                "files.metadata.read",
                files::go_on,
            ),
        ],
        ..Api::STANDARD
    },
    streams: &[files::FILES],
    ..Provider::STANDARD
};

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "POST",
        host: API,
        path,
        scope,
        answer,
    }
}

/// Whether a refresh token will come: only for `offline`.
fn check_request(call: &Call) -> Result<Context, Told> {
    if !matches!(call.query.get(SIGN_OUT), None | Some("true" | "false")) {
        return Err(("invalid_request", "force_reauthentication is true or false"));
    }
    match call.query.get(ACCESS_TYPE) {
        None => Ok(Context::new()),
        Some(kind @ ("online" | "offline")) => Ok(Context::from([(ACCESS_TYPE.to_owned(), kind.to_owned())])),
        Some(_) => Err(("invalid_request", "token_access_type is online or offline")),
    }
}

/// An exchange tells whose tokens they are; a refresh brings an access token and its life, nothing else.
fn token_answer(handed: &Handed<'_>) -> Value {
    let form = handed.call.form().unwrap_or_default();
    if form.get("grant_type") == Some("refresh_token") {
        return json!({
            "access_token": handed.issued.access, "token_type": "bearer", "expires_in": handed.seconds(),
        });
    }
    let mut body = standard_answer(handed);
    body["token_type"] = json!("bearer");
    body["account_id"] = json!(handed.account.id);
    body["uid"] = json!(uid(handed.account));
    body
}

/// Every refusal has status 400; the word for a wrong app is a sentence.
fn oauth_error(refusal: &Refusal) -> Answer {
    let (error, words) = match refusal {
        Refusal::NoClient | Refusal::Client => (
            "invalid_client: Invalid client_id or client_secret",
            "Invalid client_id or client_secret",
        ),
        Refusal::Code(BadCode::Redirect) => ("invalid_grant", "redirect_uri mismatch"),
        Refusal::Code(BadCode::Verifier) => ("invalid_grant", "invalid code verifier"),
        Refusal::Code(_) => ("invalid_grant", "code doesn't exist or has expired"),
        Refusal::Refresh => ("invalid_grant", "refresh token is invalid or revoked"),
        Refusal::GrantType => ("unsupported_grant_type", "grant_type is not supported"),
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({"error": error, "error_description": words}),
    )
    .with("cache-control", "no-cache")
    .refused(refusal.reason())
}

/// What a call without arguments brings although it must not: a body, or a media type.
fn argument(call: &Call) -> Option<String> {
    if !call.body.is_empty() {
        return Some("could not decode input as JSON".to_owned());
    }
    call.headers.contains_key(header::CONTENT_TYPE).then(|| {
        let media = call.media_type().unwrap_or_default();
        format!(r#"Bad HTTP "Content-Type" header: "{media}"."#)
    })
}

/// Requests that are wrong as such are answered in plain text, before anything else is looked at.
fn well_formed(call: &Call) -> Result<(), Answer> {
    if !call.headers.contains_key(header::AUTHORIZATION) {
        let words = r#"Must provide HTTP header "Authorization" or URL parameter "authorization"."#;
        return Err(bad_request(&call.path, words));
    }
    if call.path != ACCOUNT {
        return Ok(());
    }
    argument(call).map_or(Ok(()), |words| Err(bad_request(&call.path, &words)))
}

fn bad_request(path: &str, words: &str) -> Answer {
    let name = path.trim_start_matches("/2/");
    let text = format!("Error in call to API function \"{name}\": {words}");
    Answer::text(StatusCode::BAD_REQUEST, text).refused("not a request that this API reads")
}

fn auth_error(tag: &str) -> Answer {
    let body = json!({"error_summary": format!("{tag}/.."), "error": {".tag": tag}});
    Answer::json(StatusCode::UNAUTHORIZED, &body).refused("no access token that works")
}

/// The number by which older parts of the API call an account.
fn uid(account: &Account) -> &'static str {
    match account.label {
        "ana@acme.example" => "3180001",
        "ops@acme.example" => "3180002",
        _ => "3180003",
    }
}

fn current_account(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let (given, surname) = account.name.split_once(' ').unwrap_or((account.name, ""));
    let body = json!({
        "account_id": account.id,
        "name": {
            "given_name": given, "surname": surname, "familiar_name": given,
            "display_name": account.name, "abbreviated_name": given,
        },
        "email": account.label,
        "email_verified": true,
        "disabled": false,
        "country": "DE",
        "locale": "en",
        "referral_link": "https://www.dropbox.com/referrals/simulated",
        "is_paired": false,
        "account_type": {".tag": "basic"},
        "root_info": {
            ".tag": "user", "root_namespace_id": uid(account), "home_namespace_id": uid(account),
        },
    });
    Answer::json(StatusCode::OK, &body)
}
