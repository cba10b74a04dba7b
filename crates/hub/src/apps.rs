//! Provider apps: the client id and secret that the company registered at a provider. Several integrations can share
//! one. A secret goes in and is used; nothing gives it out again.

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::App;
use patchbay_store::{
    Scope, Tx, audit, connections, events,
    provider_apps::{self, ProviderApp},
    time::Millis,
    vault::Place,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Hub, HubError, Result, Typed,
    access::Permission,
    people,
    rollout::to_u32,
    view::{AppNeeds, AppRow, AppView, AppsView, Viewer},
};

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

    /// The provider app that calls to these addresses are made with. A client secret belongs to where it was registered:
    /// for another host, which an admin typed, there is none (S32).
    ///
    /// # Errors
    /// [`HubError::NotOffered`] where there is none.
    pub(crate) async fn app_for(
        &self,
        integration: &Integration,
        values: &BTreeMap<String, String>,
    ) -> Result<App> {
        if integration.needs_own_app(values).is_some() {
            return Err(HubError::NotOffered);
        }
        self.app(&integration.provider_app).await
    }

    /// The same; none for integrations that use a key.
    pub(crate) async fn app_of(
        &self,
        integration: &Integration,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<App>> {
        if integration.is_api_key() {
            return Ok(None);
        }
        self.app_for(integration, values).await.map(Some)
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
        events::append(&mut tx, self.now(), None, "app", id).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }
}

/// Who saved an app that variables or files of the settings hold.
const BY_SETTINGS: &str = "the settings";

impl Hub {
    /// The list of provider apps; none for those who may not manage them.
    pub async fn apps(&self, viewer: &Viewer) -> Result<Option<AppsView>> {
        if !viewer.may(Permission::ManageApps) {
            return Ok(None);
        }
        let mut tx = self.store.read(Scope::System).await?;
        let stored = provider_apps::list(&mut tx).await?;
        let mut rows: Vec<AppRow> = Vec::new();
        for integration in self
            .catalog
            .iter()
            .filter(|integration| !integration.is_api_key())
        {
            let id = &integration.provider_app;
            match rows.iter_mut().find(|row| row.id == *id) {
                Some(row) => row.integrations.push(integration.name.clone()),
                None => rows.push(AppRow {
                    id: id.clone(),
                    name: self.app_name(id),
                    integrations: vec![integration.name.clone()],
                    saved: stored.iter().find(|app| app.id == *id).map(saved),
                }),
            }
        }
        rows.sort_by_key(|row| (row.saved.is_some(), row.name.to_lowercase()));
        Ok(Some(AppsView {
            saved: to_u32(rows.iter().filter(|row| row.saved.is_some()).count()),
            rows,
        }))
    }

    /// One provider app; none where there is no such app, or not for this viewer.
    pub async fn app_page(&self, viewer: &Viewer, id: &str, typed: &Typed) -> Result<Option<AppView>> {
        let sharing = self.sharing(id);
        let Some(first) = sharing.first().filter(|_| viewer.may(Permission::ManageApps)) else {
            return Ok(None);
        };
        let mut tx = self.store.read(Scope::System).await?;
        let stored = provider_apps::get(&mut tx, id).await?;
        let usage = connections::usage(&mut tx).await?;
        let used = usage
            .iter()
            .filter(|used| sharing.iter().any(|found| found.id == used.integration_id));
        let setup = &first.setup;
        Ok(Some(AppView {
            id: id.to_owned(),
            name: self.app_name(id),
            needs: sharing
                .iter()
                .map(|integration| self.needs(integration))
                .collect(),
            console_url: setup.console_url.clone(),
            steps: setup.steps.clone(),
            redirect_rules: setup.redirect_rules.clone(),
            review: setup.review.clone(),
            sources: setup.sources.clone(),
            client_id: typed
                .values
                .get("client_id")
                .cloned()
                .or_else(|| stored.as_ref().map(|app| app.client_id.clone()))
                .unwrap_or_default(),
            saved: stored.as_ref().map(saved),
            from_settings: stored.as_ref().is_some_and(|app| app.updated_by == BY_SETTINGS),
            connections: to_u32(used.map(|used| used.connections).sum::<i64>()),
            errors: typed.errors.clone(),
        }))
    }

    /// Saves what an engineer typed. An empty secret keeps the one that is stored, if the client id stays the same.
    ///
    /// # Errors
    /// [`HubError::Fields`] for what is missing or can't be right.
    pub async fn save_app(
        &self,
        viewer: &Viewer,
        id: &str,
        client_id: &str,
        secret: &SecretString,
    ) -> Result<()> {
        if !viewer.may(Permission::ManageApps) {
            return Err(HubError::Forbidden);
        }
        if self.sharing(id).is_empty() {
            return Err(HubError::NotFound);
        }
        let client_id = client_id.trim();
        let before = self.app(id).await.ok();
        let same_id = before.as_ref().is_some_and(|app| app.client_id == client_id);
        check_app(client_id, secret, same_id)?;
        let typed = SecretString::from(secret.expose_secret().trim());
        let kept = before
            .filter(|_| same_id && typed.expose_secret().is_empty())
            .map(|app| app.client_secret);
        self.put_app(id, client_id, &kept.unwrap_or(typed), &viewer.name)
            .await?;
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        let mut row = people::person_did(now, &viewer.person, &viewer.name, "app.saved", None);
        row.target_kind = String::from("provider_app");
        row.target_id = id.to_owned();
        audit::append(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stores an app that variables or files of the settings hold.
    ///
    /// # Errors
    /// [`HubError::NotFound`] where the catalogue knows no such app.
    pub async fn put_app_from_settings(
        &self,
        id: &str,
        client_id: &str,
        secret: &SecretString,
    ) -> Result<()> {
        if self.sharing(id).is_empty() {
            return Err(HubError::NotFound);
        }
        self.put_app(id, client_id, secret, BY_SETTINGS).await
    }

    /// Integrations that connect through an app.
    fn sharing(&self, id: &str) -> Vec<&Integration> {
        let uses = |integration: &&Integration| integration.provider_app == id && !integration.is_api_key();
        self.catalog.iter().filter(uses).collect()
    }

    /// The provider's name: the integration's own, or the app's where several share it.
    fn app_name(&self, id: &str) -> String {
        match self.sharing(id).as_slice() {
            [only] => only.name.clone(),
            _ => id[..1].to_uppercase() + &id[1..],
        }
    }

    /// What one integration needs of its app.
    fn needs(&self, integration: &Integration) -> AppNeeds {
        AppNeeds {
            id: integration.id.clone(),
            name: integration.name.clone(),
            redirect_uri: (!integration.is_api_key()).then(|| self.redirect_uri(&integration.id)),
            scopes: integration.scopes().to_vec(),
        }
    }
}

/// When and by whom.
fn saved(app: &ProviderApp) -> (Millis, String) {
    (app.updated_at, app.updated_by.clone())
}

/// Refuses what can't be a client id or secret.
fn check_app(client_id: &str, secret: &SecretString, same_id: bool) -> Result<()> {
    let mut errors = BTreeMap::new();
    let plain = |text: &str| {
        !text
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace())
    };
    if client_id.is_empty() {
        errors.insert(
            "client_id".to_owned(),
            "Enter the client id that the provider shows".to_owned(),
        );
    } else if !plain(client_id) || client_id.len() > 300 {
        errors.insert(
            "client_id".to_owned(),
            "A client id has no spaces. Copy it again".to_owned(),
        );
    }
    let secret = secret.expose_secret().trim();
    if secret.is_empty() && !same_id {
        errors.insert(
            "client_secret".to_owned(),
            "Enter the client secret that belongs to this client id".to_owned(),
        );
    } else if !plain(secret) || secret.len() > 1000 {
        errors.insert(
            "client_secret".to_owned(),
            "A client secret has no spaces. Copy it again".to_owned(),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(HubError::Fields(errors))
    }
}
