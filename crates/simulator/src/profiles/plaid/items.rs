//! Link sessions, and the Items that come of them.

use serde_json::{Value, json};
use url::Url;

use super::{
    Environment, Plaid, RULES,
    calls::{Body, Failure, Request, invalid},
    page_of, public_token_of, sample, uuid,
};
use crate::{
    core::{
        call::Call,
        grants::{Claim, RedirectUri, TokenState},
        history::iso,
        ledger::{AskedRecord, CodeRecord, GrantRecord, TokenKind},
        world::World,
    },
    profiles::{Account, Context, Profile},
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long a hosted page is good, where the request says nothing else.
const PAGE_LIFE_MS: i64 = 30 * MINUTE_MS;
const PUBLIC_TOKEN_LIFE_MS: i64 = 30 * MINUTE_MS;
/// After which an Item of the sandbox asks for a new login.
const SANDBOX_LOGIN_MS: i64 = 30 * DAY_MS;
const LANGUAGES: [&str; 17] = [
    "da", "de", "en", "es", "et", "fr", "hi", "it", "lt", "lv", "nl", "no", "pl", "pt", "ro", "sv", "vi",
];
const COUNTRIES: [&str; 20] = [
    "AT", "BE", "CA", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "IE", "IT", "LT", "LV", "NL", "NO", "PL",
    "PT", "SE", "US",
];
/// What a new app may offer in production.
const ENABLED: [&str; 1] = ["US"];

impl Plaid {
    pub(super) fn create(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let known = [
            "client_name",
            "language",
            "country_codes",
            "user",
            "products",
            "transactions",
            "hosted_link",
            "webhook",
            "redirect_uri",
        ];
        let body = request.body(&known, 5)?;
        check_words(request, &body)?;
        let products = check_products(&body)?;
        let token = format!(
            "link-{}-{}",
            request.environment.word(),
            uuid(&request.world.mint(40))
        );
        let now = request.call.now;
        let mut answer = json!({"link_token": token, "expiration": iso(now + 4 * 60 * MINUTE_MS, false)});
        let Some(hosted) = body.fields.get("hosted_link") else {
            return Ok(answer);
        };
        let (back, life) = self.check_hosted(request, &body, hosted)?;
        answer["expiration"] = json!(iso(now + life, false));
        answer["hosted_link_url"] = json!(format!("https://secure.plaid.com/hl/{}", page_of(&token)));
        let record = AskedRecord {
            profile: self.id().to_owned(),
            client_id: body.client_id.clone(),
            back,
            scopes: products,
            context: Context::from([
                ("environment".to_owned(), request.environment.word().to_owned()),
                ("days".to_owned(), days_requested(&body).to_string()),
            ]),
            asked_at: now,
            expires_at: now + life,
            opened_at: None,
            decided: None,
        };
        request.world.change(|ledger| ledger.add_asked(&token, record));
        Ok(answer)
    }

    /// Where the page leads back to, and how long it is good.
    fn check_hosted(
        &self,
        request: &Request<'_>,
        body: &Body,
        hosted: &Value,
    ) -> Result<(String, i64), Failure> {
        let fields = hosted
            .as_object()
            .ok_or_else(|| invalid("hosted_link", "must be an object"))?;
        let known = ["completion_redirect_uri", "url_lifetime_seconds", "is_mobile_app"];
        if fields.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(Failure::request(
                "UNKNOWN_FIELDS",
                "hosted_link has a field that is not known",
            ));
        }
        let back = body
            .member("hosted_link", "completion_redirect_uri")
            .and_then(Value::as_str);
        let back = back.ok_or_else(|| invalid("hosted_link.completion_redirect_uri", "is missing"))?;
        let bare = Url::parse(back).ok().map(|mut url| {
            url.set_query(None);
            url
        });
        let registered = bare.is_some_and(|bare| {
            request.world.read(|ledger| {
                ledger
                    .app(self.id(), &body.client_id)
                    .is_some_and(|app| app.knows(bare.as_str()))
            })
        });
        if !registered {
            return Err(invalid(
                "hosted_link.completion_redirect_uri",
                "is not configured for this client",
            ));
        }
        let life = match body.member("hosted_link", "url_lifetime_seconds") {
            None => PAGE_LIFE_MS,
            Some(seconds) => {
                let seconds = seconds
                    .as_i64()
                    .filter(|seconds| (1..=21 * 86_400).contains(seconds));
                seconds.ok_or_else(|| invalid("hosted_link.url_lifetime_seconds", "is not a life"))? * 1000
            }
        };
        Ok((back.to_owned(), life))
    }

    /// A person's decision: with an account the public token becomes good. `None` where it was decided before.
    pub(super) fn decide(
        &self,
        world: &World,
        call: &Call,
        page: &str,
        asked: &AskedRecord,
        account: Option<&Account>,
    ) -> Option<()> {
        let first = world.change(|ledger| {
            let record = ledger
                .asked
                .get_mut(page)
                .filter(|record| record.decided.is_none())?;
            record.opened_at.get_or_insert(call.now);
            record.decided = Some(crate::core::ledger::Decided {
                account: account.map(|account| account.id.to_owned()),
                at: call.now,
            });
            Some(())
        });
        first?;
        if let Some(account) = account {
            let mut context = asked.context.clone();
            // Linking the same bank again makes another Item.
            let item: String = world.mint(37);
            context.insert("item".to_owned(), item);
            context.insert("linked-at".to_owned(), call.now.to_string());
            let record = CodeRecord {
                profile: self.id().to_owned(),
                client_id: asked.client_id.clone(),
                redirect_uri: asked.back.clone(),
                challenge: None,
                account: account.id.to_owned(),
                scopes: asked.scopes.clone(),
                context,
                expires_at: call.now + PUBLIC_TOKEN_LIFE_MS,
                spent_as: None,
            };
            let token = public_token_of(asked, page, world);
            world.change(|ledger| ledger.add_code(&token, record));
        }
        Some(())
    }

    pub(super) fn get(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let body = request.body(&["link_token"], 1)?;
        let token = body.text("link_token")?;
        of_environment(request, token, "link")?;
        let asked = request
            .world
            .read(|ledger| ledger.asked(self.id(), token).cloned())
            .filter(|asked| asked.client_id == body.client_id)
            .ok_or_else(|| Failure::input("INVALID_LINK_TOKEN", "could not find matching link token"))?;
        let mut answer = json!({
            "link_token": token,
            "created_at": iso(asked.asked_at, false),
            "expiration": iso(asked.expires_at, false),
            "metadata": {
                "initial_products": asked.scopes,
                "webhook": null,
                "country_codes": ENABLED,
                "language": "en",
                "institution_data": null,
                "account_filters": null,
                "redirect_uri": null,
                "client_name": "Patchbay",
            },
        });
        // Only once someone opened the page.
        if asked.opened_at.is_some() {
            answer["link_sessions"] = json!([session(request.world, &asked, &page_of(token))]);
        }
        Ok(answer)
    }

    pub(super) fn exchange(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let body = request.body(&["public_token"], 1)?;
        let token = body.text("public_token")?;
        of_environment(request, token, "public")?;
        let claim = Claim {
            profile: self.id(),
            client_id: &body.client_id,
            code: token,
            redirect_uri: RedirectUri::NotAsked,
            verifier: None,
        };
        let unknown = |_| Failure::input("INVALID_PUBLIC_TOKEN", "could not find matching public token");
        let item = request.world.read(|ledger| {
            ledger
                .carried_by_code(self.id(), token, "item")
                .map(str::to_owned)
        });
        let number = request
            .world
            .change(|ledger| ledger.redeem(&claim, request.call.now))
            .map_err(unknown)?;
        let access = format!(
            "access-{}-{}",
            request.environment.word(),
            uuid(&request.world.mint(40))
        );
        request
            .world
            .change(|ledger| ledger.add_token(&access, number, TokenKind::Access, None));
        Ok(json!({"access_token": access, "item_id": item}))
    }

    pub(super) fn item(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let (_, grant) = self.owner(request)?;
        let bank = self.account(&grant.account);
        let linked_at: i64 = carried(&grant, "linked-at").parse().unwrap_or_default();
        let error = needs_login(request, linked_at).map(|failure| failure.value());
        Ok(json!({
            "item": {
                "item_id": carried(&grant, "item"),
                "institution_id": bank.map(|bank| bank.id),
                "institution_name": bank.map(|bank| bank.label),
                "available_products": ["balance"],
                "billed_products": grant.scopes,
                "products": grant.scopes,
                "consented_products": grant.scopes,
                "consent_expiration_time": null,
                "created_at": iso(linked_at, false),
                "error": error,
                "auth_method": null,
                "update_type": "background",
                "webhook": null,
            },
            "status": {
                "transactions": {"last_successful_update": iso(request.call.now, false), "last_failed_update": null},
                "last_webhook": null,
            },
        }))
    }

    pub(super) fn remove(&self, request: &Request<'_>) -> Result<Value, Failure> {
        let (number, _) = self.owner(request)?;
        request.world.change(|ledger| ledger.revoke_grant(number));
        Ok(json!({}))
    }

    /// The Item of the access token in the body.
    fn owner(&self, request: &Request<'_>) -> Result<(u64, GrantRecord), Failure> {
        let body = request.body(&["access_token"], 1)?;
        self.owner_of(request, &body)
    }

    /// The same, of a body that holds more.
    pub(super) fn owner_of(&self, request: &Request<'_>, body: &Body) -> Result<(u64, GrantRecord), Failure> {
        let token = body.text("access_token")?;
        of_environment(request, token, "access")?;
        let state = request
            .world
            .read(|ledger| ledger.token_state(self.id(), token, TokenKind::Access, request.call.now));
        match state {
            TokenState::Live(number, grant) if grant.client_id == body.client_id => Ok((number, grant)),
            TokenState::Revoked => Err(Failure::item(
                "ITEM_NOT_FOUND",
                "the Item you requested cannot be found; it was removed, or the user withdrew access",
            )),
            _ => Err(Failure::input(
                "INVALID_ACCESS_TOKEN",
                "could not find matching access token",
            )),
        }
    }
}

pub(super) fn carried<'a>(grant: &'a GrantRecord, name: &str) -> &'a str {
    grant.context.get(name).map_or("", String::as_str)
}

/// A token says which environment it is of, and is good in no other.
fn of_environment(request: &Request<'_>, token: &str, kind: &'static str) -> Result<(), Failure> {
    let code = match kind {
        "link" => "INVALID_LINK_TOKEN",
        "public" => "INVALID_PUBLIC_TOKEN",
        _ => "INVALID_ACCESS_TOKEN",
    };
    let own = format!("{kind}-{}-", request.environment.word());
    if token.starts_with(&own) {
        Ok(())
    } else {
        let message = format!("the {kind} token is in an invalid format, or for the wrong Plaid environment");
        Err(Failure::input(code, message))
    }
}

/// Name, language, countries and user.
fn check_words(request: &Request<'_>, body: &Body) -> Result<(), Failure> {
    if body.text("client_name")?.chars().count() > 30 {
        return Err(invalid("client_name", "must be no longer than 30 characters"));
    }
    if !LANGUAGES.contains(&body.text("language")?) {
        return Err(invalid("language", "must be a supported language"));
    }
    let countries = body.texts("country_codes")?;
    let offered: &[&str] = match request.environment {
        Environment::Sandbox => &COUNTRIES,
        Environment::Production => &ENABLED,
    };
    if countries.iter().any(|code| !offered.contains(code)) {
        return Err(invalid(
            "country_codes",
            "must be supported and enabled for this client",
        ));
    }
    let user = body.member("user", "client_user_id").and_then(Value::as_str);
    match user.filter(|id| !id.is_empty() && !id.contains('@')) {
        Some(_) => Ok(()),
        None => Err(invalid(
            "user.client_user_id",
            "must be an id that says nothing about a person",
        )),
    }
}

/// The products, and what is asked of them.
fn check_products(body: &Body) -> Result<Vec<String>, Failure> {
    let products = body.texts("products")?;
    let offered = |product: &str| RULES.scopes.iter().any(|known| known.name == product);
    if !products.iter().all(|product| offered(product)) {
        return Err(Failure::input(
            "INVALID_PRODUCT",
            "client is not authorized to access one of the products",
        ));
    }
    if let Some(transactions) = body.fields.get("transactions") {
        let days = super::member(transactions, "days_requested").and_then(Value::as_u64);
        if !days.is_some_and(|days| (1..=730).contains(&days)) {
            return Err(invalid(
                "transactions.days_requested",
                "must be between 1 and 730",
            ));
        }
    }
    Ok(products.into_iter().map(str::to_owned).collect())
}

/// What is wrong with an Item of the sandbox that was linked long ago.
pub(super) fn needs_login(request: &Request<'_>, linked_at: i64) -> Option<Failure> {
    let old = request.call.now - linked_at >= SANDBOX_LOGIN_MS;
    (old && request.environment == Environment::Sandbox).then(|| {
        Failure::item(
            "ITEM_LOGIN_REQUIRED",
            "the login details of this item have changed and a user login is required to update this information",
        )
    })
}

/// How many days of transactions are collected.
fn days_requested(body: &Body) -> u64 {
    let asked = body.member("transactions", "days_requested");
    asked.and_then(Value::as_u64).unwrap_or(90)
}

/// What `/link/token/get` tells of a session.
fn session(world: &World, asked: &AskedRecord, page: &str) -> Value {
    let id = uuid(&format!("session of {page}"));
    let decided = asked.decided.as_ref();
    let account = decided.and_then(|decided| decided.account.as_deref());
    let bank = sample::ACCOUNTS.iter().find(|bank| Some(bank.id) == account);
    let results = bank.map(|bank| {
        json!({"item_add_results": [{
            "public_token": public_token_of(asked, page, world),
            "accounts": [{
                "id": uuid(&format!("account of {page}")),
                "name": bank.name,
                "mask": bank.name.rsplit(' ').next(),
                "type": "depository",
                "subtype": "checking",
                "verification_status": null,
                "class_type": null,
            }],
            "institution": {"name": bank.label, "institution_id": bank.id},
        }]})
    });
    let exit = decided.filter(|decided| decided.account.is_none()).map(|_| {
        json!({"error": null, "metadata": {
            "institution": null, "status": "requires_account_selection", "link_session_id": id, "request_id": "0000000000exit0",
        }})
    });
    json!({
        "link_session_id": id,
        "started_at": asked.opened_at.map(|at| iso(at, false)),
        "finished_at": decided.map(|decided| iso(decided.at, false)),
        "events": [],
        "exit": exit,
        "results": results,
    })
}
