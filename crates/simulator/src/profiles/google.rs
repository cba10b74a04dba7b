//! Google: one app for Gmail, Calendar, Chat and Drive. Apps are registered with the redirect URIs of all.
//!
//! Sources: developers.google.com/identity/protocols/oauth2/web-server (access types, prompt, granular consent,
//! `include_granted_scopes`, revocation), NangoHQ/nango `docs/api-integrations/google` and
//! `docs/snippets/google-shared/google-shared-gotchas.mdx`, nextauthjs/next-auth `providers/google.ts` (userinfo);
//! the parts of Gmail, Calendar and Drive name their own. Chat has no call that says whose account it is: userinfo does.
//! The words of errors are own knowledge. A refresh token comes with
//! `access_type=offline` only, and again only where the person was asked again (`prompt=consent`). Sign-in scopes cannot
//! be unticked; the others can. Stricter than documented: the token to revoke comes in the form, not in the query.

mod calendar;
mod chat;
mod drive;
mod gmail;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Account, Context, OAuth, Pkce, Profile, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, RedirectUri, TokenState},
    ledger::{GrantRecord, TokenKind},
    provider::Seen,
    sample::truth,
    token::{self, Given, Issued, Refusal},
    world::World,
};

const CONSENT: &str = "accounts.google.com";
const OAUTH_HOST: &str = "oauth2.googleapis.com";
const USERINFO: &str = "openidconnect.googleapis.com";
const GMAIL: &str = "gmail.googleapis.com";
const CHAT: &str = "chat.googleapis.com";
const WWW: &str = "www.googleapis.com";
const GMAIL_READ: &str = "https://www.googleapis.com/auth/gmail.readonly";
const CALENDAR_READ: &str = "https://www.googleapis.com/auth/calendar.readonly";
const DRIVE_METADATA: &str = "https://www.googleapis.com/auth/drive.metadata.readonly";
const CHAT_SPACES: &str = "https://www.googleapis.com/auth/chat.spaces.readonly";
const CHAT_MESSAGES: &str = "https://www.googleapis.com/auth/chat.messages.readonly";
const CHAT_MEMBERS: &str = "https://www.googleapis.com/auth/chat.memberships.readonly";
/// How answers name the two short scopes.
const FULL_NAMES: [(&str, &str); 2] = [
    ("email", "https://www.googleapis.com/auth/userinfo.email"),
    ("profile", "https://www.googleapis.com/auth/userinfo.profile"),
];

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "108000000000000000101",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    },
    Account {
        id: "108000000000000000102",
        label: "ops@acme.example",
        name: "Ops",
    },
    Account {
        id: "108000000000000000103",
        label: "ben@globex.example",
        name: "Ben Cole",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: CONSENT,
    authorize_path: "/o/oauth2/v2/auth",
    response_type_required: true,
    scopes: &[
        Scope {
            name: "openid",
            words: "know who you are at Google",
        },
        Scope {
            name: "email",
            words: "see your email address",
        },
        Scope {
            name: "profile",
            words: "see your name and picture",
        },
        Scope {
            name: GMAIL_READ,
            words: "read your mail and settings",
        },
        Scope {
            name: CALENDAR_READ,
            words: "see your calendars and their events",
        },
        Scope {
            name: DRIVE_METADATA,
            words: "see the names and dates of your files, not what is in them",
        },
        Scope {
            name: CHAT_SPACES,
            words: "see your chats and spaces",
        },
        Scope {
            name: CHAT_MESSAGES,
            words: "read the messages of your chats and spaces",
        },
        Scope {
            name: CHAT_MEMBERS,
            words: "see who is in your chats and spaces",
        },
    ],
    scope_separator: ' ',
    scope_required: true,
    unknown_scope: "invalid_scope",
    denied: &[],
    code_life_ms: 10 * 60_000,
    access_life_ms: Some(3_600_000),
    access_prefix: "ya29.",
    refresh_prefix: Some("1//0"),
    token_length: 100,
    pkce: Pkce::Allowed,
    optional_scopes: &[
        GMAIL_READ,
        CALENDAR_READ,
        DRIVE_METADATA,
        CHAT_SPACES,
        CHAT_MESSAGES,
        CHAT_MEMBERS,
    ],
    refresh_life_ms: None,
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Never,
    what: "account",
    unasked: "",
    asks_which: Some(("prompt", "select_account")),
    ..OAuth::STANDARD
};

/// Google.
pub struct Google;

impl Profile for Google {
    fn id(&self) -> &'static str {
        "google"
    }

    fn name(&self) -> &'static str {
        "Google"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[CONSENT, OAUTH_HOST, USERINFO, GMAIL, WWW, CHAT]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["access_type", "fields", "include_granted_scopes"]
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        let get = |name| call.query.get(name);
        let offline = match get("access_type") {
            None | Some("online") => false,
            Some("offline") => true,
            Some(_) => return Err(("invalid_request", "access_type is online or offline")),
        };
        let prompts: Vec<&str> = get("prompt").unwrap_or_default().split(' ').collect();
        if prompts
            .iter()
            .any(|prompt| !["", "none", "consent", "select_account"].contains(prompt))
        {
            return Err(("invalid_request", "prompt is none, consent or select_account"));
        }
        if prompts.contains(&"none") && prompts.len() > 1 {
            return Err(("invalid_request", "prompt none stands alone"));
        }
        if !matches!(get("include_granted_scopes"), None | Some("true" | "false")) {
            return Err(("invalid_request", "include_granted_scopes is true or false"));
        }
        let asked_again = prompts.contains(&"consent");
        Ok(Context::from([
            ("offline".to_owned(), offline.to_string()),
            ("consent".to_owned(), asked_again.to_string()),
            (
                "incremental".to_owned(),
                (get("include_granted_scopes") == Some("true")).to_string(),
            ),
        ]))
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        match (call.host.as_str(), call.path.as_str(), &call.method) {
            (OAUTH_HOST, "/token", &Method::POST) => self
                .token(world, call)
                .unwrap_or_else(|refusal| oauth_error(&refusal)),
            (OAUTH_HOST, "/revoke", &Method::POST) => self.revoke(world, call),
            (OAUTH_HOST, "/token" | "/revoke", _) => Answer::wrong_method("POST"),
            (USERINFO, "/v1/userinfo", &Method::GET) => self.userinfo(world, call),
            (CHAT, path, _) => chat::answer(self, world, call, path),
            (GMAIL, path, _) => gmail::answer(self, world, call, path),
            (WWW, path, _) if path.starts_with("/calendar/") => calendar::answer(self, world, call, path),
            (WWW, path, _) if path.starts_with("/drive/") => drive::answer(self, world, call, path),
            (host, path, _) => Answer::no_such_path(host, path),
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
        let all = [
            &gmail::MESSAGES,
            &calendar::EVENTS,
            &drive::FILES,
            &chat::MESSAGES,
        ];
        let stream = all.into_iter().find(|known| known.name == stream)?;
        Some(truth(world.seed, stream, account, world.now(), from, to))
    }
}

/// Answers a list of one of Google's APIs: pages with `nextPageToken`; Gmail and Chat leave an empty array out.
fn list<T: Clone>(
    seen: &Seen<'_>,
    name: &str,
    size: usize,
    all: impl Fn(i64) -> Vec<T>,
    tell: impl Fn(&T) -> Value,
) -> Answer {
    let query = &seen.call.query;
    let page = seen.page(
        query.get("pageToken"),
        size,
        &query.sorted_without("pageToken"),
        all,
    );
    let Some((shown, next)) = page else {
        return bad("Invalid page token");
    };
    let shown: Vec<Value> = shown.iter().map(tell).collect();
    let mut body = json!({});
    if !shown.is_empty() || name == "items" || name == "files" {
        body[name] = json!(shown);
    }
    if let Some(next) = next {
        body["nextPageToken"] = json!(next);
    }
    Answer::json(StatusCode::OK, &body)
}

/// A number of a query, from 1 to a most; larger ones are cut to it.
fn size(seen: &Seen<'_>, name: &str, default: usize, most: usize) -> Option<usize> {
    match seen.call.query.get(name) {
        None => Some(default),
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| *size > 0)
            .map(|size: usize| size.min(most)),
    }
}

/// What a request has that its API does not take.
fn bad(words: &str) -> Answer {
    api_error(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "badRequest", words)
}

impl Google {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let form = token::form(call)?;
        // The body is what the documentation shows; Basic works as well (RFC 6749 section 2.3.1).
        let client = if call.basic().is_some() {
            token::basic_client(world, self, call, &form)?
        } else {
            token::client(world, self, call, &form)?.to_owned()
        };
        match form.get("grant_type") {
            Some("authorization_code") => {
                let redirect_uri = RedirectUri::Sent(form.get("redirect_uri"));
                let code = form.get("code").ok_or(Refusal::Malformed("code is missing"))?;
                let before = world.read(|ledger| ledger.approved_before(self.id(), &client, code));
                let number = token::redeem(world, self, &client, &form, redirect_uri, call.now)?;
                let given = Given {
                    access_life_ms: OAUTH.access_life_ms,
                    refresh: world.read(|ledger| {
                        ledger
                            .grants
                            .get(&number)
                            .is_some_and(|grant| is(grant, "offline") && (is(grant, "consent") || !before))
                    }),
                };
                if world.read(|ledger| {
                    ledger
                        .grants
                        .get(&number)
                        .is_some_and(|grant| is(grant, "incremental"))
                }) {
                    world.change(|ledger| ledger.add_earlier_scopes(number));
                }
                let issued = token::issue(world, &OAUTH, number, given, call.now)?;
                Ok(token_answer(&issued))
            }
            Some("refresh_token") => token::refresh(world, self, &OAUTH, &client, &form, call.now)
                .map(|issued| token_answer(&issued)),
            Some(_) => Err(Refusal::GrantType),
            None => Err(Refusal::Malformed("grant_type is missing")),
        }
    }

    /// Takes either token and ends everything that the account gave this app.
    fn revoke(&self, world: &World, call: &Call) -> Answer {
        let token = match token::form(call) {
            Ok(form) => form.get("token").map(str::to_owned),
            Err(refusal) => return oauth_error(&refusal),
        };
        let Some(token) = token else {
            return oauth_error(&Refusal::Malformed("token is missing"));
        };
        let live = |kind| match world.read(|ledger| ledger.token_state(self.id(), &token, kind, call.now)) {
            TokenState::Live(_, grant) => Some(grant),
            _ => None,
        };
        let Some(grant) = live(TokenKind::Refresh).or_else(|| live(TokenKind::Access)) else {
            let body = json!({"error": "invalid_token", "error_description": "Token expired or revoked"});
            return Answer::json(StatusCode::BAD_REQUEST, &body).refused("unknown or ended token");
        };
        world.change(|ledger| ledger.revoke_account(self.id(), &grant.account, Some(&grant.client_id)));
        Answer::json(StatusCode::OK, &json!({}))
    }

    fn userinfo(&self, world: &World, call: &Call) -> Answer {
        let (grant, account) = match self.caller(world, call, "openid") {
            Ok(caller) => caller,
            Err(refusal) => return refusal,
        };
        let mut body = json!({"sub": account.id});
        if has(&grant, "email") {
            body["email"] = json!(account.label);
            body["email_verified"] = json!(true);
        }
        Answer::json(StatusCode::OK, &body)
    }

    /// Who calls, where the token has the scope.
    fn caller(
        &self,
        world: &World,
        call: &Call,
        scope: &str,
    ) -> Result<(GrantRecord, &'static Account), Answer> {
        let state = call.bearer().map(|token| {
            world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        });
        let Some(TokenState::Live(_, grant)) = state else {
            let words = "Request had invalid authentication credentials.";
            return Err(api_error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "authError",
                words,
            ));
        };
        let account = self.account(&grant.account).ok_or_else(|| {
            api_error(
                StatusCode::UNAUTHORIZED,
                "UNAUTHENTICATED",
                "authError",
                "No such account.",
            )
        })?;
        if has(&grant, scope) {
            Ok((grant, account))
        } else {
            let words = "Request had insufficient authentication scopes.";
            Err(api_error(
                StatusCode::FORBIDDEN,
                "PERMISSION_DENIED",
                "insufficientPermissions",
                words,
            ))
        }
    }
}

fn is(grant: &GrantRecord, name: &str) -> bool {
    grant.context.get(name).is_some_and(|value| value == "true")
}

fn has(grant: &GrantRecord, scope: &str) -> bool {
    grant.scopes.iter().any(|granted| granted == scope)
}

/// The scopes are the ones that were granted, the short ones under their full names.
fn token_answer(issued: &Issued) -> Answer {
    let full = |scope: &String| {
        FULL_NAMES
            .iter()
            .find(|(short, _)| short == scope)
            .map_or_else(|| scope.clone(), |(_, full)| (*full).to_owned())
    };
    let scopes: Vec<String> = issued.grant.scopes.iter().map(full).collect();
    let mut body = json!({
        "access_token": issued.access,
        "expires_in": 3599,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if has(&issued.grant, "openid") {
        // Not signed by anyone: who needs to know whose account it is asks for it.
        body["id_token"] = json!("simulated.not-an-id-token.opaque");
    }
    Answer::json(StatusCode::OK, &body).with("cache-control", "no-store")
}

fn api_error(status: StatusCode, name: &str, reason: &str, message: &str) -> Answer {
    let body = json!({"error": {
        "code": status.as_u16(), "message": message, "status": name,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
    }});
    Answer::json(status, &body).refused(message)
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (status, error) = match refusal {
        Refusal::Malformed(_) | Refusal::NoClient => (StatusCode::BAD_REQUEST, "invalid_request"),
        Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(BadCode::Redirect) => (StatusCode::BAD_REQUEST, "redirect_uri_mismatch"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    let body = json!({"error": error, "error_description": refusal.reason()});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(refusal.reason())
}
