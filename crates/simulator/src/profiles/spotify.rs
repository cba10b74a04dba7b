//! Spotify.
//!
//! Sources: developer.spotify.com "Authorization code flow", "Authorization code with PKCE flow" and "Refreshing tokens"
//! (Basic credentials, `show_dialog`, a refresh that brings a refresh token or none, depending on the grant);
//! its blog of 2026-06-18 (six months from the approval, which a refresh does not extend); sonallux/spotify-web-api
//! `fixed-spotify-open-api.yml` (2026-08-21) for `/me`, `account_id` and the errors of the API; rspotify's documentation
//! of PKCE for refresh tokens that work once. There is no call that revokes. Own knowledge: `invalid_client` comes with
//! 400, and the descriptions of errors. Not played: that redirect URIs may not name localhost, and the list of people
//! who may use an app in development mode: both are checked when an app is registered.
//!
//! Plays and saved tracks: the same file, `get-recently-played` (`before` or `after` in milliseconds, both exclusive, 1 to
//! 50 in a page) and `get-users-saved-tracks` (`offset`, 1 to 50 in a page), with the scope that each names. That there are
//! no more plays than the last fifty, and that what was saved last comes first, is what clients rely on.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Rotation, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::BadCode,
    history::iso,
    provider::{Api, Credentials, Provider, Read, Seen, TokenDesk, error},
    sample::{Sample, SampleStream},
    token::Refusal,
};

const ACCOUNTS_HOST: &str = "accounts.spotify.com";
const API: &str = "api.spotify.com";
/// Half a year, as the days of one come to.
const HALF_A_YEAR_MS: i64 = 180 * 86_400_000;
/// Most of a page.
const MOST: usize = 50;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "aNa1Ruiz2A",
        label: "Ana Ruiz",
        name: "ana@acme.example",
    },
    Account {
        id: "aCm3Radio4",
        label: "Acme Radio",
        name: "radio@acme.example",
    },
    Account {
        id: "bEn5Cole6G",
        label: "Ben Cole",
        name: "ben@globex.example",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: ACCOUNTS_HOST,
    authorize_path: "/authorize",
    scopes: &[
        Scope {
            name: "user-read-private",
            words: "see your country and your kind of subscription",
        },
        Scope {
            name: "user-read-email",
            words: "see your email address",
        },
        Scope {
            name: "user-read-recently-played",
            words: "see what you played lately",
        },
        Scope {
            name: "user-library-read",
            words: "see what you saved",
        },
    ],
    access_prefix: "BQ",
    refresh_prefix: Some("AQ"),
    token_length: 120,
    pkce: Pkce::Allowed,
    consent_life_ms: Some(HALF_A_YEAR_MS),
    rotation: Rotation::WithPkce,
    unasked: "see your public profile",
    ..OAuth::STANDARD
};

/// Spotify.
pub static SPOTIFY: Provider = Provider {
    id: "spotify",
    name: "Spotify",
    hosts: &[ACCOUNTS_HOST, API],
    accounts: &ACCOUNTS,
    oauth: &OAUTH,
    plain_params: &["show_dialog"],
    check_request: |call: &Call| match call.query.get("show_dialog") {
        None | Some("true" | "false") => Ok(Context::new()),
        Some(_) => Err(("invalid_request", "show_dialog is true or false")),
    },
    tokens: TokenDesk {
        host: ACCOUNTS_HOST,
        path: "/api/token",
        credentials: Credentials::Basic,
        error: token_error,
        ..TokenDesk::STANDARD
    },
    api: Api {
        unauthorised: || api_error(StatusCode::UNAUTHORIZED, "The access token expired"),
        forbidden: |_| api_error(StatusCode::FORBIDDEN, "Insufficient client scope"),
        reads: &[
            read("/v1/me", "", me),
            read(
                "/v1/me/player/recently-played",
                "user-read-recently-played",
                plays,
            ),
            read("/v1/me/tracks", "user-library-read", saved),
        ],
        ..Api::STANDARD
    },
    streams: &[PLAYS, SAVED],
    ..Provider::STANDARD
};

/// The last fifty plays. A play has no id; when it was is unique.
const PLAYS: SampleStream = SampleStream {
    name: "plays",
    id: |_, sample| iso(played(sample), true),
    newest: Some(50),
    ..SampleStream::STANDARD
};

/// Saved tracks, by the time they were saved.
const SAVED: SampleStream = SampleStream {
    name: "saved",
    id: |_, sample| track_id(sample),
    ..SampleStream::STANDARD
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

fn token_error(refusal: &Refusal) -> Answer {
    let (word, reason) = match refusal {
        Refusal::NoClient => ("invalid_client", "Invalid client"),
        Refusal::Client => ("invalid_client", "Invalid client secret"),
        Refusal::GrantType => (
            "unsupported_grant_type",
            "grant_type must be client_credentials, authorization_code or refresh_token",
        ),
        Refusal::Code(BadCode::Expired) => ("invalid_grant", "Authorization code expired"),
        Refusal::Code(BadCode::Redirect) => ("invalid_grant", "Invalid redirect URI"),
        Refusal::Code(BadCode::Verifier) => ("invalid_grant", "code_verifier was incorrect"),
        Refusal::Code(_) => ("invalid_grant", "Invalid authorization code"),
        Refusal::Refresh => ("invalid_grant", "Refresh token revoked"),
        Refusal::Malformed(reason) => ("invalid_request", *reason),
    };
    error(StatusCode::BAD_REQUEST, word, reason)
}

fn api_error(status: StatusCode, message: &'static str) -> Answer {
    let body = json!({"error": {"status": status.as_u16(), "message": message}});
    Answer::json(status, &body).refused(message)
}

/// When a track was played: two of one second are some milliseconds apart.
fn played(sample: &Sample) -> i64 {
    sample.at + i64::try_from(sample.number % 100).unwrap_or_default()
}

fn track_id(sample: &Sample) -> String {
    format!("{:022}", sample.number)
}

fn track(sample: &Sample) -> Value {
    json!({
        "id": track_id(sample),
        "name": sample.title,
        "type": "track",
        "duration_ms": 180_000,
        "is_local": false,
        "uri": format!("spotify:track:{}", track_id(sample)),
        "artists": [{"id": "0000000000000000000042", "name": "The Examples", "type": "artist"}],
    })
}

/// A parameter that is a number.
fn number<T: std::str::FromStr>(seen: &Seen<'_>, name: &str) -> Result<Option<T>, Answer> {
    let bad = |_| api_error(StatusCode::BAD_REQUEST, "Invalid parameter");
    seen.call
        .query
        .get(name)
        .map(|text| text.parse().map_err(bad))
        .transpose()
}

fn limit(seen: &Seen<'_>) -> Result<usize, Answer> {
    let limit = number(seen, "limit")?.unwrap_or(20);
    if (1..=MOST).contains(&limit) {
        Ok(limit)
    } else {
        Err(api_error(StatusCode::BAD_REQUEST, "Invalid limit"))
    }
}

fn plays(seen: &Seen<'_>) -> Answer {
    last_plays(seen).unwrap_or_else(|refusal| refusal)
}

/// Plays, newest first.
fn last_plays(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let limit = limit(seen)?;
    let (before, after) = (number::<i64>(seen, "before")?, number::<i64>(seen, "after")?);
    if before.is_some() && after.is_some() {
        return Err(api_error(
            StatusCode::BAD_REQUEST,
            "Only one of before and after can be given",
        ));
    }
    let mut all = seen.samples(&PLAYS, "", i64::MIN, i64::MAX);
    all.retain(|play| before.is_none_or(|before| played(play) < before));
    all.retain(|play| after.is_none_or(|after| played(play) > after));
    all.reverse();
    all.truncate(limit);
    let ends = all.first().zip(all.last());
    let href = format!("https://{API}{}", seen.call.path);
    // A full page leads on, even to an empty one.
    let next = ends
        .filter(|_| all.len() == limit)
        .map(|(_, last)| format!("{href}?before={}&limit={limit}", played(last)));
    let cursors = ends
        .map(|(first, last)| json!({"after": played(first).to_string(), "before": played(last).to_string()}));
    let items: Vec<Value> = all
        .iter()
        .map(|play| json!({"track": track(play), "played_at": iso(played(play), true), "context": null}))
        .collect();
    let body = json!({
        "href": format!("{href}?limit={limit}"),
        "limit": limit,
        "next": next,
        "cursors": cursors,
        "items": items,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

fn saved(seen: &Seen<'_>) -> Answer {
    saved_tracks(seen).unwrap_or_else(|refusal| refusal)
}

/// Saved tracks, the last saved first.
fn saved_tracks(seen: &Seen<'_>) -> Result<Answer, Answer> {
    let (limit, offset) = (limit(seen)?, number::<usize>(seen, "offset")?.unwrap_or(0));
    let mut all = seen.samples(&SAVED, "", i64::MIN, i64::MAX);
    all.reverse();
    let link = |offset: usize| format!("https://{API}{}?offset={offset}&limit={limit}", seen.call.path);
    let end = offset.saturating_add(limit);
    let items: Vec<Value> = all
        .iter()
        .skip(offset)
        .take(limit)
        .map(|sample| json!({"added_at": iso(sample.at, false), "track": track(sample)}))
        .collect();
    let body = json!({
        "href": link(offset),
        "limit": limit,
        "offset": offset,
        "total": all.len(),
        "next": (end < all.len()).then(|| link(end)),
        "previous": (offset > 0).then(|| link(offset.saturating_sub(limit))),
        "items": items,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

/// What a person is told about themselves depends on the scopes.
fn me(seen: &Seen<'_>) -> Answer {
    let has = |scope: &str| seen.grant.scopes.iter().any(|granted| granted == scope);
    // The name of an account, unlike its id, can be changed.
    let user = seen.account.name.replace(['@', '.'], "_");
    let mut body = json!({
        "account_id": seen.account.id,
        "display_name": seen.account.label,
        "external_urls": {"spotify": format!("https://open.spotify.com/user/{user}")},
        "followers": {"href": null, "total": 0},
        "href": format!("https://api.spotify.com/v1/users/{user}"),
        "id": user,
        "images": [],
        "type": "user",
        "uri": format!("spotify:user:{user}"),
    });
    if has("user-read-private") {
        body["country"] = json!("DE");
        body["explicit_content"] = json!({"filter_enabled": false, "filter_locked": false});
        body["product"] = json!("premium");
    }
    if has("user-read-email") {
        body["email"] = json!(seen.account.name);
    }
    Answer::json(StatusCode::OK, &body)
}
