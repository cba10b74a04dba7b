//! A new secret beside the old one.

use std::collections::BTreeMap;

use patchbay_store::{
    Scope, app_progress,
    provider_apps::{self, ProviderApp},
    time::Millis,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{By, changed, dates, save, secrets};
use crate::{Hub, HubError, Result, view::Viewer};

/// What was typed.
#[derive(Debug, Clone, Copy)]
pub struct Rotate<'a> {
    /// The new secret.
    pub secret: &'a SecretString,
    /// Its last day; empty: no end is known.
    pub ends: &'a str,
    /// The last day on which the old secret is kept.
    pub keep_until: &'a str,
}

impl Hub {
    /// Adds a new secret, which is used from now on; the old one is tried where the new one is not accepted, until its
    /// last day.
    ///
    /// # Errors
    /// [`HubError::Fields`] for what is missing or can't be right; [`HubError::NotFound`] where no secret is held.
    pub async fn rotate_secret(&self, viewer: &Viewer, id: &str, form: Rotate<'_>) -> Result<()> {
        let by = By::Person(viewer);
        self.may_change(&by, id)?;
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        let Some((before, held)) = secrets::open(&mut tx, id, now).await? else {
            return Err(HubError::NotFound);
        };
        let new = save::tidy(form.secret);
        let old = &held.app().client_secret;
        let (ends, keep_until) = self.check_rotation(id, &form, old)?;
        let app = ProviderApp {
            secret: tx.seal(&secrets::place(id, secrets::SECRET), &new).await?,
            secret_since: Some(now),
            secret_ends_at: ends,
            other_secret: Some(tx.seal(&secrets::place(id, secrets::OTHER), old).await?),
            other_since: before.secret_since,
            other_ends_at: Some(keep_until),
            updated_at: now,
            updated_by: by.name().to_owned(),
            ..before
        };
        provider_apps::put(&mut tx, &app).await?;
        app_progress::forget_check(&mut tx, id).await?;
        changed(&mut tx, &by.did(now, "app.secret_added", id)).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// The last days of the new and of the old secret; or a sentence for each field that is not right.
    fn check_rotation(
        &self,
        id: &str,
        form: &Rotate<'_>,
        old: &SecretString,
    ) -> Result<(Option<Millis>, Millis)> {
        let mut errors = BTreeMap::new();
        save::secret_error("new_secret", form.secret, false, &mut errors);
        if save::tidy(form.secret).expose_secret() == old.expose_secret() {
            let why = "This is the secret that is in use. Make a new one at the provider";
            errors.insert("new_secret".to_owned(), why.to_owned());
        }
        let ends = self.end_of_secret(id, form.ends, None);
        let keep_until = match dates::parse(form.keep_until) {
            Ok(day) if dates::is_over(day, self.now()) => Err("This day is over".to_owned()),
            Ok(day) => Ok(day),
            Err(why) => Err(why.to_owned()),
        };
        match (ends, keep_until) {
            (Ok(ends), Ok(keep_until)) if errors.is_empty() => return Ok((ends, keep_until)),
            (ends, keep_until) => {
                errors.extend(ends.err().map(|why| ("new_ends".to_owned(), why)));
                errors.extend(keep_until.err().map(|why| ("keep_until".to_owned(), why)));
            }
        }
        Err(HubError::Fields(errors))
    }

    /// Forgets the other secret at once. Calls depend on the one in use alone from now on.
    ///
    /// # Errors
    /// [`HubError::NotFound`] where no other secret is held.
    pub async fn forget_other_secret(&self, viewer: &Viewer, id: &str) -> Result<()> {
        let by = By::Person(viewer);
        self.may_change(&by, id)?;
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        let before = provider_apps::get(&mut tx, id).await?;
        let Some(before) = before.filter(|app| app.other_secret.is_some()) else {
            return Err(HubError::NotFound);
        };
        let app = ProviderApp {
            other_secret: None,
            other_since: None,
            other_ends_at: None,
            ..before
        };
        provider_apps::put(&mut tx, &app).await?;
        app_progress::forget_check(&mut tx, id).await?;
        changed(&mut tx, &by.did(now, "app.secret_forgotten", id)).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }
}
