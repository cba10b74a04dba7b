//! Provider apps: the client id and secret that the company registered at a provider. Several integrations can share
//! one. A secret goes in and is used; nothing gives it out again.
//!
//! - [`secrets`] opens them, two at a time while one is replaced;
//! - [`save`], [`rotate`] and [`progress`] are the forms of an app's page, [`import`] takes many apps from a file;
//! - [`check`] says what is wrong with one, [`next`] what is to be done with it;
//! - [`list`] and [`page`] read what the pages show.

pub mod check;
mod dates;
mod file;
mod finding;
pub mod import;
mod list;
mod next;
mod page;
pub mod progress;
pub mod rotate;
pub mod save;
pub mod secrets;
mod template;
mod words;

use patchbay_catalog::{Integration, model::Opens};
use patchbay_store::{
    Tx,
    audit::{self, NewAudit},
    events,
    time::Millis,
};

pub use dates::{day_text, days_until, is_over};
pub use finding::{Finding, NotAsked};
pub use next::AppNext;
pub use template::TemplateFormat;
pub(crate) use words::sentence;

use crate::{Hub, HubError, Result, access::Permission, people, view::Viewer};

/// Who saved an app that variables or files of the settings hold.
pub(crate) const BY_SETTINGS: &str = "the settings";

/// Who changes an app.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// Someone who is signed in.
    Person(&'a Viewer),
    /// Whoever typed a command where the data is.
    Command,
    /// Patchbay by itself.
    Patchbay,
}

impl By<'_> {
    /// Their name, as it is stored and shown.
    fn name(&self) -> &str {
        match self {
            Self::Person(viewer) => &viewer.name,
            Self::Command => "The command line",
            Self::Patchbay => "Patchbay",
        }
    }

    /// Refuses a person who may not manage provider apps.
    fn may_manage(&self) -> Result<()> {
        match self {
            Self::Person(viewer) if !viewer.may(Permission::ManageApps) => Err(HubError::Forbidden),
            _ => Ok(()),
        }
    }

    /// An audit row for something that was done to an app.
    fn did(&self, at: Millis, action: &str, app: &str) -> NewAudit {
        let row = match self {
            Self::Person(viewer) => people::person_did(at, &viewer.person, &viewer.name, action, None),
            Self::Command => system_row(at, "command", self.name(), action),
            Self::Patchbay => system_row(at, "system", self.name(), action),
        };
        NewAudit {
            target_kind: "provider_app".to_owned(),
            target_id: app.to_owned(),
            ..row
        }
    }
}

/// An audit row of nobody who is signed in.
fn system_row(at: Millis, kind: &str, name: &str, action: &str) -> NewAudit {
    NewAudit {
        at,
        tenant_id: None,
        actor_kind: kind.to_owned(),
        actor_id: "patchbay".to_owned(),
        actor_name: name.to_owned(),
        action: action.to_owned(),
        target_kind: String::new(),
        target_id: String::new(),
        integration_id: None,
        outcome: audit::Outcome::Done,
        reason: None,
        severity: None,
        reference: None,
    }
}

/// Writes down a change of an app, and tells open pages when it commits.
async fn changed(tx: &mut Tx, row: &NewAudit) -> Result<()> {
    audit::append(tx, row).await?;
    events::append(tx, row.at, None, "app", &row.target_id).await?;
    Ok(())
}

impl Hub {
    /// Integrations that connect through an app.
    pub(crate) fn sharing(&self, id: &str) -> Vec<&Integration> {
        let uses = |integration: &&Integration| integration.provider_app == id && !integration.is_api_key();
        self.catalog.iter().filter(uses).collect()
    }

    /// Ids of all apps that the catalogue names, each once, in the order of their integrations.
    pub(crate) fn app_ids(&self) -> Vec<&str> {
        let mut ids = Vec::new();
        for integration in self.catalog.iter().filter(|found| !found.is_api_key()) {
            if !ids.contains(&integration.provider_app.as_str()) {
                ids.push(integration.provider_app.as_str());
            }
        }
        ids
    }

    /// The provider's name: the integration's own, or the app's where several share it.
    pub(crate) fn app_name(&self, id: &str) -> String {
        match self.sharing(id).as_slice() {
            [only] => only.name.clone(),
            _ => id
                .get(..1)
                .map_or_else(String::new, |first| first.to_uppercase() + &id[1..]),
        }
    }

    /// What is put on the provider's list, so that it sends people back to us.
    pub(crate) fn registered_uri(&self, integration: &Integration) -> String {
        let uri = self.redirect_uri(&integration.id);
        match url::Url::parse(&uri) {
            Ok(url) if integration.setup.redirect_by_origin => url.origin().ascii_serialization(),
            _ => uri,
        }
    }

    /// What it takes before customers may connect through an app: the most that one of its integrations needs.
    pub(crate) fn opens(&self, id: &str) -> Opens {
        let each = |integration: &&Integration| integration.setup.opens;
        let all: Vec<Opens> = self.sharing(id).iter().filter_map(each).collect();
        [Opens::ByReview, Opens::BySwitch]
            .into_iter()
            .find(|opens| all.contains(opens))
            .unwrap_or(Opens::AtOnce)
    }

    /// Whether there is such an app and this actor may change it.
    fn may_change(&self, by: &By<'_>, id: &str) -> Result<()> {
        by.may_manage()?;
        if self.sharing(id).is_empty() {
            return Err(HubError::NotFound);
        }
        Ok(())
    }
}
