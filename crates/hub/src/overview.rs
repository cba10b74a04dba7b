//! The first page.

use crate::{
    Hub, Result,
    activity::newest,
    listing::Shelf,
    rollout::{phases, to_u32},
    view::{AdminOverview, AdminState, CompanyOverview, OverviewView, Viewer},
};

/// Rows of "latest activity".
const ACTIVITY: u32 = 8;

impl Hub {
    /// The first page, by role.
    pub async fn overview(&self, viewer: &Viewer) -> Result<OverviewView> {
        match &viewer.tenant_name {
            Some(tenant) => Ok(OverviewView::Tenant(self.tenant_overview(viewer, tenant).await?)),
            None => Ok(OverviewView::Company(Box::new(
                self.company_overview(viewer).await?,
            ))),
        }
    }

    async fn tenant_overview(&self, viewer: &Viewer, tenant: &str) -> Result<AdminOverview> {
        let shelf = Shelf::read(self, viewer).await?;
        let cards: Vec<_> = self
            .catalog
            .iter()
            .map(|integration| shelf.card(integration, viewer))
            .collect();
        let of = |state: AdminState| cards.iter().filter(move |card| card.state == state).cloned();
        let mut arriving = Vec::new();
        for card in of(AdminState::Connecting).filter(|card| card.percent.is_some()) {
            if let Some(page) = self
                .integration(viewer, &card.id, &crate::Typed::default())
                .await?
            {
                let connection = page.connections.into_iter().find(|connection| !connection.ended);
                arriving.extend(connection.map(|connection| (card, connection)));
            }
        }
        Ok(AdminOverview {
            tenant: tenant.to_owned(),
            attention: of(AdminState::NeedsAttention).collect(),
            connected: of(AdminState::Connected).collect(),
            offered: to_u32(of(AdminState::NotConnected).count()),
            arriving,
            activity: newest(self, viewer, None, ACTIVITY).await?,
        })
    }

    async fn company_overview(&self, viewer: &Viewer) -> Result<CompanyOverview> {
        let figures = self.figures().await?;
        Ok(CompanyOverview {
            phases: phases(&figures.board),
            counts: figures.counts,
            verification: figures.verification.clone(),
            activity: newest(self, viewer, None, ACTIVITY).await?,
        })
    }
}
