//! "Not this account?": the approval was given with an account that was not meant. Nothing of it stays: the import stops,
//! its records are deleted, access at the provider ends. Then the admin chooses another one.

use patchbay_catalog::Integration;
use patchbay_store::{
    StoreError, Tx, audit,
    connections::{self, Connection},
    events,
    ids::ConnectionId,
    records,
};

use crate::{
    Hub, HubError, Result,
    access::Permission,
    connections::at_provider,
    view::{Viewer, WrongAccountView},
};

impl Hub {
    /// What letting go of a connection's account would do; none where the viewer has no such living connection.
    ///
    /// # Errors
    /// [`HubError::Store`].
    pub async fn wrong_account_question(
        &self,
        viewer: &Viewer,
        connection: &str,
    ) -> Result<Option<WrongAccountView>> {
        let Ok(tenant) = viewer.tenant_that_may(Permission::Connect) else {
            return Ok(None);
        };
        let mut tx = self.store.read(viewer.scope()).await?;
        let found = connections::get(&mut tx, &ConnectionId::from(connection)).await?;
        let Some(connection) = found.filter(|found| found.tenant_id == *tenant && found.ended_at.is_none())
        else {
            return Ok(None);
        };
        let integration = self.integration_or_404(&connection.integration_id)?;
        if integration.is_api_key() {
            return Ok(None);
        }
        let counted = records::counts(&mut tx, &connection.id).await?;
        Ok(Some(WrongAccountView {
            connection: connection.id,
            integration: integration.id.clone(),
            name: integration.name.clone(),
            account: connection.account_label,
            records: counted.iter().map(|count| count.records).sum(),
            ends_access: integration.revoke().is_some(),
            at_provider: at_provider(integration),
            asks_which: asks_which(integration),
        }))
    }

    /// Lets go of a connection's account. Harmless when it happens twice: what ended already ends no second time, and what
    /// a disconnect kept of its records is deleted. Returns the integration's id.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] for those who may not connect, [`HubError::NotFound`] for what is not a connection of the
    /// viewer's tenant, or is a key, which stands for no account.
    pub async fn let_go_of_account(&self, viewer: &Viewer, connection: &str) -> Result<String> {
        let tenant = viewer.tenant_that_may(Permission::Connect)?;
        let mut tx = self.store.write(viewer.scope()).await?;
        let connection = connections::get(&mut tx, &ConnectionId::from(connection))
            .await?
            .filter(|found| found.tenant_id == *tenant)
            .ok_or(HubError::NotFound)?;
        let integration = self.integration_or_404(&connection.integration_id)?;
        if integration.is_api_key() {
            return Err(HubError::NotFound);
        }
        let ended = self.end_once(&mut tx, viewer, &connection, integration).await?;
        // After the import was stopped, so that nothing comes in between.
        let deleted = records::delete_all(&mut tx, &connection.id).await?;
        if ended || deleted > 0 {
            let now = self.now();
            audit::append(&mut tx, &viewer.did(now, "connection.wrong_account", integration)).await?;
            events::append(&mut tx, now, Some(tenant), "integration", &integration.id).await?;
        }
        tx.commit().await?;
        self.live.poke();
        self.live.revocation_due.notify_one();
        Ok(integration.id.clone())
    }

    /// Ends a connection that has not ended; says whether it did.
    async fn end_once(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        connection: &Connection,
        integration: &Integration,
    ) -> Result<bool> {
        match connections::end(tx, &connection.id, &viewer.person, self.now()).await {
            Ok(()) => {
                self.stop(tx, connection, integration).await?;
                Ok(true)
            }
            // It was there a moment ago: a disconnect, or the same click, was faster.
            Err(StoreError::Missing(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether the provider asks which account when somebody connects another one: by the parameter that it documents, or, a
/// link, always.
pub(crate) fn asks_which(integration: &Integration) -> bool {
    let documented = integration
        .oauth2()
        .is_some_and(|dialect| dialect.choose_account.is_some());
    documented || integration.link().is_some()
}
