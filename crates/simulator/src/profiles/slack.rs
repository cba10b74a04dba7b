//! Slack, an app with a bot token and without token rotation.
//!
//! Sources: docs.slack.dev/reference/methods/oauth.v2.access (Basic credentials, the answer with `team`,
//! `authed_user` and `bot_user_id`, its error words), docs.slack.dev/authentication/using-pkce and the changelog of
//! 2026-03-30 (PKCE makes an app a public client and cannot be undone), docs.slack.dev/authentication/using-token-rotation
//! (no refresh token without it), docs.slack.dev/reference/methods/auth.test, auth.revoke, conversations.list and
//! conversations.history (a channel that the app is not in answers `not_in_channel`; newest messages first). Every answer has status 200;
//! `ok` tells. Stricter than documented: the credentials come in the Basic header that the documentation prefers, the
//! redirect URI is compared character by character (Slack also takes what lies under a registered one), and it has to be
//! sent with the code.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Profile, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, RedirectUri, TokenState},
    ledger::{GrantRecord, TokenKind},
    provider::Seen,
    sample::{SampleStream, truth},
    token::{self, Given, Refusal},
    world::World,
};

const HOST: &str = "slack.com";
const USER_SCOPE: &str = "user_scope";

/// A workspace is what gets connected.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "T0ACME00001",
        label: "Acme",
        name: "Ana Ruiz",
    },
    Account {
        id: "T0ACME00002",
        label: "Acme Labs",
        name: "Ana Ruiz",
    },
    Account {
        id: "T0GLOBEX001",
        label: "Globex",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: HOST,
    authorize_path: "/oauth/v2/authorize",
    response_type_required: false,
    scopes: &[
        Scope {
            name: "channels:read",
            words: "see public channels",
        },
        Scope {
            name: "channels:history",
            words: "see messages in public channels it was added to",
        },
        Scope {
            name: "users:read",
            words: "see people in the workspace",
        },
        Scope {
            name: "team:read",
            words: "see the name of the workspace",
        },
    ],
    scope_separator: ',',
    scope_required: false,
    unknown_scope: "invalid_scope",
    denied: &[],
    code_life_ms: 10 * 60_000,
    access_life_ms: None,
    access_prefix: "xoxb-",
    refresh_prefix: None,
    token_length: 48,
    pkce: Pkce::Refused,
    optional_scopes: &[],
    refresh_life_ms: None,
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Never,
    what: "workspace",
    unasked: "act in your name as far as you allowed",
    ..OAuth::STANDARD
};

/// The same for the user token of `user_scope`.
static USER: OAuth = OAuth {
    access_prefix: "xoxp-",
    ..OAUTH
};

/// Slack.
pub struct Slack;

impl Profile for Slack {
    fn id(&self) -> &'static str {
        "slack"
    }

    fn name(&self) -> &'static str {
        "Slack"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[HOST]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &[USER_SCOPE]
    }

    /// One of the two kinds of scopes has to be asked for.
    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        let user = call.query.get(USER_SCOPE).unwrap_or_default();
        let known = |asked: &str| OAUTH.scopes.iter().any(|scope| scope.name == asked);
        if !user.split(',').filter(|scope| !scope.is_empty()).all(known) {
            return Err(("invalid_scope", "a user scope is not known here"));
        }
        if user.is_empty() && call.query.get("scope").is_none() {
            return Err(("invalid_scope", "no scope is asked for"));
        }
        Ok(Context::from([(USER_SCOPE.to_owned(), user.to_owned())]))
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        match call.path.as_str() {
            "/api/oauth.v2.access" if call.method == Method::POST => self
                .access(world, call)
                .unwrap_or_else(|refusal| error(oauth_word(&refusal), refusal.reason())),
            "/api/auth.test" | "/api/auth.revoke" if call.method == Method::POST => self.api(world, call),
            "/api/oauth.v2.access" | "/api/auth.test" | "/api/auth.revoke" => Answer::wrong_method("POST"),
            "/api/conversations.list" | "/api/conversations.history" => self.conversations(world, call),
            path => Answer::no_such_path(&call.host, path),
        }
    }

    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        (stream == MESSAGES.name).then(|| truth(world.seed, &MESSAGES, account, world.now(), from, to))
    }
}

/// Channels, by the end of their id, name, and whether the app was added.
const CHANNELS: [(&str, &str, bool); 3] = [
    ("1", "general", true),
    ("2", "projects", true),
    ("3", "random", false),
];

fn channel_id(account: &Account, number: &str) -> String {
    format!("C0{}{number}", account.id.trim_start_matches("T0"))
}

/// Messages of the channels that the app was added to. A message's id is its time, unique within its channel.
const MESSAGES: SampleStream = SampleStream {
    name: "messages",
    parents: |account| {
        let joined = CHANNELS.iter().filter(|(_, _, joined)| *joined);
        joined.map(|(number, ..)| channel_id(account, number)).collect()
    },
    per_day: 5,
    // The fraction stays below a millisecond, so that a message's time is its sample's.
    id: |_, sample| format!("{}.{:06}", sample.at / 1000, sample.number % 1000),
    within_parents: true,
    ..SampleStream::STANDARD
};

impl Slack {
    fn access(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        let client = token::basic_client(world, self, call, &form)?;
        match form.get("grant_type") {
            None | Some("authorization_code") => {}
            Some(_) => return Err(Refusal::GrantType),
        }
        let redirect_uri = RedirectUri::Sent(form.get("redirect_uri"));
        let number = token::redeem(world, self, &client, &form, redirect_uri, call.now)?;
        let given = Given {
            access_life_ms: None,
            refresh: false,
        };
        let bot = token::issue(world, &OAUTH, number, given, call.now)?;
        let grant = &bot.grant;
        let mut body = json!({
            "ok": true,
            "app_id": "A0PATCHBAY1",
            "authed_user": {"id": user_id(grant)},
            "team": {"id": grant.account, "name": self.account(&grant.account).map(|account| account.label)},
            "enterprise": null,
            "is_enterprise_install": false,
        });
        let user_scope = grant.context.get(USER_SCOPE).filter(|scope| !scope.is_empty());
        if let Some(scope) = user_scope {
            let user = token::issue(world, &USER, number, given, call.now)?;
            body["authed_user"] = json!({
                "id": user_id(grant), "scope": scope, "access_token": user.access, "token_type": "user",
            });
        }
        if !grant.scopes.is_empty() {
            body["access_token"] = json!(bot.access);
            body["token_type"] = json!("bot");
            body["scope"] = json!(grant.scopes.join(","));
            body["bot_user_id"] = json!(bot_id(grant));
        }
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// The approval behind the token of a call.
    fn grant(&self, world: &World, call: &Call) -> Result<GrantRecord, Answer> {
        let Some(token) = call.bearer() else {
            return Err(error("not_authed", "no token"));
        };
        match world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now)) {
            TokenState::Live(_, grant) => Ok(grant),
            TokenState::Revoked => Err(error("token_revoked", "the token was revoked")),
            TokenState::Unknown | TokenState::Expired => Err(error("invalid_auth", "unknown token")),
        }
    }

    /// Channels and their messages.
    fn conversations(&self, world: &World, call: &Call) -> Answer {
        if call.method != Method::GET {
            return Answer::wrong_method("GET");
        }
        let grant = match self.grant(world, call) {
            Ok(grant) => grant,
            Err(refusal) => return refusal,
        };
        let Some(account) = self.account(&grant.account) else {
            return error("account_inactive", "no such workspace");
        };
        let (scope, list): (_, fn(&Seen<'_>) -> Answer) = match call.path.as_str() {
            "/api/conversations.list" => ("channels:read", channels),
            _ => ("channels:history", messages),
        };
        if !grant.scopes.iter().any(|granted| granted == scope) {
            return error("missing_scope", "the token lacks a scope");
        }
        list(&Seen {
            world,
            call,
            grant: &grant,
            account,
        })
    }

    fn api(&self, world: &World, call: &Call) -> Answer {
        let grant = match self.grant(world, call) {
            Ok(grant) => grant,
            Err(refusal) => return refusal,
        };
        if call.path == "/api/auth.revoke" {
            if let Some(token) = call.bearer() {
                world.change(|ledger| ledger.revoke_token(token));
            }
            return Answer::json(StatusCode::OK, &json!({"ok": true, "revoked": true}));
        }
        let Some(account) = self.account(&grant.account) else {
            return error("account_inactive", "no such workspace");
        };
        let body = json!({
            "ok": true,
            "url": format!("https://{}.slack.com/", account.label.to_lowercase().replace(' ', "-")),
            "team": account.label,
            "user": "patchbay",
            "team_id": account.id,
            "user_id": bot_id(&grant),
            "bot_id": bot_id(&grant).replacen('U', "B", 1),
            "is_enterprise_install": false,
        });
        Answer::json(StatusCode::OK, &body)
    }
}

/// All public channels, also those that the app is not in.
fn channels(seen: &Seen<'_>) -> Answer {
    if seen
        .call
        .query
        .get("types")
        .is_some_and(|types| types != "public_channel")
    {
        return error("missing_scope", "only public channels were allowed");
    }
    let channels: Vec<Value> = CHANNELS
        .iter()
        .map(|(number, name, joined)| {
            json!({
                "id": channel_id(seen.account, number), "name": name, "is_channel": true,
                "is_private": false, "is_archived": false, "is_member": joined,
            })
        })
        .collect();
    let body = json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": ""}});
    Answer::json(StatusCode::OK, &body)
}

/// A channel's messages, newest first, from `oldest` (not included) on.
fn messages(seen: &Seen<'_>) -> Answer {
    let query = &seen.call.query;
    let Some(channel) = query.get("channel") else {
        return error("channel_not_found", "no channel is named");
    };
    let mine = |number: &str| channel_id(seen.account, number) == channel;
    match CHANNELS.iter().find(|(number, ..)| mine(number)) {
        None => return error("channel_not_found", "no such channel"),
        Some((_, _, false)) => return error("not_in_channel", "the app was not added to the channel"),
        Some(_) => {}
    }
    let oldest = query
        .get("oldest")
        .map_or(Some(0), |text| text.parse::<f64>().ok().map(|_| whole(text)));
    let size = query.get("limit").map_or(Some(100), |size| size.parse().ok());
    let (Some(oldest), Some(size)) = (oldest, size.filter(|size| (1..=999).contains(size))) else {
        return error("invalid_arguments", "oldest or limit is no number that is taken");
    };
    let bound = query.sorted_without("cursor");
    let page = seen.page(query.get("cursor"), size, &bound, |as_of| {
        let mut all = seen.samples_as_of(&MESSAGES, channel, oldest + 1, i64::MAX, as_of);
        all.reverse();
        all
    });
    let Some((shown, next)) = page else {
        return error("invalid_cursor", "a cursor that does not belong here");
    };
    let shown: Vec<Value> = shown
        .iter()
        .map(|sample| json!({"type": "message", "user": user_id(seen.grant), "text": sample.title, "ts": (MESSAGES.id)("", sample)}))
        .collect();
    let mut body = json!({"ok": true, "messages": shown, "has_more": next.is_some(), "pin_count": 0});
    if let Some(next) = next {
        body["response_metadata"] = json!({"next_cursor": next});
    }
    Answer::json(StatusCode::OK, &body)
}

/// The whole seconds of a timestamp, in milliseconds.
fn whole(timestamp: &str) -> i64 {
    let seconds = timestamp
        .split('.')
        .next()
        .and_then(|text| text.parse::<i64>().ok());
    seconds.unwrap_or_default() * 1000
}

fn user_id(grant: &GrantRecord) -> String {
    grant.account.replacen('T', "W", 1)
}

fn bot_id(grant: &GrantRecord) -> String {
    grant.account.replacen('T', "U", 1)
}

fn oauth_word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Malformed("code is missing") | Refusal::Code(BadCode::Unknown | BadCode::Expired) => {
            "invalid_code"
        }
        Refusal::Malformed(_) | Refusal::Code(BadCode::Verifier) => "invalid_arguments",
        Refusal::NoClient => "invalid_client_id",
        Refusal::Client => "bad_client_secret",
        Refusal::GrantType => "invalid_grant_type",
        Refusal::Code(BadCode::Used) => "code_already_used",
        Refusal::Code(BadCode::Redirect) => "bad_redirect_uri",
        Refusal::Refresh => "invalid_refresh_token",
    }
}

/// Errors come with status 200.
fn error(word: &str, reason: &str) -> Answer {
    let body: Value = json!({"ok": false, "error": word});
    Answer::json(StatusCode::OK, &body).refused(reason)
}
