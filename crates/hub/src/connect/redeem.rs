//! What an answer is turned into access with, by the kind of authorization. Each is one call that can be made once; a
//! link's outcome is read before it.

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::{
    ProviderError, ProviderErrorKind, TokenAnswer,
    callback::Proof,
    link::{self, LinkCall},
    oauth1::{self, RequestToken, SignedCall},
    tokens::{self, ExchangeRequest},
};
use patchbay_store::flows::Flow;
use secrecy::SecretString;

use super::{Refusal, start};
use crate::{Hub, Result, apps::secrets::HeldApp};

/// What an answer is redeemed for.
pub(super) struct Redeem<'a> {
    /// The integration.
    pub integration: &'a Integration,
    /// Our app at its provider.
    pub app: &'a HeldApp,
    /// The flow that the answer belongs to.
    pub flow: &'a Flow,
    /// What came back.
    pub proof: &'a Proof,
    /// What addresses are filled from.
    pub values: &'a BTreeMap<String, String>,
}

impl Hub {
    /// Turns an answer into tokens, outside any transaction.
    pub(super) async fn redeem(&self, redeem: &Redeem<'_>) -> std::result::Result<TokenAnswer, Refusal> {
        let secret = self.flow_secret(redeem.flow).await.map_err(our_fault)?;
        match redeem.proof {
            Proof::Code(code) => self.redeem_code(redeem, code, secret.as_ref()).await,
            Proof::Verifier { token, verifier } => {
                let own = secret.as_ref().and_then(RequestToken::from_secret);
                let own = own.ok_or_else(|| our_fault("a flow without a request token"))?;
                // A verifier for another request token is not the provider's answer to this flow (S23).
                if !own.is(token) {
                    return Err(Refusal::Forged);
                }
                self.redeem_verifier(redeem, &own, verifier).await
            }
            Proof::Return => {
                let token = secret.ok_or_else(|| our_fault("a flow without a link token"))?;
                self.redeem_link(redeem, &token).await
            }
        }
    }

    /// RFC 6749 section 4.1.3.
    async fn redeem_code(
        &self,
        redeem: &Redeem<'_>,
        code: &SecretString,
        verifier: Option<&SecretString>,
    ) -> std::result::Result<TokenAnswer, Refusal> {
        let exchange = || async {
            let request = ExchangeRequest {
                integration: redeem.integration,
                app: redeem.app.app(),
                redirect_uri: &redeem.flow.redirect_uri,
                code,
                verifier,
                values: redeem.values,
            };
            tokens::exchange(&self.client, &request).await
        };
        let answer = redeem.app.ask(exchange).await;
        answer.map_err(|error| exchange_refusal(&error))
    }

    /// RFC 5849 section 2.3.
    async fn redeem_verifier(
        &self,
        redeem: &Redeem<'_>,
        token: &RequestToken,
        verifier: &SecretString,
    ) -> std::result::Result<TokenAnswer, Refusal> {
        let exchange = || async {
            let call = SignedCall {
                integration: redeem.integration,
                app: redeem.app.app(),
                values: redeem.values,
                moment: &self.moment(),
            };
            oauth1::access_token(&self.client, &call, token, verifier).await
        };
        let answer = redeem.app.ask(exchange).await;
        answer.map_err(|error| exchange_refusal(&error))
    }

    /// Asks how the session ended, then exchanges what it gave.
    async fn redeem_link(
        &self,
        redeem: &Redeem<'_>,
        token: &SecretString,
    ) -> std::result::Result<TokenAnswer, Refusal> {
        let call = || LinkCall {
            integration: redeem.integration,
            app: redeem.app.app(),
            values: redeem.values,
        };
        let ask = || async { link::outcome(&self.client, &call(), token).await };
        let outcome = redeem.app.ask(ask).await;
        match outcome.map_err(|error| exchange_refusal(&error))? {
            link::Outcome::Linked { public_token } => {
                let exchange = || async { link::exchange(&self.client, &call(), &public_token).await };
                let answer = redeem.app.ask(exchange).await;
                answer.map_err(|error| exchange_refusal(&error))
            }
            link::Outcome::Left {
                why: Some(ProviderErrorKind::AppConfig),
            } => Err(Refusal::AppConfig),
            link::Outcome::Left { why: Some(_) } => Err(Refusal::ProviderError),
            link::Outcome::Left { why: None } => Err(Refusal::Unfinished),
        }
    }

    /// Opens what the flow kept for its way back; none where it kept nothing.
    async fn flow_secret(&self, flow: &Flow) -> Result<Option<SecretString>> {
        let Some(secret) = &flow.verifier else {
            return Ok(None);
        };
        let mut tx = self
            .store
            .read(patchbay_store::Scope::Tenant(flow.tenant_id.clone()))
            .await?;
        let place = start::place(&flow.id, &flow.tenant_id, "verifier");
        Ok(Some(tx.open(&place, secret).await?))
    }
}

/// What a failed exchange means for the admin.
pub(super) fn exchange_refusal(error: &ProviderError) -> Refusal {
    tracing::warn!(%error, "exchange failed");
    match error.kind {
        ProviderErrorKind::Refused | ProviderErrorKind::UserRefused => Refusal::ExchangeRefused,
        ProviderErrorKind::AppConfig => Refusal::AppConfig,
        _ => Refusal::ExchangeFailed,
    }
}

/// Logs a failure of ours once and says no more about it.
pub(super) fn our_fault(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a connect could not be stored");
    Refusal::OurFault
}
