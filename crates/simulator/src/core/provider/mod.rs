//! A provider whose OAuth 2.0 can be told as data: which endpoints it has, what they want, what they answer.
//!
//! What is given here is the standard (RFC 6749, RFC 7009), strict. A profile starts from the `STANDARD` constants and
//! says only where its provider differs; what is behaviour rather than data goes into the small functions. A provider
//! that does not fit implements [`Profile`] itself.
//!
//! `tokens` is where codes and refresh tokens become access tokens, `revoke` where access ends, `api` what is read with
//! it, `pattern` how a place names the hosts and paths it answers.

mod api;
mod pattern;
mod revoke;
mod tokens;

use self::pattern::{is_host, is_path};
pub use self::{
    api::{Api, Read, Seen},
    revoke::{Ends, RevokeBy, RevokeDesk, TokenIn},
    tokens::{Credentials, Encoding, Handed, TokenDesk, error, standard_answer, standard_error},
};
use super::{
    answer::Answer,
    call::Call,
    params::Params,
    sample::{self, SampleStream},
    token::{self, Refusal},
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
    /// The same at other hosts, where tokens are carried and refused in another way there.
    pub more_apis: &'static [Api],
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
        more_apis: &[],
        streams: &[],
        denial_returns: true,
    };
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
        let desk = Desk {
            world,
            call,
            provider: self,
        };
        if self.tokens.is_at(call) {
            return desk
                .tokens()
                .unwrap_or_else(|refusal| (self.tokens.error)(&refusal));
        }
        match self.revoke.as_ref().filter(|revoke| revoke.is_at(call)) {
            Some(revoke) if call.method.as_str() != revoke.method => Answer::wrong_method(revoke.method),
            Some(revoke) => desk
                .revoke(revoke)
                .unwrap_or_else(|refusal| (revoke.error)(&refusal)),
            None => desk.read(),
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
    /// Whether only another host knows this account.
    fn is_elsewhere(&self, account: &str) -> bool {
        (&self.provider)
            .account(account)
            .and_then(self.provider.home)
            .is_some_and(|home| home != self.call.host)
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
