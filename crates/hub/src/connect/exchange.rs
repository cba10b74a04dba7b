//! From a code to a stored connection.

use std::{collections::BTreeMap, time::Duration};

use patchbay_catalog::{Integration, OAuth2};
use patchbay_oauth::{
    App, ProviderError, ProviderErrorKind, TokenAnswer,
    api::{self, Account, ApiCall},
    revoke,
    tokens::{self, ExchangeRequest},
};
use patchbay_store::{
    Tx, audit,
    connections::{self, ConnectionState, NewConnection},
    events,
    flows::{self, Flow},
    grants::{self, GrantKind, NewGrant},
    ids::ConnectionId,
    time::Millis,
};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::{Refusal, callback::Connected, start};
use crate::{Hub, Result, apps::secrets::HeldApp, history, tokens as sealed, view::Viewer, words};

/// What the provider gave, before it is stored.
struct Received {
    answer: TokenAnswer,
    account: Account,
    scopes_missing: Vec<String>,
    /// What the provider returned, in the callback and with the tokens.
    returned: BTreeMap<String, String>,
    /// The same and what was typed: what addresses are filled from.
    values: BTreeMap<String, String>,
}

impl Hub {
    /// Exchanges the code, asks whose account it is, and stores the connection. `returned` is what the callback brought
    /// for building addresses. Nothing is stored unless all of it
    /// worked; access that was handed over but can't be stored is given back.
    pub(super) async fn exchange(
        &self,
        viewer: &Viewer,
        flow: &Flow,
        code: &SecretString,
        returned: BTreeMap<String, String>,
    ) -> std::result::Result<Connected, Refusal> {
        let integration = self.catalog.get(&flow.integration_id).ok_or(Refusal::OurFault)?;
        let dialect = integration.oauth2().ok_or(Refusal::OurFault)?;
        let mut held = self
            .held_app(&integration.provider_app)
            .await
            .map_err(our_fault)?;
        let received = self
            .receive(integration, dialect, &mut held, flow, code, returned)
            .await?;
        match self.store_connection(viewer, flow, integration, &received).await {
            Ok(connected) => Ok(connected),
            Err(error) => {
                self.give_back(integration, held.app(), &received.answer, &received.values)
                    .await;
                Err(our_fault(error))
            }
        }
    }

    /// The calls to the provider: exchange, then whoami.
    async fn receive(
        &self,
        integration: &Integration,
        dialect: &OAuth2,
        held: &mut HeldApp,
        flow: &Flow,
        code: &SecretString,
        mut returned: BTreeMap<String, String>,
    ) -> std::result::Result<Received, Refusal> {
        let mut values: BTreeMap<String, String> = words::from_json(&flow.params);
        values.extend(returned.clone());
        let verifier = self.flow_verifier(flow).await.map_err(our_fault)?;
        let answer = loop {
            let request = ExchangeRequest {
                integration,
                app: held.app(),
                redirect_uri: &flow.redirect_uri,
                code,
                verifier: verifier.as_ref(),
                values: &values,
            };
            match tokens::exchange(&self.client, &request).await {
                Err(error) if held.turn(&error) => {}
                answer => break answer.map_err(|error| exchange_refusal(&error))?,
            }
        };
        self.settle_or_log(held).await;
        let app = held.app();
        returned.extend(answer.values.clone());
        values.extend(returned.clone());
        let call = ApiCall {
            integration,
            app: Some(app),
            token: &answer.access,
            values: &values,
        };
        let account = match api::whoami(&self.client, &call).await {
            Ok(account) => account,
            Err(error) => {
                tracing::warn!(integration = integration.id, %error, "whoami failed after an exchange");
                self.give_back(integration, app, &answer, &values).await;
                return Err(Refusal::ExchangeFailed);
            }
        };
        let scopes_missing = missing_scopes(dialect, &answer);
        Ok(Received {
            answer,
            account,
            scopes_missing,
            returned,
            values,
        })
    }

    /// Opens the flow's PKCE verifier, where it has one.
    async fn flow_verifier(&self, flow: &Flow) -> Result<Option<SecretString>> {
        let Some(verifier) = &flow.verifier else {
            return Ok(None);
        };
        let mut tx = self
            .store
            .read(patchbay_store::Scope::Tenant(flow.tenant_id.clone()))
            .await?;
        let place = start::place(&flow.id, &flow.tenant_id, "verifier");
        Ok(Some(tx.open(&place, verifier).await?))
    }

    /// Transaction 2: connection, grant, history import, audit and event, all or nothing.
    async fn store_connection(
        &self,
        viewer: &Viewer,
        flow: &Flow,
        integration: &Integration,
        received: &Received,
    ) -> Result<Connected> {
        let now = self.now();
        let mut tx = self.store.write(viewer.scope()).await?;
        let (connection, renewed) = self.find_or_insert(&mut tx, viewer, flow, received, now).await?;
        self.append_grant(&mut tx, flow, &connection, &received.answer, now)
            .await?;
        let state = if received.scopes_missing.is_empty() {
            ConnectionState::Healthy
        } else {
            ConnectionState::Limited
        };
        let cause = (!received.scopes_missing.is_empty()).then(|| received.scopes_missing.join(" "));
        connections::set_state(&mut tx, &connection, state, cause.as_deref(), now).await?;
        history::enqueue(self, &mut tx, integration, &flow.tenant_id, &connection).await?;
        flows::set_outcome(&mut tx, &flow.id, "connected", now).await?;
        let action = if renewed {
            "connection.renewed"
        } else {
            "connection.made"
        };
        audit::append(&mut tx, &viewer.did(now, action, integration)).await?;
        events::append(
            &mut tx,
            now,
            Some(&flow.tenant_id),
            "integration",
            &integration.id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        self.live.sync_due.notify_one();
        Ok(Connected { connection, renewed })
    }

    /// The same upstream account renews its connection; another one is a second connection.
    async fn find_or_insert(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        flow: &Flow,
        received: &Received,
        now: Millis,
    ) -> Result<(ConnectionId, bool)> {
        let account = &received.account;
        let existing =
            connections::live_for_account(tx, &flow.tenant_id, &flow.integration_id, &account.id).await?;
        if let Some(existing) = existing {
            connections::set_account(tx, &existing.id, &account.id, &account.label).await?;
            let values = words::to_json(&received.returned);
            let scopes = scopes_text(&received.answer);
            connections::set_given(tx, &existing.id, &flow.params, &values, scopes.as_deref()).await?;
            return Ok((existing.id, true));
        }
        let id: ConnectionId = self.new_id();
        connections::insert(
            tx,
            &NewConnection {
                id: id.clone(),
                tenant_id: flow.tenant_id.clone(),
                integration_id: flow.integration_id.clone(),
                account_id: account.id.clone(),
                account_label: account.label.clone(),
                params: flow.params.clone(),
                values: words::to_json(&received.returned),
                state: ConnectionState::Healthy,
                scopes_granted: scopes_text(&received.answer),
                created_by: viewer.person.clone(),
                created_at: now,
            },
        )
        .await?;
        Ok((id, false))
    }

    /// Seals the tokens as the connection's newest grant.
    async fn append_grant(
        &self,
        tx: &mut Tx,
        flow: &Flow,
        connection: &ConnectionId,
        answer: &TokenAnswer,
        now: Millis,
    ) -> Result<()> {
        let grant = self.new_id();
        let place = |field| sealed::grant_place(&grant, &flow.tenant_id, connection, field);
        let access = tx.seal(&place("access"), &answer.access).await?;
        let refresh = match &answer.refresh {
            Some(refresh) => Some(tx.seal(&place("refresh"), refresh).await?),
            None => None,
        };
        grants::append(
            tx,
            &NewGrant {
                id: grant.clone(),
                tenant_id: flow.tenant_id.clone(),
                connection_id: connection.clone(),
                kind: GrantKind::Token,
                access: Some(access),
                refresh,
                scopes: scopes_text(answer),
                expires_at: answer.expires_in.map(|life| after(now, life)),
                obtained_at: now,
            },
        )
        .await?;
        Ok(())
    }

    /// Withdraws access that was handed over but can't be used. Best effort: there is no row to retry from.
    async fn give_back(
        &self,
        integration: &Integration,
        app: &App,
        answer: &TokenAnswer,
        values: &BTreeMap<String, String>,
    ) {
        let request = revoke::RevokeRequest {
            integration,
            app: Some(app),
            access: &answer.access,
            refresh: answer.refresh.as_ref(),
            values,
        };
        if let Err(error) = revoke::revoke(&self.client, &request).await {
            tracing::warn!(integration = integration.id, %error, "access could not be given back");
        }
    }
}

/// Granted scopes as they are stored.
fn scopes_text(answer: &TokenAnswer) -> Option<String> {
    answer.scopes.as_ref().map(|scopes| scopes.join(" "))
}

/// Scopes that were asked for and not granted (S26). An answer that names none granted what was asked (RFC 6749
/// section 5.1); one that names a scope by another name, or a wider one, granted it too.
fn missing_scopes(dialect: &OAuth2, answer: &TokenAnswer) -> Vec<String> {
    let Some(granted) = &answer.scopes else {
        return Vec::new();
    };
    dialect
        .scopes
        .iter()
        .filter(|asked| {
            let aliases = dialect.scope_aliases.get(*asked).into_iter().flatten();
            !std::iter::once(*asked)
                .chain(aliases)
                .any(|name| granted.contains(name))
        })
        .cloned()
        .collect()
}

/// What a failed exchange means for the admin.
fn exchange_refusal(error: &ProviderError) -> Refusal {
    tracing::warn!(%error, "exchange failed");
    match error.kind {
        ProviderErrorKind::Refused | ProviderErrorKind::UserRefused => Refusal::ExchangeRefused,
        ProviderErrorKind::AppConfig => Refusal::AppConfig,
        _ => Refusal::ExchangeFailed,
    }
}

/// Logs a failure of ours once and says no more about it.
fn our_fault(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a connect could not be stored");
    Refusal::OurFault
}

/// A moment that is `life` later.
pub(crate) fn after(now: Millis, life: Duration) -> Millis {
    Millis(
        now.0
            .saturating_add(i64::try_from(life.as_millis()).unwrap_or(i64::MAX)),
    )
}

/// SHA-256 in hex.
pub(crate) fn hash_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
