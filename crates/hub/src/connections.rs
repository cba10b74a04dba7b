//! What an admin does with a connection: test it, bring its history again, end it.

use std::collections::BTreeMap;

use patchbay_catalog::Integration;
use patchbay_oauth::{
    ProviderError, ProviderErrorKind,
    api::{self, ApiCall},
    key,
};
use patchbay_store::{
    audit,
    connections::{self, Connection, ConnectionState},
    events, grants,
    ids::{ConnectionId, RevocationId},
    records,
    revocations::{self, NewRevocation, RevocationState},
    sync,
};

use secrecy::SecretString;

use crate::{
    Hub, HubError, Result,
    access::Permission,
    history,
    view::{DisconnectView, Viewer},
    words,
};

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tested {
    /// The provider answered; after so many milliseconds.
    Works(i64),
    /// The provider refused our access.
    Refused,
    /// The provider answered about another account than the connection's.
    OtherAccount,
    /// The provider did not answer.
    Unreachable,
}

/// The cause of a connection whose access turned out to be another account's.
pub(crate) const OTHER_ACCOUNT: &str = "other-account";

impl Hub {
    /// A live connection of the viewer's tenant that they may work on, with its integration.
    async fn own(&self, viewer: &Viewer, connection: &str) -> Result<(Connection, &Integration)> {
        let tenant = viewer.tenant_that_may(Permission::Connect)?;
        let mut tx = self.store.read(viewer.scope()).await?;
        let connection = connections::get(&mut tx, &ConnectionId::from(connection))
            .await?
            .filter(|found| found.tenant_id == *tenant && found.ended_at.is_none())
            .ok_or(HubError::NotFound)?;
        let integration = self.integration_or_404(&connection.integration_id)?;
        Ok((connection, integration))
    }

    /// Asks the provider whose account it is, and writes down whether and how fast it answered. Returns the
    /// integration's id with the result.
    pub async fn test_connection(&self, viewer: &Viewer, connection: &str) -> Result<(String, Tested)> {
        let (connection, integration) = self.own(viewer, connection).await?;
        let began = self.now();
        let answer = self.ask(&connection, integration).await;
        let latency = self.now().0 - began.0;
        let tested = match answer {
            Ok(Some(account)) if account != connection.account_id => Tested::OtherAccount,
            Ok(_) => Tested::Works(latency),
            Err(HubError::Provider(error)) if error.kind == ProviderErrorKind::Refused => Tested::Refused,
            Err(HubError::Provider(_)) => Tested::Unreachable,
            Err(ours) => return Err(ours),
        };
        self.write_test(viewer, &connection, integration, tested).await?;
        Ok((integration.id.clone(), tested))
    }

    /// The call behind a test: the id of the account that answered, where it can be compared with the connection's.
    async fn ask(&self, connection: &Connection, integration: &Integration) -> Result<Option<String>> {
        let token = self.usable(connection).await?;
        let values = values_of(connection);
        if integration.is_api_key() {
            key::test(
                &self.client,
                &ApiCall {
                    integration,
                    app: None,
                    token: &token,
                    values: &values,
                },
            )
            .await?;
            return Ok(None);
        }
        let app = self.app_for(integration, &values).await?;
        let who = async |token: &SecretString| {
            let ask = || async {
                let call = ApiCall {
                    integration,
                    app: Some(app.app()),
                    token,
                    values: &values,
                };
                api::whoami(&self.client, &call).await
            };
            app.ask(ask).await
        };
        let account = match who(&token).await {
            // Access can end early, and some providers never say when it ends: one refresh, then one more try. A few
            // answer 403 to a token that has ended.
            Err(error) if may_have_ended(&error) => match self.renewed(connection).await? {
                Some(token) => who(&token).await?,
                None => return Err(error.into()),
            },
            answer => answer?,
        };
        self.settle_or_log(&app).await;
        // Where two calls can tell who it is, they may tell it by different ids.
        Ok(Some(account.id).filter(|_| integration.whoami.fallback.is_none()))
    }

    /// Access refreshed although it did not look ended; none where there is nothing to refresh it with.
    async fn renewed(&self, connection: &Connection) -> Result<Option<SecretString>> {
        let opened = self.open_grant(connection).await?.ok_or(HubError::NotFound)?;
        if opened.refresh.is_none() {
            return Ok(None);
        }
        self.refresh(connection, &opened.grant.id).await.map(Some)
    }

    /// Result, state, audit and event in one transaction.
    async fn write_test(
        &self,
        viewer: &Viewer,
        connection: &Connection,
        integration: &Integration,
        tested: Tested,
    ) -> Result<()> {
        let now = self.now();
        let (word, latency, state, outcome) = match tested {
            Tested::Works(ms) => (
                "ok",
                Some(ms),
                Some(ConnectionState::Healthy),
                audit::Outcome::Done,
            ),
            Tested::Refused => (
                "refused",
                None,
                Some(ConnectionState::NeedsReconnect),
                audit::Outcome::Refused,
            ),
            Tested::OtherAccount => (
                OTHER_ACCOUNT,
                None,
                Some(ConnectionState::NeedsReconnect),
                audit::Outcome::Refused,
            ),
            Tested::Unreachable => (
                "unreachable",
                None,
                Some(ConnectionState::Degraded),
                audit::Outcome::Failed,
            ),
        };
        let mut tx = self.store.write(viewer.scope()).await?;
        connections::set_check(&mut tx, &connection.id, now, word, latency).await?;
        // What the test itself found out, such as a refresh that failed, is written down already and knows more.
        let found = connections::get(&mut tx, &connection.id).await?;
        let is = found.map_or(connection.state, |found| found.state);
        // A connection that was allowed less than was asked stays "limited" however well it answers.
        let keeps_limited = is == ConnectionState::Limited && matches!(tested, Tested::Works(_));
        if let Some(state) = state.filter(|state| *state != is && !keeps_limited) {
            let cause = (word != "ok").then_some(word);
            connections::set_state(&mut tx, &connection.id, state, cause, now).await?;
        }
        if tested == Tested::OtherAccount {
            // What it brings would be mixed with what is there.
            self.cancel_imports(&mut tx, connection).await?;
        }
        let mut row = viewer.did(now, "connection.tested", integration);
        row.outcome = outcome;
        audit::append(&mut tx, &row).await?;
        events::append(
            &mut tx,
            now,
            Some(&connection.tenant_id),
            "integration",
            &integration.id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        Ok(())
    }

    /// Starts another import of the last 90 days. Returns the integration's id.
    pub async fn sync_again(&self, viewer: &Viewer, connection: &str) -> Result<String> {
        let (connection, integration) = self.own(viewer, connection).await?;
        let mut tx = self.store.write(viewer.scope()).await?;
        let latest = sync::latest_run(&mut tx, &connection.id).await?;
        if latest.is_some_and(|run| run.state.is_open()) {
            return Ok(integration.id.clone());
        }
        history::enqueue(self, &mut tx, integration, &connection.tenant_id, &connection.id).await?;
        audit::append(&mut tx, &viewer.did(self.now(), "sync.started", integration)).await?;
        events::append(
            &mut tx,
            self.now(),
            Some(&connection.tenant_id),
            "integration",
            &integration.id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        self.live.sync_due.notify_one();
        Ok(integration.id.clone())
    }

    /// What disconnecting would stop and keep.
    pub async fn disconnect_question(
        &self,
        viewer: &Viewer,
        connection: &str,
    ) -> Result<Option<DisconnectView>> {
        let (connection, integration) = match self.own(viewer, connection).await {
            Ok(found) => found,
            Err(HubError::NotFound | HubError::Forbidden) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut tx = self.store.read(viewer.scope()).await?;
        let counted = records::counts(&mut tx, &connection.id).await?;
        let uses_key = integration.is_api_key();
        let stops = if uses_key {
            vec!["Use of the key, at once. The sealed key is deleted.".to_owned()]
        } else {
            vec![
                "Reading new data, at once.".to_owned(),
                "A history import that is still running.".to_owned(),
            ]
        };
        Ok(Some(DisconnectView {
            connection: connection.id,
            integration: integration.id.clone(),
            name: integration.name.clone(),
            tenant: viewer.tenant_name.clone().unwrap_or_default(),
            account: connection.account_label,
            stops,
            records: counted.iter().map(|count| count.records).sum(),
            at_provider: at_provider(integration),
            uses_key,
        }))
    }

    /// Ends a connection: unusable at once (S76), its import cancelled, access at the provider ended as durable work.
    /// Returns the integration's id.
    pub async fn disconnect(
        &self,
        viewer: &Viewer,
        connection: &str,
        delete_records: bool,
    ) -> Result<String> {
        let (connection, integration) = self.own(viewer, connection).await?;
        let now = self.now();
        let mut tx = self.store.write(viewer.scope()).await?;
        connections::end(&mut tx, &connection.id, &viewer.person, now).await?;
        self.stop(&mut tx, &connection, integration).await?;
        if delete_records {
            records::delete_all(&mut tx, &connection.id).await?;
        }
        audit::append(&mut tx, &viewer.did(now, "connection.ended", integration)).await?;
        events::append(
            &mut tx,
            now,
            Some(&connection.tenant_id),
            "integration",
            &integration.id,
        )
        .await?;
        tx.commit().await?;
        self.live.poke();
        self.live.revocation_due.notify_one();
        Ok(integration.id.clone())
    }

    /// What follows from an end: no import goes on, and access at the provider ends.
    pub(crate) async fn stop(
        &self,
        tx: &mut patchbay_store::Tx,
        connection: &Connection,
        integration: &Integration,
    ) -> Result<()> {
        self.cancel_imports(tx, connection).await?;
        self.end_access(tx, connection, integration).await
    }

    /// Cancels what is under way: connecting again while an import runs begins another one, so there can be several.
    async fn cancel_imports(&self, tx: &mut patchbay_store::Tx, connection: &Connection) -> Result<()> {
        for run in sync::open_runs(tx, &connection.tenant_id).await? {
            if run.connection_id == connection.id {
                sync::cancel_run(tx, &run.id, self.now()).await?;
            }
        }
        Ok(())
    }

    /// Where the provider has a call for it, a revocation is due now and the tokens stay sealed until it is done;
    /// else they are wiped at once.
    pub(crate) async fn end_access(
        &self,
        tx: &mut patchbay_store::Tx,
        connection: &Connection,
        integration: &Integration,
    ) -> Result<()> {
        let now = self.now();
        let has_call = integration.revoke().is_some();
        let current = grants::current(tx, &connection.id).await?;
        for grant in grants::all(tx, &connection.id).await? {
            let keep = has_call && current.as_ref().is_some_and(|current| current.id == grant.id);
            if !keep {
                grants::wipe(tx, &grant.id, now).await?;
            }
        }
        let Some(grant) = current.filter(|_| !integration.is_api_key()) else {
            return Ok(());
        };
        let id: RevocationId = self.new_id();
        revocations::insert(
            tx,
            &NewRevocation {
                id,
                tenant_id: connection.tenant_id.clone(),
                connection_id: connection.id.clone(),
                grant_id: grant.id,
                due_at: now,
                state: if has_call {
                    RevocationState::Pending
                } else {
                    RevocationState::NoCall
                },
                created_at: now,
            },
        )
        .await?;
        Ok(())
    }
}

/// Whether a refusal may mean no more than that the access token has ended.
fn may_have_ended(error: &ProviderError) -> bool {
    error.kind == ProviderErrorKind::Refused && matches!(error.status, Some(401 | 403))
}

/// What is said about the provider before access there ends.
pub(crate) fn at_provider(integration: &Integration) -> String {
    let name = &integration.name;
    if integration.is_api_key() {
        return format!("{name} does not hear of it. Delete the key there too if nothing else uses it.");
    }
    match integration.revoke() {
        Some(revoke) => {
            let asks = format!("We ask {name} to end our access and show you the answer.");
            revoke
                .effect
                .iter()
                .fold(asks, |asks, effect| format!("{asks} {effect}"))
        }
        None => format!("{name} has no call for it: you can remove our access in your {name} settings."),
    }
}

/// What was typed before connecting and what the provider returned, for filling URLs.
pub(crate) fn values_of(connection: &Connection) -> BTreeMap<String, String> {
    let mut values = words::from_json(&connection.params);
    values.extend(words::from_json(&connection.values));
    values
}
