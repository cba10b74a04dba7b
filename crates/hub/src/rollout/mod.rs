//! How far the rollout is: statuses computed from evidence, never typed, and the three counts.

mod counts;
mod ground;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use patchbay_catalog::Integration;
use patchbay_store::{Scope, Tx, connections, events, provider_apps};

use counts::{built, in_use, live};
pub(crate) use counts::{phases, to_u32};
use ground::Ground;

use crate::{
    Hub, Mode, Result,
    access::Permission,
    verify,
    view::{BoardRow, Counts, Gate, RolloutView, Status, VerificationView, Viewer},
};

/// The four gates, in order.
pub const GATES: [Gate; 4] = [Gate::Flow, Gate::Storage, Gate::Lifecycle, Gate::History];

impl Gate {
    /// The word stored with evidence and printed by `verify --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Storage => "storage",
            Self::Lifecycle => "lifecycle",
            Self::History => "history",
        }
    }
}

impl Status {
    /// The word printed by `verify --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            Self::Implemented => "implemented",
            Self::Pending => "pending",
        }
    }

    /// Whether it counts as complete.
    pub fn is_complete(self) -> bool {
        self != Self::Pending
    }
}

/// Everything that the rollout, the report and the lists are drawn from, read at one moment.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Provider apps that are registered.
    pub apps: BTreeSet<String>,
    /// Integrations whose connecting is proven, whether or not their history is.
    connects: BTreeSet<String>,
    /// The 39, in the catalogue's order.
    pub board: Vec<BoardRow>,
    /// Integrations of this deployment's own: outside the plan, so no count knows them.
    own: Vec<BoardRow>,
    /// Whether providers are the real ones.
    live: bool,
    /// The three counts.
    pub counts: Counts,
    /// What they rest on.
    pub verification: VerificationView,
    /// Why the checks of keys failed, by integration: a key has no gates to show it at.
    pub key_failures: BTreeMap<String, String>,
}

impl Hub {
    /// The rollout page; none for those who may not see it.
    pub async fn rollout(&self, viewer: &Viewer) -> Result<Option<RolloutView>> {
        if !viewer.may(Permission::SeeRollout) {
            return Ok(None);
        }
        let figures = self.figures().await?;
        Ok(Some(RolloutView {
            phases: phases(&figures.board),
            counts: figures.counts,
            verification: figures.verification.clone(),
            board: figures.board.clone(),
            may_verify: viewer.may(Permission::RunVerification),
        }))
    }

    /// All figures of one moment, so that they agree with each other. What was read before stands as long as no event
    /// was written since.
    pub(crate) async fn figures(&self) -> Result<Arc<Figures>> {
        let mut tx = self.store.read(Scope::System).await?;
        let version = events::last_id(&mut tx).await?;
        if let Some(figures) = self.kept.figures(version) {
            return Ok(figures);
        }
        let figures = Arc::new(self.read_figures(&mut tx).await?);
        self.kept.keep_figures(version, &figures);
        Ok(figures)
    }

    async fn read_figures(&self, tx: &mut Tx) -> Result<Figures> {
        let apps = provider_apps::list(tx)
            .await?
            .into_iter()
            .map(|app| app.id)
            .collect();
        let ground = Ground::read(tx).await?;
        let usage = connections::usage(tx).await?;
        let live_at = verify::live::proven(tx).await?;
        let row = |integration: &Integration| BoardRow {
            live: live_at.get(&integration.id).map(|mark| mark.at),
            ..ground.row(integration, &usage, &self.settings.build)
        };
        let (planned, own): (Vec<&Integration>, Vec<&Integration>) = self
            .catalog
            .iter()
            .partition(|integration| integration.is_planned());
        let board: Vec<BoardRow> = planned.into_iter().map(row).collect();
        let own: Vec<BoardRow> = own.into_iter().map(row).collect();
        let counts = Counts {
            built: built(&board),
            live: live(&board),
            in_use: in_use(&board, &usage),
        };
        let key_failures = ground.key_failures(self);
        let proven = self
            .catalog
            .iter()
            .filter(|integration| ground.connects(integration));
        Ok(Figures {
            apps,
            connects: proven.map(|integration| integration.id.clone()).collect(),
            counts,
            verification: ground.view(&self.settings.build),
            board,
            own,
            live: self.settings.mode == Mode::Live,
            key_failures,
        })
    }

    /// Whether tenants can connect it: connecting, keeping and ending access is proven, and its provider app is known.
    pub(crate) async fn is_offered(&self, integration: &Integration) -> Result<bool> {
        if self.settings.offer_unproven {
            return Ok(true);
        }
        Ok(self.figures().await?.offers(integration))
    }
}

impl Figures {
    /// The row of one integration.
    pub fn row(&self, id: &str) -> Option<&BoardRow> {
        self.board.iter().chain(&self.own).find(|row| row.id == id)
    }

    /// The rule behind [`Hub::is_offered`]. It is not the status: an integration whose history is not built yet can be
    /// connected safely, and its page says that history comes later. What must be proven is that access is given to the
    /// right tenant, kept sealed and can be ended.
    ///
    /// An integration of a deployment's own has no simulated provider to be proven against. Whoever wrote its file has
    /// decided to offer it, so it is offered where its real provider can be reached.
    pub fn offers(&self, integration: &Integration) -> bool {
        let is_ready = if verify::has_check(integration) {
            self.connects.contains(&integration.id)
        } else {
            self.live && !integration.is_planned()
        };
        is_ready && (integration.is_api_key() || self.apps.contains(&integration.provider_app))
    }
}
