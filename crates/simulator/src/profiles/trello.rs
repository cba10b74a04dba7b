//! Trello, OAuth 1.0a.
//!
//! Sources: RFC 5849 for the three steps, their signatures and what a callback carries;
//! developer.atlassian.com "Authorizing with Trello's REST API" for the addresses, `name`, `scope`, `expiration` (30 days
//! where none is given), the comma between scopes, and the `Authorization` header of API calls; "API reference: tokens,
//! members" for two calls (`actions.rs` names the sources of its own). Plain texts from what users report: `invalid key`,
//! `invalid token` and `expired token` (issues of several clients), `Invalid signature` with status 500 (Stack Overflow
//! 45516047), `Invalid return_url` for an origin that is not allowed (jchrom/trelloR issue 29).
//!
//! Own knowledge: how long a request token lives, the words for a stale request, and that a person who says no comes back
//! with the request token and no verifier. Stricter than documented: signed requests are POST with the parameters in the
//! header (RFC 5849 section 3.5.1), a request token without a callback is refused, and the callback has to be a registered
//! address, not only of an allowed origin. Not played: the key and token in an API call's query, signed API calls.

mod actions;

use axum::http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::{Account, Context, OAuth, Pkce, Profile, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    consent::{self, Ask, Decision},
    grants::{Claim, RedirectUri, TokenState},
    ledger::{AskedRecord, CodeRecord, GrantRecord, TokenKind},
    oauth1::{Refusal, Signed},
    random::hash,
    sample::truth,
    world::World,
};

const WEB: &str = "trello.com";
const API: &str = "api.trello.com";
const REQUEST: &str = "/1/OAuthGetRequestToken";
const AUTHORIZE: &str = "/1/OAuthAuthorizeToken";
const ACCESS: &str = "/1/OAuthGetAccessToken";
const TOKENS: &str = "/1/tokens/";
const HOUR_MS: i64 = 3_600_000;
/// How long a request token can be approved and exchanged.
const REQUEST_LIFE_MS: i64 = HOUR_MS;

const ACCOUNTS: [Account; 3] = [
    Account {
        id: "5e0f1a2b3c4d5e6f7a8b9c01",
        label: "anaruiz",
        name: "Ana Ruiz",
    },
    Account {
        id: "5e0f1a2b3c4d5e6f7a8b9c02",
        label: "acmeoperations",
        name: "Acme Operations",
    },
    Account {
        id: "5e0f1a2b3c4d5e6f7a8b9c03",
        label: "bencole",
        name: "Ben Cole",
    },
];

/// What the consent page says; the three steps are this profile's own.
static RULES: OAuth = OAuth {
    scopes: &[
        Scope {
            name: "read",
            words: "see your boards, lists, cards and workspaces",
        },
        Scope {
            name: "account",
            words: "see your email address",
        },
    ],
    scope_separator: ',',
    access_life_ms: None,
    access_prefix: "ATTA",
    token_length: 72,
    pkce: Pkce::Refused,
    ..OAuth::STANDARD
};

/// Trello.
pub struct Trello;

impl Profile for Trello {
    fn id(&self) -> &'static str {
        "trello"
    }

    fn name(&self) -> &'static str {
        "Trello"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[WEB, API]
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn has_apps(&self) -> bool {
        true
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &["expiration", "name"]
    }

    fn shown_path(&self, call: &Call) -> String {
        if call.path.starts_with(TOKENS) {
            format!("{TOKENS}…")
        } else {
            call.path.clone()
        }
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let done = match (call.host.as_str(), call.path.as_str(), &call.method) {
            (WEB, REQUEST, _) => self.request_token(world, call),
            (WEB, AUTHORIZE, &Method::GET | &Method::POST) => self.authorize(world, call),
            (WEB, AUTHORIZE, _) => Ok(Answer::wrong_method("GET, POST")),
            (WEB, ACCESS, _) => self.access_token(world, call),
            (API, "/1/members/me", &Method::GET) => self.me(world, call),
            (API, actions::BOARDS, &Method::GET) => self
                .reader(world, call)
                .and_then(|(_, account)| actions::boards(call, account)),
            (API, path, &Method::GET) if actions::board(path).is_some() => self
                .reader(world, call)
                .and_then(|(_, account)| actions::list(world, call, account)),
            (API, path, _)
                if path == "/1/members/me" || path == actions::BOARDS || actions::board(path).is_some() =>
            {
                Ok(Answer::wrong_method("GET"))
            }
            (API, path, &Method::DELETE) if path.starts_with(TOKENS) => self.delete(world, call),
            (API, path, _) if path.starts_with(TOKENS) => Ok(Answer::wrong_method("DELETE")),
            (host, path, _) => Ok(Answer::no_such_path(host, path)),
        };
        done.unwrap_or_else(|refusal| refusal)
    }

    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        let now = world.now();
        (stream == actions::ACTIONS.name)
            .then(|| truth(world.seed, &actions::ACTIONS, account, now, from, to))
    }
}

/// What someone may do in an API call.
struct Caller {
    number: u64,
    grant: GrantRecord,
}

impl Trello {
    /// RFC 5849 section 2.1.
    fn request_token(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let signed = Signed::read(call).map_err(|refusal| unsigned(&refusal))?;
        signed.check_form(call).map_err(|refusal| unsigned(&refusal))?;
        let (client_id, secret) = self.app(world, &signed)?;
        let callback = signed
            .get("oauth_callback")
            .ok_or_else(|| text(StatusCode::BAD_REQUEST, "missing oauth_callback"))?;
        signed
            .check_signature(world, call, &secret, "")
            .map_err(|refusal| unsigned(&refusal))?;
        let token = hash(&world.mint(40))[..32].to_owned();
        let record = AskedRecord {
            profile: self.id().to_owned(),
            client_id,
            back: callback.to_owned(),
            scopes: Vec::new(),
            context: Context::new(),
            asked_at: call.now,
            expires_at: call.now + REQUEST_LIFE_MS,
            opened_at: None,
            decided: None,
        };
        world.change(|ledger| ledger.add_asked(&token, record));
        Ok(form(&[
            ("oauth_token", &token),
            ("oauth_token_secret", &secret_of(world, &token)),
            ("oauth_callback_confirmed", "true"),
        ]))
    }

    /// RFC 5849 section 2.2: the consent page, and the way back.
    fn authorize(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let query = &call.query;
        if query.repeated().is_some() {
            return Err(consent::problem(self, "A parameter of the request came twice."));
        }
        let token = query
            .get("oauth_token")
            .ok_or_else(|| consent::problem(self, "The request names no request token (oauth_token)."))?;
        let asked = world
            .read(|ledger| ledger.asked(self.id(), token).cloned())
            .filter(|asked| asked.decided.is_none() && call.now < asked.expires_at)
            .ok_or_else(|| {
                consent::problem(self, "This request token is not known, too old, or was used.")
            })?;
        let back = self
            .registered(world, &asked)
            .ok_or_else(|| text(StatusCode::BAD_REQUEST, "Invalid return_url"))?;
        let scopes = scopes(query.get("scope"))?;
        let expiration = query.get("expiration").unwrap_or("30days");
        Life::of(expiration).ok_or_else(|| text(StatusCode::BAD_REQUEST, "invalid value for expiration"))?;
        if call.method == Method::GET {
            let ask = Ask {
                host: &call.host,
                back: &back,
                scopes: &scopes,
                which: false,
            };
            return Ok(consent::page(self, &RULES, &ask));
        }
        let account = match consent::decision(self, call)? {
            Decision::Approve(account, _) => Some(account.id),
            Decision::Deny => None,
        };
        if !world.change(|ledger| ledger.decide(token, account, call.now)) {
            return Err(consent::problem(self, "This was decided already."));
        }
        let mut to = back;
        to.query_pairs_mut().append_pair("oauth_token", token);
        if let Some(account) = account {
            let verifier = hash(&world.mint(40))[..32].to_owned();
            let record = CodeRecord {
                profile: self.id().to_owned(),
                client_id: asked.client_id,
                redirect_uri: asked.back,
                challenge: None,
                account: account.to_owned(),
                scopes,
                context: Context::from([
                    ("request-token".to_owned(), hash(token)),
                    ("expiration".to_owned(), expiration.to_owned()),
                ]),
                expires_at: asked.expires_at,
                spent_as: None,
            };
            world.change(|ledger| ledger.add_code(&verifier, record));
            to.query_pairs_mut().append_pair("oauth_verifier", &verifier);
        }
        Ok(Answer::see_other(to.as_str()))
    }

    /// RFC 5849 section 2.3. A verifier, and with it its request token, works once.
    fn access_token(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let signed = Signed::read(call).map_err(|refusal| unsigned(&refusal))?;
        signed.check_form(call).map_err(|refusal| unsigned(&refusal))?;
        let (client_id, secret) = self.app(world, &signed)?;
        let unknown = || text(StatusCode::UNAUTHORIZED, "invalid token");
        let token = signed.get("oauth_token").ok_or_else(unknown)?;
        let verifier = signed.get("oauth_verifier").ok_or_else(unknown)?;
        let own = |asked: &AskedRecord| asked.client_id == client_id;
        if !world.read(|ledger| ledger.asked(self.id(), token).is_some_and(own)) {
            return Err(unknown());
        }
        signed
            .check_signature(world, call, &secret, &secret_of(world, token))
            .map_err(|refusal| unsigned(&refusal))?;
        let carried = |name| {
            world.read(|ledger| {
                ledger
                    .carried_by_code(self.id(), verifier, name)
                    .map(str::to_owned)
            })
        };
        if carried("request-token") != Some(hash(token)) {
            return Err(unknown().refused("the verifier is not one of this request token"));
        }
        let expiration = carried("expiration").unwrap_or_default();
        let claim = Claim {
            profile: self.id(),
            client_id: &client_id,
            code: verifier,
            redirect_uri: RedirectUri::NotAsked,
            verifier: None,
        };
        let number = world
            .change(|ledger| ledger.redeem(&claim, call.now))
            .map_err(|_| unknown().refused("the verifier was used before, or is too old"))?;
        let access = format!("{}{}", RULES.access_prefix, world.mint(RULES.token_length));
        let ends = Life::of(&expiration).and_then(|life| life.end(call.now));
        world.change(|ledger| ledger.add_token(&access, number, TokenKind::Access, ends));
        Ok(form(&[
            ("oauth_token", &access),
            ("oauth_token_secret", &secret_of(world, &access)),
        ]))
    }

    /// Who reads, and whose data.
    fn reader(&self, world: &World, call: &Call) -> Result<(GrantRecord, &'static Account), Answer> {
        let Caller { grant, .. } = self.caller(world, call)?;
        if !grant.scopes.iter().any(|scope| scope == "read") {
            return Err(text(
                StatusCode::UNAUTHORIZED,
                "unauthorized permission requested",
            ));
        }
        let account = self
            .account(&grant.account)
            .ok_or_else(|| text(StatusCode::UNAUTHORIZED, "invalid token"))?;
        Ok((grant, account))
    }

    fn me(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let (grant, account) = self.reader(world, call)?;
        let email = grant
            .scopes
            .iter()
            .any(|scope| scope == "account")
            .then(|| format!("{}@example.com", account.label));
        let initials: String = account
            .name
            .split(' ')
            .filter_map(|word| word.chars().next())
            .collect();
        let body = json!({
            "id": account.id,
            "username": account.label,
            "fullName": account.name,
            "initials": initials,
            "memberType": "normal",
            "confirmed": true,
            "activityBlocked": false,
            "avatarHash": null,
            "avatarUrl": null,
            "bio": "",
            "email": email,
            "url": format!("https://trello.com/{}", account.label),
        });
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// A token ends itself.
    fn delete(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let caller = self.caller(world, call)?;
        let named = call.path.strip_prefix(TOKENS).unwrap_or_default();
        let state = world.read(|ledger| ledger.token_state(self.id(), named, TokenKind::Access, call.now));
        match state {
            TokenState::Live(number, _) if number == caller.number => {
                world.change(|ledger| ledger.revoke_grant(number));
                Ok(Answer::json(StatusCode::OK, &json!({"_value": null})))
            }
            _ => Err(text(StatusCode::NOT_FOUND, "token not found")),
        }
    }

    /// Who calls the API: `Authorization: OAuth oauth_consumer_key="…", oauth_token="…"`.
    fn caller(&self, world: &World, call: &Call) -> Result<Caller, Answer> {
        let refused = |words| text(StatusCode::UNAUTHORIZED, words);
        let named = Signed::read(call).map_err(|refusal| refused("invalid key").refused(refusal.reason()))?;
        let (key, token) = (named.get("oauth_consumer_key"), named.get("oauth_token"));
        let known = key.is_some_and(|key| world.read(|ledger| ledger.app(self.id(), key).is_some()));
        if !known {
            return Err(refused("invalid key"));
        }
        let token = token.ok_or_else(|| refused("unauthorized permission requested"))?;
        let state = world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now));
        match state {
            TokenState::Live(number, grant) if key == Some(grant.client_id.as_str()) => {
                Ok(Caller { number, grant })
            }
            TokenState::Expired => Err(refused("expired token")),
            _ => Err(refused("invalid token")),
        }
    }

    /// The app that signs, and its secret.
    fn app(&self, world: &World, signed: &Signed) -> Result<(String, String), Answer> {
        use secrecy::ExposeSecret;
        let key = signed.get("oauth_consumer_key").unwrap_or_default();
        if world.read(|ledger| ledger.app(self.id(), key).is_none()) {
            return Err(text(StatusCode::UNAUTHORIZED, "invalid key"));
        }
        // Kept in memory only: after a restart the app has to be registered again.
        let secret = world.secret(self.id(), key).ok_or_else(|| {
            text(StatusCode::INTERNAL_SERVER_ERROR, "Invalid signature")
                .refused("the app's secret is not known since the start")
        })?;
        Ok((key.to_owned(), secret.expose_secret().to_owned()))
    }

    /// The callback, where its address up to the query is registered for the app.
    fn registered(&self, world: &World, asked: &AskedRecord) -> Option<Url> {
        let back = Url::parse(&asked.back).ok()?;
        let mut bare = back.clone();
        bare.set_query(None);
        let knows = world.read(|ledger| {
            ledger
                .app(self.id(), &asked.client_id)
                .is_some_and(|app| app.knows(bare.as_str()))
        });
        (knows && back.fragment().is_none()).then_some(back)
    }
}

/// What is asked for: `read` where nothing is said.
fn scopes(asked: Option<&str>) -> Result<Vec<String>, Answer> {
    let scopes: Vec<String> = asked
        .unwrap_or("read")
        .split(RULES.scope_separator)
        .map(str::to_owned)
        .collect();
    let known = |scope: &String| RULES.scopes.iter().any(|known| known.name == scope);
    if scopes.iter().all(known) {
        Ok(scopes)
    } else {
        Err(text(StatusCode::BAD_REQUEST, "invalid value for scope"))
    }
}

/// How long a token lives.
#[derive(Clone, Copy)]
enum Life {
    Hours(i64),
    Endless,
}

impl Life {
    /// By Trello's word for it.
    fn of(expiration: &str) -> Option<Self> {
        match expiration {
            "1hour" => Some(Self::Hours(1)),
            "1day" => Some(Self::Hours(24)),
            "30days" => Some(Self::Hours(30 * 24)),
            "never" => Some(Self::Endless),
            _ => None,
        }
    }

    /// When it ends, in epoch milliseconds.
    fn end(self, now: i64) -> Option<i64> {
        match self {
            Self::Hours(hours) => Some(now + hours * HOUR_MS),
            Self::Endless => None,
        }
    }
}

/// The secret that belongs to a token. Made from it, so that none has to be kept.
fn secret_of(world: &World, token: &str) -> String {
    hash(&format!("{} token secret of {token}", world.seed))[..32].to_owned()
}

fn form(pairs: &[(&str, &str)]) -> Answer {
    Answer::form(StatusCode::OK, pairs.iter().copied()).with("cache-control", "no-store")
}

fn text(status: StatusCode, words: &'static str) -> Answer {
    Answer::text(status, words).refused(words)
}

/// RFC 5849 section 3.2, in Trello's words.
fn unsigned(refusal: &Refusal) -> Answer {
    let answer = match refusal {
        Refusal::Malformed(_) => text(StatusCode::BAD_REQUEST, "invalid OAuth parameters"),
        Refusal::Stale(_) => text(StatusCode::UNAUTHORIZED, "invalid timestamp or nonce"),
        Refusal::Signature => text(StatusCode::INTERNAL_SERVER_ERROR, "Invalid signature"),
    };
    answer.refused(refusal.reason())
}
