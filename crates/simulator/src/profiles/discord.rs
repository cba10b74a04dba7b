//! Discord, an app that people authorise for themselves (no bot).
//!
//! Sources: discord/discord-api-docs `developers/topics/oauth2.mdx` (2026-08-06): both routes, credentials in Basic or in
//! the body, forms only, `prompt`, the answer of the token endpoint, seven days, refresh, and a revocation that ends
//! every token of the authorization whichever is sent; `developers/discord-social-sdk/development-guides/
//! account-linking-with-discord.mdx` of the same date: a server with a client secret sends `code_verifier` along, so a
//! confidential client may use PKCE; `developers/resources/user.mdx` for the user and for `email`, which needs its
//! scope. Public clients for `Invalid "code" in request.`; the other words of that pattern, `401: Unauthorized`, that the
//! revocation answers an empty object, and that a refresh token works once are own knowledge. Stricter than documented:
//! an unknown scope is told to the app (Discord shows a page of its own), and the redirect URI has to come with the code.
//!
//! Servers: `developers/resources/user.mdx` of the same date, "Get Current User Guilds" (1 to 200, sorted by id, `before`
//! and `after`, no dates) and `developers/reference.mdx` for ids and for the shape of form errors.

use axum::http::StatusCode;
use serde_json::json;

use super::{Account, Context, OAuth, Pkce, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    provider::{Api, Credentials, Provider, Read, RevokeBy, RevokeDesk, Seen, TokenDesk, error},
    sample::SampleStream,
    token::Refusal,
};

const HOST: &str = "discord.com";
const DAY_MS: i64 = 86_400_000;

/// People are known by their user name, which is no address.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "803511102246780101",
        label: "ana.ruiz",
        name: "Ana Ruiz",
    },
    Account {
        id: "803511102246780102",
        label: "acme.ops",
        name: "Ops",
    },
    Account {
        id: "803511102246780103",
        label: "ben.cole",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOST,
    authorize_path: "/oauth2/authorize",
    scopes: &[
        Scope {
            name: "identify",
            words: "see your user name and avatar",
        },
        Scope {
            name: "email",
            words: "see your email address",
        },
        Scope {
            name: "guilds",
            words: "see which servers you are in",
        },
    ],
    scope_required: true,
    denied: &[(
        "error_description",
        "The resource owner or authorization server denied the request",
    )],
    access_life_ms: Some(7 * DAY_MS),
    refresh_prefix: Some(""),
    token_length: 30,
    pkce: Pkce::Allowed,
    rotation: Rotation::Spend,
    ..OAuth::STANDARD
};

/// Discord.
pub static DISCORD: Provider = Provider {
    id: "discord",
    name: "Discord",
    hosts: &[HOST],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    check_request: prompt,
    tokens: TokenDesk {
        host: HOST,
        path: "/api/oauth2/token",
        credentials: Credentials::Either,
        error: oauth_error,
        ..TokenDesk::STANDARD
    },
    revoke: Some(RevokeDesk {
        host: HOST,
        path: "/api/oauth2/token/revoke",
        by: RevokeBy::App(Credentials::Either),
        done: || Answer::json(StatusCode::OK, &json!({})),
        unknown: || Answer::json(StatusCode::OK, &json!({})),
        error: oauth_error,
        ..RevokeDesk::STANDARD
    }),
    api: Api {
        unauthorised: || api_error(StatusCode::UNAUTHORIZED, 0, "401: Unauthorized"),
        forbidden: |_| api_error(StatusCode::FORBIDDEN, 50001, "Missing Access"),
        reads: &[
            read("/api/v10/users/@me", "identify", me),
            read("/api/v10/users/@me/guilds", "guilds", guilds),
        ],
        ..Api::STANDARD
    },
    streams: &[SERVERS],
    ..Provider::STANDARD
};

/// The servers that a person is in now.
const SERVERS: SampleStream = SampleStream {
    name: "servers",
    undated: Some(|account| guild_ids(account).map(|id| id.to_string()).collect()),
    ..SampleStream::STANDARD
};

/// Ids of an account's servers, in order.
fn guild_ids(account: &Account) -> impl Iterator<Item = u64> {
    let own = account.id.parse::<u64>().unwrap_or_default() % 1000;
    (1..=130).map(move |place| 197_038_439_483_310_000 + place * 1000 + own)
}

const fn read(path: &'static str, scope: &'static str, answer: fn(&Seen<'_>) -> Answer) -> Read {
    Read {
        method: "GET",
        host: HOST,
        path,
        scope,
        answer,
    }
}

fn prompt(call: &Call) -> Result<Context, Told> {
    match call.query.get("prompt") {
        None | Some("consent" | "none") => Ok(Context::new()),
        Some(_) => Err(("invalid_request", "prompt is consent or none")),
    }
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (status, word, words) = match refusal {
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client", refusal.reason()),
        Refusal::Code(BadCode::Redirect) => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            r#"Invalid "redirect_uri" in request."#,
        ),
        Refusal::Code(BadCode::Verifier) => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            r#"Invalid "code_verifier" in request."#,
        ),
        Refusal::Code(_) => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            r#"Invalid "code" in request."#,
        ),
        Refusal::Refresh => (
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            r#"Invalid "refresh_token" in request."#,
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

fn api_error(status: StatusCode, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({"message": message, "code": code})).refused(message)
}

fn me(seen: &Seen<'_>) -> Answer {
    let account = seen.account;
    let mut body = json!({
        "id": account.id,
        "username": account.label,
        "global_name": account.name,
        "discriminator": "0",
        "avatar": null,
        "banner": null,
        "accent_color": null,
        "locale": "en-GB",
        "mfa_enabled": true,
        "premium_type": 0,
        "flags": 0,
        "public_flags": 0,
    });
    if seen.grant.scopes.iter().any(|scope| scope == "email") {
        let place = if account.name == "Ben Cole" {
            "globex"
        } else {
            "acme"
        };
        let name = account.name.split(' ').next().unwrap_or_default().to_lowercase();
        body["email"] = json!(format!("{name}@{place}.example"));
        body["verified"] = json!(true);
    }
    Answer::json(StatusCode::OK, &body)
}

fn guilds(seen: &Seen<'_>) -> Answer {
    let number = |name: &'static str, usual: u64| {
        let text = seen.call.query.get(name);
        text.map_or(Ok(usual), |text| text.parse().map_err(|_| name))
    };
    let limit = number("limit", 200).and_then(|limit| {
        let fits = (1..=200).contains(&limit);
        if fits { Ok(limit) } else { Err("limit") }
    });
    let (limit, after, before) = match (limit, number("after", 0), number("before", u64::MAX)) {
        (Ok(limit), Ok(after), Ok(before)) => (limit, after, before),
        (Err(name), ..) | (_, Err(name), _) | (.., Err(name)) => return form_error(name),
    };
    let shown: Vec<_> = guild_ids(seen.account)
        .filter(|id| *id > after && *id < before)
        .take(usize::try_from(limit).unwrap_or_default())
        .map(|id| {
            json!({
                "id": id.to_string(),
                "name": format!("Server {}", id / 1000 % 1000),
                "icon": null,
                "banner": null,
                "owner": false,
                "permissions": "36953089",
                "features": ["COMMUNITY", "NEWS"],
            })
        })
        .collect();
    Answer::json(StatusCode::OK, &json!(shown))
}

fn form_error(field: &str) -> Answer {
    let problem =
        json!({"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": "Value is not one that is taken."}]});
    let body = json!({"message": "Invalid Form Body", "code": 50035, "errors": {field: problem}});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused("a parameter has a value that it does not take")
}
