//! Gate `flow`: start, consent, callback and exchange work, and every refusal that applies refuses.

use std::time::Duration;

use patchbay_catalog::{Denial, OAuth2};
use patchbay_oauth::App;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    bench::Bench,
    dialect, kinds,
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::{
    connect::{Refusal, Started},
    view::Viewer,
};

/// The whole gate.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    let query = approve(bench).await?;
    replay(bench, &query).await?;
    wrong_hands(bench).await?;
    wrong_place(bench).await?;
    too_late(bench).await?;
    declined(bench).await?;
    dialect::choosing(bench).await?;
    kinds::refused_beginnings(bench).await?;
    kinds::tampered(bench).await?;
    dialect::forged(bench).await?;
    dialect::injected(bench).await?;
    dialect::misdirected(bench).await?;
    dialect::less(bench).await?;
    wrong_code(bench).await?;
    wrong_secret(bench).await?;
    dialect::second(bench).await
}

/// A flow that the provider approved, just before its callback.
pub(super) struct Approved {
    /// The flow.
    pub started: Started,
    /// What the provider sends back.
    pub query: String,
}

/// Starts and approves, as Ana.
pub(super) async fn approved(bench: &Bench) -> Result<Approved, Failure> {
    let started = bench.start(&bench.ana).await?;
    let url = bench.leave_url(&bench.ana, &started.flow).await?;
    let query = bench.consent(&url, true, 0).await?;
    Ok(Approved { started, query })
}

/// The good way: the connection carries the account's name, and the address at the provider carried what it must.
async fn approve(bench: &Bench) -> Result<(SecretString, String), Failure> {
    const STEP: &str = "approve";
    let started = bench.start(&bench.ana).await?;
    let url = bench.leave_url(&bench.ana, &started.flow).await?;
    kinds::asked_properly(bench, &url)?;
    let query = bench.consent(&url, true, 0).await?;
    kinds::came_back_properly(&query)?;
    let id = &bench.integration.id;
    let finished = bench
        .callback(id, &query, Some(&bench.ana), Some(&started.browser))
        .await?;
    finished
        .outcome
        .map_err(|refusal| fail(STEP, "a connection", refusal.code()))?;
    let live = bench.live(&bench.ana).await?;
    let account = bench.account(0)?.label;
    let named = live
        .iter()
        .any(|connection| account.contains(&connection.account_label));
    require(
        live.len() == 1 && named,
        STEP,
        "one connection with the account's name",
        format!("{} connections", live.len()),
    )?;
    // All that was asked for was approved, so nothing can be missing (S26).
    let missing = live.iter().find_map(|connection| connection.cause.as_deref());
    require(
        missing.is_none(),
        STEP,
        "all that was approved to count as granted",
        missing.unwrap_or_default(),
    )?;
    Ok((started.browser, query))
}

/// Sends a callback that must be refused without a token request: without any request to the provider, but where only
/// the provider can tell that nothing was approved.
pub(super) async fn refused(
    bench: &Bench,
    step: &str,
    query: &str,
    viewer: Option<&Viewer>,
    browser: Option<&SecretString>,
    wanted: &str,
) -> GateOutcome {
    let counts = async || {
        let asked = if wanted == Refusal::Unfinished.code() {
            bench.token_requests()
        } else {
            bench.requests()
        };
        Ok((asked, bench.live(&bench.ana).await?.len()))
    };
    let before: (usize, usize) = counts().await?;
    let finished = bench
        .callback(&bench.integration.id, query, viewer, browser)
        .await?;
    let got = match &finished.outcome {
        Ok(_) => "connected",
        Err(refusal) => refusal.code(),
    };
    require(got == wanted, step, wanted, got)?;
    let after = counts().await?;
    require(
        before == after,
        step,
        "no request to the provider and no new connection",
        format!("{before:?} became {after:?}"),
    )
}

/// A used answer is refused (S12).
async fn replay(bench: &Bench, (browser, query): &(SecretString, String)) -> GateOutcome {
    refused(
        bench,
        "send the same callback again",
        query,
        Some(&bench.ana),
        Some(browser),
        "used",
    )
    .await
}

/// Another browser, another person, another tenant, nobody (S01 to S04).
async fn wrong_hands(bench: &Bench) -> GateOutcome {
    let other = SecretString::from("A".repeat(43));
    let flow = approved(bench).await?;
    refused(
        bench,
        "come back in another browser",
        &flow.query,
        Some(&bench.ana),
        Some(&other),
        "other-browser",
    )
    .await?;
    let flow = approved(bench).await?;
    refused(
        bench,
        "come back without the cookie",
        &flow.query,
        Some(&bench.ana),
        None,
        "other-browser",
    )
    .await?;
    let flow = approved(bench).await?;
    let browser = Some(&flow.started.browser);
    refused(
        bench,
        "come back as a colleague",
        &flow.query,
        Some(&bench.mia),
        browser,
        "other-person",
    )
    .await?;
    let flow = approved(bench).await?;
    let browser = Some(&flow.started.browser);
    refused(
        bench,
        "come back as another customer",
        &flow.query,
        Some(&bench.ben),
        browser,
        "other-tenant",
    )
    .await?;
    let flow = approved(bench).await?;
    refused(
        bench,
        "come back signed out",
        &flow.query,
        None,
        Some(&flow.started.browser),
        "signed-out",
    )
    .await
}

/// Another integration's address, a state that is not ours, a parameter twice (S05, S14, S21).
async fn wrong_place(bench: &Bench) -> GateOutcome {
    const STEP: &str = "come back at another integration's address";
    let flow = approved(bench).await?;
    let before = bench.requests();
    let finished = bench
        .callback(
            "patchbay",
            &flow.query,
            Some(&bench.ana),
            Some(&flow.started.browser),
        )
        .await?;
    let refusal = finished
        .outcome
        .err()
        .ok_or_else(|| fail(STEP, "a refusal", "connected"))?;
    require(
        refusal == Refusal::OtherIntegration,
        STEP,
        "other-integration",
        refusal.code(),
    )?;
    require(
        before == bench.requests(),
        STEP,
        "no request to the provider",
        "one",
    )?;
    let flow = approved(bench).await?;
    let browser = Some(&flow.started.browser);
    let foreign = format!("code=x&state={}", "A".repeat(43));
    refused(
        bench,
        "come back with a foreign state",
        &foreign,
        Some(&bench.ana),
        browser,
        "unknown-state",
    )
    .await?;
    let first = flow.query.split('&').next().unwrap_or_default();
    let twice = format!("{}&{first}", flow.query);
    refused(
        bench,
        "come back with a parameter twice",
        &twice,
        Some(&bench.ana),
        browser,
        "malformed",
    )
    .await
}

/// Ten minutes are over (S13).
async fn too_late(bench: &Bench) -> GateOutcome {
    let flow = approved(bench).await?;
    bench.wait(Duration::from_secs(10 * 60 + 1));
    let browser = Some(&flow.started.browser);
    refused(
        bench,
        "come back after ten minutes",
        &flow.query,
        Some(&bench.ana),
        browser,
        "late",
    )
    .await
}

/// The admin says no: the provider sends them back with that, or keeps them and nothing happens here.
async fn declined(bench: &Bench) -> GateOutcome {
    const STEP: &str = "decline";
    let started = bench.start(&bench.ana).await?;
    let url = bench.leave_url(&bench.ana, &started.flow).await?;
    let stays = |dialect: &OAuth2| dialect.denial == Denial::Stays;
    if bench.integration.oauth2().is_some_and(stays) {
        let sent = bench.answers(&url, "decision=deny").await?;
        return require(
            sent.is_none(),
            STEP,
            "nobody to be sent back, as documented",
            "a redirect",
        );
    }
    let query = bench.consent(&url, false, 0).await?;
    // What comes back from a link says nothing, so nobody can tell a no from leaving.
    let wanted = match bench.integration.link() {
        Some(_) => Refusal::Unfinished,
        None => Refusal::Declined,
    };
    let browser = Some(&started.browser);
    refused(bench, STEP, &query, Some(&bench.ana), browser, wanted.code()).await
}

/// A code, verifier or public token that the provider does not know: refused, and the connection that was there still
/// works.
async fn wrong_code(bench: &Bench) -> GateOutcome {
    const STEP: &str = "exchange a wrong code";
    let flow = approved(bench).await?;
    let query = kinds::with_wrong_proof(bench, &flow.query).await?;
    let id = &bench.integration.id;
    let finished = bench
        .callback(id, &query, Some(&bench.ana), Some(&flow.started.browser))
        .await?;
    let refusal = finished
        .outcome
        .err()
        .ok_or_else(|| fail(STEP, "a refusal", "connected"))?;
    require(
        refusal == Refusal::ExchangeRefused,
        STEP,
        "exchange-refused",
        refusal.code(),
    )?;
    untouched(bench, STEP).await
}

/// A client secret that the provider does not accept: said as what it is, before anyone leaves where the provider is asked
/// then, else on the way back, and nothing is stored. Where the provider signs its answer with the secret, it is the answer
/// that does not fit.
async fn wrong_secret(bench: &Bench) -> GateOutcome {
    const STEP: &str = "exchange with a wrong client secret";
    let provider_app = &bench.integration.provider_app;
    let app: App = bench.hub.app(provider_app).await.step(STEP)?;
    let wrong = SecretString::from(format!("not-{}", app.client_secret.expose_secret()));
    let flow = approved(bench).await?;
    bench
        .hub
        .put_app(provider_app, &app.client_id, &wrong, "verification")
        .await
        .step(STEP)?;
    kinds::wrong_secret_at_start(bench).await?;
    let id = &bench.integration.id;
    let finished = bench
        .callback(id, &flow.query, Some(&bench.ana), Some(&flow.started.browser))
        .await?;
    bench
        .hub
        .put_app(provider_app, &app.client_id, &app.client_secret, "verification")
        .await
        .step(STEP)?;
    let refusal = finished
        .outcome
        .err()
        .ok_or_else(|| fail(STEP, "a refusal", "connected"))?;
    let wanted = if dialect::signed(bench).is_some() {
        Refusal::Forged
    } else {
        Refusal::AppConfig
    };
    require(refusal == wanted, STEP, wanted.code(), refusal.code())?;
    untouched(bench, STEP).await
}

/// The connection made at the beginning is still the only one, and still works.
pub(super) async fn untouched(bench: &Bench, step: &str) -> GateOutcome {
    let live = bench.live(&bench.ana).await?;
    require(live.len() == 1, step, "one connection", live.len())?;
    for connection in live {
        let (_, tested) = bench
            .hub
            .test_connection(&bench.ana, connection.id.as_str())
            .await
            .step(step)?;
        let works = matches!(tested, crate::connections::Tested::Works(_));
        require(
            works,
            step,
            "the earlier connection to work",
            format!("{tested:?}"),
        )?;
    }
    Ok(())
}
