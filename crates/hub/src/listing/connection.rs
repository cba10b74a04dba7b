//! One connection, with the sentence that says how it is.

use patchbay_catalog::Integration;
use patchbay_store::{
    connections::{self, Connection, ConnectionState},
    grants,
    revocations::{self, Revocation, RevocationState},
    sync,
};

use super::page::host_of;
use crate::{
    Hub, Result,
    connections::OTHER_ACCOUNT,
    history, people, tokens,
    view::{ConnectionView, Health, Viewer},
    words,
};

/// The viewer's tenant's connections of an integration, newest first: the live ones, and the last one that ended.
/// Company roles see counts, never connections.
pub(crate) async fn connection_views(
    hub: &Hub,
    viewer: &Viewer,
    integration: &Integration,
) -> Result<Vec<ConnectionView>> {
    let Some(tenant) = &viewer.tenant else {
        return Ok(Vec::new());
    };
    let mut tx = hub.store.read(viewer.scope()).await?;
    let mut found = connections::list_of_tenant(&mut tx, tenant).await?;
    drop(tx);
    found.retain(|connection| connection.integration_id == integration.id);
    found.sort_by_key(|connection| std::cmp::Reverse(connection.created_at));
    let has_live = found.iter().any(|connection| connection.ended_at.is_none());
    let mut ended_shown = has_live;
    let mut views = Vec::new();
    for connection in found {
        if connection.ended_at.is_some() {
            if ended_shown {
                continue;
            }
            ended_shown = true;
        }
        views.push(view(hub, viewer, integration, &connection).await?);
    }
    Ok(views)
}

/// One of them.
async fn view(
    hub: &Hub,
    viewer: &Viewer,
    integration: &Integration,
    connection: &Connection,
) -> Result<ConnectionView> {
    let mut tx = hub.store.read(viewer.scope()).await?;
    let grant = grants::current(&mut tx, &connection.id).await?;
    let revocation = revocations::latest_of(&mut tx, &connection.id).await?;
    let run = sync::latest_run(&mut tx, &connection.id).await?;
    let history = match &run {
        Some(run) => Some(history::view(hub, &mut tx, integration, run).await?),
        None => None,
    };
    drop(tx);
    let health = health(connection, revocation.as_ref());
    Ok(ConnectionView {
        id: connection.id.clone(),
        account: connection.account_label.clone(),
        health,
        sentence: sentence(hub, integration, connection, revocation.as_ref()).await?,
        connected_by: people::name_of(hub, &connection.created_by).await?,
        connected_at: connection.created_at,
        checked_at: connection.checked_at,
        latency_ms: connection.check_latency_ms,
        access_ends: grant
            .as_ref()
            .filter(|_| connection.state != ConnectionState::NeedsReconnect)
            .and_then(|grant| grant.expires_at),
        refreshes: grant.as_ref().is_some_and(|grant| grant.refresh.is_some()),
        uses_key: integration.is_api_key(),
        typed: typed(integration, connection),
        data_host: host_of(&integration.api_base),
        history,
        revoke_by_hand: integration
            .setup
            .revoke_by_hand
            .clone()
            .filter(|_| revocation.is_some_and(|revocation| revocation.state != RevocationState::Done)),
        ended: connection.ended_at.is_some(),
    })
}

/// What the admin typed, by field: not what was made of it.
fn typed(integration: &Integration, connection: &Connection) -> Vec<(String, String)> {
    let mut params = words::from_json(&connection.params);
    integration
        .params
        .iter()
        .filter_map(|param| params.remove_entry(&param.name))
        .collect()
}

/// What was asked for and not allowed (S26): "Mail, Records".
fn missing(integration: &Integration, connection: &Connection) -> String {
    let scopes = connection.cause.as_deref().unwrap_or_default();
    let name = |scope: &str| {
        let words = integration.scope_words().get(scope).map_or(scope, String::as_str);
        let words = words.strip_prefix("Can change: ").unwrap_or(words);
        words.split(':').next().unwrap_or(words).to_owned()
    };
    let names: Vec<String> = scopes.split_whitespace().map(name).collect();
    names.join(", ")
}

/// A connection's health in the words of the pages.
fn health(connection: &Connection, revocation: Option<&Revocation>) -> Health {
    if connection.ended_at.is_some() {
        return match revocation.map(|revocation| revocation.state) {
            Some(RevocationState::Pending | RevocationState::Failed) => Health::RevokePending,
            _ => Health::Revoked,
        };
    }
    match connection.state {
        ConnectionState::Healthy => Health::Healthy,
        ConnectionState::Degraded => Health::Degraded,
        ConnectionState::NeedsReconnect => Health::NeedsReconnect,
        ConnectionState::Limited => Health::Limited,
    }
}

/// Cause, since, who, next: only what the page can't say better with a time of its own.
async fn sentence(
    hub: &Hub,
    integration: &Integration,
    connection: &Connection,
    revocation: Option<&Revocation>,
) -> Result<String> {
    let name = &integration.name;
    if connection.ended_at.is_some() {
        let by = match &connection.ended_by {
            Some(person) => people::name_of(hub, person).await?,
            None => "Patchbay".to_owned(),
        };
        return Ok(ended_sentence(integration, &by, revocation));
    }
    Ok(match connection.state {
        ConnectionState::Healthy => "It works.".to_owned(),
        ConnectionState::Degraded => {
            format!("{name} did not answer when we last asked; we retry. Nothing to do.")
        }
        ConnectionState::NeedsReconnect if connection.cause.as_deref() == Some(tokens::ANSWER_LOST) => {
            format!(
                "{name} renewed our access and its answer was lost on the way. Your data is kept. Any admin can reconnect."
            )
        }
        ConnectionState::NeedsReconnect if connection.cause.as_deref() == Some(OTHER_ACCOUNT) => {
            format!("{name} answers about another account now. Your data is kept. Any admin can reconnect.")
        }
        ConnectionState::NeedsReconnect => format!(
            "{name} stopped accepting our access; it may have been withdrawn there. Your data is kept. Any admin can \
             reconnect."
        ),
        ConnectionState::Limited => {
            let missing = missing(integration, connection);
            format!(
                "Less was allowed at {name} than we asked for. Missing: {missing}. Everything else works."
            )
        }
    })
}

/// The truth about the end of access at the provider.
fn ended_sentence(integration: &Integration, by: &str, revocation: Option<&Revocation>) -> String {
    let name = &integration.name;
    if integration.is_api_key() {
        return format!(
            "{by} removed the key. It was deleted here; {name} still accepts it until it is deleted there."
        );
    }
    match revocation.map(|revocation| revocation.state) {
        Some(RevocationState::Done) => {
            format!("{by} disconnected it. {name} confirmed that our access ended.")
        }
        Some(RevocationState::NoCall) | None => {
            format!("{by} disconnected it. {name} has no call to end access: you can remove it there.")
        }
        Some(RevocationState::Pending) => {
            format!(
                "{by} disconnected it; use stopped at once. {name} has not confirmed yet; we keep trying."
            )
        }
        Some(RevocationState::Failed) => {
            format!(
                "{by} disconnected it; use stopped at once. {name} never confirmed: end our access there by hand."
            )
        }
    }
}
