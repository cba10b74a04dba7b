//! The provider's answer, from the query string to a connection.
//!
//! Read [`Hub::finish`] from top to bottom: transaction 1 consumes the flow, the checks follow, the exchange happens
//! outside any transaction, transaction 2 stores the outcome (in [`super::exchange`]). It is the same way for every kind
//! of authorization.

use patchbay_catalog::{Integration, model::ErrorMeaning};
use patchbay_oauth::{
    callback::{self, CallbackQuery, Outcome, Proof},
    signature, values,
};
use patchbay_store::{
    Scope, audit, events,
    flows::{self, Consumed, Flow},
    ids::ConnectionId,
    proofs::ProofStep,
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
    /// Whether it was to prove the integration.
    pub proving: bool,
}

/// A connection made or renewed.
#[derive(Debug)]
pub struct Connected {
    /// Which.
    pub connection: ConnectionId,
    /// Whether it existed before.
    pub renewed: bool,
}

/// Why a callback goes no further.
enum Stop {
    /// It is refused.
    Refused(Refusal),
    /// We failed before anything was decided.
    Failed(HubError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<HubError> for Stop {
    fn from(error: HubError) -> Self {
        Self::Failed(error)
    }
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
        let proof = self.proof_of(&flow).await?;
        let acting = self.acting_on(proof.as_ref(), callback.viewer).await?;
        let callback = Callback {
            viewer: acting.as_ref().or(callback.viewer),
            ..callback
        };
        let began = self.now();
        let accepting = self.accept(&callback, query, &flow);
        let accepted = match &proof {
            Some(proof) => self.taped(&proof.id, ProofStep::Connect, accepting).await,
            None => accepting.await,
        };
        match accepted {
            Ok(connected) => {
                if let Some(proof) = &proof {
                    self.proof_connected(proof, &connected, began).await?;
                }
                Ok(Finished {
                    integration: Some(flow.integration_id),
                    return_to: flow.return_to,
                    reference,
                    outcome: Ok(connected),
                    proving: proof.is_some(),
                })
            }
            Err(Stop::Refused(refusal)) => {
                if let Some(proof) = &proof {
                    self.proof_refused(proof, &refusal).await?;
                }
                self.refused(&callback, Some(&flow), refusal, reference).await
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Everything after the flow was used up. Whose answer it is comes first, then whether the provider wrote it, then
    /// what it says, then the exchange.
    async fn accept(
        &self,
        callback: &Callback<'_>,
        query: CallbackQuery,
        flow: &Flow,
    ) -> std::result::Result<Connected, Stop> {
        let viewer = self.check(callback, flow).await?;
        let integration = self.integration_of(flow)?;
        self.check_signature(callback, flow, integration).await?;
        let answer = query.read(integration).map_err(Refusal::from)?;
        check_issuer(answer.issuer.as_deref(), integration)?;
        let returned =
            values::from_callback(&integration.returned, &answer.extra).map_err(|_| Refusal::Forged)?;
        let proof = approved(answer.outcome, integration)?;
        let connected = self.exchange(viewer, flow, integration, &proof, returned).await?;
        Ok(connected)
    }

    /// Transaction 1: a flow is used at most once, whatever happens afterwards (S12).
    async fn consume(&self, query: &CallbackQuery) -> Result<Consumed> {
        // The tenant is not known before the flow is found, so this one look-up reaches all of them.
        let mut tx = self.store.write(Scope::System).await?;
        let consumed = flows::consume(&mut tx, query.state.hash(), self.now()).await?;
        tx.commit().await?;
        Ok(consumed)
    }

    /// Whether this answer belongs to this browser, person, tenant and integration, and came in time; returns who brings
    /// it.
    async fn check<'a>(&self, callback: &Callback<'a>, flow: &Flow) -> std::result::Result<&'a Viewer, Stop> {
        if flow.expires_at <= self.now() {
            return Err(Refusal::Late.into());
        }
        if flow.integration_id != callback.integration {
            return Err(Refusal::OtherIntegration.into());
        }
        let Some(viewer) = callback.viewer else {
            return Err(Refusal::SignedOut.into());
        };
        if viewer.tenant.as_ref() != Some(&flow.tenant_id) {
            return Err(Refusal::OtherTenant.into());
        }
        if viewer.person != flow.person_id {
            let name = people::name_of(self, &flow.person_id).await?;
            return Err(Refusal::OtherPerson { name }.into());
        }
        let same_browser = callback.browser.as_ref().is_some_and(|value| {
            hash_hex(value.expose_secret().as_bytes())
                .as_bytes()
                .ct_eq(flow.browser_hash.as_bytes())
                .into()
        });
        if !same_browser {
            return Err(Refusal::OtherBrowser.into());
        }
        if !viewer.may(crate::access::Permission::Connect) {
            let name = viewer.name.clone();
            return Err(Refusal::OtherPerson { name }.into());
        }
        Ok(viewer)
    }

    /// The integration of a flow, still connected in the way in which the flow was started.
    fn integration_of(&self, flow: &Flow) -> std::result::Result<&Integration, Stop> {
        let integration = self.integration_or_404(&flow.integration_id)?;
        if integration.auth_word() == flow.kind {
            Ok(integration)
        } else {
            tracing::warn!(
                integration = integration.id,
                "the catalogue changed while a flow was under way"
            );
            Err(Refusal::OurFault.into())
        }
    }

    /// Whether the provider wrote this answer, where it is one that signs (S30, S31). Before anything that came with the
    /// answer is believed, a refusal included.
    async fn check_signature(
        &self,
        callback: &Callback<'_>,
        flow: &Flow,
        integration: &Integration,
    ) -> std::result::Result<(), Stop> {
        let dialect = integration.oauth2();
        let Some(signed) = dialect.and_then(|dialect| dialect.signed_callback.as_ref()) else {
            return Ok(());
        };
        let typed = words::from_json(&flow.params);
        let held = match self.app_for(integration, &typed).await {
            Ok(held) => held,
            // Taken away while the admin was at the provider: nothing can tell whether the answer is genuine.
            Err(HubError::NotOffered) => return Err(Refusal::AppConfig.into()),
            Err(error) => return Err(error.into()),
        };
        let now = self.now().0.div_euclid(1000);
        // While two secrets are held, either may be the one that the provider signs with.
        let mut refused = None;
        for app in held.all() {
            match signature::verify(signed, callback.query, &app.client_secret, now, &typed) {
                Ok(()) => return Ok(()),
                Err(forged) => refused = Some(forged),
            }
        }
        if let Some(forged) = refused {
            tracing::warn!(integration = integration.id, %forged, "a callback was not the provider's");
        }
        Err(Refusal::Forged.into())
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
            proving: false,
        })
    }
}

/// Whether the provider that was asked is the one that answers, where it is one that names itself (S09, S10, S11): letter
/// by letter, a refusal included (RFC 9207 section 2.4).
fn check_issuer(named: Option<&str>, integration: &Integration) -> std::result::Result<(), Refusal> {
    let issuer = integration.oauth2().and_then(|dialect| dialect.issuer.as_deref());
    if issuer.is_some() && issuer != named {
        tracing::warn!(
            integration = integration.id,
            "a callback does not name its provider"
        );
        return Err(Refusal::Forged);
    }
    Ok(())
}

/// What was approved, or what a refusal means.
fn approved(outcome: Outcome, integration: &Integration) -> std::result::Result<Proof, Refusal> {
    match outcome {
        Outcome::Approved(proof) => Ok(proof),
        Outcome::Denied { error } => Err(denial(&error, integration)),
    }
}

/// What an error answer means.
fn denial(error: &str, integration: &Integration) -> Refusal {
    if error == "access_denied" {
        return Refusal::Declined;
    }
    match integration.errors.meaning(error) {
        Some(ErrorMeaning::UserRefused) => Refusal::Declined,
        Some(ErrorMeaning::Approval) => Refusal::NeedsApproval,
        Some(ErrorMeaning::AppConfig) => Refusal::AppConfig,
        _ => Refusal::ProviderError,
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
