//! Claims windows and brings them. A window is leased; what a worker writes after it lost the lease is refused by the
//! store, so two workers never count a page twice.

use std::{collections::BTreeMap, time::Duration};

use patchbay_catalog::{Integration, Stream};
use patchbay_oauth::{ProviderError, ProviderErrorKind, api::ApiCall};
use patchbay_store::{
    Fenced, Scope, Tx, audit,
    connections::{self, Connection},
    events,
    sync::{self, NewWindow, RunState, Window},
    time::Millis,
};
use secrecy::SecretString;

use super::{LIST_PARENTS, place_key, walk};
use crate::{
    Hub, HubError, Result, apps::secrets::HeldApp, connect::after, connections::values_of, people, words,
};

/// How long a worker may hold a window between two pages.
const LEASE: Duration = Duration::from_mins(2);
/// A window is set aside after so many failed tries.
const MOST_TRIES: i64 = 6;
/// Windows that are worked on at the same time in one process.
const AT_ONCE: usize = 4;

/// Works off due windows until the server stops.
pub async fn work(hub: Hub) {
    let mut busy = tokio::task::JoinSet::new();
    loop {
        while busy.len() < AT_ONCE {
            match claim(&hub).await {
                Ok(Some(window)) => {
                    let hub = hub.clone();
                    busy.spawn(async move { run_window(&hub, window).await });
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "history windows could not be claimed");
                    break;
                }
            }
        }
        let due = hub.live.sync_due.clone();
        tokio::select! {
            ended = busy.join_next(), if !busy.is_empty() => log_end(ended),
            () = due.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}

/// Works off everything that is due now, one window after the other; returns how many windows were tried.
pub async fn work_once(hub: &Hub) -> Result<usize> {
    let mut tried = 0;
    while let Some(window) = claim(hub).await? {
        tried += 1;
        run_window(hub, window).await?;
    }
    Ok(tried)
}

/// A failure of ours, logged once; the window's lease runs out and someone takes it over.
fn log_end(ended: Option<std::result::Result<Result<()>, tokio::task::JoinError>>) {
    match ended {
        Some(Ok(Err(error))) => tracing::error!(%error, "a history window stopped"),
        Some(Err(error)) => tracing::error!(%error, "a history window's task stopped"),
        Some(Ok(Ok(()))) | None => {}
    }
}

/// A window that is due.
async fn claim(hub: &Hub) -> Result<Option<Window>> {
    let mut tx = hub.store.write(Scope::System).await?;
    let window = sync::claim(&mut tx, hub.now(), "history", LEASE, &[]).await?;
    tx.commit().await?;
    Ok(window)
}

/// What a window needs besides itself.
struct Job {
    integration: Integration,
    stream: Stream,
    connection: Connection,
    values: BTreeMap<String, String>,
}

/// Brings one window, or says why not.
async fn run_window(hub: &Hub, window: Window) -> Result<()> {
    let Some(job) = prepare(hub, &window).await? else {
        return put_aside(hub, &window, "the catalogue no longer describes this stream").await;
    };
    let outcome = match bring(hub, &job, &window).await {
        // Access may have been withdrawn or have ended early: one refresh, then one more try.
        Err(HubError::Provider(error)) if is_unauthorised(&error) => {
            match renew(hub, &job.connection).await {
                Ok(()) => bring(hub, &job, &window).await,
                Err(error) => Err(error),
            }
        }
        other => other,
    };
    match outcome {
        Ok(Fenced::Saved) => finish(hub, &job, &window).await,
        Err(HubError::Provider(error)) => try_later(hub, &job, &window, &error).await,
        // Someone else has the window now, or the connection was ended and its windows with it.
        Ok(Fenced::Lost) | Err(HubError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Looks up what the window needs.
async fn prepare(hub: &Hub, window: &Window) -> Result<Option<Job>> {
    let Some(integration) = hub.catalog.get(&window.integration_id) else {
        return Ok(None);
    };
    let Some(stream) = integration
        .history
        .iter()
        .find(|stream| stream.name == window.stream)
    else {
        return Ok(None);
    };
    let mut tx = hub.store.read(Scope::System).await?;
    let connection = connections::get(&mut tx, &window.connection_id)
        .await?
        .ok_or(HubError::Broken("a window without a connection"))?;
    Ok(Some(Job {
        integration: integration.clone(),
        stream: stream.clone(),
        values: values_of(&connection),
        connection,
    }))
}

/// Whether the provider no longer takes the access token.
fn is_unauthorised(error: &ProviderError) -> bool {
    error.kind == ProviderErrorKind::Refused && error.status == Some(401)
}

/// Refreshes access that looked good but was refused.
async fn renew(hub: &Hub, connection: &Connection) -> Result<()> {
    let opened = hub.open_grant(connection).await?.ok_or(HubError::NotFound)?;
    hub.refresh(connection, &opened.grant.id).await.map(|_| ())
}

/// Walks the window to its end.
async fn bring(hub: &Hub, job: &Job, window: &Window) -> Result<Fenced> {
    let access = Access {
        token: hub.usable(&job.connection).await?,
        app: hub.app_of(&job.integration, &job.values).await?,
    };
    let fenced = if !job.stream.parents.is_empty() && window.window_key == LIST_PARENTS {
        list_parents(hub, job, window, &access).await?
    } else {
        walk_pages(hub, job, window, &access).await?
    };
    if let Some(app) = &access.app {
        hub.settle_or_log(app).await;
    }
    Ok(fenced)
}

/// What a window is brought with.
struct Access {
    token: SecretString,
    app: Option<HeldApp>,
}

impl Access {
    fn call<'a>(&'a self, job: &'a Job) -> ApiCall<'a> {
        ApiCall {
            integration: &job.integration,
            app: self.app.as_ref().map(HeldApp::app),
            token: &self.token,
            values: &job.values,
        }
    }

    /// Makes a call, where need be with the other of two client secrets.
    async fn ask<T, Call>(&self, call: impl Fn() -> Call) -> std::result::Result<T, ProviderError>
    where
        Call: Future<Output = std::result::Result<T, ProviderError>>,
    {
        match &self.app {
            Some(app) => app.ask(call).await,
            None => call().await,
        }
    }
}

/// Finds the parents, and makes a window of each.
async fn list_parents(hub: &Hub, job: &Job, window: &Window, access: &Access) -> Result<Fenced> {
    let list = || async { walk::list_parents(&hub.client, &access.call(job), &job.stream, window).await };
    let parents = access.ask(list).await?;
    let windows: Vec<NewWindow> = parents
        .iter()
        .zip(1..)
        .map(|(ids, position)| found(hub, window, position, words::to_json(ids)))
        .collect();
    let mut tx = hub.store.write(Scope::Tenant(window.tenant_id.clone())).await?;
    // The fence first: a worker that lost its lease must not add the parents a second time.
    let fenced = sync::save_page(
        &mut tx,
        &window.id,
        window.lease_generation,
        &[],
        None,
        None,
        hub.now(),
    )
    .await?;
    if fenced == Fenced::Saved {
        sync::insert_windows(&mut tx, &window.run_id, &windows).await?;
        events::append(
            &mut tx,
            hub.now(),
            Some(&window.tenant_id),
            "history",
            &window.integration_id,
        )
        .await?;
        tx.commit().await?;
    }
    Ok(fenced)
}

/// A window of what was found while another was worked on.
fn found(hub: &Hub, by: &Window, position: i64, window_key: String) -> NewWindow {
    NewWindow {
        id: hub.new_id(),
        integration_id: by.integration_id.clone(),
        stream: by.stream.clone(),
        position,
        window_key,
        from_at: by.from_at,
        to_at: by.to_at,
        due_at: hub.now(),
    }
}

/// Makes a window of each place that a page of a tree names. One that was found before keeps the window it has, so
/// that a place within itself is not walked for ever.
async fn go_deeper(hub: &Hub, tx: &mut Tx, job: &Job, window: &Window, places: &[String]) -> Result<()> {
    let (Some(tree), false) = (&job.stream.tree, places.is_empty()) else {
        return Ok(());
    };
    let progress = sync::progress(tx, &window.run_id).await?;
    let known = progress.map_or(0, |progress| progress.total());
    if usize::try_from(known).unwrap_or(usize::MAX) + places.len() > walk::MOST_PARENTS {
        return Err(ProviderError::from(ProviderErrorKind::Garbled).into());
    }
    let windows: Vec<NewWindow> = places
        .iter()
        .map(|id| found(hub, window, window.position + 1, place_key(tree, id)))
        .collect();
    sync::insert_windows(tx, &window.run_id, &windows).await?;
    Ok(())
}

/// Brings page after page, each stored before the next is asked for.
async fn walk_pages(hub: &Hub, job: &Job, window: &Window, access: &Access) -> Result<Fenced> {
    let mut cursor = window.cursor.clone();
    loop {
        let from = cursor.as_deref();
        let page = || async { walk::bring(&hub.client, &access.call(job), &job.stream, window, from).await };
        let brought = access.ask(page).await?;
        cursor = brought.next;
        let reached = brought.reached.map(|at| at.min(window.to_at));
        let mut tx = hub.store.write(Scope::Tenant(window.tenant_id.clone())).await?;
        let fenced = sync::save_page(
            &mut tx,
            &window.id,
            window.lease_generation,
            &brought.records,
            cursor.as_deref(),
            reached,
            hub.now(),
        )
        .await?;
        if fenced == Fenced::Lost {
            return Ok(fenced);
        }
        go_deeper(hub, &mut tx, job, window, &brought.places).await?;
        events::append(
            &mut tx,
            hub.now(),
            Some(&window.tenant_id),
            "history",
            &window.integration_id,
        )
        .await?;
        tx.commit().await?;
        hub.live.poke();
        if cursor.is_none() {
            return Ok(fenced);
        }
    }
}

/// The window is done; perhaps the run is too.
async fn finish(hub: &Hub, job: &Job, window: &Window) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.store.write(Scope::Tenant(window.tenant_id.clone())).await?;
    let fenced = sync::finish_window(&mut tx, &window.id, window.lease_generation, now).await?;
    if fenced == Fenced::Lost {
        return Ok(());
    }
    settle(hub, &mut tx, &job.integration, window, now).await?;
    tx.commit().await?;
    hub.live.poke();
    hub.live.sync_due.notify_one();
    Ok(())
}

/// Ends the run with its last window.
async fn settle(
    hub: &Hub,
    tx: &mut Tx,
    integration: &Integration,
    window: &Window,
    now: Millis,
) -> Result<()> {
    if let Some(state) = sync::settle_run(tx, &window.run_id, now).await? {
        let mut row = people::system_did(now, "sync.finished", integration, &window.tenant_id);
        if state == RunState::Gaps {
            row.outcome = audit::Outcome::Failed;
        }
        audit::append(tx, &row).await?;
    }
    events::append(tx, hub.now(), Some(&window.tenant_id), "history", &integration.id).await?;
    Ok(())
}

/// Puts the window off, or aside when it failed too often. A wait that the provider asked for is no failure of the
/// window's, but it still counts towards the limit, so that nothing waits for ever.
async fn try_later(hub: &Hub, job: &Job, window: &Window, error: &ProviderError) -> Result<()> {
    if error.kind == ProviderErrorKind::Refused && error.status == Some(403) {
        // Asking again does not give the right.
        let reason = format!(
            "{} does not let this connection read {}",
            job.integration.name, job.stream.label
        );
        return put_aside(hub, window, &reason).await;
    }
    if window.attempt + 1 >= MOST_TRIES {
        return put_aside(hub, window, error.kind.as_str()).await;
    }
    let name = &job.integration.name;
    let (wait, reason) = match &error.kind {
        ProviderErrorKind::Limited { retry_after } => (
            retry_after.unwrap_or(Duration::from_mins(1)),
            format!("{name} asked us to wait"),
        ),
        ProviderErrorKind::Refused => (backoff(window.attempt), format!("{name} refused our access")),
        _ => (backoff(window.attempt), format!("{name} did not answer")),
    };
    let now = hub.now();
    let mut tx = hub.store.write(Scope::Tenant(window.tenant_id.clone())).await?;
    let due = after(now, wait);
    let fenced = sync::defer_window(&mut tx, &window.id, window.lease_generation, due, &reason).await?;
    if fenced == Fenced::Saved {
        events::append(
            &mut tx,
            now,
            Some(&window.tenant_id),
            "history",
            &window.integration_id,
        )
        .await?;
        tx.commit().await?;
        hub.live.poke();
    }
    Ok(())
}

/// Gives a window up; the run will end with gaps and say so.
async fn put_aside(hub: &Hub, window: &Window, reason: &str) -> Result<()> {
    let now = hub.now();
    let mut tx = hub.store.write(Scope::Tenant(window.tenant_id.clone())).await?;
    let fenced = sync::set_aside(&mut tx, &window.id, window.lease_generation, reason, now).await?;
    if fenced == Fenced::Saved {
        if let Some(integration) = hub.catalog.get(&window.integration_id) {
            settle(hub, &mut tx, integration, window, now).await?;
        }
        tx.commit().await?;
        hub.live.poke();
    }
    Ok(())
}

/// 2 s, 4 s, 8 s … up to two minutes.
fn backoff(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(0, 6)).unwrap_or(6);
    Duration::from_secs((2u64 << doublings).min(120))
}
