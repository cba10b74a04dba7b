//! The authorization endpoint: check the request, show the consent page, send the person back.

use axum::http::{Method, StatusCode};
use url::Url;

use super::{answer::Answer, call::Call, consent, ledger::CodeRecord, params::Params, pkce, world::World};
use crate::profiles::{Account, OAuth, Profile};

/// An authorization request that passed all checks.
pub struct Request {
    /// The app that asks.
    pub client_id: String,
    /// Where the person is sent back to; registered for the app.
    pub redirect_uri: Url,
    /// The same, as it came: codes are bound to it character by character.
    pub redirect_text: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    state: Option<String>,
    challenge: Option<String>,
}

/// What is wrong with a request.
enum Problem {
    /// Nothing may be sent to the redirect URI, because it or the app is not known
    /// (RFC 6749 section 4.1.2.1): the person sees a page of the provider.
    Page(&'static str),
    /// The app is told, at its redirect URI.
    Redirect {
        to: Box<Url>,
        error: &'static str,
        description: &'static str,
        state: Option<String>,
    },
}

/// Answers a request to the authorization endpoint. GET asks, POST (the consent form) decides.
pub fn answer(world: &World, profile: &dyn Profile, rules: &OAuth, call: &Call) -> Answer {
    match call.method {
        Method::GET => match check(world, profile, rules, &call.query) {
            Ok(request) => consent::page(profile, rules, &request),
            Err(problem) => refusal(profile, problem),
        },
        Method::POST => match check(world, profile, rules, &call.query) {
            Ok(request) => decide(world, profile, rules, call, &request),
            Err(problem) => refusal(profile, problem),
        },
        _ => Answer::wrong_method("GET, POST"),
    }
}

fn check(world: &World, profile: &dyn Profile, rules: &OAuth, query: &Params) -> Result<Request, Problem> {
    if query.repeated().is_some() {
        return Err(Problem::Page("A parameter of the request came twice."));
    }
    let client_id = query
        .get("client_id")
        .ok_or(Problem::Page("The request names no app (client_id)."))?;
    let redirect_text = query
        .get("redirect_uri")
        .ok_or(Problem::Page("The request names no redirect_uri."))?;
    let registered = world
        .read(|ledger| {
            ledger
                .app(profile.id(), client_id)
                .map(|app| app.knows(redirect_text))
        })
        .ok_or(Problem::Page("No app with this client_id is registered here."))?;
    let redirect_uri = Url::parse(redirect_text)
        .ok()
        .filter(|_| registered)
        .ok_or(Problem::Page(
            "The redirect_uri is not one that is registered for this app.",
        ))?;
    let state = query.get("state").map(str::to_owned);
    let told = |error, description| Problem::Redirect {
        to: Box::new(redirect_uri.clone()),
        error,
        description,
        state: state.clone(),
    };
    check_response_type(rules, query).map_err(|(error, words)| told(error, words))?;
    let scopes = check_scopes(rules, query).map_err(|(error, words)| told(error, words))?;
    let challenge = pkce::challenge(query).map_err(|words| told("invalid_request", words))?;
    Ok(Request {
        client_id: client_id.to_owned(),
        redirect_text: redirect_text.to_owned(),
        redirect_uri,
        scopes,
        state,
        challenge,
    })
}

type Told = (&'static str, &'static str);

fn check_response_type(rules: &OAuth, query: &Params) -> Result<(), Told> {
    match query.get("response_type") {
        Some("code") => Ok(()),
        None if !rules.response_type_required => Ok(()),
        None => Err(("invalid_request", "response_type is missing")),
        Some(_) => Err(("unsupported_response_type", "response_type must be code")),
    }
}

fn check_scopes(rules: &OAuth, query: &Params) -> Result<Vec<String>, Told> {
    let asked: Vec<String> = query
        .get("scope")
        .unwrap_or_default()
        .split(rules.scope_separator)
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    if asked.is_empty() && rules.scope_required {
        return Err((
            rules.unknown_scope,
            "the app is registered with scopes and asked for none",
        ));
    }
    let known = |asked: &String| rules.scopes.iter().any(|scope| scope.name == asked);
    if asked.iter().all(known) {
        Ok(asked)
    } else {
        Err((
            rules.unknown_scope,
            "a scope is not known here or not registered for the app",
        ))
    }
}

fn decide(world: &World, profile: &dyn Profile, rules: &OAuth, call: &Call, request: &Request) -> Answer {
    if call.sent_by_another_site() {
        return consent::problem(profile, "The answer came from another site's page.");
    }
    let Some(form) = call.form().filter(|form| form.repeated().is_none()) else {
        return consent::problem(profile, "The answer was not this page's form.");
    };
    match form.get("decision") {
        Some("approve") => match form.get("account").and_then(|account| profile.account(account)) {
            Some(account) => approve(world, profile, rules, call.now, request, account),
            None => consent::problem(profile, "Choose one of the accounts."),
        },
        Some("deny") => deny(rules, request),
        _ => consent::problem(profile, "Choose Approve or Deny."),
    }
}

fn approve(
    world: &World,
    profile: &dyn Profile,
    rules: &OAuth,
    now: i64,
    request: &Request,
    account: &Account,
) -> Answer {
    let code = world.mint(40);
    let record = CodeRecord {
        profile: profile.id().to_owned(),
        client_id: request.client_id.clone(),
        redirect_uri: request.redirect_text.clone(),
        challenge: request.challenge.clone(),
        account: account.id.to_owned(),
        scopes: request.scopes.clone(),
        expires_at: now + rules.code_life_ms,
        spent_as: None,
    };
    world.change(|ledger| ledger.add_code(&code, record));
    send_back(
        &request.redirect_uri,
        &[("code", &code)],
        request.state.as_deref(),
    )
}

fn deny(rules: &OAuth, request: &Request) -> Answer {
    let mut parameters = vec![("error", "access_denied")];
    parameters.extend_from_slice(rules.denied);
    send_back(&request.redirect_uri, &parameters, request.state.as_deref())
}

fn send_back(to: &Url, parameters: &[(&str, &str)], state: Option<&str>) -> Answer {
    let mut to = to.clone();
    to.query_pairs_mut()
        .extend_pairs(parameters)
        .extend_pairs(state.map(|state| ("state", state)));
    Answer::see_other(to.as_str())
}

fn refusal(profile: &dyn Profile, problem: Problem) -> Answer {
    match problem {
        Problem::Page(words) => consent::problem(profile, words),
        Problem::Redirect {
            to,
            error,
            description,
            state,
        } => {
            let parameters = [("error", error), ("error_description", description)];
            let mut answer = send_back(&to, &parameters, state.as_deref()).refused(description);
            // Nothing was posted: an ordinary redirect, as providers send it.
            answer.status = StatusCode::FOUND;
            answer
        }
    }
}
