//! One card for each integration, for one viewer.

use std::sync::Arc;

use patchbay_catalog::{Category, Integration};
use patchbay_store::{
    connections::{self, Connection, ConnectionState},
    events,
    flows::{self, Flow},
    ids::{ConnectionId, TenantId},
    sync,
    time::Millis,
};

use crate::{
    Hub, Result,
    access::Permission,
    history,
    rollout::{Figures, to_u32},
    view::{AdminState, CardView, CategoryCount, CompanyFacts, Filter, IntegrationsView, Viewer},
};

/// What the cards are made from.
pub(crate) struct Shelf {
    /// The figures behind "offered" and behind the company's facts.
    pub figures: Arc<Figures>,
    own: Arc<TenantShelf>,
    now: Millis,
}

/// What a tenant's cards are made from besides the figures.
#[derive(Debug, Default)]
pub(crate) struct TenantShelf {
    connections: Vec<Connection>,
    waiting: Vec<Flow>,
    progress: Vec<(ConnectionId, u8)>,
}

impl Shelf {
    /// Reads what this viewer's cards need. What was read before stands as long as no event was written since.
    pub async fn read(hub: &Hub, viewer: &Viewer) -> Result<Self> {
        let own = match &viewer.tenant {
            Some(tenant) => TenantShelf::read(hub, viewer, tenant).await?,
            None => Arc::default(),
        };
        Ok(Self {
            figures: hub.figures().await?,
            own,
            now: hub.now(),
        })
    }

    /// The card of one integration.
    pub fn card(&self, integration: &Integration, viewer: &Viewer) -> CardView {
        let row = self.figures.row(&integration.id);
        let is_offered = self.figures.offers(integration);
        let live = self.worst_live(&integration.id);
        let percent = live.and_then(|connection| self.percent(connection));
        let state = match live {
            Some(connection) if needs_person(connection.state) => AdminState::NeedsAttention,
            Some(_) if percent.is_some() => AdminState::Connecting,
            Some(_) => AdminState::Connected,
            None if self.waits(&integration.id) => AdminState::Connecting,
            None if is_offered => AdminState::NotConnected,
            None => AdminState::NotOffered,
        };
        CardView {
            id: integration.id.clone(),
            name: integration.name.clone(),
            summary: integration.summary.clone(),
            category: integration.category,
            stage: integration.stage,
            logo: integration.logo.clone(),
            uses_key: integration.is_api_key(),
            account: live.map(|connection| connection.account_label.clone()),
            cause: live
                .filter(|c| needs_person(c.state))
                .map(|_| "Access no longer accepted".to_owned()),
            percent,
            company: (viewer.tenant.is_none()).then(|| CompanyFacts {
                status: row.map_or(crate::view::Status::Pending, |row| row.status),
                gates_passed: row
                    .filter(|row| !row.gates.is_empty())
                    .map(|row| to_u32(row.gates.iter().filter(|gate| gate.word.is_some()).count())),
                tenants_in_use: row.map_or(0, |row| row.tenants),
            }),
            may_connect: is_offered && viewer.tenant.is_some() && viewer.may(Permission::Connect),
            state,
        }
    }

    /// The live connection that most needs a look: a card shows its worst.
    fn worst_live(&self, integration: &str) -> Option<&Connection> {
        self.own
            .connections
            .iter()
            .filter(|found| found.integration_id == integration && found.ended_at.is_none())
            .max_by_key(|found| needs_person(found.state))
    }

    /// Whether an authorization waits at the provider.
    fn waits(&self, integration: &str) -> bool {
        // Read earlier perhaps: a flow ends by the clock, without an event.
        let open = |flow: &&Flow| flow.integration_id == integration && flow.expires_at > self.now;
        self.own.waiting.iter().any(|flow| open(&flow))
    }

    /// How far a connection's import is, while it runs.
    fn percent(&self, connection: &Connection) -> Option<u8> {
        self.own
            .progress
            .iter()
            .find(|(id, _)| *id == connection.id)
            .map(|(_, percent)| *percent)
    }
}

impl TenantShelf {
    async fn read(hub: &Hub, viewer: &Viewer, tenant: &TenantId) -> Result<Arc<Self>> {
        let mut tx = hub.store.read(viewer.scope()).await?;
        let version = events::last_id(&mut tx).await?;
        if let Some(shelf) = hub.kept.shelf(tenant, version) {
            return Ok(shelf);
        }
        let mut shelf = Self {
            connections: connections::list_of_tenant(&mut tx, tenant).await?,
            waiting: flows::open_of_tenant(&mut tx, tenant, hub.now()).await?,
            progress: Vec::new(),
        };
        for run in sync::open_runs(&mut tx, tenant).await? {
            let percent = history::percent_of(hub, &mut tx, &run).await?;
            shelf.progress.push((run.connection_id, percent));
        }
        let shelf = Arc::new(shelf);
        hub.kept.keep_shelf(tenant, version, &shelf);
        Ok(shelf)
    }
}

impl Hub {
    /// The list page.
    pub async fn integrations(&self, viewer: &Viewer, filter: &Filter) -> Result<IntegrationsView> {
        let shelf = Shelf::read(self, viewer).await?;
        let mut all: Vec<CardView> = self
            .catalog
            .iter()
            .map(|integration| shelf.card(integration, viewer))
            .collect();
        all.sort_by(|a, b| {
            (order(a.state), a.name.to_lowercase()).cmp(&(order(b.state), b.name.to_lowercase()))
        });
        let connected = to_u32(all.iter().filter(|card| card.account.is_some()).count());
        let categories = Category::ALL
            .iter()
            .map(|category| CategoryCount {
                category: *category,
                count: to_u32(all.iter().filter(|card| card.category == *category).count()),
            })
            .collect();
        let total = to_u32(all.len());
        let (cards, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|card| filter.passes(card));
        let elsewhere = if cards.is_empty() && !filter.q.is_empty() {
            others
                .iter()
                .filter(|card| filter.names(card))
                .map(|card| card.name.clone())
                .collect()
        } else {
            Vec::new()
        };
        Ok(IntegrationsView {
            cards,
            total,
            connected,
            elsewhere,
            categories,
            filter: filter.clone(),
            left_out: if viewer.may(Permission::SeeDetails) {
                self.settings.left_out.clone()
            } else {
                Vec::new()
            },
        })
    }
}

/// What needs a person comes first, then what moves, what works, and the rest by name.
fn order(state: AdminState) -> u8 {
    match state {
        AdminState::NeedsAttention => 0,
        AdminState::Connecting => 1,
        AdminState::Connected => 2,
        AdminState::NotConnected => 3,
        AdminState::NotOffered => 4,
    }
}

/// Whether only a person can mend it.
pub(super) fn needs_person(state: ConnectionState) -> bool {
    matches!(state, ConnectionState::NeedsReconnect)
}
