//! `patchbay serve`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use axum::serve::ListenerExt as _;
use leptos::config::{LeptosOptions, get_configuration};
use patchbay_hub::{Hub, Mode, activity, apps, history, live, prove, revocations, tokens, verify};
use patchbay_store::DatabaseKind;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tracing_subscriber::EnvFilter;

use super::Failure;
use crate::{
    config::Config,
    setup,
    web::{self, AppState},
};

/// How long the database's connections may take to come back.
const CLOSING: Duration = Duration::from_secs(5);

/// Name of the file in the data folder that a running server holds locked.
const LOCK_FILE: &str = "patchbay.lock";

/// How long requests that are under way may take after the signal to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the console and runs until it is told to stop.
pub(super) async fn run(config: Config) -> Result<ExitCode, Failure> {
    start_logs();
    web::remember_panics();
    // The port first: the commonest mistake is answered before anything is opened.
    let listener = listen(&config).await?;
    let simulator = match config.mode {
        Mode::Demo => Some(setup::simulator(&config).await?),
        Mode::Live => None,
    };
    let hub = setup::hub(&config, simulator.as_ref()).await?;
    // Held until this process ends, however it ends.
    let _alone = alone(&hub, &config).await?;
    if let Some(simulator) = &simulator {
        setup::prepare_demo(&hub, simulator).await?;
    }
    setup::apps_from_settings(&hub, &config).await?;
    show_setup_token(&hub, &config).await?;
    let (stop, stopping) = watch::channel(false);
    let leptos = site(&config)?;
    let site_root = PathBuf::from(leptos.site_root.as_ref());
    let router = web::router(AppState {
        hub: hub.clone(),
        leptos,
        site_root,
        stopping: stopping.clone(),
    });
    let workers = start_workers(&hub, &config).await?;
    tracing::info!(address = %config.public_url, mode = config.mode.as_str(), build = crate::BUILD, "listening");
    serve(listener, router, stop, stopping).await?;
    stop_workers(workers, &hub).await;
    if let Some(simulator) = simulator {
        simulator.stop().await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that no other server uses the same SQLite file, and frees what one that was killed had leased: nobody is at
/// it any more, and waiting for the leases to end would look like standing still. Servers that share a PostgreSQL can't
/// know that of each other, so there leases run out by themselves.
async fn alone(hub: &Hub, config: &Config) -> Result<Option<std::fs::File>, Failure> {
    if hub.store.kind() != DatabaseKind::Sqlite {
        return Ok(None);
    }
    let path = config.data_dir.join(LOCK_FILE);
    let file = std::fs::File::create(&path)
        .map_err(|error| format!("{} can't be written: {error}", path.display()))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            return Err(format!(
                "another Patchbay is running with the data folder {}: stop it, or choose another folder with \
                 PATCHBAY_DATA_DIR",
                config.data_dir.display()
            )
            .into());
        }
        Err(std::fs::TryLockError::Error(error)) => {
            return Err(format!("{} can't be locked: {error}", path.display()).into());
        }
    }
    hub.free_leases().await?;
    Ok(Some(file))
}

/// Logs go to standard error; `RUST_LOG` chooses what.
fn start_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// The listener, or why there is none.
async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    TcpListener::bind(config.listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {} is in use by another program: stop it, or choose another with PATCHBAY_LISTEN=127.0.0.1:{}",
            config.listen.port(),
            config.listen.port().wrapping_add(10)
        )
        .into(),
        _ => Failure::from(format!("{} can't be listened on: {error}", config.listen)),
    })
}

/// Where the built site is, from Leptos.toml beside the program's folder or the present one.
fn site(config: &Config) -> Result<LeptosOptions, Failure> {
    let file = "Leptos.toml";
    let read = get_configuration(std::path::Path::new(file).exists().then_some(file));
    let mut options = read
        .map_err(|error| format!("{file} can't be read: {error}"))?
        .leptos_options;
    if let Some(root) = &config.site_root {
        options.site_root = root.display().to_string().into();
    }
    options.site_addr = config.listen;
    Ok(options)
}

/// Shows the one-time token that makes the first owner, once, where there is nobody yet (S60): on the terminal, or in a
/// file for its owner alone where the settings name one. Never in the log: logs are kept.
#[expect(
    clippy::print_stderr,
    reason = "a secret for the person at the terminal, not for the log"
)]
async fn show_setup_token(hub: &Hub, config: &Config) -> Result<(), Failure> {
    let Some(token) = hub.setup_token().await? else {
        return Ok(());
    };
    if let Some(path) = &config.setup_token_file {
        return write_secret(path, &token)
            .map_err(|error| format!("{} can't be written: {error}", path.display()).into());
    }
    eprintln!();
    eprintln!(
        "  Nobody can sign in yet. Make the first owner at {}/setup",
        hub.settings().public_url
    );
    eprintln!(
        "  Set-up token, good for 30 minutes and once: {}",
        token.expose_secret()
    );
    eprintln!();
    Ok(())
}

/// Writes a secret into a file that only its owner can read.
fn write_secret(path: &Path, secret: &SecretString) -> std::io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{}", secret.expose_secret())
}

/// What works beside the requests.
async fn start_workers(hub: &Hub, config: &Config) -> Result<JoinSet<()>, Failure> {
    let mut workers = JoinSet::new();
    let tail = hub.clone();
    workers.spawn(async move {
        if let Err(error) = live::tail(tail).await {
            tracing::error!(%error, "live updates stopped");
        }
    });
    workers.spawn(history::worker::work(hub.clone()));
    workers.spawn(revocations::work(hub.clone()));
    workers.spawn(tokens::worker::work(hub.clone()));
    workers.spawn(activity::watch(hub.clone()));
    workers.spawn(apps::secrets::work(hub.clone()));
    workers.spawn(prove::worker::work(hub.clone()));
    verify::close_abandoned(hub).await?;
    if config.verify_at_start && verify::is_due(hub).await? {
        let hub = hub.clone();
        workers.spawn(async move {
            if let Err(error) = verify::run(&hub, None, None).await {
                tracing::error!(%error, "the first verification of this build stopped");
            }
        });
    }
    Ok(workers)
}

/// Serves until SIGTERM or Ctrl-C, then lets requests end.
async fn serve(
    listener: TcpListener,
    router: axum::Router,
    stop: watch::Sender<bool>,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), Failure> {
    // Without this an answer in two packets waits 40 ms for the first one's acknowledgement.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let asked = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        let _ = stop.send(true);
    };
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(asked)
        .into_future();
    let too_long = async move {
        let _ = stopping.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        ended = server => Ok(ended?),
        () = too_long => {
            tracing::warn!("requests that did not end in time were cut");
            Ok(())
        }
    }
}

/// Ends the workers. What they were at is leased work: it goes on at the next start.
async fn stop_workers(mut workers: JoinSet<()>, hub: &Hub) {
    workers.shutdown().await;
    // A connection that does not come back must not keep the process: the next start repairs what it left.
    if tokio::time::timeout(CLOSING, hub.store.close()).await.is_err() {
        tracing::warn!("the database was not closed in time");
    }
}
