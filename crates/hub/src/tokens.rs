//! Keeps a connection's access usable: opens the newest grant and refreshes it when it is about to end.

use std::{collections::HashMap, sync::Arc, time::Duration};

use patchbay_catalog::{Integration, model::TokenKind};
use patchbay_oauth::{
    ProviderError, ProviderErrorKind, TokenAnswer,
    tokens::{self, RefreshRequest},
};
use patchbay_store::{
    Scope, audit,
    connections::{self, Connection, ConnectionState},
    events,
    grants::{self, Grant, GrantKind, NewGrant},
    ids::{ConnectionId, GrantId, TenantId},
    time::Millis,
    vault::Place,
};
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::{Hub, HubError, Result, connect::after, connections::values_of, people};

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
        let Some(grant) = grants::current(&mut tx, &connection.id).await? else {
            return Ok(None);
        };
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

    /// Access that works for the next two minutes at least, refreshed if need be.
    ///
    /// # Errors
    /// [`HubError::Provider`] when a refresh is needed and fails; [`HubError::NotFound`] when access was wiped.
    pub(crate) async fn usable(&self, connection: &Connection) -> Result<SecretString> {
        let opened = self.open_grant(connection).await?.ok_or(HubError::NotFound)?;
        if !self.ends_soon(&opened) {
            return Ok(opened.access);
        }
        self.refresh(connection, &opened.grant.id).await
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

    /// Refreshes a connection unless someone else did since `seen` was read, and returns the access token.
    pub(crate) async fn refresh(&self, connection: &Connection, seen: &GrantId) -> Result<SecretString> {
        let lock = self.refreshing.of(&connection.id).await;
        let _held = lock.lock().await;
        let opened = self.open_grant(connection).await?.ok_or(HubError::NotFound)?;
        if opened.grant.id != *seen {
            return Ok(opened.access);
        }
        let integration = self.integration_or_404(&connection.integration_id)?;
        let Some(refresh) = &opened.refresh else {
            return Err(HubError::Provider(ProviderError::from(
                ProviderErrorKind::Refused,
            )));
        };
        match self.ask_for_refresh(integration, connection, refresh).await? {
            Ok(answer) => {
                self.append_refreshed(integration, connection, &opened, answer)
                    .await
            }
            Err(error) => {
                self.note_refresh_failure(integration, connection, &error).await?;
                Err(error.into())
            }
        }
    }

    /// The call itself: the outer error is ours, the inner one the provider's.
    pub(crate) async fn ask_for_refresh(
        &self,
        integration: &Integration,
        connection: &Connection,
        refresh: &SecretString,
    ) -> Result<std::result::Result<TokenAnswer, ProviderError>> {
        let values = values_of(connection);
        let app = self.app_for(integration, &values).await?;
        let request = RefreshRequest {
            integration,
            app: &app,
            redirect_uri: &self.redirect_uri(&integration.id),
            refresh,
            values: &values,
        };
        Ok(tokens::refresh(&self.client, &request).await)
    }

    /// The newest tokens of a connection that is over, refreshed where its access token has ended: revoking that one
    /// would prove nothing and leave the refresh token alive. A failure changes nothing here: nobody uses the connection.
    ///
    /// # Errors
    /// [`HubError::Provider`] when the refresh fails.
    pub(crate) async fn to_be_revoked(&self, connection: &Connection) -> Result<Option<Opened>> {
        let lock = self.refreshing.of(&connection.id).await;
        let _held = lock.lock().await;
        let Some(opened) = self.open_grant(connection).await? else {
            return Ok(None);
        };
        let integration = self.integration_or_404(&connection.integration_id)?;
        let takes_access = integration
            .revoke()
            .is_some_and(|call| call.token == TokenKind::Access);
        match &opened.refresh {
            Some(refresh) if takes_access && self.ends_soon(&opened) => {
                let answer = self.ask_for_refresh(integration, connection, refresh).await??;
                // Stored before it is used: a refresh token that rotates must outlive a revocation that has to wait.
                self.renew(integration, connection, &opened, &answer).await?;
                self.open_grant(connection).await
            }
            _ => Ok(Some(opened)),
        }
    }

    /// Puts the answer in the place of what it was asked for with.
    async fn renew(
        &self,
        integration: &Integration,
        connection: &Connection,
        before: &Opened,
        answer: &TokenAnswer,
    ) -> Result<()> {
        let tenant = &connection.tenant_id;
        let place = |field| grant_place(&before.grant.id, tenant, &connection.id, field);
        let mut tx = self.store.write(Scope::Tenant(tenant.clone())).await?;
        let access = tx.seal(&place("access"), &answer.access).await?;
        let refresh = match answer.refresh.as_ref().or(before.refresh.as_ref()) {
            Some(refresh) => Some(tx.seal(&place("refresh"), refresh).await?),
            None => None,
        };
        let ends = end_of_access(integration, answer, self.now());
        grants::renew(&mut tx, &before.grant.id, &access, refresh.as_ref(), ends).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Appends the answer as the newest grant; a refresh token that did not come back stays in use (RFC 6749
    /// section 6). What else it returns is not read: addresses stay those of the connect.
    async fn append_refreshed(
        &self,
        integration: &Integration,
        connection: &Connection,
        before: &Opened,
        answer: TokenAnswer,
    ) -> Result<SecretString> {
        let now = self.now();
        let tenant = &connection.tenant_id;
        let mut tx = self.store.write(Scope::Tenant(tenant.clone())).await?;
        let grant: GrantId = self.new_id();
        let access = tx
            .seal(
                &grant_place(&grant, tenant, &connection.id, "access"),
                &answer.access,
            )
            .await?;
        let refresh = match answer.refresh.as_ref().or(before.refresh.as_ref()) {
            Some(refresh) => Some(
                tx.seal(&grant_place(&grant, tenant, &connection.id, "refresh"), refresh)
                    .await?,
            ),
            None => None,
        };
        grants::append(
            &mut tx,
            &NewGrant {
                id: grant.clone(),
                tenant_id: tenant.clone(),
                connection_id: connection.id.clone(),
                kind: GrantKind::Token,
                access: Some(access),
                refresh,
                expires_at: end_of_access(integration, &answer, now),
                scopes: answer
                    .scopes
                    .map(|scopes| scopes.join(" "))
                    .or_else(|| before.grant.scopes.clone()),
                obtained_at: now,
            },
        )
        .await?;
        events::append(
            &mut tx,
            now,
            Some(tenant),
            "integration",
            &connection.integration_id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        Ok(answer.access)
    }

    /// Access that the provider no longer accepts asks for a person; anything else may pass by itself.
    async fn note_refresh_failure(
        &self,
        integration: &Integration,
        connection: &Connection,
        error: &ProviderError,
    ) -> Result<()> {
        let (state, outcome) = match error.kind {
            ProviderErrorKind::Refused => (ConnectionState::NeedsReconnect, audit::Outcome::Refused),
            _ => (ConnectionState::Degraded, audit::Outcome::Failed),
        };
        let now = self.now();
        let mut tx = self
            .store
            .write(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        connections::set_state(&mut tx, &connection.id, state, Some(error.kind.as_str()), now).await?;
        let mut row = people::system_did(now, "connection.refresh", integration, &connection.tenant_id);
        row.outcome = outcome;
        row.reason = Some(error.kind.as_str().to_owned());
        audit::append(&mut tx, &row).await?;
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
}
