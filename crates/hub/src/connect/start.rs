//! From the click on Connect to the page that leaves for the provider.

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::{ProviderError, ProviderErrorKind};
use patchbay_store::{
    audit, events,
    flows::{self, NewFlow},
    ids::{FlowId, TenantId},
    time::Millis,
    vault::Place,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Refusal,
    departure::{Departure, Held},
    exchange::hash_hex,
    fields, flow_end,
};
use crate::{Hub, HubError, Result, access::Permission, people::safe_path, view::Viewer, words};

/// Authorizations that one tenant may have started within ten minutes (S70).
const FLOWS_PER_TENANT: u64 = 100;

/// The form field that asks for the choice of an account, whatever its value.
pub const CHOOSE_ACCOUNT: &str = "choose_account";

/// A click on Connect.
#[derive(Debug)]
pub struct Start {
    /// Which integration.
    pub integration: String,
    /// What was typed.
    pub params: BTreeMap<String, String>,
    /// The page to come back to; anything but a page of ours is ignored (S18).
    pub return_to: Option<String>,
    /// The browser's flow cookie, where it has one from another tab.
    pub browser: Option<SecretString>,
    /// Whether another account is wanted than the one that is signed in there: the provider is asked to let the person
    /// choose, where it documents how.
    pub choose_account: bool,
}

/// A flow that waits at the provider.
#[derive(Debug)]
pub struct Started {
    /// Its id: the leaving page is `/connect/{flow}`.
    pub flow: FlowId,
    /// To be kept in the browser's flow cookie until the callback (S01).
    pub browser: SecretString,
}

impl Hub {
    /// Starts an authorization.
    ///
    /// # Errors
    /// [`HubError::Forbidden`] for those who may not connect, [`HubError::Fields`] for what was typed wrongly,
    /// [`HubError::NotOffered`] where the integration is pending or its provider app is missing,
    /// [`HubError::TooMany`] when the tenant started too many, [`HubError::NotStarted`] where the provider has to be
    /// asked first and does not go along.
    pub async fn start(&self, viewer: &Viewer, request: Start) -> Result<Started> {
        let tenant = viewer.tenant_that_may(Permission::Connect)?;
        let integration = self.integration_or_404(&request.integration)?;
        let values = fields::check(integration, &request.params)?;
        if !self.is_offered(integration).await? {
            return Err(HubError::NotOffered);
        }
        self.refuse_bursts(viewer, tenant).await?;
        let app = self.app_for(integration, &values).await?;
        let departure = match self
            .depart(viewer, integration, &app, &values, request.choose_account)
            .await
        {
            Ok(departure) => departure,
            Err(Held::Ours(error)) => return Err(error),
            Err(Held::Provider(error)) => {
                return Err(self.not_started(viewer, tenant, integration, &error).await?);
            }
        };
        self.settle_or_log(&app).await;
        let browser = request
            .browser
            .filter(|value| is_browser_value(value.expose_secret()))
            .unwrap_or_else(|| browser_value(self.random()));
        let flow = self
            .store_flow(
                viewer,
                tenant,
                request.return_to.as_deref(),
                &browser,
                integration,
                &values,
                &departure,
            )
            .await?;
        Ok(Started { flow, browser })
    }

    /// Refuses the flow that would be one too many.
    async fn refuse_bursts(&self, viewer: &Viewer, tenant: &TenantId) -> Result<()> {
        let since = Millis(self.now().0 - super::FLOW_LIFE_MS);
        let mut tx = self.store.read(viewer.scope()).await?;
        if flows::count_since(&mut tx, tenant, since).await? >= FLOWS_PER_TENANT {
            return Err(HubError::TooMany { retry_after_s: 60 });
        }
        Ok(())
    }

    /// Writes down that the provider did not let a flow begin, and says what the admin is told.
    async fn not_started(
        &self,
        viewer: &Viewer,
        tenant: &TenantId,
        integration: &Integration,
        error: &ProviderError,
    ) -> Result<HubError> {
        let refusal = match error.kind {
            ProviderErrorKind::AppConfig => Refusal::AppConfig,
            _ => Refusal::NotStarted,
        };
        let (now, reference) = (self.now(), self.new_reference());
        tracing::warn!(integration = integration.id, reference, %error, "an authorization could not begin");
        let mut row = viewer.did(now, "connect.started", integration);
        row.outcome = audit::Outcome::Failed;
        row.reason = Some(refusal.code().to_owned());
        row.reference = Some(reference.clone());
        let mut tx = self.store.write(viewer.scope()).await?;
        audit::append(&mut tx, &row).await?;
        events::append(&mut tx, now, Some(tenant), "integration", &integration.id).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(HubError::NotStarted { refusal, reference })
    }

    /// Writes the flow, its audit row and its event in one transaction.
    #[expect(clippy::too_many_arguments, reason = "each is one column of the row")]
    async fn store_flow(
        &self,
        viewer: &Viewer,
        tenant: &TenantId,
        return_to: Option<&str>,
        browser: &SecretString,
        integration: &Integration,
        values: &BTreeMap<String, String>,
        departure: &Departure,
    ) -> Result<FlowId> {
        let now = self.now();
        let id: FlowId = self.new_id();
        let mut tx = self.store.write(viewer.scope()).await?;
        let verifier = match &departure.secret {
            Some(secret) => Some(tx.seal(&place(&id, tenant, "verifier"), secret).await?),
            None => None,
        };
        let leave_url = SecretString::from(departure.leave_url.as_str());
        let leave_url = tx.seal(&place(&id, tenant, "leave_url"), &leave_url).await?;
        flows::insert(
            &mut tx,
            &NewFlow {
                id: id.clone(),
                tenant_id: tenant.clone(),
                person_id: viewer.person.clone(),
                session_hash: viewer.session_hash.clone(),
                integration_id: integration.id.clone(),
                kind: integration.auth_word().to_owned(),
                state_hash: departure.state_hash.clone(),
                browser_hash: hash_hex(browser.expose_secret().as_bytes()),
                verifier,
                leave_url: Some(leave_url),
                redirect_uri: self.redirect_uri(&integration.id),
                params: words::to_json(values),
                return_to: return_to.and_then(safe_path).map(ToOwned::to_owned),
                created_at: now,
                expires_at: flow_end(now),
                reference: self.new_reference(),
            },
        )
        .await?;
        audit::append(&mut tx, &viewer.did(now, "connect.started", integration)).await?;
        events::append(&mut tx, now, Some(tenant), "integration", &integration.id).await?;
        tx.commit().await?;
        self.live.poke();
        Ok(id)
    }
}

/// Where a flow's secrets are sealed.
pub(super) fn place<'a>(flow: &'a FlowId, tenant: &'a TenantId, field: &'static str) -> Place<'a> {
    Place {
        table: "flows",
        row: flow.as_str(),
        tenant: Some(tenant),
        connection: None,
        field,
    }
}

/// A value for the browser's flow cookie: 256 random bits.
fn browser_value(bytes: [u8; 32]) -> SecretString {
    use base64::Engine as _;
    SecretString::from(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a cookie's value is one of ours by its shape.
fn is_browser_value(value: &str) -> bool {
    value.len() == 43
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
