//! Keeps a connection's access usable: opens the newest grant and refreshes it when it is about to end.

use std::{collections::HashMap, sync::Arc};

use patchbay_catalog::Integration;
use patchbay_oauth::{
    App, ProviderError, ProviderErrorKind, TokenAnswer,
    tokens::{self, RefreshRequest},
};
use patchbay_store::{
    Scope, audit,
    connections::{self, Connection, ConnectionState},
    events,
    grants::{self, Grant, GrantKind, NewGrant},
    ids::{ConnectionId, GrantId, TenantId},
    vault::Place,
};
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::{Hub, HubError, Result, connect::after, people, words};

/// A token is refreshed this long before it ends, so that no call starts with one that ends underway.
const MARGIN_MS: i64 = 2 * 60 * 1000;

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
        opened.refresh.is_some()
            && opened
                .grant
                .expires_at
                .is_some_and(|end| end.0 - MARGIN_MS <= self.now().0)
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
        let mut held = self.held_app(&integration.provider_app).await?;
        let answer = loop {
            match self
                .ask_for_refresh(integration, held.app(), connection, refresh)
                .await
            {
                Err(error) if held.turn(&error) => {}
                answer => break answer,
            }
        };
        match answer {
            Ok(answer) => {
                self.settle_or_log(&held).await;
                self.append_refreshed(connection, &opened, answer).await
            }
            Err(error) => {
                self.note_refresh_failure(integration, connection, &error).await?;
                Err(error.into())
            }
        }
    }

    /// The call itself.
    async fn ask_for_refresh(
        &self,
        integration: &Integration,
        app: &App,
        connection: &Connection,
        refresh: &SecretString,
    ) -> std::result::Result<TokenAnswer, ProviderError> {
        let mut values = words::from_json(&connection.params);
        values.extend(words::from_json(&connection.values));
        tokens::refresh(
            &self.client,
            &RefreshRequest {
                integration,
                app,
                redirect_uri: &self.redirect_uri(&integration.id),
                refresh,
                values: &values,
            },
        )
        .await
    }

    /// Appends the answer as the newest grant; a refresh token that did not come back stays in use (RFC 6749
    /// section 6).
    async fn append_refreshed(
        &self,
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
                scopes: answer
                    .scopes
                    .map(|scopes| scopes.join(" "))
                    .or_else(|| before.grant.scopes.clone()),
                expires_at: answer.expires_in.map(|life| after(now, life)),
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
