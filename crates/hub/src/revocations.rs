//! Ends access at the provider, as durable work: a row that is due, leased, tried again, and never called done before
//! the provider said so (S75).

use std::time::Duration;

use patchbay_oauth::{
    ProviderError, ProviderErrorKind,
    revoke::{self, RevokeRequest, Revoked},
};
use patchbay_store::{
    Scope, audit,
    connections::{self, Connection},
    events, grants,
    revocations::{self, Revocation},
    time::Millis,
};

use crate::{Hub, HubError, Result, connect::after, connections::values_of, people};

/// How long a worker may hold a revocation: more than one call can take.
const LEASE: Duration = Duration::from_mins(1);
/// Tries go on for three days, then a person must look (L26).
const GIVE_UP_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// Works off due revocations until the server stops.
pub async fn work(hub: Hub) {
    loop {
        if let Err(error) = work_once(&hub).await {
            tracing::error!(%error, "revocations could not be worked on");
        }
        let due = hub.live.revocation_due.clone();
        let _ = tokio::time::timeout(Duration::from_secs(15), due.notified()).await;
    }
}

/// Works off what is due now; returns how many were tried.
pub async fn work_once(hub: &Hub) -> Result<usize> {
    let mut tried = 0;
    loop {
        let mut tx = hub.store.write(Scope::System).await?;
        let claimed = revocations::claim_due(&mut tx, hub.now(), "revocations", LEASE).await?;
        tx.commit().await?;
        let Some(revocation) = claimed else {
            return Ok(tried);
        };
        tried += 1;
        hub.try_revocation(&revocation).await?;
    }
}

impl Hub {
    /// One try, and what it came to.
    async fn try_revocation(&self, revocation: &Revocation) -> Result<()> {
        let mut tx = self.store.read(Scope::System).await?;
        let connection = connections::get(&mut tx, &revocation.connection_id)
            .await?
            .ok_or(HubError::Broken("a revocation without a connection"))?;
        drop(tx);
        match self.call_revoke(&connection).await {
            // No call: the catalogue changed since the row was written; there is nothing left to do there.
            Ok(Revoked::Done | Revoked::Gone | Revoked::NoCall) => {
                self.revocation_done(revocation, &connection).await
            }
            Ok(Revoked::Later { retry_after }) => {
                self.revocation_later(
                    revocation,
                    &connection,
                    retry_after,
                    "the provider asked us to wait",
                )
                .await
            }
            Err(HubError::Provider(error)) => {
                self.revocation_later(revocation, &connection, None, error.kind.as_str())
                    .await
            }
            Err(HubError::NotOffered) => {
                self.revocation_later(
                    revocation,
                    &connection,
                    None,
                    "there is no provider app to ask with",
                )
                .await
            }
            Err(error) => Err(error),
        }
    }

    /// The call itself.
    async fn call_revoke(&self, connection: &Connection) -> Result<Revoked> {
        let integration = self.integration_or_404(&connection.integration_id)?;
        let opened = match self.to_be_revoked(connection).await {
            Ok(Some(opened)) => opened,
            Ok(None) => return Ok(Revoked::Gone),
            Err(HubError::Provider(error)) if error.kind == ProviderErrorKind::Refused => {
                // The access token has ended and the refresh token is no good: there is nothing left to end.
                return Ok(Revoked::Gone);
            }
            Err(error) => return Err(error),
        };
        let values = values_of(connection);
        let app = self.app_for(integration, &values).await?;
        let revoke = || async {
            let request = RevokeRequest {
                integration,
                app: Some(app.app()),
                access: &opened.access,
                refresh: opened.refresh.as_ref(),
                values: &values,
            };
            revoke::revoke(&self.client, &request).await
        };
        let answer = app.ask(revoke).await;
        if answer.is_ok() {
            self.settle_or_log(&app).await;
        }
        match answer {
            // A provider that no longer knows the token has nothing left to end.
            Err(ProviderError {
                kind: ProviderErrorKind::Refused,
                ..
            }) => Ok(Revoked::Gone),
            other => Ok(other?),
        }
    }

    /// The provider confirmed: what was kept for the call is wiped.
    async fn revocation_done(&self, revocation: &Revocation, connection: &Connection) -> Result<()> {
        let now = self.now();
        let integration = self.integration_or_404(&connection.integration_id)?;
        let mut tx = self.store.write(Scope::System).await?;
        revocations::done(&mut tx, &revocation.id, revocation.lease_generation, now).await?;
        grants::wipe_all(&mut tx, &revocation.connection_id, now).await?;
        audit::append(
            &mut tx,
            &people::system_did(now, "access.revoked", integration, &connection.tenant_id),
        )
        .await?;
        events::append(
            &mut tx,
            now,
            Some(&connection.tenant_id),
            "integration",
            &integration.id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// Not yet: the token must be taken as alive (RFC 7009 section 2.2.1).
    async fn revocation_later(
        &self,
        revocation: &Revocation,
        connection: &Connection,
        retry_after: Option<Duration>,
        why: &str,
    ) -> Result<()> {
        let now = self.now();
        let wait = retry_after.unwrap_or_else(|| backoff(revocation.attempt));
        let mut tx = self.store.write(Scope::System).await?;
        if now.0 - revocation.created_at.0 > GIVE_UP_MS {
            revocations::fail(&mut tx, &revocation.id, revocation.lease_generation, why, now).await?;
        } else {
            let due: Millis = after(now, wait);
            revocations::retry_at(&mut tx, &revocation.id, revocation.lease_generation, due, why).await?;
        }
        events::append(
            &mut tx,
            now,
            Some(&connection.tenant_id),
            "integration",
            &connection.integration_id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }
}

/// 5 s, 10 s, 20 s … up to an hour.
fn backoff(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(0, 10)).unwrap_or(10);
    Duration::from_secs((5u64 << doublings).min(3600))
}
