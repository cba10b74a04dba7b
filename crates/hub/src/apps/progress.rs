//! How far an app is at its provider, and who looks after it, as a person says it.

use std::collections::BTreeMap;

use patchbay_store::{
    Scope, Tx,
    app_progress::{self, AppProgress, Stage},
    provider_apps,
    time::Millis,
};

use super::{By, changed, dates};
use crate::{Hub, HubError, Result, view::Viewer};

/// Longest name of whoever looks after an app.
const LONGEST_OWNER: usize = 80;
/// Longest notes.
const LONGEST_NOTES: usize = 2000;

/// What was typed, or stands in a file: what is none stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct SayProgress<'a> {
    /// The stage's word.
    pub stage: Option<&'a str>,
    /// Who looks after it.
    pub owner: Option<&'a str>,
    /// The day on which the review was asked for.
    pub review_since: Option<&'a str>,
    /// The day by which the provider is expected to answer.
    pub review_expected: Option<&'a str>,
    /// Notes.
    pub notes: Option<&'a str>,
    /// Whether the redirect URIs of our public address stand at the provider.
    pub uris_registered: Option<bool>,
}

impl SayProgress<'_> {
    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [
            self.stage,
            self.owner,
            self.review_since,
            self.review_expected,
            self.notes,
        ];
        texts.iter().all(Option::is_none) && self.uris_registered.is_none()
    }
}

/// An app of which nobody said anything yet.
pub(super) fn nothing_said(id: &str) -> AppProgress {
    AppProgress {
        id: id.to_owned(),
        stage: Stage::NotRegistered,
        owner: String::new(),
        review_since: None,
        review_expected: None,
        notes: String::new(),
        uris_at: None,
        checked_at: None,
        check_grade: None,
        check_findings: None,
        updated_at: Millis(0),
        updated_by: String::new(),
    }
}

/// The stage that holds: an app whose id and secret are here is registered, whatever was said.
pub(super) fn effective(said: Stage, saved: bool) -> Stage {
    if saved { said.max(Stage::Registered) } else { said }
}

impl Hub {
    /// Stores how far an app is.
    ///
    /// # Errors
    /// [`HubError::Fields`] for what can't be right.
    pub async fn say_progress(&self, viewer: &Viewer, id: &str, form: SayProgress<'_>) -> Result<()> {
        let by = By::Person(viewer);
        self.may_change(&by, id)?;
        let mut tx = self.store.write(Scope::System).await?;
        self.say_in(&mut tx, by, id, form, "app.stage").await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// The same inside a transaction, written down under this action.
    pub(super) async fn say_in(
        &self,
        tx: &mut Tx,
        by: By<'_>,
        id: &str,
        form: SayProgress<'_>,
        action: &str,
    ) -> Result<()> {
        let saved = provider_apps::get(tx, id).await?.is_some();
        let before = app_progress::get(tx, id)
            .await?
            .unwrap_or_else(|| nothing_said(id));
        let now = self.now();
        let said = AppProgress {
            updated_at: now,
            updated_by: by.name().to_owned(),
            ..self.merged(before, saved, form)?
        };
        app_progress::put(tx, &said).await?;
        let mut row = by.did(now, action, id);
        row.reason = Some(said.stage.as_str().to_owned());
        changed(tx, &row).await
    }

    /// What is stored, with what was said now; or a sentence for each field that is not right.
    fn merged(&self, before: AppProgress, saved: bool, form: SayProgress<'_>) -> Result<AppProgress> {
        let mut errors = BTreeMap::new();
        let mut refuse = |field: &str, why: &str| {
            errors.insert(field.to_owned(), why.to_owned());
        };
        let mut said = before;
        said.stage = effective(said.stage, saved);
        match form.stage.map(Stage::parse) {
            None => {}
            Some(Ok(Stage::NotRegistered)) if saved => refuse(
                "stage",
                "Client id and secret are saved here, so the app is registered",
            ),
            Some(Ok(stage)) => said.stage = stage,
            Some(Err(_)) => refuse("stage", "Choose one of the stages"),
        }
        if let Some(owner) = form.owner.map(str::trim) {
            if owner.chars().count() > LONGEST_OWNER || owner.chars().any(char::is_control) {
                refuse("owner", "A name has 80 letters at most");
            }
            owner.clone_into(&mut said.owner);
        }
        if let Some(notes) = form.notes.map(str::trim) {
            if notes.chars().count() > LONGEST_NOTES {
                refuse("notes", "Notes have 2,000 letters at most");
            }
            notes.clone_into(&mut said.notes);
        }
        for (field, typed, day) in [
            ("review_since", form.review_since, &mut said.review_since),
            ("review_expected", form.review_expected, &mut said.review_expected),
        ] {
            match typed.map(dates::parse_optional) {
                None => {}
                Some(Ok(typed)) => *day = typed,
                Some(Err(why)) => refuse(field, why),
            }
        }
        if let Some(registered) = form.uris_registered {
            said.uris_at = registered.then(|| self.settings.public_url.clone());
        }
        if said.stage == Stage::InReview
            && said.review_since.is_none()
            && !errors.contains_key("review_since")
        {
            errors.insert(
                "review_since".to_owned(),
                "Enter the day on which the review was asked for".to_owned(),
            );
        }
        if let (Some(since), Some(expected)) = (said.review_since, said.review_expected)
            && expected < since
        {
            errors.insert(
                "review_expected".to_owned(),
                "An answer can’t be expected before it was asked for".to_owned(),
            );
        }
        if errors.is_empty() {
            Ok(said)
        } else {
            Err(HubError::Fields(errors))
        }
    }
}
