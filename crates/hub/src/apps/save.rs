//! Client id and secret, as an engineer types them.

use std::collections::BTreeMap;

use patchbay_store::{
    Scope, Tx, app_progress,
    provider_apps::{self, ProviderApp},
    time::Millis,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{By, changed, dates, secrets};
use crate::{Hub, HubError, Result, view::Viewer};

/// What was typed.
#[derive(Debug, Clone, Copy)]
pub struct SaveApp<'a> {
    /// The client id.
    pub client_id: &'a str,
    /// The client secret; empty: the one that is held stays, if the client id does.
    pub secret: &'a SecretString,
    /// The last day of the secret in use; empty: no end is known.
    pub secret_ends: &'a str,
}

impl Hub {
    /// Saves what an engineer typed.
    ///
    /// # Errors
    /// [`HubError::Fields`] for what is missing or can't be right.
    pub async fn save_app(&self, viewer: &Viewer, id: &str, form: SaveApp<'_>) -> Result<()> {
        let by = By::Person(viewer);
        self.may_change(&by, id)?;
        let mut tx = self.store.write(Scope::System).await?;
        self.save_in(&mut tx, by, id, form, "app.saved").await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// The same inside a transaction, written down under this action.
    pub(super) async fn save_in(
        &self,
        tx: &mut Tx,
        by: By<'_>,
        id: &str,
        form: SaveApp<'_>,
        action: &str,
    ) -> Result<()> {
        let now = self.now();
        let before = provider_apps::get(tx, id).await?;
        let client_id = form.client_id.trim();
        let same_id = before.as_ref().is_some_and(|app| app.client_id == client_id);
        let known_end = before.as_ref().and_then(|app| app.secret_ends_at);
        let mut errors = BTreeMap::new();
        client_id_error(client_id, &mut errors);
        secret_error("client_secret", form.secret, same_id, &mut errors);
        let ends = match self.end_of_secret(id, form.secret_ends, known_end) {
            Ok(ends) => ends,
            Err(why) => {
                errors.insert("secret_ends".to_owned(), why);
                None
            }
        };
        if !errors.is_empty() {
            return Err(HubError::Fields(errors));
        }
        let typed = tidy(form.secret);
        let kept = before.filter(|_| same_id && typed.expose_secret().is_empty());
        let app = match kept {
            Some(kept) => ProviderApp {
                secret_ends_at: ends,
                updated_at: now,
                updated_by: by.name().to_owned(),
                ..kept
            },
            None => ProviderApp {
                id: id.to_owned(),
                client_id: client_id.to_owned(),
                secret: tx.seal(&secrets::place(id, secrets::SECRET), &typed).await?,
                secret_since: Some(now),
                secret_ends_at: ends,
                secret_accepted_at: None,
                other_secret: None,
                other_since: None,
                other_ends_at: None,
                updated_at: now,
                updated_by: by.name().to_owned(),
            },
        };
        provider_apps::put(tx, &app).await?;
        app_progress::forget_check(tx, id).await?;
        changed(tx, &by.did(now, action, id)).await
    }

    /// The last day of a secret, as it was typed. One that is stored already may stay although it is over.
    pub(super) fn end_of_secret(
        &self,
        id: &str,
        typed: &str,
        known: Option<Millis>,
    ) -> std::result::Result<Option<Millis>, String> {
        let ends = dates::parse_optional(typed)?;
        let Some(day) = ends.filter(|_| ends != known) else {
            return Ok(ends);
        };
        let now = self.now();
        if dates::is_over(day, now) {
            return Err("This day is over. Enter the last day on which the secret works".to_owned());
        }
        if let Some(months) = self.secret_max_months(id)
            && dates::months_from(now, months).is_some_and(|last| dates::days_until(day, last) > 0)
        {
            let name = self.app_name(id);
            return Err(format!(
                "A secret of {name} ends after {months} months at most. Look the day up there"
            ));
        }
        Ok(ends)
    }

    /// How long a secret of this app lasts at most, where the provider ends them.
    pub(super) fn secret_max_months(&self, id: &str) -> Option<u32> {
        self.sharing(id)
            .iter()
            .filter_map(|integration| integration.setup.secret_max_months)
            .min()
    }
}

/// A secret without what copying put around it.
pub(super) fn tidy(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim())
}

fn client_id_error(client_id: &str, errors: &mut BTreeMap<String, String>) {
    let why = if client_id.is_empty() {
        "Enter the client id that the provider shows"
    } else if !is_plain(client_id) || client_id.len() > 300 {
        "A client id has no spaces. Copy it again"
    } else {
        return;
    };
    errors.insert("client_id".to_owned(), why.to_owned());
}

/// Refuses what can't be a secret; `may_be_empty`: one is held already.
pub(super) fn secret_error(
    field: &str,
    secret: &SecretString,
    may_be_empty: bool,
    errors: &mut BTreeMap<String, String>,
) {
    let secret = secret.expose_secret().trim();
    let why = if secret.is_empty() && !may_be_empty {
        "Enter the client secret that belongs to this client id"
    } else if !is_plain(secret) || secret.len() > 1000 {
        "A client secret has no spaces. Copy it again"
    } else {
        return;
    };
    errors.insert(field.to_owned(), why.to_owned());
}

fn is_plain(text: &str) -> bool {
    !text
        .chars()
        .any(|letter| letter.is_control() || letter.is_whitespace())
}
