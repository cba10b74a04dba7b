//! The authorization endpoint: check the request, show the consent page, send the person back.

use axum::http::{Method, StatusCode};
use url::Url;

use super::{answer::Answer, call::Call, consent, ledger::CodeRecord, params::Params, pkce, world::World};
use crate::profiles::{Account, Back, Context, OAuth, Pairs, Pkce, Profile, Told};

/// An authorization request that passed all checks.
pub struct Request {
    /// The host of the page.
    pub host: String,
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
    context: Context,
}

/// What is wrong with a request.
enum Problem {
    /// Nothing may be sent to the redirect URI, because it or the app is not known
    /// (RFC 6749 section 4.1.2.1): the person sees a page of the provider.
    Page(&'static str),
    /// The app is told, at its redirect URI.
    Redirect {
        to: Box<Url>,
        client_id: String,
        error: &'static str,
        description: &'static str,
        state: Option<String>,
    },
}

/// A request to the authorization endpoint and who answers it.
struct Desk<'a> {
    world: &'a World,
    profile: &'a dyn Profile,
    rules: &'a OAuth,
    call: &'a Call,
}

/// Answers a request to the authorization endpoint. GET asks, POST (the consent form) decides.
pub fn answer(world: &World, profile: &dyn Profile, rules: &OAuth, call: &Call) -> Answer {
    let desk = Desk {
        world,
        profile,
        rules,
        call,
    };
    match call.method {
        Method::GET => match desk.check() {
            Ok(request) => {
                let ask = consent::Ask {
                    host: &request.host,
                    back: &request.redirect_uri,
                    scopes: &request.scopes,
                    which: desk.asks_which(),
                };
                consent::page(profile, rules, &ask)
            }
            Err(problem) => desk.refusal(problem),
        },
        Method::POST => match desk.check() {
            Ok(request) => desk.decide(&request),
            Err(problem) => desk.refusal(problem),
        },
        _ => Answer::wrong_method("GET, POST"),
    }
}

impl Desk<'_> {
    fn check(&self) -> Result<Request, Problem> {
        let query = &self.call.query;
        if query.repeated().is_some() {
            return Err(Problem::Page("A parameter of the request came twice."));
        }
        let client_id = query
            .get("client_id")
            .ok_or(Problem::Page("The request names no app (client_id)."))?;
        let redirect_text = query
            .get("redirect_uri")
            .ok_or(Problem::Page("The request names no redirect_uri."))?;
        let registered = self
            .world
            .read(|ledger| {
                ledger
                    .app(self.profile.id(), client_id)
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
        let (scopes, challenge, context) = self.check_dialect().map_err(|(error, description)| {
            if error.is_empty() {
                return Problem::Page(description);
            }
            Problem::Redirect {
                to: Box::new(redirect_uri.clone()),
                client_id: client_id.to_owned(),
                error,
                description,
                state: state.clone(),
            }
        })?;
        Ok(Request {
            host: self.call.host.clone(),
            client_id: client_id.to_owned(),
            redirect_text: redirect_text.to_owned(),
            redirect_uri,
            scopes,
            state,
            challenge,
            context,
        })
    }

    /// Whether the request wants the person to choose an account.
    fn asks_which(&self) -> bool {
        self.rules.asks_which.is_some_and(|(name, word)| {
            let given = self.call.query.get(name).unwrap_or_default();
            given.split(' ').any(|given| given == word)
        })
    }

    /// Everything that the app is told when it is wrong.
    fn check_dialect(&self) -> Result<(Vec<String>, Option<String>, Context), Told> {
        let query = &self.call.query;
        check_response_type(self.rules, query)?;
        let scopes = check_scopes(self.rules, query)?;
        let challenge = pkce::challenge(query).map_err(|words| ("invalid_request", words))?;
        match (self.rules.pkce, &challenge) {
            (Pkce::Required, None) => return Err(("invalid_request", "code_challenge is missing")),
            (Pkce::Refused, Some(_)) => {
                return Err(("invalid_request", "PKCE is not offered to apps with a secret"));
            }
            _ => {}
        }
        let context = self.profile.check_request(self.call)?;
        Ok((scopes, challenge, context))
    }

    fn decide(&self, request: &Request) -> Answer {
        match consent::decision(self.profile, self.call) {
            Ok(consent::Decision::Approve(account, form)) => {
                let scopes = granted(self.rules, request, &form);
                match self.profile.may_approve(account, &scopes, &request.context) {
                    Ok(()) => self.approve(request, account, &scopes),
                    Err(told) => self.told(request, told),
                }
            }
            Ok(consent::Decision::Deny) if !self.profile.denial_returns() => consent::declined(self.profile),
            Ok(consent::Decision::Deny) => {
                let denied = self.rules.denied.iter();
                let mut pairs = vec![pair("error", self.rules.denied_word)];
                pairs.extend(denied.map(|(name, value)| pair(name, value)));
                self.back(
                    &request.redirect_uri,
                    &request.client_id,
                    None,
                    None,
                    pairs,
                    request.state.as_deref(),
                )
            }
            Err(problem) => problem,
        }
    }

    /// Sends the person back with an error.
    fn told(&self, request: &Request, (error, description): Told) -> Answer {
        let pairs = vec![pair("error", error), pair("error_description", description)];
        let state = request.state.as_deref();
        self.back(
            &request.redirect_uri,
            &request.client_id,
            None,
            None,
            pairs,
            state,
        )
        .refused(description.lines().next().unwrap_or_default())
    }

    fn approve(&self, request: &Request, account: &Account, scopes: &[String]) -> Answer {
        let code = self.world.mint(40);
        let record = CodeRecord {
            profile: self.profile.id().to_owned(),
            client_id: request.client_id.clone(),
            redirect_uri: request.redirect_text.clone(),
            challenge: request.challenge.clone(),
            account: account.id.to_owned(),
            scopes: scopes.to_vec(),
            context: request.context.clone(),
            expires_at: self.call.now + self.rules.code_life_ms,
            spent_as: None,
        };
        self.world.change(|ledger| ledger.add_code(&code, record));
        self.back(
            &request.redirect_uri,
            &request.client_id,
            request.challenge.as_deref(),
            Some(account),
            vec![pair("code", &code)],
            request.state.as_deref(),
        )
    }

    /// Sends the person back, with what this provider adds.
    fn back(
        &self,
        to: &Url,
        client_id: &str,
        challenge: Option<&str>,
        account: Option<&Account>,
        mut pairs: Pairs,
        state: Option<&str>,
    ) -> Answer {
        pairs.extend(state.map(|state| pair("state", state)));
        let back = Back {
            host: &self.call.host,
            client_id,
            challenge,
            account,
            now: self.call.now,
        };
        let Some(pairs) = self.profile.send_back(self.world, &back, pairs) else {
            return consent::problem(
                self.profile,
                "The app's secret is not known since the start: register the app again.",
            );
        };
        let mut to = to.clone();
        to.query_pairs_mut().extend_pairs(pairs);
        Answer::see_other(to.as_str())
    }

    fn refusal(&self, problem: Problem) -> Answer {
        match problem {
            Problem::Page(words) => consent::problem(self.profile, words),
            Problem::Redirect {
                to,
                client_id,
                error,
                description,
                state,
            } => {
                let pairs = vec![pair("error", error), pair("error_description", description)];
                let mut answer = self
                    .back(&to, &client_id, None, None, pairs, state.as_deref())
                    .refused(description);
                if answer.status == StatusCode::SEE_OTHER {
                    // Nothing was posted: an ordinary redirect, as providers send it.
                    answer.status = StatusCode::FOUND;
                }
                answer
            }
        }
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// What is granted: all that was asked, less the boxes that were unticked. A program that posts neither boxes nor
/// scopes approves all.
fn granted(rules: &OAuth, request: &Request, form: &Params) -> Vec<String> {
    let chose = form.get("granular").is_some() || form.get("scope").is_some();
    request
        .scopes
        .iter()
        .filter(|scope| {
            !chose
                || !rules.optional_scopes.contains(&scope.as_str())
                || form.all("scope").any(|ticked| ticked == scope.as_str())
        })
        .cloned()
        .collect()
}

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
    if asked.is_empty() && rules.scopes_of_app {
        return Ok(rules.scopes.iter().map(|scope| scope.name.to_owned()).collect());
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
