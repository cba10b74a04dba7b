//! From an answer to a stored connection.

use std::{collections::BTreeMap, time::Duration};

use patchbay_catalog::Integration;
use patchbay_oauth::{
    ProviderError, ProviderErrorKind, TokenAnswer,
    api::{Account, ApiCall},
    arrival::{self, Arrival, ArrivalError},
    callback::Proof,
    revoke,
};
use patchbay_store::{
    Tx, audit,
    connections::{self, ConnectionState, NewConnection},
    events,
    flows::{self, Flow},
    grants::{self, GrantKind, NewGrant},
    ids::ConnectionId,
    refreshes,
    time::Millis,
};
use sha2::{Digest as _, Sha256};

use super::{
    Refusal,
    callback::Connected,
    redeem::{Redeem, our_fault},
};
use crate::{Hub, Result, apps::secrets::HeldApp, history, tokens as sealed, view::Viewer, words};

/// What the provider gave, before it is stored.
struct Received {
    answer: TokenAnswer,
    account: Account,
    scopes_missing: Vec<String>,
    /// What the provider returned: in the callback, with the tokens, and when it was asked.
    returned: BTreeMap<String, String>,
    /// The same and what was typed: what addresses are filled from.
    values: BTreeMap<String, String>,
}

impl Hub {
    /// Redeems the answer, asks whose account it is, and stores the connection. `returned` is what the callback brought
    /// for building addresses. Nothing is stored unless all of it worked; access that was handed over but can't be used
    /// is given back.
    pub(super) async fn exchange(
        &self,
        viewer: &Viewer,
        flow: &Flow,
        integration: &Integration,
        proof: &Proof,
        returned: BTreeMap<String, String>,
    ) -> std::result::Result<Connected, Refusal> {
        let typed = words::from_json(&flow.params);
        let app = self.app_for(integration, &typed).await.map_err(our_fault)?;
        let received = self.receive(integration, &app, flow, proof, returned).await?;
        match self.store_connection(viewer, flow, integration, &received).await {
            Ok(connected) => Ok(connected),
            Err(error) => {
                self.give_back(integration, &app, &received.answer, &received.values)
                    .await;
                Err(our_fault(error))
            }
        }
    }

    /// The calls to the provider: the exchange, then those that tell what addresses need and whose account it is.
    async fn receive(
        &self,
        integration: &Integration,
        app: &HeldApp,
        flow: &Flow,
        proof: &Proof,
        mut returned: BTreeMap<String, String>,
    ) -> std::result::Result<Received, Refusal> {
        let mut values: BTreeMap<String, String> = words::from_json(&flow.params);
        values.extend(returned.clone());
        let answer = self
            .redeem(&Redeem {
                integration,
                app,
                flow,
                proof,
                values: &values,
            })
            .await?;
        self.accepted_or_log(app).await;
        let arrival = match &answer.values {
            Ok(told) => {
                returned.extend(told.clone());
                values.extend(told.clone());
                self.arrive(integration, app, &answer, &values).await
            }
            Err(blocked) => Err(ProviderError::from(*blocked).into()),
        };
        match arrival {
            Ok(Arrival {
                account,
                values: told,
            }) => {
                returned.extend(told.clone());
                values.extend(told);
                let granted = scopes_text(&answer);
                let scopes_missing =
                    missing_scopes(integration, granted.as_deref(), answer.refresh.is_some());
                Ok(Received {
                    answer,
                    account,
                    scopes_missing,
                    returned,
                    values,
                })
            }
            Err(error) => {
                tracing::warn!(integration = integration.id, %error, "access that was given can't be used");
                self.give_back(integration, app, &answer, &values).await;
                Err(arrival_refusal(integration, &error))
            }
        }
    }

    /// Asks for what addresses need and whose account it is.
    async fn arrive(
        &self,
        integration: &Integration,
        app: &HeldApp,
        answer: &TokenAnswer,
        values: &BTreeMap<String, String>,
    ) -> std::result::Result<Arrival, ArrivalError> {
        let call = ApiCall {
            integration,
            app: Some(app.app()),
            token: &answer.access,
            values,
        };
        arrival::arrive(&self.client, &call).await
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
        self.append_grant(&mut tx, flow, integration, &connection, &received.answer, now)
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
        integration: &Integration,
        connection: &ConnectionId,
        answer: &TokenAnswer,
        now: Millis,
    ) -> Result<()> {
        let grant = self.new_id();
        let ends = sealed::end_of_access(integration, answer, now);
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
                expires_at: ends,
                obtained_at: now,
            },
        )
        .await?;
        if answer.refresh.is_some() {
            let due = self.renewal_due(integration, ends);
            refreshes::start(tx, &flow.tenant_id, connection, &integration.id, due).await?;
        }
        Ok(())
    }

    /// Withdraws access that was handed over but can't be used. Best effort: there is no row to retry from.
    async fn give_back(
        &self,
        integration: &Integration,
        app: &HeldApp,
        answer: &TokenAnswer,
        values: &BTreeMap<String, String>,
    ) {
        let request = revoke::RevokeRequest {
            integration,
            app: Some(app.app()),
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

/// Scopes that were asked for and not granted (S26); `granted` are those of the answer. One that names none granted what
/// was asked (RFC 6749 section 5.1); one that names a scope by another name, or a wider one, granted it too, and one that
/// holds a refresh token granted the scope that asks for it.
pub(crate) fn missing_scopes(
    integration: &Integration,
    granted: Option<&str>,
    has_refresh: bool,
) -> Vec<String> {
    let (Some(dialect), Some(granted)) = (integration.oauth2(), granted) else {
        return Vec::new();
    };
    let granted: Vec<&str> = granted.split(' ').collect();
    dialect
        .scopes
        .iter()
        .filter(|asked| {
            let aliases = dialect.scope_aliases.get(*asked).into_iter().flatten();
            let shown = has_refresh && dialect.refresh.scope.as_ref() == Some(*asked);
            !shown
                && !std::iter::once(*asked)
                    .chain(aliases)
                    .any(|name| granted.contains(&name.as_str()))
        })
        .cloned()
        .collect()
}

/// What it means for the admin that access was given and can't be used.
fn arrival_refusal(integration: &Integration, error: &ArrivalError) -> Refusal {
    let field = || integration.field_that_tells_apart().map(ToOwned::to_owned);
    match error {
        ArrivalError::Several => Refusal::WhichOne { field: field() },
        ArrivalError::NoneFits => Refusal::NoneFits { field: field() },
        ArrivalError::Provider(error) if error.kind == ProviderErrorKind::Refused => Refusal::ExchangeRefused,
        ArrivalError::Provider(_) => Refusal::ExchangeFailed,
    }
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
