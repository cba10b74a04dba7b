//! The token endpoint's work; the profile puts the outcome into its provider's words.

use axum::http::{Method, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    call::Call,
    grants::{BadCode, Claim, RedirectUri, TokenState},
    ledger::{GrantRecord, Ledger, TokenKind},
    params::Params,
    world::World,
};
use crate::profiles::{OAuth, Profile, Rotation};

/// Why the token endpoint refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not a form POST, a parameter missing or twice, or parameters in the query.
    Malformed(&'static str),
    /// No credentials, or elsewhere than where the provider reads them.
    NoClient,
    /// Unknown app or wrong secret.
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
            Self::NoClient => "no client id and secret where they belong",
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
    /// When that ends, in epoch milliseconds; `None` for never.
    pub refresh_ends: Option<i64>,
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
        return Err(Refusal::NoClient);
    };
    if call.headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::NoClient);
    }
    let known = world.read(|ledger| ledger.authenticates(profile.id(), id, secret));
    known.then_some(id).ok_or(Refusal::Client)
}

/// Checks client id and secret in an `Authorization: Basic` header, and returns the client id.
///
/// # Errors
/// [`Refusal::NoClient`] also when the body names the secret or another app (RFC 6749 section 2.3).
pub fn basic_client(
    world: &World,
    profile: &dyn Profile,
    call: &Call,
    body: &Params,
) -> Result<String, Refusal> {
    let (id, secret) = call.basic().ok_or(Refusal::NoClient)?;
    // Both were form-encoded before they were joined (RFC 6749 section 2.3.1).
    let (id, secret) = (decoded(&id), decoded(&secret));
    let twice = body.get("client_secret").is_some() || body.get("client_id").is_some_and(|named| named != id);
    if twice {
        return Err(Refusal::NoClient);
    }
    let known = world.read(|ledger| ledger.authenticates(profile.id(), &id, &secret));
    known.then_some(id).ok_or(Refusal::Client)
}

fn decoded(text: &str) -> String {
    let text = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(text.as_bytes())
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

/// Reads the JSON body of a token or revocation request.
///
/// # Errors
/// Another method, another media type, parameters in the query.
pub fn json(call: &Call) -> Result<Params, Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::Malformed("not a POST"));
    }
    if !call.query.is_empty() {
        return Err(Refusal::Malformed("parameters in the query"));
    }
    call.json_fields()
        .ok_or(Refusal::Malformed("not a JSON body of texts and numbers"))
}

/// What is given out.
#[derive(Clone, Copy)]
pub struct Given {
    /// Life of the access token in milliseconds; `None` for no end.
    pub access_life_ms: Option<i64>,
    /// Whether a refresh token comes along.
    pub refresh: bool,
}

/// Redeems a code for the tokens that the rules promise.
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
    let redirect_uri = RedirectUri::Sent(form.get("redirect_uri"));
    let number = redeem(world, profile, client_id, form, redirect_uri, now)?;
    let given = Given {
        access_life_ms: rules.access_life_ms,
        refresh: rules.refresh_prefix.is_some(),
    };
    issue(world, rules, number, given, now)
}

/// Turns a code into a grant; returns its number.
///
/// # Errors
/// See [`Refusal`].
pub fn redeem(
    world: &World,
    profile: &dyn Profile,
    client_id: &str,
    form: &Params,
    redirect_uri: RedirectUri<'_>,
    now: i64,
) -> Result<u64, Refusal> {
    let claim = Claim {
        profile: profile.id(),
        client_id,
        code: form.get("code").ok_or(Refusal::Malformed("code is missing"))?,
        redirect_uri,
        verifier: form.get("code_verifier"),
    };
    world
        .change(|ledger| ledger.redeem(&claim, now))
        .map_err(Refusal::Code)
}

/// Gives out tokens of a grant.
///
/// # Errors
/// [`Refusal::Refresh`] when there is no such grant.
pub fn issue(world: &World, rules: &OAuth, number: u64, given: Given, now: i64) -> Result<Issued, Refusal> {
    let refresh = given.refresh.then(|| refresh_token(world, rules, number, now));
    let access = access_token(world, rules, number, given.access_life_ms, now);
    issued(world, number, access, refresh.flatten())
}

fn issued(world: &World, number: u64, access: String, refresh: Option<String>) -> Result<Issued, Refusal> {
    let refresh_ends = refresh
        .as_ref()
        .and_then(|token| world.read(|ledger| ledger.end_of(token)));
    Ok(Issued {
        access,
        refresh,
        refresh_ends,
        grant: grant(world, number).ok_or(Refusal::Refresh)?,
    })
}

/// Gives a new access token for a refresh token, and what becomes of that the rules say.
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
    let (number, rotation) = world
        .change(|ledger| spend(ledger, profile.id(), rules.rotation, client_id, token, now))
        .ok_or(Refusal::Refresh)?;
    if rules.refresh_ends_access {
        world.change(|ledger| ledger.revoke_access_tokens(number));
    }
    let fresh = match rotation {
        Rotation::Never | Rotation::WithPkce => None,
        Rotation::Spend | Rotation::Detect | Rotation::Keep => refresh_token(world, rules, number, now),
        Rotation::Grace => {
            let fresh = refresh_token(world, rules, number, now);
            world.change(|ledger| {
                ledger.settle_replacement(token);
                if let Some(fresh) = &fresh {
                    ledger.replace_token(fresh, token);
                }
            });
            fresh
        }
        Rotation::Overlap { after_ms, grace_ms } => {
            let due = world.change(|ledger| ledger.outgrown(token, after_ms, grace_ms, now));
            if due {
                refresh_token(world, rules, number, now)
            } else {
                let ends = refresh_end(world, rules, number, now);
                world.change(|ledger| ledger.extend_token(token, ends));
                Some(token.to_owned())
            }
        }
    };
    let access = access_token(world, rules, number, rules.access_life_ms, now);
    issued(world, number, access, fresh)
}

/// The grant of a refresh token that may be used now, and what becomes of that token; where it may be used once only,
/// that was it. One step, so that of two at the same time one loses.
fn spend(
    ledger: &mut Ledger,
    profile: &str,
    rotation: Rotation,
    client_id: &str,
    token: &str,
    now: i64,
) -> Option<(u64, Rotation)> {
    match ledger.token_state(profile, token, TokenKind::Refresh, now) {
        TokenState::Live(number, grant) if grant.client_id == client_id => {
            let rotation = match rotation {
                Rotation::WithPkce if grant.pkce => Rotation::Spend,
                other => other,
            };
            if matches!(rotation, Rotation::Spend | Rotation::Detect) {
                ledger.revoke_token(token);
            }
            Some((number, rotation))
        }
        TokenState::Revoked if rotation == Rotation::Detect => {
            // Two hold the same token, and who is right can't be told: both lose (RFC 9700 section 4.14.2).
            let reused = ledger
                .grant_behind(profile, token)
                .filter(|(_, grant)| grant.client_id == client_id)
                .map(|(number, _)| number);
            if let Some(number) = reused {
                ledger.revoke_grant(number);
            }
            None
        }
        _ => None,
    }
}

fn refresh_token(world: &World, rules: &OAuth, number: u64, now: i64) -> Option<String> {
    let token = format!("{}{}", rules.refresh_prefix?, world.mint(rules.token_length));
    let ends = refresh_end(world, rules, number, now);
    world.change(|ledger| {
        ledger.add_token(&token, number, TokenKind::Refresh, ends);
        ledger.date_token(&token, now);
        if let Some(most) = rules.most_refresh_tokens {
            ledger.end_oldest_refresh_tokens(number, most);
        }
    });
    Some(token)
}

/// When a refresh token that is given out or used now ends.
fn refresh_end(world: &World, rules: &OAuth, number: u64, now: i64) -> Option<i64> {
    let idle_end = rules.refresh_life_ms.map(|life| now + life);
    let since = grant(world, number).map(|grant| grant.since);
    let last_end = rules.consent_life_ms.zip(since).map(|(life, since)| since + life);
    idle_end.into_iter().chain(last_end).min()
}

fn access_token(world: &World, rules: &OAuth, number: u64, life_ms: Option<i64>, now: i64) -> String {
    let ends = life_ms.map(|life| now + life);
    let token = match rules.claims.zip(grant(world, number)) {
        Some((claims, grant)) => jwt(
            &claims(&grant, now / 1000, ends.map(|end| end / 1000)),
            &world.mint(43),
        ),
        None => format!("{}{}", rules.access_prefix, world.mint(rules.token_length)),
    };
    world.change(|ledger| ledger.add_token(&token, number, TokenKind::Access, ends));
    token
}

/// A JSON Web Token as far as its claims go (RFC 7519). The signature is random text: who needs to know what a token is
/// worth asks the provider.
pub fn jwt(claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"alg": "RS256", "typ": "JWT"}));
    format!("{head}.{}.{signature}", part(claims))
}

fn grant(world: &World, number: u64) -> Option<GrantRecord> {
    world.read(|ledger: &Ledger| ledger.grants.get(&number).cloned())
}
