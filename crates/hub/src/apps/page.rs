//! One provider app: what its page shows.

use std::collections::BTreeMap;

use patchbay_catalog::{Integration, model::Setup};
use patchbay_store::{
    Scope,
    app_progress::{self, AppProgress},
    connections,
    provider_apps::{self, ProviderApp},
    time::Millis,
};

use super::{BY_SETTINGS, dates, finding, next::AppNext, progress};
use crate::{
    Hub, Result, Typed,
    access::Permission,
    rollout::to_u32,
    view::{AppCheck, AppFacts, AppForm, AppNeeds, AppSecrets, AppView, OfSome, SourcedLimit, Viewer},
};

impl Hub {
    /// One provider app; none where there is no such app, or not for this viewer.
    pub async fn app_page(&self, viewer: &Viewer, id: &str, typed: &Typed) -> Result<Option<AppView>> {
        let sharing = self.sharing(id);
        if sharing.is_empty() || !viewer.may(Permission::ManageApps) {
            return Ok(None);
        }
        let mut tx = self.store.read(Scope::System).await?;
        let stored = provider_apps::get(&mut tx, id).await?;
        let said = app_progress::get(&mut tx, id).await?;
        let said = said.unwrap_or_else(|| progress::nothing_said(id));
        let usage = connections::usage(&mut tx).await?;
        let used = usage
            .iter()
            .filter(|used| sharing.iter().any(|found| found.id == used.integration_id));
        let now = self.now();
        Ok(Some(AppView {
            id: id.to_owned(),
            name: self.app_name(id),
            needs: sharing.iter().map(|found| self.needs(found)).collect(),
            facts: facts(&sharing),
            client_id_name: sharing
                .iter()
                .find_map(|found| found.setup.client_id_name.clone()),
            client_secret_name: sharing
                .iter()
                .find_map(|found| found.setup.client_secret_name.clone()),
            stage: progress::effective(said.stage, stored.is_some()),
            next: AppNext::of(&said, stored.as_ref(), self.opens(id), now),
            opens: self.opens(id),
            saved: stored
                .as_ref()
                .map(|app| (app.updated_at, app.updated_by.clone())),
            from_settings: stored.as_ref().is_some_and(|app| app.updated_by == BY_SETTINGS),
            secrets: stored.as_ref().map(|app| secrets(app, now)),
            two_secrets: sharing.iter().find_map(|found| found.setup.two_secrets),
            secret_max_months: self.secret_max_months(id),
            connections: to_u32(used.map(|used| used.connections).sum::<i64>()),
            checked: checked(&said),
            form: self.form(&said, stored.as_ref(), typed),
            progress: said,
            errors: typed.errors.clone(),
        }))
    }

    /// What one integration needs of its app.
    fn needs(&self, integration: &Integration) -> AppNeeds {
        AppNeeds {
            id: integration.id.clone(),
            name: integration.name.clone(),
            redirect_uri: self.registered_uri(integration),
            by_origin: integration.setup.redirect_by_origin,
            scopes: integration.scopes().to_vec(),
        }
    }

    /// What stands in the fields: what was typed and refused, else what is stored. Never a secret.
    fn form(&self, said: &AppProgress, app: Option<&ProviderApp>, typed: &Typed) -> AppForm {
        let day = |day: Option<Millis>| day.map(dates::day_text).unwrap_or_default();
        let stage = progress::effective(said.stage, app.is_some());
        let keep_until = Millis(self.now().0 + 7 * dates::DAY_MS);
        let stored = [
            (
                "client_id",
                app.map(|app| app.client_id.clone()).unwrap_or_default(),
            ),
            ("secret_ends", day(app.and_then(|app| app.secret_ends_at))),
            ("new_ends", String::new()),
            ("keep_until", dates::day_text(keep_until)),
            ("stage", stage.as_str().to_owned()),
            ("owner", said.owner.clone()),
            ("review_since", day(said.review_since)),
            ("review_expected", day(said.review_expected)),
            ("notes", said.notes.clone()),
        ];
        let mut fields: BTreeMap<&'static str, String> = stored.into_iter().collect();
        for (name, value) in &mut fields {
            if let Some(typed) = typed.values.get(*name) {
                value.clone_from(typed);
            }
        }
        // An empty box is not posted: only a form that has the others says something about it.
        let uris_registered = match typed.values.get("stage") {
            Some(_) => typed.values.contains_key("uris_registered"),
            None => said.uris_at.as_ref() == Some(&self.settings.public_url),
        };
        AppForm {
            fields,
            uris_registered,
        }
    }
}

/// When each secret came, and its last day.
fn secrets(app: &ProviderApp, now: Millis) -> AppSecrets {
    let other = app.other_secret.as_ref();
    let lasts = app.other_ends_at.is_none_or(|day| !dates::is_over(day, now));
    AppSecrets {
        since: app.secret_since.unwrap_or(app.updated_at),
        ends: app.secret_ends_at,
        accepted: app.secret_accepted_at,
        other: other
            .filter(|_| lasts)
            .map(|_| (app.other_since, app.other_ends_at)),
    }
}

/// What the last check found.
fn checked(said: &AppProgress) -> Option<AppCheck> {
    Some(AppCheck {
        at: said.checked_at?,
        grade: said.check_grade?,
        findings: finding::from_json(said.check_findings.as_deref().unwrap_or_default()),
    })
}

/// What the catalogue says, of all integrations that share the app. What holds for all is said once.
fn facts(sharing: &[&Integration]) -> AppFacts {
    let texts = |of: fn(&Setup) -> Option<&String>| grouped(sharing, "", of);
    let mut limits: Vec<SourcedLimit> = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    for integration in sharing {
        for limit in &integration.setup.limits {
            match limits.iter_mut().find(|known| known.limit.text == limit.text) {
                Some(known) => known.limit.of.push(integration.name.clone()),
                None => limits.push(SourcedLimit {
                    limit: OfSome {
                        text: limit.text.clone(),
                        of: vec![integration.name.clone()],
                    },
                    source: limit.source.clone(),
                }),
            }
        }
        let probe = integration.setup.probe.iter().map(|probe| &probe.source);
        for source in integration.setup.sources.iter().chain(probe) {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
    }
    for known in &mut limits {
        known.limit.of_all(sharing.len());
    }
    AppFacts {
        consoles: texts(|setup| setup.console_url.as_ref()),
        steps: grouped(sharing, "; ", |setup| setup.steps.as_ref()),
        redirect_rules: texts(|setup| setup.redirect_rules.as_ref()),
        reviews: grouped(sharing, ". ", |setup| setup.review.as_ref()),
        sandboxes: texts(|setup| setup.sandbox.as_ref()),
        limits,
        sources,
    }
}

/// Texts with the integrations that each holds for. Of an app that several share, texts are taken apart at `joint`, so
/// that what holds for all is said once.
fn grouped(sharing: &[&Integration], joint: &str, of: fn(&Setup) -> Option<&String>) -> Vec<OfSome> {
    // Where each part stands in its text: parts keep their order.
    let mut parts: Vec<(usize, OfSome)> = Vec::new();
    for integration in sharing {
        let Some(text) = of(&integration.setup) else {
            continue;
        };
        for (place, part) in taken_apart(text, joint, sharing.len() > 1)
            .into_iter()
            .enumerate()
        {
            match parts.iter_mut().find(|(_, known)| known.text == part) {
                Some((first, known)) => {
                    *first = place.min(*first);
                    known.of.push(integration.name.clone());
                }
                None => parts.push((
                    place,
                    OfSome {
                        text: part,
                        of: vec![integration.name.clone()],
                    },
                )),
            }
        }
    }
    parts.sort_by_key(|(place, _)| *place);
    parts
        .into_iter()
        .map(|(_, mut part)| {
            part.of_all(sharing.len());
            part
        })
        .collect()
}

/// A text, or its parts; a sentence keeps its full stop.
fn taken_apart(text: &str, joint: &str, apart: bool) -> Vec<String> {
    if !apart || joint.is_empty() {
        return vec![text.to_owned()];
    }
    let stop = if joint == ". " { "." } else { "" };
    text.split(joint)
        .map(|part| format!("{}{stop}", part.trim_end_matches('.')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_taken_apart_only_where_several_share_an_app() {
        let text = "Testing: 100 users. Scope class here: restricted.";
        assert_eq!(
            taken_apart(text, ". ", true),
            ["Testing: 100 users.", "Scope class here: restricted."]
        );
        assert_eq!(taken_apart(text, ". ", false), [text]);
        assert_eq!(taken_apart("A > B; C", "; ", true), ["A > B", "C"]);
        assert_eq!(taken_apart(text, "", true), [text]);
    }
}
