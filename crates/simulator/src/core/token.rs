//! The token endpoint's work; the profile puts the outcome into its provider's words.

use axum::http::{Method, header};

use super::{
    call::Call,
    grants::{BadCode, Claim, TokenState},
    ledger::{GrantRecord, Ledger, TokenKind},
    params::Params,
    world::World,
};
use crate::profiles::{OAuth, Profile};

/// Why the token endpoint refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not a form POST, a parameter missing or twice, or parameters in the query.
    Malformed(&'static str),
    /// Unknown app, wrong secret, or credentials elsewhere than in the body.
    Client,
    /// Another grant type than this provider offers.
    GrantType,
    /// The code is no good.
    Code(BadCode),
    /// The refresh token is unknown, revoked or another app's.
    Refresh,
}

impl Refusal {
    /// The reason for the request log.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(reason) => reason,
            Self::Client => "wrong client id or secret",
            Self::GrantType => "grant type not offered",
            Self::Code(BadCode::Unknown) => "code unknown to this app",
            Self::Code(BadCode::Expired) => "code expired",
            Self::Code(BadCode::Used) => "code already used; its tokens are revoked",
            Self::Code(BadCode::Redirect) => "redirect_uri is not the one of the authorization request",
            Self::Code(BadCode::Verifier) => "code_verifier does not answer the code_challenge",
            Self::Refresh => "refresh token unknown or revoked",
        }
    }
}

/// Fresh tokens. No `Debug`: it would show them.
pub struct Issued {
    /// The access token.
    pub access: String,
    /// The refresh token, where the provider gives one.
    pub refresh: Option<String>,
    /// What was granted.
    pub grant: GrantRecord,
}

/// Reads the form of a token or revocation request.
///
/// # Errors
/// Everything RFC 6749 sections 2.3.1 and 3.2 forbid: another method, another media type,
/// parameters in the query, a parameter twice.
pub fn form(call: &Call) -> Result<Params, Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::Malformed("not a POST"));
    }
    if !call.query.is_empty() {
        return Err(Refusal::Malformed("parameters in the query"));
    }
    let form = call.form().ok_or(Refusal::Malformed("not a form body"))?;
    match form.repeated() {
        Some(_) => Err(Refusal::Malformed("a parameter came twice")),
        None => Ok(form),
    }
}

/// Checks client id and secret in the body, and returns the client id.
///
/// # Errors
/// [`Refusal::Client`]: also when an `Authorization` header comes along, since a client must not
/// use two methods at once (RFC 6749 section 2.3).
pub fn client<'a>(
    world: &World,
    profile: &dyn Profile,
    call: &Call,
    form: &'a Params,
) -> Result<&'a str, Refusal> {
    let (Some(id), Some(secret)) = (form.get("client_id"), form.get("client_secret")) else {
        return Err(Refusal::Client);
    };
    if call.headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::Client);
    }
    let known = world.read(|ledger| ledger.authenticates(profile.id(), id, secret));
    known.then_some(id).ok_or(Refusal::Client)
}

/// Redeems a code for tokens.
///
/// # Errors
/// See [`Refusal`].
pub fn exchange(
    world: &World,
    profile: &dyn Profile,
    rules: &OAuth,
    client_id: &str,
    form: &Params,
    now: i64,
) -> Result<Issued, Refusal> {
    let claim = Claim {
        profile: profile.id(),
        client_id,
        code: form.get("code").ok_or(Refusal::Malformed("code is missing"))?,
        redirect_uri: form.get("redirect_uri"),
        verifier: form.get("code_verifier"),
    };
    let number = world
        .change(|ledger| ledger.redeem(&claim, now))
        .map_err(Refusal::Code)?;
    let refresh = rules.refresh_prefix.map(|prefix| {
        let token = format!("{prefix}{}", world.mint(rules.token_length));
        world.change(|ledger| ledger.add_token(&token, number, TokenKind::Refresh, None));
        token
    });
    let access = access_token(world, rules, number, now);
    let grant = grant(world, number).ok_or(Refusal::Refresh)?;
    Ok(Issued {
        access,
        refresh,
        grant,
    })
}

/// Gives a new access token for a refresh token, which stays the same.
///
/// # Errors
/// See [`Refusal`].
pub fn refresh(
    world: &World,
    profile: &dyn Profile,
    rules: &OAuth,
    client_id: &str,
    form: &Params,
    now: i64,
) -> Result<Issued, Refusal> {
    let token = form
        .get("refresh_token")
        .ok_or(Refusal::Malformed("refresh_token is missing"))?;
    let state = world.read(|ledger| ledger.token_state(profile.id(), token, TokenKind::Refresh, now));
    match state {
        TokenState::Live(number, grant) if grant.client_id == client_id => {
            let access = access_token(world, rules, number, now);
            Ok(Issued {
                access,
                refresh: None,
                grant,
            })
        }
        _ => Err(Refusal::Refresh),
    }
}

fn access_token(world: &World, rules: &OAuth, number: u64, now: i64) -> String {
    let token = format!("{}{}", rules.access_prefix, world.mint(rules.token_length));
    let ends = rules.access_life_ms.map(|life| now + life);
    world.change(|ledger| ledger.add_token(&token, number, TokenKind::Access, ends));
    token
}

fn grant(world: &World, number: u64) -> Option<GrantRecord> {
    world.read(|ledger: &Ledger| ledger.grants.get(&number).cloned())
}
