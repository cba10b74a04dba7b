//! The secrets of an app. While one is replaced two are held, because nobody can say to the minute when a provider
//! begins to accept the new one and stops to accept the old one: where the first is not accepted the other is tried,
//! and the one that works is used from then on.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use patchbay_catalog::Integration;
use patchbay_oauth::{App, ProviderError};
use patchbay_store::{
    Scope, Sealed, Tx,
    provider_apps::{self, ProviderApp},
    vault::Place,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{BY_SETTINGS, By, changed, dates};
use crate::{Hub, HubError, Result};

/// Where a provider app's secret is sealed.
pub(super) fn place<'a>(id: &'a str, field: &'static str) -> Place<'a> {
    Place {
        table: "provider_apps",
        row: id,
        tenant: None,
        connection: None,
        field,
    }
}

/// The secret in use.
pub(super) const SECRET: &str = "secret";
/// The other one.
pub(super) const OTHER: &str = "other_secret";

/// An app with the secrets that may be used now, for one piece of work: which of them works is found out on the way and
/// holds for the rest of it.
#[derive(Debug)]
pub(crate) struct HeldApp {
    id: String,
    current: App,
    other: Option<Other>,
    /// Whether the provider is known to accept the current one.
    accepted: bool,
    turned: AtomicBool,
}

/// The other secret, opened, and how it lies in the database.
#[derive(Debug)]
struct Other {
    app: App,
    sealed: Sealed,
}

impl HeldApp {
    /// The app with the secret to use.
    pub(crate) fn app(&self) -> &App {
        match &self.other {
            Some(other) if self.has_turned() => &other.app,
            _ => &self.current,
        }
    }

    /// Turns to the other secret where the provider says that it does not know the one that was just sent: nothing was
    /// done there then, so the same call can be made again. False: that was not it, or there is no other.
    pub(crate) fn turn(&self, error: &ProviderError) -> bool {
        self.other.is_some() && error.blames_client && !self.turned.swap(true, Ordering::Relaxed)
    }

    /// Makes a call; where the provider does not know the secret that it was made with, once more with the other one.
    /// `call` takes the app from [`Self::app`] each time.
    pub(crate) async fn ask<T, Call>(&self, call: impl Fn() -> Call) -> std::result::Result<T, ProviderError>
    where
        Call: Future<Output = std::result::Result<T, ProviderError>>,
    {
        match call().await {
            Err(error) if self.turn(&error) => call().await,
            answer => answer,
        }
    }

    fn has_turned(&self) -> bool {
        self.turned.load(Ordering::Relaxed)
    }

    /// The app with each of its secrets, the one in use first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &App> {
        std::iter::once(&self.current).chain(self.other.as_ref().map(|other| &other.app))
    }

    /// Whether a secret is one of those that are held.
    fn holds(&self, client_id: &str, secret: &SecretString) -> bool {
        self.all().any(|app| {
            app.client_id == client_id && app.client_secret.expose_secret() == secret.expose_secret()
        })
    }
}

/// Opens what is stored of an app; none: not registered.
pub(super) async fn open(
    tx: &mut Tx,
    id: &str,
    now: patchbay_store::time::Millis,
) -> Result<Option<(ProviderApp, HeldApp)>> {
    let Some(row) = provider_apps::get(tx, id).await? else {
        return Ok(None);
    };
    let current = App {
        client_id: row.client_id.clone(),
        client_secret: tx.open(&place(id, SECRET), &row.secret).await?,
    };
    let lasts = row.other_ends_at.is_none_or(|day| !dates::is_over(day, now));
    let other = match row.other_secret.clone().filter(|_| lasts) {
        Some(sealed) => Some(Other {
            app: App {
                client_id: row.client_id.clone(),
                client_secret: tx.open(&place(id, OTHER), &sealed).await?,
            },
            sealed,
        }),
        None => None,
    };
    let held = HeldApp {
        id: id.to_owned(),
        current,
        other,
        accepted: row.secret_accepted_at.is_some(),
        turned: AtomicBool::new(false),
    };
    Ok(Some((row, held)))
}

/// How often other secrets whose last day is over are looked for.
const SWEEP: Duration = Duration::from_hours(1);

/// Forgets other secrets after their last day, as long as the program runs.
pub async fn work(hub: Hub) {
    loop {
        if let Err(error) = hub.forget_ended_secrets().await {
            tracing::error!(%error, "client secrets that have ended could not be forgotten");
        }
        tokio::time::sleep(SWEEP).await;
    }
}

impl Hub {
    /// The provider app that calls to these addresses are made with. A client secret belongs to where it was registered:
    /// for another host, which an admin typed, there is none (S32).
    ///
    /// # Errors
    /// [`HubError::NotOffered`] where there is none.
    pub(crate) async fn app_for(
        &self,
        integration: &Integration,
        values: &BTreeMap<String, String>,
    ) -> Result<HeldApp> {
        if integration.needs_own_app(values).is_some() {
            return Err(HubError::NotOffered);
        }
        self.held_app(&integration.provider_app).await
    }

    /// The same; none for integrations that use a key.
    pub(crate) async fn app_of(
        &self,
        integration: &Integration,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<HeldApp>> {
        if integration.is_api_key() {
            return Ok(None);
        }
        self.app_for(integration, values).await.map(Some)
    }

    /// The provider app of this id with all its secrets, or [`HubError::NotOffered`]. What is done for a connection or a
    /// flow asks [`Self::app_for`].
    async fn held_app(&self, id: &str) -> Result<HeldApp> {
        let mut tx = self.store.read(Scope::System).await?;
        let (_, held) = open(&mut tx, id, self.now()).await?.ok_or(HubError::NotOffered)?;
        Ok(held)
    }

    /// The provider app of this id with the secret in use, or [`HubError::NotOffered`]: for those who register it at
    /// simulated providers.
    pub(crate) async fn app(&self, id: &str) -> Result<App> {
        self.held_app(id).await.map(|held| held.current)
    }

    /// Where the other secret was the one that worked: makes it the one in use, and keeps the first as the other. Written
    /// down once, however many calls found out at the same time.
    pub(crate) async fn settle(&self, held: &HeldApp) -> Result<()> {
        let Some(other) = held.other.as_ref().filter(|_| held.has_turned()) else {
            return Ok(());
        };
        let mut tx = self.store.write(Scope::System).await?;
        let Some(before) = provider_apps::get(&mut tx, &held.id).await? else {
            return Ok(());
        };
        let turned = ProviderApp {
            secret: tx
                .seal(&place(&held.id, SECRET), &other.app.client_secret)
                .await?,
            secret_since: before.other_since,
            secret_ends_at: before.other_ends_at,
            secret_accepted_at: Some(self.now()),
            other_secret: Some(
                tx.seal(&place(&held.id, OTHER), &held.current.client_secret)
                    .await?,
            ),
            other_since: before.secret_since,
            other_ends_at: before.secret_ends_at,
            ..before
        };
        if !provider_apps::put_secrets(&mut tx, &turned, &other.sealed).await? {
            return Ok(());
        }
        let row = By::Patchbay.did(self.now(), "app.secret_turned", &held.id);
        changed(&mut tx, &row).await?;
        tx.commit().await?;
        self.live.poke();
        tracing::warn!(
            app = held.id,
            "the other client secret is the one that the provider accepts"
        );
        Ok(())
    }

    /// After a call that needs the client secret and worked: whichever was sent last is accepted. While two are held that
    /// is written down once, so that people see when the old one can go.
    pub(crate) async fn accepted_or_log(&self, held: &HeldApp) {
        self.settle_or_log(held).await;
        if let Err(error) = self.note_accepted(held).await {
            tracing::error!(%error, app = held.id, "that a client secret works could not be stored");
        }
    }

    async fn note_accepted(&self, held: &HeldApp) -> Result<()> {
        let Some(other) = held
            .other
            .as_ref()
            .filter(|_| !held.accepted && !held.has_turned())
        else {
            return Ok(());
        };
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        if provider_apps::accepted(&mut tx, &held.id, &other.sealed, now).await? {
            patchbay_store::events::append(&mut tx, now, None, "app", &held.id).await?;
            tx.commit().await?;
            self.live.poke();
        }
        Ok(())
    }

    /// [`Self::settle`] after a call to a provider, whose result must not be lost because of it.
    pub(crate) async fn settle_or_log(&self, held: &HeldApp) {
        if let Err(error) = self.settle(held).await {
            tracing::error!(%error, app = held.id, "which client secret works could not be stored");
        }
    }

    /// Stores a provider app with one secret, which is sealed and never shown again.
    pub async fn put_app(
        &self,
        id: &str,
        client_id: &str,
        client_secret: &SecretString,
        by: &str,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        let secret = tx.seal(&place(id, SECRET), client_secret).await?;
        let app = ProviderApp {
            id: id.to_owned(),
            client_id: client_id.to_owned(),
            secret,
            secret_since: Some(now),
            secret_ends_at: None,
            secret_accepted_at: None,
            other_secret: None,
            other_since: None,
            other_ends_at: None,
            updated_at: now,
            updated_by: by.to_owned(),
        };
        provider_apps::put(&mut tx, &app).await?;
        patchbay_store::app_progress::forget_check(&mut tx, id).await?;
        patchbay_store::events::append(&mut tx, now, None, "app", id).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// Stores an app that variables or files of the settings hold. One that is held already stays as it is, with its
    /// dates and its other secret.
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
        match self.held_app(id).await {
            Ok(held) if held.holds(client_id, secret) => Ok(()),
            Ok(_) | Err(HubError::NotOffered) => self.put_app(id, client_id, secret, BY_SETTINGS).await,
            Err(error) => Err(error),
        }
    }

    /// Forgets other secrets whose last day is over.
    pub async fn forget_ended_secrets(&self) -> Result<()> {
        let now = self.now();
        let began = patchbay_store::time::Millis(now.0 - dates::DAY_MS);
        let mut tx = self.store.write(Scope::System).await?;
        let ended = provider_apps::forget_ended(&mut tx, began).await?;
        for id in &ended {
            changed(&mut tx, &By::Patchbay.did(now, "app.secret_ended", id)).await?;
        }
        if !ended.is_empty() {
            tx.commit().await?;
            self.live.poke();
        }
        Ok(())
    }
}
