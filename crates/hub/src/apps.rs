//! Provider apps: the client id and secret that the company registered at a provider.

use patchbay_catalog::Integration;
use patchbay_oauth::App;
use patchbay_store::{
    Scope, Tx,
    provider_apps::{self, ProviderApp},
    vault::Place,
};
use secrecy::SecretString;

use crate::{Hub, HubError, Result};

/// Where a provider app's secret is sealed.
fn place(id: &str) -> Place<'_> {
    Place {
        table: "provider_apps",
        row: id,
        tenant: None,
        connection: None,
        field: "secret",
    }
}

/// Opens the provider app that an integration connects through; none: not registered.
pub(crate) async fn open(tx: &mut Tx, id: &str) -> Result<Option<App>> {
    let Some(row) = provider_apps::get(tx, id).await? else {
        return Ok(None);
    };
    let client_secret = tx.open(&place(id), &row.secret).await?;
    Ok(Some(App {
        client_id: row.client_id,
        client_secret,
    }))
}

impl Hub {
    /// The provider app of this id, or [`HubError::NotOffered`].
    pub(crate) async fn app(&self, id: &str) -> Result<App> {
        let mut tx = self.store.read(Scope::System).await?;
        open(&mut tx, id).await?.ok_or(HubError::NotOffered)
    }

    /// The provider app behind an integration; none for those that use a key.
    pub(crate) async fn app_of(&self, integration: &Integration) -> Result<Option<App>> {
        if integration.is_api_key() {
            return Ok(None);
        }
        self.app(&integration.provider_app).await.map(Some)
    }

    /// Stores a provider app; its secret is sealed and never shown again.
    pub async fn put_app(
        &self,
        id: &str,
        client_id: &str,
        client_secret: &SecretString,
        by: &str,
    ) -> Result<()> {
        let mut tx = self.store.write(Scope::System).await?;
        let secret = tx.seal(&place(id), client_secret).await?;
        provider_apps::put(
            &mut tx,
            &ProviderApp {
                id: id.to_owned(),
                client_id: client_id.to_owned(),
                secret,
                updated_at: self.now(),
                updated_by: by.to_owned(),
            },
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
