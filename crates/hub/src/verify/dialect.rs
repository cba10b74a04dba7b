//! What gate `flow` checks besides, where it applies: answers that a provider signs (S30, S31), codes of another's flow
//! (S16), answers about another's account (S40), people who allow less than was asked (S26) or want another account.

use std::time::Duration;

use patchbay_catalog::{Pkce, ReturnedFrom, SignedCallback};
use patchbay_oauth::signature;
use patchbay_simulator::ASKS_WHICH;
use patchbay_store::connections::{Connection, ConnectionState};
use url::form_urlencoded;

use super::{
    bench::Bench,
    flow::{approved, refused, untouched},
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::connect::Refusal;

/// How the provider signs its answers, where it does.
pub(super) fn signed(bench: &Bench) -> Option<&SignedCallback> {
    bench.integration.oauth2()?.signed_callback.as_ref()
}

/// An answer with another code, signed again where answers are signed: as if the provider had sent it.
pub(super) async fn with_code(bench: &Bench, query: &str, code: &str) -> Result<String, Failure> {
    let mut pairs = parameters(query);
    for (_, value) in pairs.iter_mut().filter(|(name, _)| name == "code") {
        code.clone_into(value);
    }
    if let Some(signed) = signed(bench) {
        let app = bench.hub.app(&bench.integration.provider_app).await;
        let secret = app.step("sign an answer")?.client_secret;
        pairs.retain(|(name, _)| *name != signed.signature);
        let signature = signature::sign(&pairs, &secret);
        pairs.push((signed.signature.clone(), signature));
    }
    Ok(text(&pairs))
}

/// Without a signature, with a wrong one, with something added, late, and about another account: all refused before
/// anything is asked of the provider.
pub(super) async fn forged(bench: &Bench) -> GateOutcome {
    let Some(signed) = signed(bench) else {
        return Ok(());
    };
    for (step, alter) in ALTERATIONS {
        let flow = approved(bench).await?;
        let mut pairs = parameters(&flow.query);
        alter(&mut pairs, signed);
        let browser = Some(&flow.started.browser);
        refused(bench, step, &text(&pairs), Some(&bench.ana), browser, "forged").await?;
    }
    let flow = approved(bench).await?;
    bench.wait(Duration::from_secs(u64::from(signed.max_age_s) + 1));
    let browser = Some(&flow.started.browser);
    refused(
        bench,
        "come back late with a good signature",
        &flow.query,
        Some(&bench.ana),
        browser,
        "forged",
    )
    .await?;
    other_account(bench).await
}

/// Somebody who is signed in at the provider with the wrong account: where the provider documents how to ask, it asks.
pub(super) async fn choosing(bench: &Bench) -> GateOutcome {
    const STEP: &str = "ask for the choice of an account";
    let dialect = bench.integration.oauth2();
    if dialect.is_none_or(|dialect| dialect.choose_account.is_none()) {
        return Ok(());
    }
    for (choosing, wanted) in [(false, "no question"), (true, "the question which account")] {
        let started = if choosing {
            bench.start_choosing(&bench.ana).await?
        } else {
            bench.start(&bench.ana).await?
        };
        let url = bench.leave_url(&bench.ana, &started.flow).await?;
        let asks = bench.offers(&url, ASKS_WHICH).await?;
        let got = if asks { "the question" } else { "no question" };
        require(asks == choosing, STEP, wanted, got)?;
    }
    Ok(())
}

/// One way to tamper with an answer.
type Alteration = fn(&mut Vec<(String, String)>, &SignedCallback);

/// The ways, with their steps.
const ALTERATIONS: [(&str, Alteration); 4] = [
    ("come back without a signature", |pairs, signed| {
        pairs.retain(|(name, _)| *name != signed.signature);
    }),
    ("come back with a wrong signature", |pairs, signed| {
        for (_, value) in pairs.iter_mut().filter(|(name, _)| *name == signed.signature) {
            let flipped = if value.starts_with('0') { "1" } else { "0" };
            value.replace_range(..1, flipped);
        }
    }),
    ("come back with something added", |pairs, _| {
        pairs.push(("added".to_owned(), "1".to_owned()));
    }),
    ("come back with another time", |pairs, signed| {
        for (_, value) in pairs.iter_mut().filter(|(name, _)| *name == signed.timestamp) {
            value.push('0');
        }
    }),
];

/// A real and fresh answer of the provider to this flow, for another account than the one that was typed: an attacker
/// sends the address on from a host of his own.
async fn other_account(bench: &Bench) -> GateOutcome {
    const STEP: &str = "come back with another account's answer";
    let started = bench.start(&bench.ana).await?;
    let mut url = bench.leave_url(&bench.ana, &started.flow).await?;
    // Where hosts differ by account, the simulator calls the account by its host.
    url.set_host(Some(bench.account(1)?.name)).step(STEP)?;
    let query = bench.consent(&url, true, 1).await?;
    let browser = Some(&started.browser);
    refused(bench, STEP, &query, Some(&bench.ana), browser, "forged").await
}

/// A code from another's flow, put into the answer to ours: the provider finds that the verifier is not its own, or the
/// signature does not fit. The connection that was there is untouched. Without either nothing can tell (S17).
pub(super) async fn injected(bench: &Bench) -> GateOutcome {
    const STEP: &str = "come back with a code of another's flow";
    let dialect = bench.integration.oauth2();
    let has_pkce = dialect.is_some_and(|dialect| dialect.pkce != Pkce::None);
    let wanted = match (signed(bench), has_pkce) {
        (Some(_), _) => Refusal::Forged,
        (None, true) => Refusal::ExchangeRefused,
        (None, false) => return Ok(()),
    };
    let attacker = bench.start(&bench.ben).await?;
    let url = bench.leave_url(&bench.ben, &attacker.flow).await?;
    let theirs = parameters(&bench.consent(&url, true, 0).await?);
    let code = theirs.into_iter().find(|(name, _)| name == "code");
    let flow = approved(bench).await?;
    let mut pairs = parameters(&flow.query);
    pairs.retain(|(name, _)| name != "code");
    pairs.extend(code);
    let id = &bench.integration.id;
    let browser = Some(&flow.started.browser);
    let finished = bench
        .callback(id, &text(&pairs), Some(&bench.ana), browser)
        .await?;
    let refusal = finished
        .outcome
        .err()
        .ok_or_else(|| fail(STEP, "a refusal", "connected"))?;
    require(refusal == wanted, STEP, wanted.code(), refusal.code())?;
    untouched(bench, STEP).await
}

/// The answer's own word for which account it is about, replaced by someone else's: the provider does not sign it, so it
/// must not count before a call with the new token has confirmed it (S40).
pub(super) async fn misdirected(bench: &Bench) -> GateOutcome {
    const STEP: &str = "come back with another account's id";
    let part = bench.integration.whoami.id_part.as_ref();
    let mut in_callback = bench.integration.returned_from(ReturnedFrom::Callback);
    let Some(value) = in_callback.find(|value| Some(&value.name) == part) else {
        return Ok(());
    };
    let theirs = bench.start(&bench.ben).await?;
    let url = bench.leave_url(&bench.ben, &theirs.flow).await?;
    let foreign = parameters(&bench.consent(&url, true, 2).await?)
        .into_iter()
        .find(|(name, _)| *name == value.path);
    let flow = approved(bench).await?;
    let mut pairs = parameters(&flow.query);
    pairs.retain(|(name, _)| *name != value.path);
    pairs.push(foreign.ok_or_else(|| fail(STEP, "an id in the answer", "none"))?);
    let before = bench.live(&bench.ana).await?.len();
    let id = &bench.integration.id;
    let browser = Some(&flow.started.browser);
    let finished = bench
        .callback(id, &text(&pairs), Some(&bench.ana), browser)
        .await?;
    let refused = finished.outcome.is_err();
    require(refused, STEP, "a refusal", "connected")?;
    let after = bench.live(&bench.ana).await?.len();
    require(
        before == after,
        STEP,
        "no new connection",
        format!("{before} became {after}"),
    )
}

/// The person unticks what can be unticked: the connection is limited and says by what. All ticked: healthy again.
pub(super) async fn less(bench: &Bench) -> GateOutcome {
    const STEP: &str = "allow less than was asked";
    let optional = bench.simulator.optional_scopes(bench.profile()).step(STEP)?;
    let asked = bench.integration.scopes();
    let missing: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|scope| optional.contains(scope))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let account = bench.account(0)?.id;
    let nothing_ticked = format!("decision=approve&granular=true&account={account}");
    let all_ticked = format!("decision=approve&account={account}");
    let cause = missing.join(" ");
    for (form, wanted) in [
        (nothing_ticked, (ConnectionState::Limited, Some(cause))),
        (all_ticked, (ConnectionState::Healthy, None)),
    ] {
        let started = bench.start(&bench.ana).await?;
        let url = bench.leave_url(&bench.ana, &started.flow).await?;
        let query = bench.answer(&url, &form).await?;
        let browser = Some(&started.browser);
        let finished = bench
            .callback(&bench.integration.id, &query, Some(&bench.ana), browser)
            .await?;
        finished
            .outcome
            .map_err(|refusal| fail(STEP, "a connection", refusal.code()))?;
        let live = bench.live(&bench.ana).await?;
        let got: Vec<_> = live
            .into_iter()
            .map(|connection| (connection.state, connection.cause))
            .collect();
        require(
            got == [wanted.clone()],
            STEP,
            &format!("one connection, {wanted:?}"),
            format!("{got:?}"),
        )?;
    }
    Ok(())
}

/// The same person approves for another account: a second connection with that account's name, and the first one is
/// untouched. Not where the consent page of one account offers no other.
pub(super) async fn second(bench: &Bench) -> GateOutcome {
    const STEP: &str = "connect a second account";
    let first = bench.live(&bench.ana).await?;
    let started = bench.start(&bench.ana).await?;
    let url = bench.leave_url(&bench.ana, &started.flow).await?;
    let account = bench.account(1)?;
    if !bench.offers(&url, account.id).await? {
        return Ok(());
    }
    let query = bench.consent(&url, true, 1).await?;
    let id = &bench.integration.id;
    let browser = Some(&started.browser);
    let finished = bench.callback(id, &query, Some(&bench.ana), browser).await?;
    let connected = finished
        .outcome
        .map_err(|refusal| fail(STEP, "a connection", refusal.code()))?;
    require(
        !connected.renewed,
        STEP,
        "another connection",
        "the first one renewed",
    )?;
    let live = bench.live(&bench.ana).await?;
    let is_named = live.iter().any(|connection| {
        connection.id == connected.connection && account.label.contains(&connection.account_label)
    });
    require(
        is_named,
        STEP,
        "a connection with the account's name",
        "another name",
    )?;
    let kept = first.iter().all(|one| {
        let same = |other: &Connection| (&other.id, &other.account_id) == (&one.id, &one.account_id);
        live.iter().any(same)
    });
    require(kept, STEP, "the first connection as it was", "another")
}

pub(super) fn parameters(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub(super) fn text(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
