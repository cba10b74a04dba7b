//! What gate `flow` checks by the kind of authorization: what was asked for, what a wrong answer is, and for the kinds that
//! ask the provider before anyone leaves, which beginnings are refused (S22, S23).

use patchbay_catalog::{Auth, Integration, Link, OAuth1, OAuth2, Pkce};
use patchbay_simulator::FaultKind;
use serde_json::{Value, json};
use url::Url;

use super::{
    bench::Bench,
    dialect::{parameters, text, with_code},
    flow::{approved, refused, untouched},
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::{HubError, connect::Refusal};

/// Letters of a state.
const STATE: usize = 43;

/// What a wrong code, verifier or public token is called here.
const WRONG: &str = "not-one-of-theirs";

/// State, proof key and scopes as the catalogue says (S15, S25): in the address that the admin is sent to, or in the call
/// that came before it.
pub(super) fn asked_properly(bench: &Bench, url: &Url) -> GateOutcome {
    match &bench.integration.auth {
        Auth::OAuth2(dialect) => by_code(dialect, url),
        Auth::OAuth1(dialect) => by_request_token(bench, dialect, url),
        Auth::Link(link) => by_link(bench, link, url),
        Auth::ApiKey(_) => Err(fail(ASKED, "an authorization", "a key")),
    }
}

const ASKED: &str = "read what was asked for";

fn by_code(dialect: &OAuth2, url: &Url) -> GateOutcome {
    let get = |name: &str| parameter(url, name);
    require(
        get("state").is_some_and(|state| state.len() == STATE),
        ASKED,
        "a state of 43 letters",
        "another",
    )?;
    let method = get("code_challenge_method");
    match dialect.pkce {
        Pkce::None => require(method.is_none(), ASKED, "no PKCE", "some")?,
        Pkce::Required | Pkce::Supported => {
            let is_s256 = method.as_deref() == Some("S256");
            require(is_s256, ASKED, "PKCE S256", method.unwrap_or_default())?;
        }
    }
    let separator = dialect.scope_separator.as_deref().unwrap_or(" ");
    let asked = if dialect.omit_scope || dialect.scopes.is_empty() {
        None
    } else {
        Some(dialect.scopes.join(separator))
    };
    require(
        get("scope") == asked,
        ASKED,
        "the reviewed scopes",
        get("scope").unwrap_or_default(),
    )
}

/// The address carries the request token and what is asked for, and nothing that can be redeemed by itself.
fn by_request_token(bench: &Bench, dialect: &OAuth1, url: &Url) -> GateOutcome {
    let get = |name: &str| parameter(url, name);
    let named = get("oauth_token").is_some_and(|token| !token.is_empty());
    require(named, ASKED, "a request token", "none")?;
    let bare = ["state", "oauth_token_secret", "oauth_callback"]
        .iter()
        .all(|name| get(name).is_none());
    require(bare, ASKED, "no state and no secret in the address", "one")?;
    let separator = dialect.scope_separator.as_deref().unwrap_or(" ");
    let asked = (!dialect.scopes.is_empty()).then(|| dialect.scopes.join(separator));
    require(
        get("scope") == asked,
        ASKED,
        "the reviewed scopes",
        get("scope").unwrap_or_default(),
    )?;
    let calls = bench.requests_to(&dialect.request_token_url);
    require(calls == 1, ASKED, "one call for a request token", calls)
}

/// The address is the provider's page and carries nothing of ours; the call before it asked for the reviewed products.
fn by_link(bench: &Bench, link: &Link, url: &Url) -> GateOutcome {
    let host = url.host_str().unwrap_or_default();
    require(host == link.page_host, ASKED, &link.page_host, host)?;
    require(
        url.query().is_none(),
        ASKED,
        "nothing of ours in the address",
        "something",
    )?;
    let products = json!(link.products).to_string();
    let asked = bench
        .last_request_to(&link.create_url)
        .and_then(|entry| entry.value("products").map(ToOwned::to_owned))
        .unwrap_or_default();
    require(asked == products, ASKED, "the reviewed products", asked)
}

/// What comes back carries our state, whatever else it carries: one state of ours, where the provider knows none too.
pub(super) fn came_back_properly(query: &str) -> GateOutcome {
    let states: Vec<usize> = parameters(query)
        .iter()
        .filter(|(name, _)| name == "state")
        .map(|(_, state)| state.len())
        .collect();
    require(
        states == [STATE],
        "read the way back",
        "a state of 43 letters",
        format!("{states:?}"),
    )
}

/// An answer that the provider will not redeem; where the answer itself carries nothing, the provider is made to tell a
/// public token that it never gave out.
pub(super) async fn with_wrong_proof(bench: &Bench, query: &str) -> Result<String, Failure> {
    match &bench.integration.auth {
        Auth::OAuth1(_) => Ok(replaced(query, "oauth_verifier", WRONG)),
        Auth::Link(link) => {
            let environment = bench.values()?.get("environment").cloned().unwrap_or_default();
            let token = format!("public-{environment}-{WRONG}");
            bench.fault(
                &link.get_url,
                answers(&session(true, &json!([{"public_token": token}]))),
            )?;
            Ok(query.to_owned())
        }
        _ => with_code(bench, query, WRONG).await,
    }
}

/// Answers that are not the provider's to this flow, and admins who left without one.
pub(super) async fn tampered(bench: &Bench) -> GateOutcome {
    match &bench.integration.auth {
        Auth::OAuth1(_) => {
            other_request_token(bench).await?;
            no_verifier(bench).await
        }
        Auth::Link(link) => left_early(bench, link).await,
        _ => Ok(()),
    }
}

/// A verifier with another request token than the flow's, made up or of another's flow; and another's verifier with the
/// flow's own (S23).
async fn other_request_token(bench: &Bench) -> GateOutcome {
    const STEP: &str = "come back with another request token";
    let attacker = bench.start(&bench.ben).await?;
    let url = bench.leave_url(&bench.ben, &attacker.flow).await?;
    let theirs = parameters(&bench.consent(&url, true, 0).await?);
    let of_theirs = |wanted: &str| {
        let found = theirs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    for token in [WRONG.to_owned(), of_theirs("oauth_token")] {
        let flow = approved(bench).await?;
        let query = replaced(&flow.query, "oauth_token", &token);
        let query = replaced(&query, "oauth_verifier", &of_theirs("oauth_verifier"));
        let browser = Some(&flow.started.browser);
        refused(bench, STEP, &query, Some(&bench.ana), browser, "forged").await?;
    }
    let flow = approved(bench).await?;
    let query = replaced(&flow.query, "oauth_verifier", &of_theirs("oauth_verifier"));
    let finished = bench
        .callback(
            &bench.integration.id,
            &query,
            Some(&bench.ana),
            Some(&flow.started.browser),
        )
        .await?;
    let refusal = finished
        .outcome
        .err()
        .ok_or_else(|| fail(STEP, "a refusal", "connected"))?;
    let wanted = Refusal::ExchangeRefused;
    require(refusal == wanted, STEP, wanted.code(), refusal.code())?;
    untouched(bench, STEP).await
}

/// Without a verifier nothing was approved, whatever else comes back (S23).
async fn no_verifier(bench: &Bench) -> GateOutcome {
    let flow = approved(bench).await?;
    let mut pairs = parameters(&flow.query);
    pairs.retain(|(name, _)| name != "oauth_verifier");
    refused(
        bench,
        "come back without a verifier",
        &text(&pairs),
        Some(&bench.ana),
        Some(&flow.started.browser),
        "declined",
    )
    .await
}

/// A session that is not finished gives nothing, whatever it says, and no token request leaves for it.
async fn left_early(bench: &Bench, link: &Link) -> GateOutcome {
    for unfinished in [
        json!({"link_token": "theirs"}),
        session(false, &json!([{"public_token": "public-too-early"}])),
        session(true, &json!([])),
    ] {
        let flow = approved(bench).await?;
        bench.fault(&link.get_url, answers(&unfinished))?;
        refused(
            bench,
            "come back before the session is finished",
            &flow.query,
            Some(&bench.ana),
            Some(&flow.started.browser),
            "unfinished",
        )
        .await?;
    }
    Ok(())
}

/// Beginnings that the provider does not go along with, or goes along with in a way that can't be trusted: nothing is
/// stored and nobody leaves.
pub(super) async fn refused_beginnings(bench: &Bench) -> GateOutcome {
    match &bench.integration.auth {
        Auth::OAuth1(dialect) => {
            const PAIR: &str = "oauth_token=t&oauth_token_secret=s";
            for (step, body) in [
                ("start without a confirmed callback", PAIR.to_owned()),
                (
                    "start with a callback that is denied",
                    format!("{PAIR}&oauth_callback_confirmed=false"),
                ),
            ] {
                let kind = FaultKind::Status {
                    code: 200,
                    body: Some(body),
                };
                bench.fault(&dialect.request_token_url, kind)?;
                not_started(bench, step, &Refusal::NotStarted).await?;
            }
            Ok(())
        }
        Auth::Link(link) => {
            for page in [
                "https://evil.example/hl/x".to_owned(),
                format!("https://{}.evil.example/hl/x", link.page_host),
                format!("http://{}/hl/x", link.page_host),
            ] {
                let body = json!({"link_token": "link-theirs", "hosted_link_url": page});
                bench.fault(&link.create_url, answers(&body))?;
                not_started(bench, "start with a page elsewhere", &Refusal::NotStarted).await?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Where the provider is asked before anyone leaves, a wrong client secret is found then.
pub(super) async fn wrong_secret_at_start(bench: &Bench) -> GateOutcome {
    if asks_first(&bench.integration) {
        not_started(bench, "start with a wrong client secret", &Refusal::AppConfig).await?;
    }
    Ok(())
}

/// Whether the provider is asked before anyone leaves.
fn asks_first(integration: &Integration) -> bool {
    matches!(integration.auth, Auth::OAuth1(_) | Auth::Link(_))
}

/// A click on Connect that must come to nothing.
async fn not_started(bench: &Bench, step: &str, wanted: &Refusal) -> GateOutcome {
    let before = bench.open_flows(&bench.ana).await?;
    let refusal = match bench.try_start(&bench.ana).await {
        Ok(_) => return Err(fail(step, wanted.code(), "started")),
        Err(HubError::NotStarted { refusal, .. }) => refusal,
        Err(error) => return Err(fail(step, wanted.code(), error)),
    };
    require(refusal == *wanted, step, wanted.code(), refusal.code())?;
    let after = bench.open_flows(&bench.ana).await.step(step)?;
    require(before == after, step, "no flow", "one")
}

/// What the provider tells of a session.
fn session(finished: bool, items: &Value) -> Value {
    json!({"link_sessions": [{
        "link_session_id": "theirs",
        "finished_at": finished.then_some("2026-04-15T12:00:00Z"),
        "results": {"item_add_results": items},
    }]})
}

fn answers(body: &Value) -> FaultKind {
    FaultKind::Status {
        code: 200,
        body: Some(body.to_string()),
    }
}

/// A query with another value for one of its parameters.
fn replaced(query: &str, name: &str, value: &str) -> String {
    let mut pairs = parameters(query);
    for (_, old) in pairs.iter_mut().filter(|(found, _)| found == name) {
        value.clone_into(old);
    }
    text(&pairs)
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
