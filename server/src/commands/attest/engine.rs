//! Our engine against servers that somebody else has written, in the dialect of each integration that keeps to the
//! standards. The servers are on loopback and told apart by host name, as the simulator is.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use patchbay_catalog::{Auth, Catalog, ClientAuth, Integration, OAuth2, Pkce, Whoami};
use patchbay_hub::{
    attest::{Failed, off_standard},
    view::Gate,
};
use patchbay_oauth::{
    App, TokenAnswer,
    api::{self, ApiCall},
    authorize::{self, AuthorizeRequest},
    callback::{self, Answer, Outcome, Proof},
    http::{Client, Request, Route},
    oauth1::{self, Moment, SignedCall},
    pkce::Verifier,
    revoke::{self, RevokeRequest, Revoked},
    state::State,
    tokens::{self, ExchangeRequest, RefreshRequest},
};
use patchbay_store::entropy::{Entropy, OsEntropy};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::commands::Failure;

/// The host under which the servers are known; `.example` is nobody's (RFC 2606).
const HOST: &str = "https://as.independent.example";

/// The secret of both apps at the servers.
const SECRET: &str = "only-for-the-servers-of-xtask-attest";

/// Most redirects between a click and the way back.
const REDIRECTS: usize = 10;

/// Where the servers are and what they are.
pub(super) struct Servers {
    /// Of OAuth 2.0: port and name with version.
    pub oauth2: (u16, String),
    /// Of OAuth 1.0a.
    pub oauth1: (u16, String),
}

/// Runs every integration that keeps to the standards, or only some; what came of it as opinions.
pub(super) async fn run(
    catalog: &Catalog,
    servers: &Servers,
    only: &BTreeSet<String>,
) -> Result<Value, Failure> {
    let mut opinions = Vec::new();
    let judged = catalog
        .iter()
        .filter(|found| only.is_empty() || only.contains(&found.id))
        .filter(|found| off_standard(found, Gate::Flow).is_none());
    for integration in judged {
        let (port, tool) = match integration.auth {
            Auth::OAuth1(_) => &servers.oauth1,
            _ => &servers.oauth2,
        };
        let mut trial = Trial::new(integration, Client::new(Route::Simulated { port: *port })?);
        let failed = trial.run().await.err();
        opinions.push(json!({
            "integration": integration.id,
            "tool": tool,
            "side": "server",
            "done": trial.done,
            "failed": failed.map(|failed| json!({"part": failed.part, "step": failed.step, "got": failed.got})),
        }));
    }
    Ok(Value::Array(opinions))
}

/// One integration at the servers.
struct Trial {
    integration: Integration,
    checks_refresh: bool,
    checks_revoke: bool,
    client: Client,
    app: App,
    redirect_uri: String,
    done: Vec<&'static str>,
}

fn fail(part: &str, step: &str, got: &(impl ToString + ?Sized)) -> Failed {
    Failed {
        part: part.to_owned(),
        step: format!("our engine at an independent server: {step}"),
        got: got.to_string(),
    }
}

impl Trial {
    fn new(integration: &Integration, client: Client) -> Self {
        let lifecycle = off_standard(integration, Gate::Lifecycle).is_none();
        let client_id = match integration.oauth2().map(|dialect| dialect.client_auth) {
            Some(ClientAuth::Basic) => "client-basic",
            Some(ClientAuth::Body) => "client-body",
            None => "clientsigns",
        };
        Self {
            checks_refresh: lifecycle && integration.oauth2().is_some_and(|dialect| dialect.refresh.issued),
            checks_revoke: lifecycle && integration.revoke().is_some(),
            integration: moved(integration),
            client,
            app: App {
                client_id: client_id.to_owned(),
                client_secret: SECRET.into(),
            },
            redirect_uri: format!("http://localhost:3000/callback/{}", integration.id),
            done: Vec::new(),
        }
    }

    async fn run(&mut self) -> Result<(), Failed> {
        if self.integration.oauth1().is_some() {
            self.sign().await?;
            self.done.push("flow");
            return Ok(());
        }
        let granted = self.flow().await?;
        self.done.push("flow");
        let granted = if self.checks_refresh {
            let granted = self.refresh(&granted).await?;
            self.done.push("refresh");
            granted
        } else {
            granted
        };
        if self.checks_revoke {
            self.revoke(&granted).await?;
            self.done.push("revoke");
        }
        Ok(())
    }

    /// Authorize, exchange, whose account; a code without its verifier is refused; what is denied is denied.
    async fn flow(&self) -> Result<TokenAnswer, Failed> {
        const PART: &str = "flow";
        let step = "exchange a code with another verifier";
        if self.dialect()?.pkce != Pkce::None {
            let (code, _) = self.approve().await?;
            let other = Verifier::new(random());
            match self.exchange(&code, Some(&other)).await {
                Err(error) if error.status == Some(400) => {}
                Err(error) => return Err(fail(PART, step, &error)),
                Ok(_) => return Err(fail(PART, step, "tokens")),
            }
        }
        let (code, verifier) = self.approve().await?;
        let tokens = self
            .exchange(&code, verifier.as_ref())
            .await
            .map_err(|error| fail(PART, "exchange the code", &error))?;
        self.who(&tokens.access)
            .await
            .map_err(|got| fail(PART, "ask whose account it is", &got))?;
        Ok(tokens)
    }

    fn dialect(&self) -> Result<&OAuth2, Failed> {
        self.integration
            .oauth2()
            .ok_or_else(|| fail("flow", "find the dialect", "none"))
    }

    /// A click on Connect, approved at the server; the code, and the verifier that belongs to it.
    async fn approve(&self) -> Result<(SecretString, Option<Verifier>), Failed> {
        const PART: &str = "flow";
        let state = State::new(random());
        let verifier = (self.dialect()?.pkce != Pkce::None).then(|| Verifier::new(random()));
        let values = BTreeMap::new();
        let url = authorize::url(&AuthorizeRequest {
            dialect: self.dialect()?,
            client_id: &self.app.client_id,
            values: &values,
            redirect_uri: &self.redirect_uri,
            state: &state,
            verifier: verifier.as_ref(),
            choose_account: false,
        })
        .map_err(|error| fail(PART, "build the authorization address", &error))?;
        let answer = self.answer(url, &state).await?;
        if answer.issuer.as_deref() != Some(HOST) {
            let got = answer.issuer.unwrap_or_else(|| "no issuer".to_owned());
            return Err(fail(PART, "read who answers (RFC 9207)", &got));
        }
        match answer.outcome {
            Outcome::Approved(Proof::Code(code)) => Ok((code, verifier)),
            Outcome::Denied { error } => Err(fail(PART, "approve", &error)),
            Outcome::Approved(_) => Err(fail(PART, "approve", "an approval of another kind")),
        }
    }

    /// Follows the browser's way from an address to our callback and reads what came back there.
    async fn answer(&self, mut url: Url, state: &State) -> Result<Answer, Failed> {
        const STEP: &str = "come back with an answer";
        let failed = |got: &str| fail("flow", STEP, got);
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        for _ in 0..REDIRECTS {
            let mut request = Request::new(Method::GET, url.clone());
            let jar: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request
                .header("cookie", &jar.join("; "))
                .map_err(|_| failed("a cookie that is none"))?;
            let answer = self
                .client
                .send(request)
                .await
                .map_err(|error| failed(&error.to_string()))?;
            for cookie in answer.headers.get_all("set-cookie") {
                let pair = cookie
                    .to_str()
                    .unwrap_or_default()
                    .split(';')
                    .next()
                    .unwrap_or_default();
                if let Some((name, value)) = pair.split_once('=') {
                    cookies.insert(name.to_owned(), value.to_owned());
                }
            }
            let Some(location) = answer.header("location") else {
                return Err(failed(&format!("a page with status {}", answer.status)));
            };
            if let Some(rest) = location.strip_prefix(&self.redirect_uri) {
                let query = rest.strip_prefix('?').unwrap_or_default();
                let back = callback::parse(query).map_err(|error| failed(&error.to_string()))?;
                if back.state.hash() != state.hash() {
                    return Err(failed("another state"));
                }
                return back
                    .read(&self.integration)
                    .map_err(|error| failed(&error.to_string()));
            }
            url = next(&url, location).ok_or_else(|| failed("a redirect to nowhere"))?;
        }
        Err(failed("redirects without end"))
    }

    async fn exchange(
        &self,
        code: &SecretString,
        verifier: Option<&Verifier>,
    ) -> Result<TokenAnswer, patchbay_oauth::ProviderError> {
        let values = BTreeMap::new();
        let request = ExchangeRequest {
            integration: &self.integration,
            app: &self.app,
            values: &values,
            redirect_uri: &self.redirect_uri,
            code,
            verifier: verifier.map(Verifier::secret),
        };
        tokens::exchange(&self.client, &request).await
    }

    async fn who(&self, token: &SecretString) -> Result<(), String> {
        let values = BTreeMap::new();
        let call = ApiCall {
            integration: &self.integration,
            app: Some(&self.app),
            token,
            values: &values,
        };
        match api::whoami(&self.client, &call).await {
            Ok(account) if account.id == "ana" => Ok(()),
            Ok(account) => Err(format!("the account {}", account.id)),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn renew(&self, refresh: &SecretString) -> Result<TokenAnswer, patchbay_oauth::ProviderError> {
        let values = BTreeMap::new();
        let request = RefreshRequest {
            integration: &self.integration,
            app: &self.app,
            values: &values,
            redirect_uri: &self.redirect_uri,
            refresh,
        };
        tokens::refresh(&self.client, &request).await
    }

    /// A refresh token gives new access and another refresh token.
    async fn refresh(&self, before: &TokenAnswer) -> Result<TokenAnswer, Failed> {
        const PART: &str = "refresh";
        const STEP: &str = "renew access";
        let old = before
            .refresh
            .as_ref()
            .ok_or_else(|| fail(PART, STEP, "no refresh token"))?;
        let tokens = self.renew(old).await.map_err(|error| fail(PART, STEP, &error))?;
        let rotated = tokens
            .refresh
            .as_ref()
            .is_some_and(|new| new.expose_secret() != old.expose_secret());
        if !rotated {
            return Err(fail(PART, "get another refresh token", "the same, or none"));
        }
        self.who(&tokens.access)
            .await
            .map_err(|got| fail(PART, "use the new access", &got))?;
        Ok(tokens)
    }

    /// After a revocation the token that it named is worth nothing.
    async fn revoke(&self, granted: &TokenAnswer) -> Result<(), Failed> {
        const PART: &str = "revoke";
        const AFTER: &str = "use what was revoked";
        let values = BTreeMap::new();
        let request = RevokeRequest {
            integration: &self.integration,
            app: Some(&self.app),
            values: &values,
            access: &granted.access,
            refresh: granted.refresh.as_ref(),
        };
        match revoke::revoke(&self.client, &request).await {
            Ok(Revoked::Done) => {}
            Ok(other) => return Err(fail(PART, "revoke", &format!("{other:?}"))),
            Err(error) => return Err(fail(PART, "revoke", &error)),
        }
        let names_refresh = self
            .integration
            .revoke()
            .is_some_and(|call| call.token == patchbay_catalog::TokenKind::Refresh);
        let still_works = match granted.refresh.as_ref().filter(|_| names_refresh) {
            Some(refresh) => self.renew(refresh).await.is_ok(),
            None => self.who(&granted.access).await.is_ok(),
        };
        if still_works {
            return Err(fail(PART, AFTER, "it still works"));
        }
        Ok(())
    }

    /// The three steps of OAuth 1.0a.
    async fn sign(&self) -> Result<(), Failed> {
        const PART: &str = "flow";
        let values = BTreeMap::new();
        let state = State::new(random());
        let moment = || Moment::new(now(), random());
        let (first, second) = (moment(), moment());
        let call = |moment| SignedCall {
            integration: &self.integration,
            app: &self.app,
            values: &values,
            moment,
        };
        let callback = format!("{}?state={}", self.redirect_uri, state.text().expose_secret());
        let token = oauth1::request_token(&self.client, &call(&first), &callback.into())
            .await
            .map_err(|error| fail(PART, "ask for a request token", &error))?;
        let url = oauth1::authorize_url(&call(&first), &token)
            .map_err(|error| fail(PART, "build the authorization address", &error))?;
        let answer = self.answer(url, &state).await?;
        let Outcome::Approved(Proof::Verifier {
            token: named,
            verifier,
        }) = answer.outcome
        else {
            return Err(fail(PART, "approve", "no verifier"));
        };
        if !token.is(&named) {
            return Err(fail(PART, "approve", "another request token"));
        }
        oauth1::access_token(&self.client, &call(&second), &token, &verifier)
            .await
            .map_err(|error| fail(PART, "exchange the verifier", &error))?;
        Ok(())
    }
}

/// The same dialect at the servers' addresses, with a scope that they know.
fn moved(integration: &Integration) -> Integration {
    let mut moved = integration.clone();
    moved.params.clear();
    moved.returned.clear();
    let at = |path: &str| format!("{HOST}{path}");
    match &mut moved.auth {
        Auth::OAuth2(dialect) => {
            dialect.authorize_url = at("/auth");
            dialect.token_url = at("/token");
            dialect.scopes = vec!["openid".to_owned(), "profile".to_owned()];
            // Where scopes are left out, the server would not know whose account to tell.
            dialect.omit_scope = false;
            dialect.scope_separator = Some(" ".to_owned());
            if let Some(revoke) = &mut dialect.revoke {
                revoke.url = at("/token/revocation");
            }
        }
        Auth::OAuth1(dialect) => {
            dialect.request_token_url = at("/request_token");
            dialect.authorize_url = at("/authorize");
            dialect.access_token_url = at("/access_token");
        }
        Auth::Link(_) | Auth::ApiKey(_) => {}
    }
    moved.api_headers.clear();
    moved.whoami = Whoami {
        method: patchbay_catalog::Method::Get,
        url: at("/me"),
        id_paths: vec!["sub".to_owned()],
        body: None,
        headers: BTreeMap::new(),
        pick: None,
        id_part: None,
        label_paths: Vec::new(),
        error_path: None,
        label_url: None,
        fallback: None,
    };
    moved
}

/// Where a redirect leads, under the servers' name: what a server says of itself is its loopback address.
fn next(from: &Url, location: &str) -> Option<Url> {
    let to = from.join(location).ok()?;
    let mut next = Url::parse(HOST).ok()?;
    next.set_path(to.path());
    next.set_query(to.query());
    Some(next)
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    OsEntropy.fill(&mut bytes);
    bytes
}

/// Seconds since 1970.
fn now() -> i64 {
    use patchbay_store::time::{Clock as _, SystemClock};
    SystemClock.now().0 / 1000
}
