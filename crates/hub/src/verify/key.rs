//! A key: refused where it is wrong, tested and sealed, replaced, removed.

use std::collections::BTreeMap;

use patchbay_store::connections::Connection;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    bench::Bench,
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::{HubError, connect::KeySaved, demo, view::Viewer};

/// The whole check.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    let keys: Vec<SecretString> = demo::sample_keys(&bench.integration.id).collect();
    let [first, second] = keys.as_slice() else {
        return Err(fail("find sample keys", "two", keys.len()));
    };
    wrong(bench, first).await?;
    let saved = save(bench, first).await?;
    sealed(bench, first).await?;
    wrong(bench, first).await?;
    let replaced = save(bench, second).await?;
    require(
        replaced.replaced && replaced.connection == saved.connection,
        "replace the key",
        "the same connection",
        "another",
    )?;
    sealed(bench, second).await?;
    bench
        .hub
        .disconnect(&bench.ana, saved.connection.as_str(), false)
        .await
        .step("remove the key")?;
    let live = bench.live(&bench.ana).await?;
    require(live.is_empty(), "remove the key", "no connection", live.len())
}

/// Saves the first sample key and returns its connection.
pub(super) async fn connect(bench: &Bench, viewer: &Viewer) -> Result<Connection, Failure> {
    const STEP: &str = "save a key";
    let key = demo::sample_keys(&bench.integration.id).next();
    let key = key.ok_or_else(|| fail(STEP, "a sample key", "none"))?;
    bench
        .hub
        .save_key(viewer, &bench.integration.id, &key, &BTreeMap::new())
        .await
        .step(STEP)?;
    let live = bench.live(viewer).await?;
    live.into_iter()
        .next()
        .ok_or_else(|| fail(STEP, "a connection", "none"))
}

/// Tests and stores a key.
async fn save(bench: &Bench, key: &SecretString) -> Result<KeySaved, Failure> {
    bench
        .hub
        .save_key(&bench.ana, &bench.integration.id, key, &BTreeMap::new())
        .await
        .step("save a key")
}

/// A key of the right shape that the provider does not know is refused and changes nothing.
async fn wrong(bench: &Bench, like: &SecretString) -> GateOutcome {
    const STEP: &str = "try a wrong key";
    let before = bench.live(&bench.ana).await?;
    let wrong = SecretString::from(like.expose_secret().replace("sample", "unsafe"));
    let refused = bench
        .hub
        .save_key(&bench.ana, &bench.integration.id, &wrong, &BTreeMap::new())
        .await;
    let said = matches!(refused, Err(HubError::Fields(_)));
    require(
        said,
        STEP,
        "a sentence at the field",
        if refused.is_ok() {
            "stored"
        } else {
            "another error"
        },
    )?;
    let same = before == bench.live(&bench.ana).await?;
    require(same, STEP, "nothing changed", "a change")
}

/// It opens again, and its bytes stand nowhere in the database.
async fn sealed(bench: &Bench, key: &SecretString) -> GateOutcome {
    const STEP: &str = "seal the key";
    let live = bench.live(&bench.ana).await?;
    let connection = live.first().ok_or_else(|| fail(STEP, "a connection", "none"))?;
    let opened = bench
        .hub
        .open_grant(connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "a sealed key", "none"))?;
    require(
        opened.access.expose_secret() == key.expose_secret(),
        STEP,
        "the same key",
        "another",
    )?;
    require(
        !bench.database_holds(key)?,
        STEP,
        "no key in the database's files",
        "the key in plain text",
    )
}
