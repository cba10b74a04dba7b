//! OAuth 1.0a (RFC 5849), as far as a connect needs it: a request token is asked for ([`request_token`]), the admin
//! approves it ([`authorize_url`]), and the verifier that comes back turns it into an access token ([`access_token`]).
//!
//! There is no state in this protocol. Ours stands in the callback's address, which the provider keeps as it is and adds
//! to (section 2.2).

mod sign;

use std::collections::BTreeMap;
use std::fmt;

use patchbay_catalog::model::{Integration, OAuth1};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;
use url::{Url, form_urlencoded};

pub use sign::Moment;

use crate::answer::{self, Asked};
use crate::authorize::{AuthorizeError, spaces_as_percent};
use crate::bridge::is_token;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::{Answer, Blocked, Client, Request};
use crate::tokens::TokenAnswer;
use crate::{App, fill};
use sign::Credentials;

/// As which app, and when, a signed call is made.
#[derive(Debug, Clone, Copy)]
pub struct SignedCall<'a> {
    /// The integration, which must be an OAuth 1.0a one.
    pub integration: &'a Integration,
    /// Our app at the provider.
    pub app: &'a App,
    /// Connection parameters, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
    /// Now.
    pub moment: &'a Moment,
}

/// What an admin approves: temporary credentials (section 2.1). It is used up by its exchange.
#[derive(Clone)]
pub struct RequestToken {
    token: SecretString,
    secret: SecretString,
}

impl fmt::Debug for RequestToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestToken").finish_non_exhaustive()
    }
}

impl RequestToken {
    /// Both parts as one text, to be sealed with the flow.
    pub fn to_secret(&self) -> SecretString {
        form_urlencoded::Serializer::new(String::new())
            .append_pair(TOKEN, self.token.expose_secret())
            .append_pair(SECRET, self.secret.expose_secret())
            .finish()
            .into()
    }

    /// Takes up what [`RequestToken::to_secret`] wrote; none: it is something else.
    pub fn from_secret(text: &SecretString) -> Option<Self> {
        pair(text.expose_secret().as_bytes())
    }

    /// Whether a callback is about this one (check S23). Takes the same time for every other of its length.
    pub fn is(&self, named: &SecretString) -> bool {
        let (own, named) = (self.token.expose_secret(), named.expose_secret());
        own.as_bytes().ct_eq(named.as_bytes()).into()
    }

    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            token: &self.token,
            secret: &self.secret,
        }
    }
}

const TOKEN: &str = "oauth_token";
const SECRET: &str = "oauth_token_secret";

/// Asks for a request token whose approval comes back to `callback`, which carries the flow's state.
///
/// # Errors
/// [`ProviderError`]; `Garbled` also where the provider does not confirm that it will go by the callback (check S22):
/// then the approval could come back elsewhere.
pub async fn request_token(
    client: &Client,
    call: &SignedCall<'_>,
    callback: &SecretString,
) -> Result<RequestToken, ProviderError> {
    let dialect = dialect_of(call.integration)?;
    let own = [("oauth_callback", callback.expose_secret())];
    let answer = send(client, call, &dialect.request_token_url, None, &own).await?;
    // Nothing but our app and its signature was judged, so a refusal is about those.
    let fields = success(call, &answer, ProviderErrorKind::AppConfig)?;
    let confirmed = form_urlencoded::parse(fields)
        .any(|(name, value)| name == "oauth_callback_confirmed" && value == "true");
    pair(fields)
        .filter(|_| confirmed)
        .ok_or_else(|| ProviderError::garbled().status(answer.status.as_u16()))
}

/// The address that the admin is sent to (section 2.2): the provider's real one, see
/// [`crate::http::Client::browser_url`]. It holds the request token, so it goes to the flow's browser and nowhere else.
///
/// # Errors
/// [`AuthorizeError`].
pub fn authorize_url(call: &SignedCall<'_>, token: &RequestToken) -> Result<Url, AuthorizeError> {
    let dialect = dialect_of(call.integration).map_err(|_| Blocked::Incomplete)?;
    let client_id = &call.app.client_id;
    let mut url = fill::url(&dialect.authorize_url, call.values, client_id)?;
    let mut pairs = vec![(TOKEN, token.token.expose_secret().to_owned())];
    let own = &dialect.authorize_params;
    if let Some(separator) = &dialect.scope_separator
        && !dialect.scopes.is_empty()
        && !own.contains_key("scope")
    {
        pairs.push(("scope", dialect.scopes.join(separator)));
    }
    for (name, value) in own {
        if name.starts_with("oauth_") {
            return Err(AuthorizeError::Reserved);
        }
        pairs.push((name, fill::text(value, call.values, client_id)?));
    }
    url.query_pairs_mut().extend_pairs(pairs);
    spaces_as_percent(&mut url);
    Ok(url)
}

/// Exchanges an approved request token (section 2.3). Sends one request, once. The access token's own secret is not
/// kept: it would sign API calls, and the catalogue says how those carry the token instead.
///
/// # Errors
/// [`ProviderError`]; after one with `maybe_done` the request token is used up all the same.
pub async fn access_token(
    client: &Client,
    call: &SignedCall<'_>,
    token: &RequestToken,
    verifier: &SecretString,
) -> Result<TokenAnswer, ProviderError> {
    let dialect = dialect_of(call.integration)?;
    let own = [("oauth_verifier", verifier.expose_secret())];
    let answer = send(
        client,
        call,
        &dialect.access_token_url,
        Some(token.credentials()),
        &own,
    )
    .await?;
    let fields = success(call, &answer, ProviderErrorKind::Refused)?;
    let given = pair(fields).ok_or_else(|| ProviderError {
        // The request token is used up, whatever this is.
        maybe_done: true,
        ..ProviderError::garbled().status(answer.status.as_u16())
    })?;
    Ok(TokenAnswer {
        access: given.token,
        refresh: None,
        expires_in: None,
        scopes: None,
        ends_at: None,
        values: Ok(BTreeMap::new()),
    })
}

fn dialect_of(integration: &Integration) -> Result<&OAuth1, ProviderError> {
    integration.oauth1().ok_or(Blocked::Incomplete.into())
}

async fn send(
    client: &Client,
    call: &SignedCall<'_>,
    address: &str,
    token: Option<Credentials<'_>>,
    own: &[(&str, &str)],
) -> Result<Answer, ProviderError> {
    let url = fill::url(address, call.values, &call.app.client_id)?;
    let mut request = Request::new(http::Method::POST, url);
    let header = sign::header(&request.method, &request.url, call.app, token, own, call.moment);
    request
        .secret_header("authorization", &header)
        .map_err(|_| Blocked::Incomplete)?;
    Ok(client.send(request).await?)
}

/// The body of a success. A refusal that says nothing known is `refused`.
fn success<'a>(
    call: &SignedCall<'_>,
    answer: &'a Answer,
    refused: ProviderErrorKind,
) -> Result<&'a [u8], ProviderError> {
    if answer.status.is_success() {
        return Ok(&answer.body);
    }
    let json = answer::json(answer);
    let error = answer::failure(answer, json.as_ref(), &call.integration.errors, Asked::Token);
    // Section 3.2: 400 and 401 are refusals, and what stands in their bodies is not said.
    let bare = error.code.is_none() && matches!(answer.status.as_u16(), 400 | 401);
    if bare {
        return Err(ProviderError {
            blames_client: refused == ProviderErrorKind::AppConfig,
            kind: refused,
            ..error
        });
    }
    Err(error)
}

/// Token and secret of a form-encoded answer (sections 2.1 and 2.3). Its content type is not asked: providers say
/// this and that.
fn pair(body: &[u8]) -> Option<RequestToken> {
    let read = |wanted: &str| {
        let mut values = form_urlencoded::parse(body).filter(|(name, _)| name == wanted);
        let (_, value) = values.next()?;
        (values.next().is_none() && is_token(&value)).then(|| SecretString::from(value.as_ref()))
    };
    Some(RequestToken {
        token: read(TOKEN)?,
        secret: read(SECRET)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> RequestToken {
        pair(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_sealed_request_token_is_the_same_again() {
        let before = token("oauth_token=canary%2Btoken&oauth_token_secret=canary%26secret");
        let text = before.to_secret();
        let after = RequestToken::from_secret(&text).unwrap();
        assert_eq!(after.token.expose_secret(), "canary+token");
        assert_eq!(after.secret.expose_secret(), "canary&secret");
        assert!(RequestToken::from_secret(&"a-code-verifier".into()).is_none());
        assert!(!format!("{before:?}").contains("canary"));
    }

    #[test]
    fn s23_another_request_token_is_another() {
        let own = token("oauth_token=abc&oauth_token_secret=s");
        assert!(own.is(&"abc".into()));
        for other in ["abd", "ab", "abcd", "", "ABC"] {
            assert!(!own.is(&other.into()), "{other}");
        }
    }

    #[test]
    fn what_is_no_pair_of_tokens_is_not_taken() {
        for body in [
            "",
            "oauth_token=a",
            "oauth_token_secret=b",
            "oauth_token=&oauth_token_secret=b",
            "oauth_token=a&oauth_token=b&oauth_token_secret=c",
            "oauth_token=a%0d%0ax&oauth_token_secret=b",
            "<html>oauth_token=a&oauth_token_secret=b",
        ] {
            assert!(pair(body.as_bytes()).is_none(), "{body}");
        }
    }
}
