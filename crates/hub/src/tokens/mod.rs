//! Keeps connections usable: opens the newest grant and renews access before it ends.
//!
//! A refresh token that rotates can be spent once, and whoever loses the answer loses the connection. So [`refresh`] goes
//! step by step: one request at a time in this process and, by a lease in the row, among all; what is sent is known
//! before it leaves; the answer is stored before it is used; an answer that never came is asked for again with the same
//! token. [`due`] says when to renew without being asked to, [`worker`] does it, and [`trouble`] keeps us from asking a
//! provider that is down.

mod due;
mod keep;
mod refresh;
mod trouble;
pub mod worker;

use std::{collections::HashMap, sync::Arc, time::Duration};

use patchbay_catalog::{Integration, model::TokenKind};
use patchbay_oauth::{ProviderErrorKind, TokenAnswer};
use patchbay_store::{
    Scope, Tx,
    connections::Connection,
    grants::{self, Grant},
    ids::{ConnectionId, GrantId, TenantId},
    time::Millis,
    vault::Place,
};
use secrecy::SecretString;
use tokio::sync::Mutex;

pub(crate) use refresh::{ANSWER_LOST, Asking};
pub use trouble::Troubles;

use crate::{Hub, HubError, Result, connect::after};

/// A token is refreshed this long before it ends, so that no call starts with one that ends underway.
const MARGIN_MS: i64 = 2 * 60 * 1000;

/// An end further away than ten years is none that anyone meant.
const LONGEST_LIFE_MS: i64 = 10 * 366 * 24 * 60 * 60 * 1000;

/// One refresh at a time for each connection, within this process.
#[derive(Default)]
pub struct Refreshing(Mutex<HashMap<ConnectionId, Arc<Mutex<()>>>>);

impl Refreshing {
    /// The lock of one connection.
    async fn of(&self, connection: &ConnectionId) -> Arc<Mutex<()>> {
        let mut locks = self.0.lock().await;
        // Locks that no one holds are let go, so the map stays as small as the work at hand.
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        locks.entry(connection.clone()).or_default().clone()
    }
}

/// Where a grant's secrets are sealed.
pub(crate) fn grant_place<'a>(
    grant: &'a GrantId,
    tenant: &'a TenantId,
    connection: &'a ConnectionId,
    field: &'static str,
) -> Place<'a> {
    Place {
        table: "grants",
        row: grant.as_str(),
        tenant: Some(tenant),
        connection: Some(connection),
        field,
    }
}

/// When access ends: as the answer says, else as the token says, else as it usually does (L06). An end that is past or
/// far away is none.
pub(crate) fn end_of_access(integration: &Integration, answer: &TokenAnswer, now: Millis) -> Option<Millis> {
    let in_token = || {
        let end = Millis(i64::try_from(answer.ends_at?).ok()?.checked_mul(1000)?);
        let left = end.0.saturating_sub(now.0);
        (1..=LONGEST_LIFE_MS).contains(&left).then_some(end)
    };
    let usual = || integration.oauth2()?.access_ttl_s.map(Duration::from_secs);
    match answer.expires_in {
        Some(life) => Some(after(now, life)),
        None => in_token().or_else(|| usual().map(|life| after(now, life))),
    }
}

/// An opened grant.
pub(crate) struct Opened {
    /// The stored row.
    pub grant: Grant,
    /// Access token or key.
    pub access: SecretString,
    /// Refresh token, where there is one.
    pub refresh: Option<SecretString>,
}

impl Hub {
    /// Opens the newest grant of a connection; none where it was wiped.
    pub(crate) async fn open_grant(&self, connection: &Connection) -> Result<Option<Opened>> {
        let mut tx = self
            .store
            .read(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        open_current(&mut tx, connection).await
    }

    /// Opens the spares of a connection, newest first.
    async fn open_spares(&self, connection: &Connection) -> Result<Vec<Opened>> {
        let mut tx = self
            .store
            .read(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        let mut opened = Vec::new();
        for grant in grants::spares(&mut tx, &connection.id).await? {
            opened.extend(open(&mut tx, connection, grant).await?);
        }
        Ok(opened)
    }

    /// Access that works for the next two minutes at least, refreshed if need be.
    ///
    /// # Errors
    /// [`HubError::Provider`] when a refresh is needed and fails; [`HubError::NotFound`] when access was wiped.
    pub(crate) async fn usable(&self, connection: &Connection) -> Result<SecretString> {
        let opened = self.open_grant(connection).await?.ok_or(HubError::NotFound)?;
        if !self.ends_soon(&opened) {
            return Ok(opened.access);
        }
        match self.refresh(connection, &opened.grant.id).await {
            // The provider can't be asked now, and what we hold has not ended yet.
            Err(HubError::Provider(error))
                if error.kind != ProviderErrorKind::Refused && !self.has_ended(&opened.grant) =>
            {
                Ok(opened.access)
            }
            other => other,
        }
    }

    /// Whether the access token has ended.
    fn has_ended(&self, grant: &Grant) -> bool {
        grant.expires_at.is_some_and(|end| end <= self.now())
    }

    /// Whether the grant must be refreshed before it is used.
    fn ends_soon(&self, opened: &Opened) -> bool {
        let grant = &opened.grant;
        let Some(end) = grant.expires_at.filter(|_| opened.refresh.is_some()) else {
            return false;
        };
        // A token that lives shorter than the margin would be refreshed before every call.
        let life = end.0.saturating_sub(grant.obtained_at.0);
        end.0 - MARGIN_MS.min(life / 2) <= self.now().0
    }

    /// The newest tokens of a connection that is over, refreshed where its access token has ended: revoking that one
    /// would prove nothing and leave the refresh token alive. A failure changes nothing here: nobody uses the connection.
    ///
    /// # Errors
    /// [`HubError::Provider`] when the refresh fails.
    pub(crate) async fn to_be_revoked(&self, connection: &Connection) -> Result<Option<Opened>> {
        // A request that is underway may be about to store newer tokens.
        let lock = self.refreshing.of(&connection.id).await;
        let held = lock.lock().await;
        let Some(opened) = self.open_grant(connection).await? else {
            return Ok(None);
        };
        drop(held);
        let integration = self.integration_or_404(&connection.integration_id)?;
        let takes_access = integration
            .revoke()
            .is_some_and(|call| call.token == TokenKind::Access);
        if opened.refresh.is_none() || !takes_access || !self.ends_soon(&opened) {
            return Ok(Some(opened));
        }
        self.refresh(connection, &opened.grant.id).await?;
        self.open_grant(connection).await
    }
}

/// Opens the newest grant of a connection; none where it was wiped.
async fn open_current(tx: &mut Tx, connection: &Connection) -> Result<Option<Opened>> {
    match grants::current(tx, &connection.id).await? {
        Some(grant) => open(tx, connection, grant).await,
        None => Ok(None),
    }
}

async fn open(tx: &mut Tx, connection: &Connection, grant: Grant) -> Result<Option<Opened>> {
    let place = |field| grant_place(&grant.id, &connection.tenant_id, &connection.id, field);
    let Some(sealed) = &grant.access else {
        return Ok(None);
    };
    let access = tx.open(&place("access"), sealed).await?;
    let refresh = match &grant.refresh {
        Some(sealed) => Some(tx.open(&place("refresh"), sealed).await?),
        None => None,
    };
    Ok(Some(Opened {
        grant,
        access,
        refresh,
    }))
}
