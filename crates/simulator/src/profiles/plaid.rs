//! Plaid, Hosted Link with Transactions.
//!
//! Sources: plaid/plaid-openapi `2020-09-14.yml` (2026-06-10) for the requests and answers of the seven calls, the limits
//! of their fields and the lives of tokens, the order of transactions (newest first, and it does not shift) and the states
//! of an Item's collection, of which the newest 30 days come first; plaid/tiny-quickstart `hosted_link` (2026-08-13) for the way of a session:
//! people come back to `completion_redirect_uri` whenever it ends, and the public token is then read from
//! `/link/token/get`, which has no `link_sessions` before the page was opened; public code of 2026 for the page's address;
//! plaid.com/docs/errors for shape and words.
//!
//! Own knowledge: the error codes of a used or foreign token, and that an Item of the sandbox asks for a new login after 30
//! days, and how long a collection lasts. Stricter than documented: `completion_redirect_uri` has to be a registered address (its query is free), a
//! client's name beyond 30 letters and an e-mail address as `client_user_id` are refused, a page is good for one session,
//! and production knows the United States only. More lenient: an app has one secret for both environments, at Plaid one
//! for each. Not played: credentials in headers, update mode, webhooks,
//! cursors of `/transactions/sync` and what it tells of changes.

mod calls;
mod items;
mod sample;
mod transactions;

use axum::http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::{Account, OAuth, Profile, Scope};
use crate::core::{
    answer::Answer,
    call::Call,
    consent::{self, Ask, Decision},
    ledger::AskedRecord,
    random::hash,
    world::World,
};

use calls::{Failure, Request};

const PAGE: &str = "secure.plaid.com";
const PAGES: &str = "/hl/";

/// What the page says; the calls are this profile's own.
static RULES: OAuth = OAuth {
    scopes: &[Scope {
        name: "transactions",
        words: "see the transactions of the accounts you pick",
    }],
    what: "bank",
    ..OAuth::STANDARD
};

/// Plaid.
pub struct Plaid;

/// Where a call goes: each environment has its own host, tokens and Items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Environment {
    Sandbox,
    Production,
}

impl Environment {
    fn of(host: &str) -> Option<Self> {
        match host {
            "sandbox.plaid.com" => Some(Self::Sandbox),
            "production.plaid.com" => Some(Self::Production),
            _ => None,
        }
    }

    /// As it stands in tokens.
    fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
}

impl Profile for Plaid {
    fn id(&self) -> &'static str {
        "plaid"
    }

    fn name(&self) -> &'static str {
        "Plaid"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["sandbox.plaid.com", "production.plaid.com", PAGE]
    }

    fn accounts(&self) -> &'static [Account] {
        &sample::ACCOUNTS
    }

    fn has_apps(&self) -> bool {
        true
    }

    fn plain_params(&self) -> &'static [&'static str] {
        &[
            "client_name",
            "country_codes",
            "language",
            "products",
            "transactions",
        ]
    }

    /// Whoever has a page's address can link.
    fn shown_path(&self, call: &Call) -> String {
        if call.host == PAGE && call.path.starts_with(PAGES) {
            format!("{PAGES}…")
        } else {
            call.path.clone()
        }
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        let Some(environment) = Environment::of(&call.host) else {
            return self.page(world, call).unwrap_or_else(|refusal| refusal);
        };
        let request = Request {
            world,
            call,
            environment,
        };
        let done = match call.path.as_str() {
            "/link/token/create" => self.create(&request),
            "/link/token/get" => self.get(&request),
            "/item/public_token/exchange" => self.exchange(&request),
            "/item/get" => self.item(&request),
            "/item/remove" => self.remove(&request),
            "/transactions/sync" => self.sync(&request),
            "/transactions/get" => self.transactions(&request),
            _ => Err(Failure::nothing_there("the requested endpoint does not exist")),
        };
        match done {
            Ok(body) => Answer::json(StatusCode::OK, &request.identified(body)),
            Err(failure) => failure.answer(&request),
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
        (stream == transactions::TRANSACTIONS.name).then(|| transactions::truth(world, account, from, to))
    }
}

impl Plaid {
    /// The hosted page: GET asks, POST decides; then back to the app, whatever was decided.
    fn page(&self, world: &World, call: &Call) -> Result<Answer, Answer> {
        let id = call
            .path
            .strip_prefix(PAGES)
            .ok_or_else(|| Answer::no_such_path(&call.host, &call.path))?;
        let asked = world
            .read(|ledger| ledger.asked.get(id).cloned())
            .filter(|asked| {
                asked.profile == self.id() && asked.decided.is_none() && call.now < asked.expires_at
            })
            .ok_or_else(|| consent::problem(self, "This link is not known, too old, or was used."))?;
        let back =
            Url::parse(&asked.back).map_err(|_| consent::problem(self, "This link leads back nowhere."))?;
        match call.method {
            Method::GET => {
                world.change(|ledger| {
                    if let Some(record) = ledger.asked.get_mut(id) {
                        record.opened_at.get_or_insert(call.now);
                    }
                });
                let ask = Ask {
                    host: &call.host,
                    back: &back,
                    scopes: &asked.scopes,
                    // The page asks for a bank, whoever comes.
                    which: false,
                };
                Ok(consent::page(self, &RULES, &ask))
            }
            Method::POST => {
                let account = match consent::decision(self, call)? {
                    Decision::Approve(account, _) => Some(account),
                    Decision::Deny => None,
                };
                self.decide(world, call, id, &asked, account)
                    .ok_or_else(|| consent::problem(self, "This was decided already."))?;
                Ok(Answer::see_other(back.as_str()))
            }
            _ => Err(Answer::wrong_method("GET, POST")),
        }
    }
}

/// The name of a session's page: made from the link token, so that none has to be kept.
fn page_of(link_token: &str) -> String {
    hash(link_token)
}

/// The public token of a session, made from it in the same way.
fn public_token_of(asked: &AskedRecord, page: &str, world: &World) -> String {
    let environment = asked.context.get("environment").map_or("", String::as_str);
    let id = uuid(&format!("{} public token of {page}", world.seed));
    format!("public-{environment}-{id}")
}

/// Something like a UUID, made from a text.
fn uuid(text: &str) -> String {
    let digits = hash(text);
    [0..8, 8..12, 12..16, 16..20, 20..32]
        .map(|range| &digits[range])
        .join("-")
}

/// A member of a JSON object that is there and not null.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|found| !found.is_null())
}
