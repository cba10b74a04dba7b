//! The page that leaves for the provider.

use patchbay_store::{
    Tx,
    flows::{self, Flow},
    ids::FlowId,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::start::place;
use crate::{
    Hub, HubError, Result, prove,
    view::{LeavingView, Viewer},
};

/// The address at the provider, opened.
pub(crate) async fn open_leave_url(tx: &mut Tx, flow: &Flow) -> Result<SecretString> {
    let sealed = flow
        .leave_url
        .as_ref()
        .ok_or(HubError::Broken("a flow without an address to leave for"))?;
    Ok(tx
        .open(&place(&flow.id, &flow.tenant_id, "leave_url"), sealed)
        .await?)
}

impl Hub {
    /// Where a flow goes on to; none for everyone but the person who started it, and once it is used or late.
    pub async fn leaving(&self, viewer: &Viewer, flow: &str) -> Result<Option<LeavingView>> {
        let mut tx = self.store.read(viewer.scope()).await?;
        let Some(flow) = flows::get(&mut tx, &FlowId::from(flow)).await? else {
            return Ok(None);
        };
        if flow.person_id != viewer.person || flow.used_at.is_some() || flow.expires_at <= self.now() {
            return Ok(None);
        }
        // As one of the company's, a person leaves to prove something; as a tenant's admin, for that tenant.
        if viewer.tenant.is_none() && !prove::is_proving(&mut tx, &flow.tenant_id).await? {
            return Ok(None);
        }
        let leave_url = open_leave_url(&mut tx, &flow).await?;
        let integration = self.integration_or_404(&flow.integration_id)?;
        let url = Url::parse(leave_url.expose_secret())
            .map_err(|_| HubError::Broken("a stored authorization URL does not parse"))?;
        Ok(Some(LeavingView {
            integration: integration.id.clone(),
            name: integration.name.clone(),
            logo: integration.logo.clone(),
            host: url.host_str().unwrap_or_default().to_owned(),
            href: self.client.browser_url(&url).to_string(),
        }))
    }
}
