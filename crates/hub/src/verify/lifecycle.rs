//! Gate `lifecycle`: refresh and revoke work, or the provider is documented to have none.

use std::time::Duration;

use patchbay_catalog::model::{Revoke, TokenKind};
use patchbay_oauth::{
    ProviderErrorKind,
    api::{self, ApiCall},
};
use patchbay_store::{
    Scope,
    connections::Connection,
    grants,
    revocations::{self, RevocationState},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    bench::Bench,
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::{
    connections::{Tested, values_of},
    tokens::{Asking, Opened},
};

/// The whole gate.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    let connection = bench.connect(&bench.ana).await?;
    let issues = bench
        .integration
        .oauth2()
        .is_some_and(|dialect| dialect.refresh.issued);
    if issues {
        refresh(bench, &connection).await?;
    } else {
        lasts(bench, &connection).await?;
    }
    revoke(bench, &connection).await?;
    revoke_late(bench).await
}

/// The access token ends; the next use brings a new one that the provider accepts.
async fn refresh(bench: &Bench, connection: &Connection) -> GateOutcome {
    const STEP: &str = "refresh";
    let before = bench
        .hub
        .open_grant(connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "tokens", "none"))?;
    let token = match before.grant.expires_at {
        Some(end) => {
            let left = u64::try_from(end.0 - bench.hub.now().0).unwrap_or(0);
            bench.wait(Duration::from_millis(left + 1000));
            let ended = asks_who(bench, connection, &before.access).await;
            require(
                ended == Err(ProviderErrorKind::Refused),
                STEP,
                "the old token to have ended",
                format!("{ended:?}"),
            )?;
            bench.hub.usable(connection).await.step(STEP)?
        }
        None => renewed_when_refused(bench, connection, &before.access).await?,
    };
    require(
        token.expose_secret() != before.access.expose_secret(),
        STEP,
        "a new access token",
        "the old one",
    )?;
    let works = asks_who(bench, connection, &token).await;
    require(works.is_ok(), STEP, "the new token to work", format!("{works:?}"))?;
    let after = bench
        .hub
        .open_grant(connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "tokens", "none"))?;
    let refresh = after
        .refresh
        .as_ref()
        .ok_or_else(|| fail(STEP, "a refresh token for the next time", "none"))?;
    let same = before
        .refresh
        .is_some_and(|old| old.expose_secret() == refresh.expose_secret());
    let stays = same && stays_for_a_day(bench, connection, refresh).await?;
    let rotates = bench
        .integration
        .oauth2()
        .is_some_and(|dialect| dialect.refresh.rotates);
    require(
        stays != rotates,
        STEP,
        "a refresh token that changes exactly where it is documented to",
        if stays { "the same" } else { "another" },
    )?;
    require(
        after.grant.generation > before.grant.generation,
        STEP,
        "a newer grant",
        after.grant.generation,
    )
}

/// The provider does not say when access ends: it is refreshed once it is refused.
async fn renewed_when_refused(
    bench: &Bench,
    connection: &Connection,
    old: &SecretString,
) -> Result<SecretString, Failure> {
    const STEP: &str = "refresh what was refused";
    let account = bench.account(0)?.id;
    bench
        .simulator
        .expire_access(bench.profile(), account)
        .step(STEP)?;
    let ended = asks_who(bench, connection, old).await;
    require(
        ended == Err(ProviderErrorKind::Refused),
        STEP,
        "the old token to have ended",
        format!("{ended:?}"),
    )?;
    let id = connection.id.as_str();
    let (_, tested) = bench.hub.test_connection(&bench.ana, id).await.step(STEP)?;
    require(
        matches!(tested, Tested::Works(_)),
        STEP,
        "the connection to work",
        format!("{tested:?}"),
    )?;
    bench.hub.usable(connection).await.step(STEP)
}

/// Whether the refresh token is still the same when it is used a day later: a value may change with its age rather than
/// with every use.
async fn stays_for_a_day(
    bench: &Bench,
    connection: &Connection,
    refresh: &SecretString,
) -> Result<bool, Failure> {
    const STEP: &str = "refresh a day later";
    bench.wait(Duration::from_hours(24));
    let newest = async || {
        let opened = bench.hub.open_grant(connection).await.step(STEP)?;
        opened.ok_or_else(|| fail(STEP, "tokens", "none"))
    };
    let seen = newest().await?.grant.id;
    bench.hub.refresh(connection, &seen).await.step(STEP)?;
    let now = newest().await?.refresh;
    Ok(now.is_some_and(|now| now.expose_secret() == refresh.expose_secret()))
}

/// No refresh token is documented: none was stored, and access still works after thirty days.
async fn lasts(bench: &Bench, connection: &Connection) -> GateOutcome {
    const STEP: &str = "use access after thirty days";
    let opened = bench
        .hub
        .open_grant(connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "tokens", "none"))?;
    require(
        opened.refresh.is_none(),
        STEP,
        "no refresh token, as documented",
        "one",
    )?;
    bench.wait(Duration::from_hours(30 * 24));
    let token = bench.hub.usable(connection).await.step(STEP)?;
    let works = asks_who(bench, connection, &token).await;
    require(works.is_ok(), STEP, "access to work", format!("{works:?}"))
}

/// Disconnecting ends access there, and wipes what was kept for it.
async fn revoke(bench: &Bench, connection: &Connection) -> GateOutcome {
    const STEP: &str = "revoke";
    let opened = bench
        .hub
        .open_grant(connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "tokens", "none"))?;
    bench
        .hub
        .disconnect(&bench.ana, connection.id.as_str(), false)
        .await
        .step(STEP)?;
    crate::revocations::work_once(&bench.hub).await.step(STEP)?;
    let mut tx = bench.hub.store.read(Scope::System).await.step(STEP)?;
    let revocation = revocations::latest_of(&mut tx, &connection.id).await.step(STEP)?;
    let left = grants::all(&mut tx, &connection.id).await.step(STEP)?;
    drop(tx);
    let call = bench.integration.revoke();
    let wanted = if call.is_some() {
        RevocationState::Done
    } else {
        RevocationState::NoCall
    };
    let got = revocation.map(|revocation| revocation.state);
    require(
        got == Some(wanted),
        STEP,
        wanted.as_str(),
        got.map_or("nothing", |state| state.as_str()),
    )?;
    let wiped = left
        .iter()
        .all(|grant| grant.access.is_none() && grant.refresh.is_none());
    require(wiped, STEP, "all tokens wiped", "some left")?;
    match call {
        Some(call) => ended_there(bench, connection, &opened, call).await,
        None => Ok(()),
    }
}

/// Neither token is good for anything any more; the access token from its end on, where that is documented.
async fn ended_there(bench: &Bench, connection: &Connection, opened: &Opened, call: &Revoke) -> GateOutcome {
    const STEP: &str = "use tokens after revoking";
    if let Some(refresh) = opened.refresh.as_ref().filter(|_| !call.refresh_undocumented) {
        let app = bench
            .hub
            .app_for(&bench.integration, &values_of(connection))
            .await
            .step(STEP)?;
        let asking = Asking {
            integration: &bench.integration,
            connection,
            app: &app,
        };
        let renewed = bench
            .hub
            .ask_for_refresh(&asking, refresh)
            .await
            .map(|_| ())
            .map_err(|error| error.kind);
        require(
            renewed == Err(ProviderErrorKind::Refused),
            STEP,
            "the refresh token to be dead there",
            format!("{renewed:?}"),
        )?;
    }
    if call.access_outlives {
        let works = asks_who(bench, connection, &opened.access).await;
        require(
            works.is_ok(),
            STEP,
            "the access token to work until its end, as documented",
            format!("{works:?}"),
        )?;
        let end = opened.grant.expires_at.map_or(0, |end| end.0);
        let left = u64::try_from(end - bench.hub.now().0).unwrap_or(0);
        bench.wait(Duration::from_millis(left + 1000));
    }
    let after = asks_who(bench, connection, &opened.access).await;
    require(
        after == Err(ProviderErrorKind::Refused),
        STEP,
        "the access token to be dead there",
        format!("{after:?}"),
    )
}

/// Disconnecting long after the access token has ended: where the call takes an access token, it takes one that lives.
async fn revoke_late(bench: &Bench) -> GateOutcome {
    const STEP: &str = "revoke after the access token has ended";
    let takes_access = |call: &&Revoke| call.token == TokenKind::Access;
    let Some(call) = bench.integration.revoke().filter(takes_access) else {
        return Ok(());
    };
    let connection = bench.connect(&bench.ana).await?;
    let opened = bench.hub.open_grant(&connection).await.step(STEP)?;
    let opened = opened.ok_or_else(|| fail(STEP, "tokens", "none"))?;
    let (Some(end), true) = (opened.grant.expires_at, opened.refresh.is_some()) else {
        return Ok(());
    };
    let left = u64::try_from(end.0 - bench.hub.now().0).unwrap_or(0);
    bench.wait(Duration::from_millis(left + 1000));
    bench.simulator.clear_log();
    bench
        .hub
        .disconnect(&bench.ana, connection.id.as_str(), false)
        .await
        .step(STEP)?;
    crate::revocations::work_once(&bench.hub).await.step(STEP)?;
    let path = call.url.splitn(4, '/').nth(3).unwrap_or_default();
    let log = bench.simulator.log();
    let asked = log
        .iter()
        .rev()
        .find(|entry| entry.path.trim_start_matches('/') == path);
    let asked = asked.ok_or_else(|| fail(STEP, "a call that ends access", "none"))?;
    require(
        asked.refused.is_none(),
        STEP,
        "a token that the provider still takes",
        asked.refused.clone().unwrap_or_default(),
    )
}

/// Asks the provider whose token it is.
async fn asks_who(
    bench: &Bench,
    connection: &Connection,
    token: &SecretString,
) -> Result<(), ProviderErrorKind> {
    let app = bench.hub.app(&bench.integration.provider_app).await.ok();
    let values = values_of(connection);
    let call = ApiCall {
        integration: &bench.integration,
        app: app.as_ref(),
        token,
        values: &values,
    };
    api::whoami(&bench.hub.client, &call)
        .await
        .map(|_| ())
        .map_err(|error| error.kind)
}
