//! Gate `storage`: tokens are sealed, open again, and do not open under another tenant, connection or field. So is what a
//! flow keeps until its answer comes.

use patchbay_store::{
    Scope,
    connections::Connection,
    flows::{self, Flow},
    ids::{ConnectionId, FlowId, GrantId},
    vault::{Place, Sealed},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

use super::{
    bench::Bench,
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::tokens::grant_place;

/// Parameters of an address, or of what a flow keeps, that are secrets by themselves.
const SECRETS: [&str; 3] = ["state", "oauth_token", "oauth_token_secret"];

/// The whole gate.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    const STEP: &str = "open the sealed tokens";
    waiting(bench).await?;
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

/// What a flow keeps while its admin is at the provider: sealed, and bound to its row, tenant and field.
async fn waiting(bench: &Bench) -> GateOutcome {
    const STEP: &str = "open what a flow keeps";
    let started = bench.start(&bench.ana).await?;
    let mut tx = bench.hub.store.read(Scope::System).await.step(STEP)?;
    let flow = flows::get(&mut tx, &started.flow).await.step(STEP)?;
    drop(tx);
    let flow = flow.ok_or_else(|| fail(STEP, "a flow", "none"))?;
    for (field, other, sealed) in [
        ("verifier", "leave_url", &flow.verifier),
        ("leave_url", "verifier", &flow.leave_url),
    ] {
        if let Some(sealed) = sealed {
            let secret = opens_only_there(bench, &flow, field, other, sealed).await?;
            not_in_files(bench, &secret)?;
        }
    }
    Ok(())
}

/// Opens what a flow keeps, after trying every place that is not its own.
async fn opens_only_there(
    bench: &Bench,
    flow: &Flow,
    field: &'static str,
    other: &'static str,
    sealed: &Sealed,
) -> Result<SecretString, Failure> {
    const STEP: &str = "open what a flow keeps";
    let own = Place {
        table: "flows",
        row: flow.id.as_str(),
        tenant: Some(&flow.tenant_id),
        connection: None,
        field,
    };
    let another_flow = FlowId::from("another-flow");
    let mut tx = bench.hub.store.read(Scope::System).await.step(STEP)?;
    for place in [
        Place {
            tenant: bench.ben.tenant.as_ref(),
            ..own
        },
        Place {
            row: another_flow.as_str(),
            ..own
        },
        Place { field: other, ..own },
    ] {
        let opened = tx.open(&place, sealed).await.is_ok();
        require(!opened, STEP, "a refusal elsewhere", "the secret")?;
    }
    tx.open(&own, sealed).await.step(STEP)
}

/// Neither the whole secret nor a part of it that is one stands in the database's files.
fn not_in_files(bench: &Bench, secret: &SecretString) -> GateOutcome {
    let text = secret.expose_secret();
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    let parts = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| SECRETS.contains(&name.as_ref()))
        .map(|(_, value)| value.into_owned());
    for part in parts.chain([text.to_owned()]) {
        let plain = bench.database_holds(&part.into())?;
        let step = "look for a flow's secrets in the database's files";
        require(!plain, step, "none", "one in plain text")?;
    }
    Ok(())
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
