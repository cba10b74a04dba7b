//! A new secret beside the old one.

use std::collections::BTreeMap;

use patchbay_oauth::App;
use patchbay_store::{
    Scope, app_progress,
    provider_apps::{self, ProviderApp},
    time::Millis,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    By, changed, dates, next, save,
    secrets::{self, HeldApp},
};
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

/// The secret that is kept beside a new one, and since when it is held: the one in use. Where two are held, the newer one
/// is in use and no call has shown that it is accepted, it is the older one: the newer may have been copied wrongly.
fn kept<'a>(before: &ProviderApp, held: &'a HeldApp) -> (&'a SecretString, Option<Millis>) {
    let unproven = before.secret_accepted_at.is_none() && !next::older_in_use(before);
    match held.all().nth(1).filter(|_| unproven) {
        Some(older) => (&older.client_secret, before.other_since),
        None => (&held.app().client_secret, before.secret_since),
    }
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
        let (old, since) = kept(&before, &held);
        let (ends, keep_until) = self.check_rotation(id, &form, &held)?;
        let app = ProviderApp {
            secret: tx.seal(&secrets::place(id, secrets::SECRET), &new).await?,
            secret_since: Some(now),
            secret_ends_at: ends,
            secret_accepted_at: None,
            other_secret: Some(tx.seal(&secrets::place(id, secrets::OTHER), old).await?),
            other_since: since,
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
        held: &HeldApp,
    ) -> Result<(Option<Millis>, Millis)> {
        let mut errors = BTreeMap::new();
        save::secret_error("new_secret", form.secret, false, &mut errors);
        let new = save::tidy(form.secret);
        let is_new = |app: &App| app.client_secret.expose_secret() != new.expose_secret();
        if !held.all().all(is_new) {
            let why = "This secret is held already. Make a new one at the provider";
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
