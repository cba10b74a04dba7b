//! Gate `storage`: tokens are sealed, open again, and do not open under another tenant, connection or field.

use patchbay_store::{
    Scope,
    connections::Connection,
    ids::{ConnectionId, GrantId},
    vault::Sealed,
};
use secrecy::ExposeSecret as _;

use super::{
    bench::Bench,
    outcome::{GateOutcome, Step, fail, require},
};
use crate::tokens::grant_place;

/// The whole gate.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    const STEP: &str = "open the sealed tokens";
    let mine = bench.connect(&bench.ana).await?;
    let theirs = bench.connect(&bench.ben).await?;
    let opened = bench
        .hub
        .open_grant(&mine)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "tokens", "none"))?;
    require(
        !opened.access.expose_secret().is_empty(),
        STEP,
        "an access token",
        "nothing",
    )?;
    for secret in std::iter::once(&opened.access).chain(&opened.refresh) {
        let plain = bench.database_holds(secret)?;
        require(
            !plain,
            "look for tokens in the database's files",
            "none",
            "a token in plain text",
        )?;
    }
    let sealed = opened
        .grant
        .access
        .clone()
        .ok_or_else(|| fail(STEP, "a sealed token", "none"))?;
    elsewhere(bench, &mine, &theirs, &opened.grant.id, &sealed).await
}

/// Tries the sealed token in every place that is not its own.
async fn elsewhere(
    bench: &Bench,
    mine: &Connection,
    theirs: &Connection,
    grant: &GrantId,
    sealed: &Sealed,
) -> GateOutcome {
    let other_connection = ConnectionId::from("another-connection");
    let other_grant = GrantId::from("another-grant");
    let places = [
        (
            "open under another tenant",
            grant_place(grant, &theirs.tenant_id, &mine.id, "access"),
        ),
        (
            "open under another connection",
            grant_place(grant, &mine.tenant_id, &other_connection, "access"),
        ),
        (
            "open under another row",
            grant_place(&other_grant, &mine.tenant_id, &mine.id, "access"),
        ),
        (
            "open under another field",
            grant_place(grant, &mine.tenant_id, &mine.id, "refresh"),
        ),
    ];
    let mut tx = bench.hub.store.read(Scope::System).await.step("read")?;
    for (step, place) in places {
        let opened = tx.open(&place, sealed).await.is_ok();
        require(!opened, step, "a refusal", "the token")?;
    }
    let own = grant_place(grant, &mine.tenant_id, &mine.id, "access");
    tx.open(&own, sealed)
        .await
        .map(|_| ())
        .step("open in its own place")
}
