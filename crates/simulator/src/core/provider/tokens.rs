//! Where codes and refresh tokens become access tokens (RFC 6749 sections 4.1.3 and 6).

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{APPROVED_BEFORE, CONSENT_HOST, Desk, is_host, is_path};
use crate::{
    core::{
        answer::Answer,
        call::Call,
        grants::{BadCode, RedirectUri},
        ledger::GrantRecord,
        params::Params,
        token::{self, Given, Issued, Refusal},
    },
    profiles::{Account, Context, OAuth, Profile as _},
};

/// Where an app's id and secret are read (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// In the body.
    Body,
    /// In an `Authorization: Basic` header.
    Basic,
    /// In either, but not in both.
    Either,
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As a form.
    Form,
    /// As JSON.
    Json,
}

/// A token endpoint.
pub struct TokenDesk {
    /// Its host; `*` stands for one label.
    pub host: &'static str,
    /// Its path; a `*` stands for one segment.
    pub path: &'static str,
    /// Another path for refresh tokens, where there is one: then only that one takes them, and the grant type may be
    /// left out.
    pub refresh_path: Option<&'static str>,
    /// True where a code is exchanged with the app's id and secret and the code: no grant type, no redirect URI.
    pub bare: bool,
    /// Where the app's id and secret are read.
    pub credentials: Credentials,
    /// How the body is written.
    pub body: Encoding,
    /// True where the host has to be the one of the consent page: each customer has a host.
    pub same_host: bool,
    /// True where a refresh has to repeat the redirect URI.
    pub redirect_uri_on_refresh: bool,
    /// Checks that a code is redeemed where its context says.
    pub code_fits: fn(&Call, &Context) -> Result<(), Refusal>,
    /// Whether a refresh token comes with an approval, where the rules give any.
    pub refresh_if: fn(&GrantRecord) -> bool,
    /// The rules for one request: some providers let it choose how long tokens live.
    pub rules: fn(&'static OAuth, &Params) -> OAuth,
    /// Checks what only this provider asks for: headers, parameters.
    pub check: fn(&Call, &Params) -> Result<(), Refusal>,
    /// What is answered.
    pub answer: fn(&Handed<'_>) -> Value,
    /// How a refusal is said.
    pub error: fn(&Refusal) -> Answer,
}

impl TokenDesk {
    /// Form in, credentials in the body, answer and errors as RFC 6749 sections 5.1 and 5.2 have them.
    pub const STANDARD: Self = Self {
        host: "",
        path: "",
        refresh_path: None,
        bare: false,
        credentials: Credentials::Body,
        body: Encoding::Form,
        same_host: false,
        redirect_uri_on_refresh: false,
        code_fits: |_, _| Ok(()),
        refresh_if: |_| true,
        rules: |rules, _| *rules,
        check: |_, _| Ok(()),
        answer: standard_answer,
        error: standard_error,
    };
}

/// Tokens that are about to be handed over.
pub struct Handed<'a> {
    /// The tokens and their grant.
    pub issued: &'a Issued,
    /// Whose.
    pub account: &'static Account,
    /// By which rules.
    pub rules: &'a OAuth,
    /// The request.
    pub call: &'a Call,
}

impl Handed<'_> {
    /// The seconds that the access token lives, where it has an end.
    pub fn seconds(&self) -> Option<i64> {
        self.rules.access_life_ms.map(|life| life / 1000)
    }

    /// The granted scopes, with this provider's separator.
    pub fn scope(&self) -> String {
        self.issued
            .grant
            .scopes
            .join(&self.rules.scope_separator.to_string())
    }
}

/// The answer of RFC 6749 section 5.1; what there is none of is left out.
pub fn standard_answer(handed: &Handed<'_>) -> Value {
    let mut body = json!({"access_token": handed.issued.access, "token_type": "Bearer"});
    if let Some(seconds) = handed.seconds() {
        body["expires_in"] = json!(seconds);
    }
    if let Some(refresh) = &handed.issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    if !handed.issued.grant.scopes.is_empty() {
        body["scope"] = json!(handed.scope());
    }
    body
}

/// The error of RFC 6749 section 5.2.
pub fn standard_error(refusal: &Refusal) -> Answer {
    let (status, word) = match refusal {
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
        Refusal::NoClient | Refusal::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Refusal::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Refusal::Code(_) | Refusal::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant"),
    };
    error(status, word, refusal.reason())
}

/// `{"error": …, "error_description": …}`, marked as a refusal.
pub fn error(status: StatusCode, word: &str, reason: &str) -> Answer {
    let body = json!({"error": word, "error_description": reason});
    Answer::json(status, &body)
        .with("cache-control", "no-store")
        .refused(reason)
}

impl Desk<'_> {
    /// A code or a refresh token becomes tokens.
    pub(super) fn tokens(&self) -> Result<Answer, Refusal> {
        let desk = &self.provider.tokens;
        let fields = self.fields(desk.body)?;
        (desk.check)(self.call, &fields)?;
        let client = self.client(desk.credentials, &fields)?;
        let rules = (desk.rules)(self.provider.oauth, &fields);
        let issued = match desk.brings(self.call, &fields)? {
            Brings::Code => self.exchange(desk, &rules, &client, &fields)?,
            Brings::RefreshToken => self.refresh(desk, &rules, &client, &fields)?,
        };
        let account = (&self.provider)
            .account(&issued.grant.account)
            .ok_or(Refusal::Refresh)?;
        let body = (desk.answer)(&Handed {
            issued: &issued,
            account,
            rules: &rules,
            call: self.call,
        });
        Ok(Answer::json(StatusCode::OK, &body).with("cache-control", "no-store"))
    }

    fn exchange(
        &self,
        desk: &TokenDesk,
        rules: &OAuth,
        client: &str,
        fields: &Params,
    ) -> Result<Issued, Refusal> {
        let Self { world, call, .. } = self;
        let redirect_uri = if desk.bare {
            RedirectUri::NotAsked
        } else {
            RedirectUri::Sent(fields.get("redirect_uri"))
        };
        let code = fields.get("code").unwrap_or_default();
        if self.is_code_of_other_host(desk, code) {
            return Err(Refusal::Code(BadCode::Unknown));
        }
        world.read(|ledger| {
            let context = ledger.context_of_code(self.provider.id, code);
            context.map_or(Ok(()), |context| (desk.code_fits)(call, context))
        })?;
        let before = world.read(|ledger| ledger.approved_before(self.provider.id, client, code));
        let number = token::redeem(world, &self.provider, client, fields, redirect_uri, call.now)?;
        if before {
            world.change(|ledger| ledger.note(number, APPROVED_BEFORE));
        }
        let gives = world.read(|ledger| ledger.grants.get(&number).is_some_and(desk.refresh_if));
        let given = Given {
            access_life_ms: rules.access_life_ms,
            refresh: rules.refresh_prefix.is_some() && gives,
        };
        token::issue(world, rules, number, given, call.now)
    }

    /// Whether a code is only known at another host: that of its consent page, or that of its account.
    fn is_code_of_other_host(&self, desk: &TokenDesk, code: &str) -> bool {
        self.world.read(|ledger| {
            let consent = ledger.carried_by_code(self.provider.id, code, CONSENT_HOST);
            let account = ledger.account_of_code(self.provider.id, code);
            desk.same_host && consent.is_some_and(|host| host != self.call.host)
                || account.is_some_and(|account| self.is_elsewhere(account))
        })
    }

    fn refresh(
        &self,
        desk: &TokenDesk,
        rules: &OAuth,
        client: &str,
        fields: &Params,
    ) -> Result<Issued, Refusal> {
        let Self {
            world,
            call,
            provider,
        } = self;
        if desk.redirect_uri_on_refresh {
            let known = fields.get("redirect_uri").is_some_and(|uri| {
                world.read(|ledger| ledger.app(provider.id, client).is_some_and(|app| app.knows(uri)))
            });
            if !known {
                return Err(Refusal::Malformed("redirect_uri is missing or not registered"));
            }
        }
        let token = fields.get("refresh_token").unwrap_or_default();
        let elsewhere = world.read(|ledger| {
            let behind = ledger.grant_behind(provider.id, token);
            behind.is_some_and(|(_, grant)| self.is_elsewhere(&grant.account))
        });
        if elsewhere {
            return Err(Refusal::Refresh);
        }
        token::refresh(world, &self.provider, rules, client, fields, call.now)
    }
}

/// What tokens are asked for with.
enum Brings {
    Code,
    RefreshToken,
}

impl TokenDesk {
    pub(super) fn is_at(&self, call: &Call) -> bool {
        let path = call.path.as_str();
        is_host(self.host, &call.host) && (is_path(self.path, path) || self.refresh_path == Some(path))
    }

    /// What a request brings: its grant type says so, or its path does.
    fn brings(&self, call: &Call, fields: &Params) -> Result<Brings, Refusal> {
        let at_refresh = self.refresh_path == Some(call.path.as_str());
        match fields.get("grant_type") {
            None if at_refresh => Ok(Brings::RefreshToken),
            None if self.bare => {
                let known = ["client_id", "client_secret", "code", "code_verifier"];
                match fields.iter().find(|(name, _)| !known.contains(name)) {
                    Some(_) => Err(Refusal::Malformed("a parameter that is not documented")),
                    None => Ok(Brings::Code),
                }
            }
            None => Err(Refusal::Malformed("grant_type is missing")),
            Some("authorization_code") if !at_refresh && !self.bare => Ok(Brings::Code),
            Some("refresh_token") if at_refresh || self.refresh_path.is_none() => Ok(Brings::RefreshToken),
            Some(_) => Err(Refusal::GrantType),
        }
    }
}
