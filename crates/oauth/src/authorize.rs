//! The address that an admin is sent to for consent (RFC 6749 section 4.1.1).

use std::collections::BTreeMap;

use patchbay_catalog::model::{OAuth2, Pkce};
use secrecy::ExposeSecret;
use url::Url;

use crate::fill;
use crate::http::Blocked;
use crate::pkce::Verifier;
use crate::state::State;

/// Parameters that belong to the protocol: a dialect can't replace them.
const RESERVED: [&str; 5] = [
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// What an authorization URL is made of.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizeRequest<'a> {
    /// The provider's dialect.
    pub dialect: &'a OAuth2,
    /// Our app's public id.
    pub client_id: &'a str,
    /// Connection parameters, already held to their patterns.
    pub values: &'a BTreeMap<String, String>,
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    /// The flow's state.
    pub state: &'a State,
    /// The flow's verifier; used where the dialect has PKCE.
    pub verifier: Option<&'a Verifier>,
    /// Whether the provider shall ask which account, where the dialect knows how.
    pub choose_account: bool,
}

/// Why there is no authorization URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// The dialect has PKCE and the flow has no verifier (RFC 9700 section 2.1.1).
    #[error("the flow has no PKCE verifier")]
    NoVerifier,
    /// The dialect sets a parameter of the protocol.
    #[error("the catalogue sets a parameter that belongs to the protocol")]
    Reserved,
    /// A part of the address is not filled, or the guard refuses it.
    #[error("the authorization address is refused: {0}")]
    Address(#[from] Blocked),
}

/// Builds the authorization URL: the provider's real one, see [`crate::http::Client::browser_url`]. It holds the
/// state, so it goes to the flow's browser and nowhere else.
///
/// # Errors
/// [`AuthorizeError`].
pub fn url(request: &AuthorizeRequest<'_>) -> Result<Url, AuthorizeError> {
    let dialect = request.dialect;
    let mut url = fill::url(&dialect.authorize_url, request.values, request.client_id)?;
    let mut pairs: Vec<(&str, String)> = vec![
        ("client_id", request.client_id.to_owned()),
        ("redirect_uri", request.redirect_uri.to_owned()),
        ("state", request.state.text().expose_secret().to_owned()),
    ];
    if dialect.pkce != Pkce::None {
        let verifier = request.verifier.ok_or(AuthorizeError::NoVerifier)?;
        pairs.push(("code_challenge", verifier.challenge()));
        pairs.push(("code_challenge_method", "S256".to_owned()));
    }
    let own = own_params(dialect, request.choose_account);
    if !own.contains_key("response_type") {
        pairs.push(("response_type", "code".to_owned()));
    }
    if let Some(separator) = &dialect.scope_separator
        && !dialect.omit_scope
        && !dialect.scopes.is_empty()
        && !own.contains_key("scope")
    {
        pairs.push(("scope", dialect.scopes.join(separator)));
    }
    for (name, value) in own {
        if RESERVED.contains(&name) {
            return Err(AuthorizeError::Reserved);
        }
        pairs.push((name, fill::text(value, request.values, request.client_id)?));
    }
    url.query_pairs_mut().extend_pairs(pairs);
    spaces_as_percent(&mut url);
    Ok(url)
}

/// What the dialect adds to the protocol's parameters.
fn own_params(dialect: &OAuth2, choose_account: bool) -> BTreeMap<&str, &str> {
    let usual = dialect.authorize_params.iter();
    let choosing = dialect.choose_account.iter().filter(|_| choose_account);
    usual
        .chain(choosing.flat_map(|choose| &choose.params))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Spaces as %20: read alike by those who decode forms and by those who only decode percents.
pub(crate) fn spaces_as_percent(url: &mut Url) {
    // A plus that is meant is written %2B here, so every plus is a space.
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
}
