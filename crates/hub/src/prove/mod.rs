//! Proves an integration with a real account: an engineer connects a test account of their own, and the way that it takes
//! is written down step by step. [`begin`] leaves for the provider and comes back through the ordinary connect engine,
//! [`steps`] ask the provider, and [`worker`] takes them as durable work, judges, and lets go of the access.
//!
//! The account belongs to a tenant that is no customer: it is in no list and no count, nobody can act for it, and an engineer
//! does so only between the form and the callback. No access outlives its proof: tokens are wiped with the verdict, or, where
//! the provider is asked to end the access, once it has answered. None of it can happen in demo mode. What goes over the
//! wire is kept scrubbed ([`tapes`]), for an engineer to download.

mod begin;
mod page;
mod steps;
mod tapes;
pub mod worker;

pub use begin::{Begun, Wish};
pub use tapes::Tapes;

use patchbay_store::{
    Fenced, Scope, Tx, events,
    ids::TenantId,
    proofs::{self, Proof, ProofStep, Step, StepResult},
    tenants::{self, Tenant},
};

use crate::{
    Hub, HubError, Result,
    access::{Permission, Role},
    verify::live,
    view::Viewer,
};

/// The proving tenant's name in addresses. No customer's holds this letter.
const SLUG: &str = "~proving";
/// Its name, in the company's activity.
const NAME: &str = "Proving";

/// Whether a tenant is the one that integrations are proven in.
pub(crate) async fn is_proving(tx: &mut Tx, tenant: &TenantId) -> Result<bool> {
    let found = tenants::proving(tx).await?;
    Ok(found.is_some_and(|found| found.id == *tenant))
}

impl Hub {
    /// Whether this viewer may prove integrations here: an engineer or owner, as one of the company's, in live mode.
    pub(crate) fn may_prove(&self, viewer: &Viewer) -> bool {
        live::is_possible(self) && viewer.tenant.is_none() && viewer.may(Permission::ProveLive)
    }

    /// The viewer as an admin of the proving tenant: for the connect engine, which serves tenants only.
    async fn acting(&self, viewer: &Viewer) -> Result<Viewer> {
        let tenant = self.proving_tenant().await?;
        Ok(Viewer {
            role: Role::Admin,
            tenant: Some(tenant.id),
            tenant_name: Some(tenant.name),
            ..viewer.clone()
        })
    }

    /// The proving tenant, made the first time it is needed.
    async fn proving_tenant(&self) -> Result<Tenant> {
        let mut tx = self.store.read(Scope::System).await?;
        if let Some(tenant) = tenants::proving(&mut tx).await? {
            return Ok(tenant);
        }
        drop(tx);
        let tenant = Tenant {
            id: self.new_id(),
            name: NAME.to_owned(),
            slug: SLUG.to_owned(),
            created_at: self.now(),
        };
        let mut tx = self.store.write(Scope::System).await?;
        tenants::insert_proving(&mut tx, &tenant).await?;
        let tenant = tenants::proving(&mut tx).await?;
        tx.commit().await?;
        tenant.ok_or(HubError::Broken("the proving tenant was not made"))
    }

    /// Tells the company's pages that a proof moved on, in the transaction in which it did.
    async fn proof_moved(&self, tx: &mut Tx, proof: &Proof) -> Result<()> {
        events::append(tx, self.now(), None, "proof", &proof.integration_id).await?;
        Ok(())
    }

    /// Writes a step of a proof down, unless someone else has claimed the proof since.
    async fn write_step(&self, proof: &Proof, step: &Step) -> Result<Fenced> {
        let mut tx = self.store.write(Scope::System).await?;
        if proofs::holds(&mut tx, proof).await? == Fenced::Lost {
            return Ok(Fenced::Lost);
        }
        proofs::put_step(&mut tx, step).await?;
        self.proof_moved(&mut tx, proof).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(Fenced::Saved)
    }
}

/// The first step, that it did not come to a connection, and why.
fn not_connected(proof: &Proof, got: &str, ms: Option<i64>) -> Step {
    Step {
        proof_id: proof.id.clone(),
        step: ProofStep::Connect,
        result: StepResult::Failed,
        class: Some("not-connected".to_owned()),
        expected: Some("a connection".to_owned()),
        got: Some(got.to_owned()),
        started_at: proof.created_at,
        ms,
    }
}
