//! Many apps at once, from a file. A row that can't be used is named and the rest goes in; every row is a change of its
//! own, with its own line in the trail.

use patchbay_store::{Scope, provider_apps};
use secrecy::{ExposeSecret as _, SecretString};

pub use super::file::RefusedRow;
use super::{
    By,
    file::{self, Row},
    progress::SayProgress,
    save::SaveApp,
};
use crate::{Hub, HubError, Result, apps::day_text};

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Names of the apps that were stored, in the order of the file.
    pub stored: Vec<String>,
    /// Names of the apps of which the file says nothing new.
    pub empty: Vec<String>,
    /// What could not be used.
    pub refused: Vec<RefusedRow>,
}

impl Hub {
    /// Stores what a file says about provider apps. Its secrets are sealed like typed ones.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] for those who may not manage apps. A row that is not right is no error: it is in the
    /// answer.
    pub async fn import_apps(&self, by: By<'_>, text: &SecretString) -> Result<Imported> {
        by.may_manage()?;
        let (rows, refused) = file::read(text.expose_secret());
        let mut imported = Imported {
            refused,
            ..Imported::default()
        };
        for row in rows {
            if self.sharing(&row.id).is_empty() {
                imported.refused.push(RefusedRow {
                    line: row.line,
                    app: file::shown_id(&row.id),
                    reason: format!("there is no such app; there are {}", self.app_ids().join(", ")),
                });
                continue;
            }
            let name = self.app_name(&row.id);
            match self.import_row(by, &row).await {
                Ok(true) => imported.stored.push(name),
                Ok(false) => imported.empty.push(name),
                Err(HubError::Fields(errors)) => {
                    let refused = errors.into_iter().map(|(field, why)| RefusedRow {
                        line: row.line,
                        app: Some(row.id.clone()),
                        reason: format!("{field}: {why}"),
                    });
                    imported.refused.extend(refused);
                }
                Err(error) => return Err(error),
            }
        }
        imported.refused.sort_by_key(|refused| refused.line);
        self.live.poke();
        Ok(imported)
    }

    /// Stores one row, all of it or nothing. False: it says nothing.
    async fn import_row(&self, by: By<'_>, row: &Row) -> Result<bool> {
        let field = |name: &str| row.fields.get(name).map(String::as_str);
        let said = SayProgress {
            stage: field("stage"),
            owner: field("owner"),
            review_since: field("review_since"),
            review_expected: field("review_expected"),
            notes: field("notes"),
            uris_registered: row.uris_registered,
        };
        let credentials = field("client_id").or(field("secret_ends")).is_some() || row.secret.is_some();
        if said.is_empty() && !credentials {
            return Ok(false);
        }
        let mut tx = self.store.write(Scope::System).await?;
        if credentials {
            let before = provider_apps::get(&mut tx, &row.id).await?;
            let known_id = before.as_ref().map_or("", |app| app.client_id.as_str());
            let known_end = before.as_ref().and_then(|app| app.secret_ends_at);
            // A new secret has an end of its own; without one the known end stays.
            let kept_end = known_end.filter(|_| row.secret.is_none()).map(day_text);
            let none = SecretString::from("");
            let form = SaveApp {
                client_id: field("client_id").unwrap_or(known_id),
                secret: row.secret.as_ref().unwrap_or(&none),
                secret_ends: field("secret_ends").or(kept_end.as_deref()).unwrap_or_default(),
            };
            self.save_in(&mut tx, by, &row.id, form, "app.imported").await?;
        }
        if !said.is_empty() {
            let action = if credentials { "app.stage" } else { "app.imported" };
            self.say_in(&mut tx, by, &row.id, said, action).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
