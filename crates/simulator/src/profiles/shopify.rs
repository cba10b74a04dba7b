//! Shopify, a public app with expiring offline tokens.
//!
//! Sources: Shopify/shopify-api-ruby `docs/usage/oauth.md`, `auth_query.rb`, `hmac_validator.rb`, `refresh_token.rb` and
//! `shop_validator.rb` (2026-08-04) for the requests and the signed callback;
//! shopify.dev "use expiring offline access tokens", "offline access tokens" and the changelog of 2026-08-28 ("more
//! resilient refreshes") for `expiring`, the refresh and the old token's grace; the GraphQL Admin API for the shop; public
//! clients for `DELETE /admin/api_permissions/current.json`. The words of token errors are own knowledge. Stricter than
//! documented: parameters that the token endpoint does not document are refused, and so is PKCE.

mod lists;

use axum::http::{Method, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use super::{Account, Back, Context, OAuth, Pairs, Pkce, Profile, Rotation, Scope, Told};
use crate::core::{
    answer::Answer,
    call::Call,
    grants::{BadCode, RedirectUri, TokenState},
    ledger::{GrantRecord, TokenKind},
    params::Params,
    provider::Seen,
    random::hex,
    token::{self, Given, Issued, Refusal},
    world::World,
};

const DOMAIN: &str = ".myshopify.com";
const AUTHORIZE: &str = "/admin/oauth/authorize";
const TOKEN: &str = "/admin/oauth/access_token";
const UNINSTALL: &str = "/admin/api_permissions/current.json";
/// The versions of the Admin API that are served at a time.
const VERSIONS: [&str; 4] = ["2025-10", "2026-01", "2026-04", "2026-07"];
const REFRESH_LIFE_S: i64 = 7_776_000;

/// The shops that there are: the account's name is the shop's host.
const ACCOUNTS: [Account; 3] = [
    Account {
        id: "gid://shopify/Shop/63000000101",
        label: "Acme",
        name: "acme.myshopify.com",
    },
    Account {
        id: "gid://shopify/Shop/63000000102",
        label: "Acme Outlet",
        name: "acme-outlet.myshopify.com",
    },
    Account {
        id: "gid://shopify/Shop/63000000103",
        label: "Globex",
        name: "globex.myshopify.com",
    },
];

static OAUTH: OAuth = OAuth {
    authorize_host: "",
    authorize_path: AUTHORIZE,
    response_type_required: false,
    scopes: &[
        Scope {
            name: "read_orders",
            words: "see orders of the last 60 days",
        },
        Scope {
            name: "read_products",
            words: "see products",
        },
        Scope {
            name: "read_customers",
            words: "see customers",
        },
    ],
    scope_separator: ',',
    scope_required: true,
    unknown_scope: "invalid_scope",
    denied: &[],
    code_life_ms: 10 * 60_000,
    access_life_ms: Some(3_600_000),
    access_prefix: "shpat_",
    refresh_prefix: Some("shprt_"),
    token_length: 32,
    pkce: Pkce::Refused,
    optional_scopes: &[],
    refresh_life_ms: Some(REFRESH_LIFE_S * 1000),
    consent_life_ms: None,
    most_refresh_tokens: None,
    rotation: Rotation::Grace,
    what: "shop",
    unasked: "",
    ..OAuth::STANDARD
};

/// Shopify.
pub struct Shopify;

impl Profile for Shopify {
    fn id(&self) -> &'static str {
        "shopify"
    }

    fn name(&self) -> &'static str {
        "Shopify"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }

    /// Every shop has a host, also those that don't exist: they are answered with Shopify's own page.
    fn owns(&self, host: &str) -> bool {
        host.ends_with(DOMAIN)
    }

    fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    fn accounts_at(&self, host: &str) -> Vec<&'static Account> {
        ACCOUNTS.iter().filter(|shop| shop.name == host).collect()
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(&OAUTH)
    }

    fn authorizes(&self, call: &Call) -> bool {
        call.path == AUTHORIZE && shop_at(&call.host).is_some()
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        Ok(Context::from([("shop".to_owned(), call.host.clone())]))
    }

    /// Adds shop, host and timestamp, and signs all of it with the app's secret.
    fn send_back(&self, world: &World, back: &Back<'_>, mut pairs: Pairs) -> Option<Pairs> {
        let secret = world.secret(self.id(), back.client_id)?;
        let name = back.host.strip_suffix(DOMAIN).unwrap_or_default();
        let admin = STANDARD_NO_PAD.encode(format!("admin.shopify.com/store/{name}"));
        pairs.push(("host".to_owned(), admin));
        pairs.push(("shop".to_owned(), back.host.to_owned()));
        pairs.push(("timestamp".to_owned(), (back.now / 1000).to_string()));
        pairs.sort();
        let message = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
        mac.update(message.as_bytes());
        pairs.push(("hmac".to_owned(), hex(&mac.finalize().into_bytes())));
        Some(pairs)
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        if shop_at(&call.host).is_none() {
            let page = "<!doctype html><title>Not found</title><h1>This shop does not exist.</h1>".to_owned();
            return Answer::html(StatusCode::NOT_FOUND, page).refused("no such shop");
        }
        match (call.path.as_str(), &call.method) {
            (TOKEN, &Method::POST) => self
                .token(world, call)
                .unwrap_or_else(|refusal| oauth_error(&refusal)),
            (TOKEN, _) => Answer::wrong_method("POST"),
            (UNINSTALL, &Method::DELETE) => self.uninstall(world, call),
            (UNINSTALL, _) => Answer::wrong_method("DELETE"),
            (path, method) => match graphql_version(path) {
                Some(version) if !VERSIONS.contains(&version) => {
                    api_error(StatusCode::NOT_FOUND, "Not Found")
                }
                Some(_) if method == Method::POST => self.graphql(world, call),
                Some(_) => Answer::wrong_method("POST"),
                None => Answer::no_such_path(&call.host, path),
            },
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
        lists::truth(world, account, stream, from, to)
    }
}

impl Shopify {
    fn token(&self, world: &World, call: &Call) -> Result<Answer, Refusal> {
        let fields = if call.form().is_some() {
            token::form(call)?
        } else {
            token::json(call)?
        };
        let client = token::client(world, self, call, &fields)?;
        match fields.get("grant_type") {
            None => self.exchange(world, call, client, &fields),
            Some("refresh_token") => {
                known(
                    &fields,
                    &["client_id", "client_secret", "grant_type", "refresh_token"],
                )?;
                self.same_shop(world, call, &fields)?;
                let issued = token::refresh(world, self, &OAUTH, client, &fields, call.now)?;
                Ok(token_answer(&issued))
            }
            Some(_) => Err(Refusal::GrantType),
        }
    }

    fn exchange(&self, world: &World, call: &Call, client: &str, fields: &Params) -> Result<Answer, Refusal> {
        known(fields, &["client_id", "client_secret", "code", "expiring"])?;
        let expiring = match fields.get("expiring") {
            None | Some("0") => false,
            Some("1") => true,
            Some(_) => return Err(Refusal::Malformed("expiring is 0 or 1")),
        };
        let code = fields.get("code").ok_or(Refusal::Malformed("code is missing"))?;
        let of_this_shop =
            world.read(|ledger| ledger.carried_by_code(self.id(), code, "shop") == Some(call.host.as_str()));
        if !of_this_shop {
            return Err(Refusal::Code(BadCode::Unknown));
        }
        let number = token::redeem(world, self, client, fields, RedirectUri::NotAsked, call.now)?;
        let given = Given {
            access_life_ms: OAUTH.access_life_ms.filter(|_| expiring),
            refresh: expiring,
        };
        token::issue(world, &OAUTH, number, given, call.now).map(|issued| token_answer(&issued))
    }

    /// A token of one shop is nothing at another.
    fn same_shop(&self, world: &World, call: &Call, fields: &Params) -> Result<(), Refusal> {
        let token = fields.get("refresh_token").unwrap_or_default();
        let here = world.read(|ledger| {
            ledger
                .grant_behind(self.id(), token)
                .is_some_and(|(_, grant)| is_of(grant, &call.host))
        });
        here.then_some(()).ok_or(Refusal::Refresh)
    }

    /// The grant of the token in the header.
    fn caller(&self, world: &World, call: &Call) -> Result<GrantRecord, Answer> {
        let state = call.header("x-shopify-access-token").map(|token| {
            world.read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, call.now))
        });
        match state {
            Some(TokenState::Live(_, grant)) if is_of(&grant, &call.host) => Ok(grant),
            _ => Err(api_error(
                StatusCode::UNAUTHORIZED,
                "[API] Invalid API key or access token (unrecognized login or wrong password)",
            )),
        }
    }

    /// Ends everything that the shop gave this app.
    fn uninstall(&self, world: &World, call: &Call) -> Answer {
        match self.caller(world, call) {
            Ok(grant) => {
                world.change(|ledger| {
                    ledger.revoke_account(self.id(), &grant.account, Some(&grant.client_id))
                });
                Answer::json(StatusCode::OK, &json!({}))
            }
            Err(refusal) => refusal,
        }
    }

    /// Fields of the shop, and lists of what is in it.
    fn graphql(&self, world: &World, call: &Call) -> Answer {
        let grant = match self.caller(world, call) {
            Ok(grant) => grant,
            Err(refusal) => return refusal,
        };
        let body = call.json().unwrap_or_default();
        let query = body["query"].as_str().unwrap_or_default();
        if let (Some(list), Some(account)) = (lists::asked_for(query), self.account(&grant.account)) {
            let seen = Seen {
                world,
                call,
                grant: &grant,
                account,
            };
            return lists::answer(&seen, &list, &body["variables"]);
        }
        let words: Vec<&str> = query
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let (Some(("shop", fields)), Some(shop)) = (
            words.split_first().map(|(first, rest)| (*first, rest)),
            self.account(&grant.account),
        ) else {
            return graphql_error("Only the shop can be asked for here (simulated provider).");
        };
        let mut found = Map::new();
        for field in fields {
            let value = match *field {
                "id" => shop.id.to_owned(),
                "name" => shop.label.to_owned(),
                "myshopifyDomain" => shop.name.to_owned(),
                "email" => format!("owner@{}.example", shop.label.to_lowercase().replace(' ', "-")),
                _ => return graphql_error("Field doesn't exist on type 'Shop'"),
            };
            found.insert((*field).to_owned(), Value::String(value));
        }
        Answer::json(StatusCode::OK, &json!({"data": {"shop": found}}))
    }
}

fn shop_at(host: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|shop| shop.name == host)
}

fn is_of(grant: &GrantRecord, host: &str) -> bool {
    grant.context.get("shop").is_some_and(|shop| shop == host)
}

fn graphql_version(path: &str) -> Option<&str> {
    path.strip_prefix("/admin/api/")?.strip_suffix("/graphql.json")
}

/// Refuses what is not documented.
fn known(fields: &Params, names: &[&str]) -> Result<(), Refusal> {
    if fields.iter().all(|(name, _)| names.contains(&name)) {
        Ok(())
    } else {
        Err(Refusal::Malformed("a parameter that is not documented"))
    }
}

fn token_answer(issued: &Issued) -> Answer {
    let mut body = json!({"access_token": issued.access, "scope": issued.grant.scopes.join(",")});
    if let Some(refresh) = &issued.refresh {
        body["expires_in"] = json!(3600);
        body["refresh_token"] = json!(refresh);
        body["refresh_token_expires_in"] = json!(REFRESH_LIFE_S);
    }
    Answer::json(StatusCode::OK, &body).with("cache-control", "no-store")
}

fn oauth_error(refusal: &Refusal) -> Answer {
    let (error, words) = match refusal {
        Refusal::NoClient | Refusal::Client => ("invalid_client", refusal.reason()),
        Refusal::Code(_) => (
            "invalid_request",
            "The authorization code was not found or was already used",
        ),
        Refusal::Malformed(_) => ("invalid_request", refusal.reason()),
        Refusal::GrantType => ("unsupported_grant_type", refusal.reason()),
        Refusal::Refresh => ("invalid_grant", "Token has been expired or revoked."),
    };
    let body = json!({"error": error, "error_description": words});
    Answer::json(StatusCode::BAD_REQUEST, &body).refused(refusal.reason())
}

fn api_error(status: StatusCode, words: &str) -> Answer {
    Answer::json(status, &json!({"errors": words})).refused(words)
}

/// Errors of GraphQL come with status 200.
fn graphql_error(words: &str) -> Answer {
    Answer::json(StatusCode::OK, &json!({"errors": [{"message": words}]})).refused(words)
}
