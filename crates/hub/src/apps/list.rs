//! The list of provider apps: what is to be done, first.

use std::collections::BTreeMap;

use patchbay_store::{
    Scope,
    app_progress::{self, AppProgress, Stage},
    provider_apps::{self, ProviderApp},
};

use super::{next::AppNext, progress};
use crate::{
    Hub, Result,
    access::Permission,
    rollout::to_u32,
    view::{AppRow, AppsView, Viewer},
};

impl Hub {
    /// The list of provider apps, or those of one stage; none for those who may not manage them.
    pub async fn apps(&self, viewer: &Viewer, shown: Option<Stage>) -> Result<Option<AppsView>> {
        if !viewer.may(Permission::ManageApps) {
            return Ok(None);
        }
        let mut tx = self.store.read(Scope::System).await?;
        let stored: BTreeMap<String, ProviderApp> = provider_apps::list(&mut tx)
            .await?
            .into_iter()
            .map(|app| (app.id.clone(), app))
            .collect();
        let mut said: BTreeMap<String, AppProgress> = app_progress::list(&mut tx)
            .await?
            .into_iter()
            .map(|said| (said.id.clone(), said))
            .collect();
        let mut rows: Vec<AppRow> = self
            .app_ids()
            .into_iter()
            .map(|id| {
                let said = said.remove(id).unwrap_or_else(|| progress::nothing_said(id));
                self.row(said, stored.get(id))
            })
            .collect();
        let stages = Stage::ALL.iter().map(|stage| {
            let count = rows.iter().filter(|row| row.stage == *stage).count();
            (*stage, to_u32(count))
        });
        let (stages, all) = (stages.collect(), to_u32(rows.len()));
        let integrations = to_u32(rows.iter().map(|row| row.integrations.len()).sum::<usize>());
        rows.retain(|row| shown.is_none_or(|stage| row.stage == stage));
        rows.sort_by_key(|row| (row.next.rank(), row.next.day(), row.name.to_lowercase()));
        Ok(Some(AppsView {
            rows,
            all,
            integrations,
            stages,
            shown,
        }))
    }

    fn row(&self, said: AppProgress, app: Option<&ProviderApp>) -> AppRow {
        let sharing = self.sharing(&said.id);
        AppRow {
            name: self.app_name(&said.id),
            logo: match sharing.as_slice() {
                [only] => only.logo.clone(),
                // The mark of one of them would stand for all.
                _ => None,
            },
            integrations: sharing.iter().map(|found| found.name.clone()).collect(),
            stage: progress::effective(said.stage, app.is_some()),
            next: AppNext::of(&said, app, self.opens(&said.id), self.now()),
            secret_ends: app.and_then(|app| app.secret_ends_at),
            two_secrets: app.is_some_and(|app| app.other_secret.is_some()),
            checked: said.checked_at.zip(said.check_grade),
            owner: said.owner,
            id: said.id,
        }
    }
}
