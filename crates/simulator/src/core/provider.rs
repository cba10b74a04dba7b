//! A provider whose OAuth 2.0 can be told as data: which endpoints it has, what they want, what they answer.
//!
//! What is given here is the standard (RFC 6749, RFC 7009), strict. A profile starts from the `STANDARD` constants and
//! says only where its provider differs; what is behaviour rather than data goes into the small functions. A provider
//! that does not fit implements [`Profile`] itself.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    call::Call,
    grants::{RedirectUri, TokenState},
    ledger::{GrantRecord, TokenKind},
    params::Params,
    sample::{self, SampleStream},
    token::{self, Given, Issued, Refusal},
    world::World,
};
use crate::profiles::{Account, Back, Context, OAuth, Pairs, Profile, Told};

/// Under which name a code and its grant carry the host of the consent page.
pub const CONSENT_HOST: &str = "consent-host";

/// Set in a grant where the same person had approved the app before and not withdrawn it.
pub const APPROVED_BEFORE: &str = "approved-before";

/// An OAuth 2.0 provider.
pub struct Provider {
    /// The name in our own words, such as `asana`.
    pub id: &'static str,
    /// The name as people know it.
    pub name: &'static str,
    /// The real hosts it answers on; `*` stands for one label, so `*.zendesk.com` is every customer's host. Here and
    /// wherever one host is named, `|` stands between several.
    pub hosts: &'static [&'static str],
    /// The sample accounts a person can choose from.
    pub accounts: &'static [Account],
    /// Its OAuth rules. `authorize_host` and `authorize_path` may have a `*` too.
    pub oauth: &'static OAuth,
    /// Parameters whose values are harmless in the request log.
    pub plain_params: &'static [&'static str],
    /// Checks what only this provider asks for in an authorization request.
    pub check_request: fn(&Call) -> Result<Context, Told>,
    /// Answers a call at the address of a customer that does not exist; `None` where all is well.
    pub elsewhere: fn(&Call) -> Option<Answer>,
    /// Whether an account may approve these scopes in this context, or what the app is told instead.
    pub may_approve: fn(&Account, &[String], &Context) -> Result<(), Told>,
    /// Whether an account can be chosen on this host of the consent page.
    pub lives_here: fn(&Account, &str) -> bool,
    /// The one host that knows an account's codes and tokens, where several hosts have a token endpoint; `None`: any.
    pub home: fn(&Account) -> Option<&'static str>,
    /// Adds what this provider sends back besides the usual.
    pub send_back: fn(&Back<'_>, &mut Pairs),
    /// Where codes and refresh tokens become access tokens.
    pub tokens: TokenDesk,
    /// Where access is ended; `None` where the provider documents no such call.
    pub revoke: Option<RevokeDesk>,
    /// What is read with an access token.
    pub api: Api,
    /// The sample data of its accounts.
    pub streams: &'static [SampleStream],
    /// True where a person who says no is sent back to the app.
    pub denial_returns: bool,
}

impl Provider {
    /// Answers with what every provider has to say for itself missing.
    pub const STANDARD: Self = Self {
        id: "",
        name: "",
        hosts: &[],
        accounts: &[],
        oauth: &OAuth::STANDARD,
        plain_params: &[],
        check_request: |_| Ok(Context::new()),
        elsewhere: |_| None,
        may_approve: |_, _, _| Ok(()),
        lives_here: |_, _| true,
        home: |_| None,
        send_back: |_, _| {},
        tokens: TokenDesk::STANDARD,
        revoke: None,
        api: Api::STANDARD,
        streams: &[],
        denial_returns: true,
    };
}

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

/// Where access is ended.
pub struct RevokeDesk {
    /// The HTTP method.
    pub method: &'static str,
    /// Its host; `*` stands for one label.
    pub host: &'static str,
    /// Its path; a `*` stands for one segment.
    pub path: &'static str,
    /// What authorises the call.
    pub by: RevokeBy,
    /// How the body is written.
    pub body: Encoding,
    /// Where the token is.
    pub token: TokenIn,
    /// Which kinds of tokens it takes.
    pub kinds: &'static [TokenKind],
    /// What ends.
    pub ends: Ends,
    /// Checks what only this provider asks for: headers, an empty body.
    pub check: fn(&Call) -> Result<(), Refusal>,
    /// The answer where something ended.
    pub done: fn() -> Answer,
    /// The answer to a token that is not known or has ended. RFC 7009 section 2.2 wants the same as for one that is.
    pub unknown: fn() -> Answer,
    /// How a refusal is said.
    pub error: fn(&Refusal) -> Answer,
}

impl RevokeDesk {
    /// RFC 7009: a form with the field `token`, credentials in the body, 200 whether the token was known or not.
    pub const STANDARD: Self = Self {
        method: "POST",
        host: "",
        path: "",
        by: RevokeBy::App(Credentials::Body),
        body: Encoding::Form,
        token: TokenIn::Field("token"),
        kinds: &[TokenKind::Access, TokenKind::Refresh],
        ends: Ends::Grant,
        check: |_| Ok(()),
        done: || Answer::empty(StatusCode::OK),
        unknown: || Answer::empty(StatusCode::OK),
        error: standard_error,
    };
}

/// What authorises a revocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RevokeBy {
    /// The app's id and secret.
    App(Credentials),
    /// The token alone.
    Token,
}

/// Where the token to end is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TokenIn {
    /// In a field of the body.
    Field(&'static str),
    /// In one of several fields of the body, each for one kind.
    OneOf(&'static [(&'static str, TokenKind)]),
    /// In a field of a form or in the query, but not in both.
    FieldOrQuery(&'static str),
    /// It is the last segment of the path.
    Path,
    /// It is the one in the `Authorization` header, as for an API call.
    Header,
}

/// What a revocation ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The approval and all tokens that came from it.
    Grant,
    /// The one token.
    Token,
    /// With a refresh token the approval and all tokens that came from it; an access token alone.
    ByKind,
    /// All approvals that the account gave the app: it is uninstalled there.
    Account,
    /// All approvals that the same person, by name, gave the app for any account.
    Person,
}

/// What is read with an access token.
pub struct Api {
    /// The scheme of the `Authorization` header that carries it.
    pub scheme: &'static str,
    /// True where the token may also stand in that header without a scheme.
    pub scheme_optional: bool,
    /// Checks what every call needs besides the token, such as a version header.
    pub check: fn(&Call) -> Result<(), Answer>,
    /// The answer to a missing, unknown or ended token.
    pub unauthorised: fn() -> Answer,
    /// A more telling answer to a token that is not good, where the provider has one.
    pub ended: fn(&TokenState) -> Option<Answer>,
    /// The answer to a token without the scope that is needed.
    pub forbidden: fn(&str) -> Answer,
    /// The calls.
    pub reads: &'static [Read],
}

impl Api {
    /// Bearer tokens, and errors as RFC 6750 section 3.1 names them.
    pub const STANDARD: Self = Self {
        scheme: "Bearer",
        scheme_optional: false,
        check: |_| Ok(()),
        unauthorised: || {
            error(
                StatusCode::UNAUTHORIZED,
                "invalid_token",
                "no access token that works",
            )
        },
        ended: |_| None,
        forbidden: |_| {
            error(
                StatusCode::FORBIDDEN,
                "insufficient_scope",
                "the token lacks a scope",
            )
        },
        reads: &[],
    };
}

/// One call of an API.
pub struct Read {
    /// The HTTP method.
    pub method: &'static str,
    /// The host; `*` stands for one label.
    pub host: &'static str,
    /// The path; a segment `*` stands for any one segment.
    pub path: &'static str,
    /// The scope that the token needs; empty for none.
    pub scope: &'static str,
    /// What is answered.
    pub answer: fn(&Seen<'_>) -> Answer,
}

/// A call of an API by someone who may make it.
pub struct Seen<'a> {
    /// Everything else.
    pub world: &'a World,
    /// The call.
    pub call: &'a Call,
    /// The approval behind its token.
    pub grant: &'a GrantRecord,
    /// Whose data it is about.
    pub account: &'static Account,
}

impl Seen<'_> {
    /// A segment of the path, counted from 0.
    pub fn segment(&self, place: usize) -> &str {
        self.call
            .path
            .trim_start_matches('/')
            .split('/')
            .nth(place)
            .unwrap_or_default()
    }
}

impl Provider {
    /// The accounts of the person whose account this is.
    pub fn of_same_person(&'static self, account: &str) -> impl Iterator<Item = &'static Account> {
        let person = self
            .accounts
            .iter()
            .find(|known| known.id == account)
            .map(|known| known.name);
        self.accounts
            .iter()
            .filter(move |known| Some(known.name) == person)
    }
}

impl Profile for &'static Provider {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn hosts(&self) -> &'static [&'static str] {
        self.hosts
    }

    fn owns(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| is_host(pattern, host))
    }

    fn accounts(&self) -> &'static [Account] {
        self.accounts
    }

    fn oauth(&self) -> Option<&'static OAuth> {
        Some(self.oauth)
    }

    fn authorizes(&self, call: &Call) -> bool {
        is_host(self.oauth.authorize_host, &call.host)
            && is_path(self.oauth.authorize_path, &call.path)
            && (self.elsewhere)(call).is_none()
            && !self.accounts_at(&call.host).is_empty()
    }

    fn check_request(&self, call: &Call) -> Result<Context, Told> {
        let mut context = (self.check_request)(call)?;
        context.insert(CONSENT_HOST.to_owned(), call.host.clone());
        Ok(context)
    }

    fn may_approve(&self, account: &Account, scopes: &[String], context: &Context) -> Result<(), Told> {
        (self.may_approve)(account, scopes, context)
    }

    fn accounts_at(&self, host: &str) -> Vec<&'static Account> {
        self.accounts
            .iter()
            .filter(|account| (self.lives_here)(account, host))
            .collect()
    }

    fn send_back(&self, _world: &World, back: &Back<'_>, mut pairs: Pairs) -> Option<Pairs> {
        (self.send_back)(back, &mut pairs);
        Some(pairs)
    }

    fn denial_returns(&self) -> bool {
        self.denial_returns
    }

    fn plain_params(&self) -> &'static [&'static str] {
        self.plain_params
    }

    fn shown_path(&self, call: &Call) -> String {
        let in_path = |desk: &&RevokeDesk| desk.token == TokenIn::Path && desk.is_at(call);
        match (self.revoke.as_ref().filter(in_path), call.path.rsplit_once('/')) {
            (Some(_), Some((before, _))) => format!("{before}/…"),
            _ => call.path.clone(),
        }
    }

    fn answer(&self, world: &World, call: &Call) -> Answer {
        if let Some(answer) = (self.elsewhere)(call) {
            return answer;
        }
        if self.tokens.is_at(call) {
            return Desk {
                world,
                call,
                provider: self,
            }
            .tokens()
            .unwrap_or_else(|refusal| (self.tokens.error)(&refusal));
        }
        if let Some(revoke) = self.revoke.as_ref().filter(|desk| desk.is_at(call)) {
            if call.method.as_str() != revoke.method {
                return Answer::wrong_method(revoke.method);
            }
            return Desk {
                world,
                call,
                provider: self,
            }
            .revoke(revoke)
            .unwrap_or_else(|refusal| (revoke.error)(&refusal));
        }
        Desk {
            world,
            call,
            provider: self,
        }
        .read()
    }

    fn truth(
        &self,
        world: &World,
        account: &Account,
        stream: &str,
        from: i64,
        to: i64,
    ) -> Option<Vec<String>> {
        let stream = self.streams.iter().find(|known| known.name == stream)?;
        Some(sample::truth(world.seed, stream, account, world.now(), from, to))
    }
}

/// A request and who answers it.
struct Desk<'a> {
    world: &'a World,
    call: &'a Call,
    provider: &'static Provider,
}

impl Desk<'_> {
    /// A code or a refresh token becomes tokens.
    fn tokens(&self) -> Result<Answer, Refusal> {
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
            return Err(Refusal::Code(super::grants::BadCode::Unknown));
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

    /// Whether only another host knows this account.
    fn is_elsewhere(&self, account: &str) -> bool {
        (&self.provider)
            .account(account)
            .and_then(self.provider.home)
            .is_some_and(|home| home != self.call.host)
    }

    /// A token, or what came from the same approval, ends.
    fn revoke(&self, desk: &RevokeDesk) -> Result<Answer, Refusal> {
        (desk.check)(self.call)?;
        let has_body = matches!(desk.token, TokenIn::Field(_) | TokenIn::OneOf(_))
            || desk.by == RevokeBy::App(Credentials::Body);
        let fields = if has_body {
            self.fields(desk.body)?
        } else {
            Params::default()
        };
        let client = match desk.by {
            RevokeBy::App(credentials) => Some(self.client(credentials, &fields)?),
            RevokeBy::Token => None,
        };
        let (token, kinds) = self
            .to_end(desk, &fields)?
            .ok_or(Refusal::Malformed("the token is missing"))?;
        let found = kinds.iter().find_map(|kind| {
            let state = self
                .world
                .read(|ledger| ledger.token_state(self.provider.id, &token, *kind, self.call.now));
            match state {
                TokenState::Live(number, grant) => Some((*kind, number, grant)),
                _ => None,
            }
        });
        let own = |(_, _, grant): &(TokenKind, u64, GrantRecord)| {
            client.as_ref().is_none_or(|id| *id == grant.client_id) && !self.is_elsewhere(&grant.account)
        };
        match found.filter(own) {
            None => Ok((desk.unknown)()),
            Some((kind, number, grant)) => {
                self.world.change(|ledger| match (desk.ends, kind) {
                    (Ends::Grant, _) | (Ends::ByKind, TokenKind::Refresh) => ledger.revoke_grant(number),
                    (Ends::Token, _) | (Ends::ByKind, TokenKind::Access) => ledger.revoke_token(&token),
                    (Ends::Account, _) => {
                        ledger.revoke_account(self.provider.id, &grant.account, Some(&grant.client_id));
                    }
                    (Ends::Person, _) => self.provider.of_same_person(&grant.account).for_each(|account| {
                        ledger.revoke_account(self.provider.id, account.id, Some(&grant.client_id));
                    }),
                });
                Ok((desk.done)())
            }
        }
    }

    /// The token that a revocation names, and which kinds it can be of.
    fn to_end<'a>(
        &'a self,
        desk: &RevokeDesk,
        fields: &'a Params,
    ) -> Result<Option<(String, &'static [TokenKind])>, Refusal> {
        let token = match desk.token {
            TokenIn::Field(name) => fields.get(name),
            TokenIn::OneOf(names) => {
                return Ok(names.iter().find_map(|(name, kind)| {
                    Some((fields.get(name)?.to_owned(), std::slice::from_ref(kind)))
                }));
            }
            TokenIn::FieldOrQuery(name) => {
                return Ok(self.field_or_query(name)?.map(|token| (token, desk.kinds)));
            }
            TokenIn::Path => self.call.path.rsplit('/').next(),
            TokenIn::Header => self.call.credentials(self.provider.api.scheme),
        };
        Ok(token.map(|token| (token.to_owned(), desk.kinds)))
    }

    /// A token that may be in either place.
    fn field_or_query(&self, name: &str) -> Result<Option<String>, Refusal> {
        let form = self.call.form().unwrap_or_default();
        match (form.get(name), self.call.query.get(name)) {
            (Some(_), Some(_)) => Err(Refusal::Malformed("the token came twice")),
            (found, None) | (None, found) => Ok(found.map(str::to_owned)),
        }
    }

    /// A call of the API.
    fn read(&self) -> Answer {
        let call = self.call;
        let api = &self.provider.api;
        let here: Vec<&Read> = api
            .reads
            .iter()
            .filter(|read| is_host(read.host, &call.host) && is_path(read.path, &call.path))
            .collect();
        let Some(first) = here.first() else {
            return Answer::no_such_path(&call.host, &call.path);
        };
        let Some(read) = here.iter().find(|read| read.method == call.method.as_str()) else {
            return Answer::wrong_method(first.method);
        };
        if let Err(refusal) = (api.check)(call) {
            return refusal;
        }
        let bare = || {
            call.header("authorization")
                .filter(|value| api.scheme_optional && !value.contains(' '))
        };
        let state = call.credentials(api.scheme).or_else(bare).map(|token| {
            self.world
                .read(|ledger| ledger.token_state(self.provider.id, token, TokenKind::Access, call.now))
        });
        let grant = match state {
            Some(TokenState::Live(_, grant)) => grant,
            Some(other) => return (api.ended)(&other).unwrap_or_else(api.unauthorised),
            None => return (api.unauthorised)(),
        };
        let Some(account) = (&self.provider).account(&grant.account) else {
            return (api.unauthorised)();
        };
        if !read.scope.is_empty() && !grant.scopes.iter().any(|scope| scope == read.scope) {
            return (api.forbidden)(read.scope);
        }
        (read.answer)(&Seen {
            world: self.world,
            call,
            grant: &grant,
            account,
        })
    }

    fn fields(&self, body: Encoding) -> Result<Params, Refusal> {
        match body {
            Encoding::Form => token::form(self.call),
            Encoding::Json => token::json(self.call),
        }
    }

    fn client(&self, credentials: Credentials, fields: &Params) -> Result<String, Refusal> {
        let basic = match credentials {
            Credentials::Basic => true,
            Credentials::Body => false,
            Credentials::Either => self.call.basic().is_some(),
        };
        if basic {
            token::basic_client(self.world, &self.provider, self.call, fields)
        } else {
            token::client(self.world, &self.provider, self.call, fields).map(str::to_owned)
        }
    }
}

/// What tokens are asked for with.
enum Brings {
    Code,
    RefreshToken,
}

impl TokenDesk {
    fn is_at(&self, call: &Call) -> bool {
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

impl RevokeDesk {
    fn is_at(&self, call: &Call) -> bool {
        is_host(self.host, &call.host) && is_path(self.path, &call.path)
    }
}

/// Whether a host is the one of a pattern, in which `*` stands for one label, and `|` between several.
fn is_host(patterns: &str, host: &str) -> bool {
    patterns.split('|').any(|pattern| is_one_host(pattern, host))
}

fn is_one_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(rest) => host
            .strip_suffix(rest)
            .and_then(|label| label.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty() && !label.contains('.')),
        None => pattern == host,
    }
}

/// Whether a path is the one of a pattern, in which `*` stands for one segment.
fn is_path(pattern: &str, path: &str) -> bool {
    let (wanted, got) = (pattern.split('/'), path.split('/'));
    wanted.clone().count() == got.clone().count()
        && wanted
            .zip(got)
            .all(|(wanted, got)| wanted == got || (wanted == "*" && !got.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_label_or_one_segment() {
        assert!(is_host("*.zendesk.com", "acme.zendesk.com"));
        for other in [
            "zendesk.com",
            ".zendesk.com",
            "a.b.zendesk.com",
            "acme.zendesk.com.evil.example",
            "acmezendesk.com",
        ] {
            assert!(!is_host("*.zendesk.com", other), "{other}");
        }
        assert!(is_host("accounts.zoho.com|*.zoho.eu", "accounts.zoho.eu"));
        assert!(!is_host("accounts.zoho.com|accounts.zoho.eu", "accounts.zoho"));
        assert!(is_path("/v1/tokens/*", "/v1/tokens/abc"));
        for other in ["/v1/tokens", "/v1/tokens/", "/v1/tokens/a/b", "/v2/tokens/a"] {
            assert!(!is_path("/v1/tokens/*", other), "{other}");
        }
    }
}
