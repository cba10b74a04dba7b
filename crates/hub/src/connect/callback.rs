//! The provider's answer, from the query string to a connection.
//!
//! Read [`Hub::finish`] from top to bottom: transaction 1 consumes the flow, the checks follow, the exchange happens
//! outside any transaction, transaction 2 stores the outcome (in [`super::exchange`]).

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::{
    callback::{self, CallbackQuery, Outcome},
    signature, values,
};
use patchbay_store::{
    Scope, audit, events,
    flows::{self, Consumed, Flow},
    ids::ConnectionId,
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq as _;

use super::{Refusal, exchange::hash_hex};
use crate::{Hub, HubError, Result, people, view::Viewer, words};

/// A request to `/callback/{integration}`.
#[derive(Debug)]
pub struct Callback<'a> {
    /// The integration in the path.
    pub integration: &'a str,
    /// The query string as it came.
    pub query: &'a str,
    /// Who is signed in, if anyone.
    pub viewer: Option<&'a Viewer>,
    /// The browser's flow cookie.
    pub browser: Option<SecretString>,
}

/// How a callback ended.
#[derive(Debug)]
pub struct Finished {
    /// The integration whose page to go to; none where even that is unknown.
    pub integration: Option<String>,
    /// The page to come back to instead, where one was asked for.
    pub return_to: Option<String>,
    /// A short id for support; also in the audit row.
    pub reference: String,
    /// The connection, or why there is none.
    pub outcome: std::result::Result<Connected, Refusal>,
}

/// A connection made or renewed.
#[derive(Debug)]
pub struct Connected {
    /// Which.
    pub connection: ConnectionId,
    /// Whether it existed before.
    pub renewed: bool,
}

impl Hub {
    /// Takes the provider's answer.
    ///
    /// # Errors
    /// Only for our own failures before anything was decided; every refusal is in [`Finished::outcome`].
    pub async fn finish(&self, callback: Callback<'_>) -> Result<Finished> {
        let reference = self.new_reference();
        let query = match callback::parse(callback.query) {
            Ok(query) => query,
            Err(error) => return self.refused(&callback, None, error.into(), reference).await,
        };
        let flow = match self.consume(&query).await? {
            Consumed::Fresh(flow) => flow,
            Consumed::Used(flow) => {
                return self
                    .refused(&callback, Some(&flow), Refusal::Used, reference)
                    .await;
            }
            Consumed::Unknown => {
                return self.refused(&callback, None, Refusal::Unknown, reference).await;
            }
        };
        if let Err(refusal) = self.check(&callback, &flow).await? {
            return self.refused(&callback, Some(&flow), refusal, reference).await;
        }
        let Some(viewer) = callback.viewer else {
            return self
                .refused(&callback, Some(&flow), Refusal::SignedOut, reference)
                .await;
        };
        if let Err(refusal) = self.check_signature(&callback, &flow).await? {
            return self.refused(&callback, Some(&flow), refusal, reference).await;
        }
        let returned = match self.returned_values(&flow, &query.extra) {
            Ok(returned) => returned,
            Err(refusal) => return self.refused(&callback, Some(&flow), refusal, reference).await,
        };
        let code = match query.outcome {
            Outcome::Approved { code } => code,
            Outcome::Denied { error } => {
                let refusal = denial(&error, self.catalog.get(&flow.integration_id));
                return self.refused(&callback, Some(&flow), refusal, reference).await;
            }
        };
        match self.exchange(viewer, &flow, &code, returned).await {
            Ok(connected) => Ok(Finished {
                integration: Some(flow.integration_id),
                return_to: flow.return_to,
                reference,
                outcome: Ok(connected),
            }),
            Err(refusal) => self.refused(&callback, Some(&flow), refusal, reference).await,
        }
    }

    /// Transaction 1: a flow is used at most once, whatever happens afterwards (S12).
    async fn consume(&self, query: &CallbackQuery) -> Result<Consumed> {
        // The tenant is not known before the flow is found, so this one look-up reaches all of them.
        let mut tx = self.store.write(Scope::System).await?;
        let consumed = flows::consume(&mut tx, query.state.hash(), self.now()).await?;
        tx.commit().await?;
        Ok(consumed)
    }

    /// Whether this answer belongs to this browser, person, tenant and integration, and came in time.
    async fn check(&self, callback: &Callback<'_>, flow: &Flow) -> Result<std::result::Result<(), Refusal>> {
        if flow.expires_at <= self.now() {
            return Ok(Err(Refusal::Late));
        }
        if flow.integration_id != callback.integration {
            return Ok(Err(Refusal::OtherIntegration));
        }
        let Some(viewer) = callback.viewer else {
            return Ok(Err(Refusal::SignedOut));
        };
        if viewer.tenant.as_ref() != Some(&flow.tenant_id) {
            return Ok(Err(Refusal::OtherTenant));
        }
        if viewer.person != flow.person_id {
            let name = people::name_of(self, &flow.person_id).await?;
            return Ok(Err(Refusal::OtherPerson { name }));
        }
        let same_browser = callback.browser.as_ref().is_some_and(|value| {
            hash_hex(value.expose_secret().as_bytes())
                .as_bytes()
                .ct_eq(flow.browser_hash.as_bytes())
                .into()
        });
        if !same_browser {
            return Ok(Err(Refusal::OtherBrowser));
        }
        if !viewer.may(crate::access::Permission::Connect) {
            return Ok(Err(Refusal::OtherPerson {
                name: viewer.name.clone(),
            }));
        }
        Ok(Ok(()))
    }

    /// Whether the provider wrote this answer, where it is one that signs (S30, S31). Before anything that came with the
    /// answer is believed, a refusal included.
    async fn check_signature(
        &self,
        callback: &Callback<'_>,
        flow: &Flow,
    ) -> Result<std::result::Result<(), Refusal>> {
        let integration = self.integration_or_404(&flow.integration_id)?;
        let dialect = integration.oauth2();
        let Some(signed) = dialect.and_then(|dialect| dialect.signed_callback.as_ref()) else {
            return Ok(Ok(()));
        };
        let held = match self.held_app(&integration.provider_app).await {
            Ok(held) => held,
            // Taken away while the admin was at the provider: nothing can tell whether the answer is genuine.
            Err(HubError::NotOffered) => return Ok(Err(Refusal::AppConfig)),
            Err(error) => return Err(error),
        };
        let typed = words::from_json(&flow.params);
        let now = self.now().0.div_euclid(1000);
        // While two secrets are held, either may be the one that the provider signs with.
        let mut signed_by_them = Err(Refusal::Forged);
        for app in held.all() {
            match signature::verify(signed, callback.query, &app.client_secret, now, &typed) {
                Ok(()) => signed_by_them = Ok(()),
                Err(why) => tracing::warn!(integration = integration.id, %why, "a signature did not fit"),
            }
        }
        Ok(signed_by_them)
    }

    /// What the answer returns for building addresses, held to its patterns (S33).
    fn returned_values(
        &self,
        flow: &Flow,
        extra: &BTreeMap<String, String>,
    ) -> std::result::Result<BTreeMap<String, String>, Refusal> {
        let Some(integration) = self.catalog.get(&flow.integration_id) else {
            return Ok(BTreeMap::new());
        };
        values::from_callback(&integration.returned, extra).map_err(|_| Refusal::Forged)
    }

    /// Writes the audit row and the flow's outcome, and tells open pages.
    async fn refused(
        &self,
        callback: &Callback<'_>,
        flow: Option<&Flow>,
        refusal: Refusal,
        reference: String,
    ) -> Result<Finished> {
        let now = self.now();
        let mut tx = self.store.write(Scope::System).await?;
        if let Some(flow) = flow.filter(|_| refusal != Refusal::Used) {
            flows::set_outcome(&mut tx, &flow.id, refusal.code(), now).await?;
        }
        let row = audit_row(callback, flow, &refusal, &reference, now);
        audit::append(&mut tx, &row).await?;
        if let Some(flow) = flow {
            events::append(
                &mut tx,
                now,
                Some(&flow.tenant_id),
                "integration",
                &flow.integration_id,
            )
            .await?;
        }
        tx.commit().await?;
        self.live.poke();
        if refusal.is_alarming() {
            tracing::error!(
                reference,
                reason = refusal.code(),
                "an authorization crossed tenants"
            );
        } else {
            tracing::info!(reference, reason = refusal.code(), "callback refused");
        }
        let ours = self
            .catalog
            .get(callback.integration)
            .map(|found| found.id.clone());
        Ok(Finished {
            integration: flow.map(|flow| flow.integration_id.clone()).or(ours),
            return_to: None,
            reference,
            outcome: Err(refusal),
        })
    }
}

/// What an error answer means.
fn denial(error: &str, integration: Option<&Integration>) -> Refusal {
    let listed = |words: &[String]| words.iter().any(|word| word == error);
    if error == "access_denied" || integration.is_some_and(|i| listed(&i.errors.user_refused)) {
        Refusal::Declined
    } else if integration.is_some_and(|i| listed(&i.errors.app_config)) {
        Refusal::AppConfig
    } else {
        Refusal::ProviderError
    }
}

/// The audit row of a refusal. It belongs to the flow's tenant, except where someone of another tenant came: their
/// name is not that tenant's to read, so the row is the company's.
fn audit_row(
    callback: &Callback<'_>,
    flow: Option<&Flow>,
    refusal: &Refusal,
    reference: &str,
    now: patchbay_store::time::Millis,
) -> audit::NewAudit {
    let (actor_kind, actor_id, actor_name) = people::actor(callback.viewer);
    audit::NewAudit {
        at: now,
        tenant_id: flow
            .map(|flow| flow.tenant_id.clone())
            .or_else(|| callback.viewer.and_then(|viewer| viewer.tenant.clone()))
            .filter(|_| !refusal.is_alarming()),
        actor_kind,
        actor_id,
        actor_name,
        action: "connect.callback".to_owned(),
        target_kind: "integration".to_owned(),
        target_id: callback.integration.chars().take(64).collect(),
        integration_id: flow.map(|flow| flow.integration_id.clone()),
        outcome: if matches!(refusal, Refusal::ExchangeFailed | Refusal::OurFault) {
            audit::Outcome::Failed
        } else {
            audit::Outcome::Refused
        },
        reason: Some(refusal.code().to_owned()),
        severity: refusal.is_alarming().then(|| "high".to_owned()),
        reference: Some(reference.to_owned()),
    }
}
