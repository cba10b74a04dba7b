//! Stores what a refresh brought.

use std::time::Duration;

use patchbay_catalog::Integration;
use patchbay_oauth::TokenAnswer;
use patchbay_store::{
    Fenced, Scope, StoreError, Tx,
    connections::{self, Connection, ConnectionState},
    events,
    grants::{self, GrantKind, NewGrant},
    ids::GrantId,
    refreshes::{self, Conclusion},
    time::Millis,
};
use secrecy::SecretString;

use super::{
    Opened, end_of_access, grant_place,
    refresh::{Asking, Held},
};
use crate::{Hub, Result, connect::missing_scopes, connections::OTHER_ACCOUNT};

/// How often storing an answer is tried again: the provider does not give it twice.
const STORE_TRIES: u32 = 5;

impl Hub {
    /// Stores the answer. The provider does not give it twice, so a database that fails is asked again.
    pub(super) async fn keep(
        &self,
        asking: &Asking<'_>,
        held: &Held,
        answer: &TokenAnswer,
    ) -> Result<SecretString> {
        let mut tries = 0;
        loop {
            match self.store_answer(asking, held, answer).await {
                Ok(()) => break,
                Err(error) if tries < STORE_TRIES => {
                    tracing::error!(%error, connection = asking.connection.id.as_str(), "renewed access is not stored yet");
                    tokio::time::sleep(Duration::from_millis(100 << tries)).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
        self.live.poke();
        self.accepted_or_log(asking.app).await;
        Ok(answer.access.clone())
    }

    /// Appends the answer: in use, or as a spare where newer tokens were stored since it was asked for. A refresh token
    /// that did not come back stays in use (RFC 6749 section 6). What else the answer returns is not read: addresses stay
    /// those of the connect.
    async fn store_answer(&self, asking: &Asking<'_>, held: &Held, answer: &TokenAnswer) -> Result<()> {
        let Asking {
            integration,
            connection,
            ..
        } = asking;
        let now = self.now();
        let mut tx = self
            .store
            .write(Scope::Tenant(connection.tenant_id.clone()))
            .await?;
        let ends = end_of_access(integration, answer, now);
        let due = self.renewal_due(integration, ends);
        let fenced = refreshes::conclude(&mut tx, &held.row, Conclusion::Renewed, due, None).await?;
        let current = grants::current(&mut tx, &connection.id).await?;
        let is_newest = current.is_some_and(|current| current.id == held.opened.grant.id);
        let new = self
            .seal_answer(&mut tx, connection, &held.opened, answer)
            .await?;
        let stored = if is_newest {
            grants::append(&mut tx, &new).await
        } else {
            grants::append_spare(&mut tx, &new).await
        };
        match stored {
            Ok(_) if is_newest => {
                // The one before stays until this one has worked; what is older is of no use to anyone.
                grants::wipe_before(&mut tx, &connection.id, held.opened.grant.generation, now).await?;
                recover(&mut tx, integration, connection, &new, now).await?;
            }
            Ok(_) => {}
            // Ended while we asked: what is to be revoked now are these tokens.
            Err(StoreError::Missing(_)) => {
                self.put_in_place(&mut tx, connection, &held.opened, answer, &new)
                    .await?;
            }
            Err(error) => return Err(error.into()),
        }
        if fenced == Fenced::Lost {
            tracing::warn!(
                connection = connection.id.as_str(),
                in_use = is_newest,
                "an answer came after its lease had ended"
            );
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
        Ok(())
    }

    /// The answer as a grant.
    async fn seal_answer(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        before: &Opened,
        answer: &TokenAnswer,
    ) -> Result<NewGrant> {
        let now = self.now();
        let integration = self.integration_or_404(&connection.integration_id)?;
        let id: GrantId = self.new_id();
        let place = |field| grant_place(&id, &connection.tenant_id, &connection.id, field);
        let access = tx.seal(&place("access"), &answer.access).await?;
        let refresh = match answer.refresh.as_ref().or(before.refresh.as_ref()) {
            Some(refresh) => Some(tx.seal(&place("refresh"), refresh).await?),
            None => None,
        };
        let scopes = answer.scopes.as_ref().map(|scopes| scopes.join(" "));
        Ok(NewGrant {
            id,
            tenant_id: connection.tenant_id.clone(),
            connection_id: connection.id.clone(),
            kind: GrantKind::Token,
            access: Some(access),
            refresh,
            expires_at: end_of_access(integration, answer, now),
            scopes: scopes.or_else(|| before.grant.scopes.clone()),
            obtained_at: now,
        })
    }

    /// Puts the answer in the place of what it was asked for with: an ended connection takes no new grant.
    async fn put_in_place(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        before: &Opened,
        answer: &TokenAnswer,
        new: &NewGrant,
    ) -> Result<()> {
        let place = |field| grant_place(&before.grant.id, &connection.tenant_id, &connection.id, field);
        let access = tx.seal(&place("access"), &answer.access).await?;
        let refresh = match answer.refresh.as_ref().or(before.refresh.as_ref()) {
            Some(refresh) => Some(tx.seal(&place("refresh"), refresh).await?),
            None => None,
        };
        grants::renew(tx, &before.grant.id, &access, refresh.as_ref(), new.expires_at).await?;
        Ok(())
    }
}

/// New tokens end a trouble that only had to do with the old ones.
async fn recover(
    tx: &mut Tx,
    integration: &Integration,
    connection: &Connection,
    new: &NewGrant,
    now: Millis,
) -> Result<()> {
    let Some(found) = connections::get(tx, &connection.id).await? else {
        return Ok(());
    };
    let of_other_account = found.cause.as_deref() == Some(OTHER_ACCOUNT);
    let in_trouble = matches!(
        found.state,
        ConnectionState::Degraded | ConnectionState::NeedsReconnect
    );
    if !in_trouble || of_other_account {
        return Ok(());
    }
    let missing = missing_scopes(integration, new.scopes.as_deref(), new.refresh.is_some());
    let state = if missing.is_empty() {
        ConnectionState::Healthy
    } else {
        ConnectionState::Limited
    };
    let cause = (!missing.is_empty()).then(|| missing.join(" "));
    connections::set_state(tx, &connection.id, state, cause.as_deref(), now).await?;
    Ok(())
}
