//! A file of all provider apps to fill in: what is known of each stands in it, but for secrets.

use std::fmt::Write as _;

use patchbay_store::{
    Scope,
    app_progress::{self, AppProgress},
    provider_apps::{self, ProviderApp},
    time::Millis,
};
use serde_json::{Map, Value, json};

use super::{By, dates, progress};
use crate::{Hub, Result};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateFormat {
    /// TOML, with comments.
    Toml,
    /// JSON.
    Json,
}

impl TemplateFormat {
    /// Reads the word of an address or a command.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Toml => "toml",
            Self::Json => "json",
        }
    }

    /// The media type of its download.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Toml => "application/toml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// How the TOML file begins.
const HEAD: &str = "\
# Provider apps, to be filled in and imported under Settings, or with: patchbay apps import FILE
# What is left empty stays as it is. Days are written 2026-11-12. Stages: not_registered, registered, in_review, approved.
# Secrets are sealed when the file is imported. Delete the file then.
";

impl Hub {
    /// The file to fill in.
    ///
    /// # Errors
    /// [`HubError::Forbidden`](crate::HubError::Forbidden) for those who may not manage apps.
    pub async fn apps_template(&self, by: By<'_>, format: TemplateFormat) -> Result<String> {
        by.may_manage()?;
        let mut tx = self.store.read(Scope::System).await?;
        let mut toml = HEAD.to_owned();
        let mut apps = Map::new();
        for id in self.app_ids() {
            let app = provider_apps::get(&mut tx, id).await?;
            let said = app_progress::get(&mut tx, id).await?;
            let said = said.unwrap_or_else(|| progress::nothing_said(id));
            let fields = self.known(&said, app.as_ref());
            self.toml_table(&mut toml, id, &fields);
            let fields: Map<String, Value> = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            apps.insert(id.to_owned(), Value::Object(fields));
        }
        Ok(match format {
            TemplateFormat::Toml => toml,
            TemplateFormat::Json => {
                serde_json::to_string_pretty(&json!({ "apps": apps })).unwrap_or_default()
            }
        })
    }

    /// What is known of an app, field by field as the import reads them.
    fn known(&self, said: &AppProgress, app: Option<&ProviderApp>) -> Vec<(&'static str, Value)> {
        let day = |day: Option<Millis>| json!(day.map(dates::day_text).unwrap_or_default());
        let uris = said.uris_at.as_ref() == Some(&self.settings.public_url);
        vec![
            ("client_id", json!(app.map_or("", |app| &app.client_id))),
            ("client_secret", json!("")),
            ("secret_ends", day(app.and_then(|app| app.secret_ends_at))),
            (
                "stage",
                json!(progress::effective(said.stage, app.is_some()).as_str()),
            ),
            ("owner", json!(said.owner)),
            ("review_since", day(said.review_since)),
            ("review_expected", day(said.review_expected)),
            ("notes", json!(said.notes)),
            (super::file::URIS, json!(uris)),
        ]
    }

    fn toml_table(&self, out: &mut String, id: &str, fields: &[(&'static str, Value)]) {
        let sharing = self.sharing(id);
        let names: Vec<&str> = sharing.iter().map(|found| found.name.as_str()).collect();
        let console = sharing
            .iter()
            .find_map(|found| found.setup.console_url.as_deref());
        // Writing into a String does not fail.
        let _ = writeln!(out, "\n# {}", names.join(", "));
        if let Some(console) = console {
            let _ = writeln!(out, "# Register it at {console}");
        }
        for integration in &sharing {
            let what = if integration.setup.redirect_by_origin {
                "Origin"
            } else {
                "Redirect URI"
            };
            let _ = writeln!(out, "# {what}: {}", self.registered_uri(integration));
        }
        for (field, name) in [
            (
                "client_id",
                sharing
                    .iter()
                    .find_map(|found| found.setup.client_id_name.as_ref()),
            ),
            (
                "client_secret",
                sharing
                    .iter()
                    .find_map(|found| found.setup.client_secret_name.as_ref()),
            ),
        ] {
            if let Some(name) = name {
                let _ = writeln!(out, "# {field} is called “{name}” there");
            }
        }
        let _ = writeln!(out, "[apps.{id}]");
        for (name, value) in fields {
            let _ = match value {
                Value::String(text) => writeln!(out, "{name} = {}", toml_text(text)),
                other => writeln!(out, "{name} = {other}"),
            };
        }
    }
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
