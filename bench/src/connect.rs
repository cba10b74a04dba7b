//! The click on Connect and the way back, measured over HTTP beside the provider's time.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::serve::ListenerExt as _;
use patchbay_catalog::Catalog;
use patchbay_hub::{Hub, Mode, Settings, demo};
use patchbay_oauth::http::{Client, Route};
use patchbay_server::{BUILD, web};
use patchbay_simulator::{Simulator, SimulatorConfig};
use patchbay_store::{Clock, Entropy, Kek, Millis, OsEntropy, Store, SystemClock, Vault};
use tokio::{net::TcpListener, sync::watch};

use crate::{ADMIN, Failure, helpers::leptos_options, stopwatch::Stopwatch, visitor::Visitor};

/// Connected in turn.
const INTEGRATIONS: [&str; 2] = ["asana", "github"];
/// A tenant may start 100 flows in ten minutes; before that the clock jumps.
const BEFORE_A_JUMP: usize = 90;
const JUMP: Duration = Duration::from_mins(11);

/// How long each of many connects took, sorted.
pub struct Connects {
    /// The answers to the click on Connect. No provider is asked for it.
    pub starts: Vec<Duration>,
    /// The answers to the callback, without the provider's time.
    pub callbacks: Vec<Duration>,
    /// The provider's time in the callbacks.
    pub provider: Vec<Duration>,
}

/// The machine's clock, put forward.
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Millis {
        Millis(SystemClock.now().0 + self.0.load(Ordering::SeqCst))
    }
}

/// Connects so many times, one after the other, with a deployment of its own in `folder`.
pub async fn measure(folder: &Path, count: usize) -> Result<Connects, Failure> {
    let clock = Arc::new(Ahead(AtomicI64::new(0)));
    let times = Arc::clone(&clock);
    let simulator = Simulator::start(SimulatorConfig {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        seed: 39,
        clock: Arc::new(move || times.now().0),
        state_file: None,
    })
    .await?;
    let stopwatch = Stopwatch::start(simulator.port()).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    let hub = hub(folder, stopwatch.port, port, Arc::clone(&clock)).await?;
    demo::seed(&hub).await?;
    demo::register(&hub, &simulator).await?;
    let (_stop, stopping) = watch::channel(false);
    let leptos = leptos_options()?;
    let router = web::router(web::AppState {
        hub: hub.clone(),
        site_root: PathBuf::from(leptos.site_root.as_ref()),
        leptos,
        stopping,
    });
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let measured = connects(port, &stopwatch, &clock, count).await;
    server.abort();
    hub.store.close().await;
    simulator.stop().await?;
    measured
}

/// A hub whose calls to providers go through the stopwatch. No workers: they would add their own calls.
async fn hub(folder: &Path, providers: u16, port: u16, clock: Arc<Ahead>) -> Result<Hub, Failure> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    let database = format!("sqlite://{}", folder.join("connect.sqlite").display());
    let settings = Settings {
        mode: Mode::Demo,
        public_url: format!("http://localhost:{port}"),
        build: BUILD.to_owned(),
        offer_unproven: true,
        left_out: Vec::new(),
    };
    Ok(Hub::new(
        Store::open(&database, vault).await?,
        Arc::new(Catalog::builtin()?),
        Client::new(Route::Simulated { port: providers })?,
        clock,
        entropy,
        settings,
    ))
}

async fn connects(
    port: u16,
    stopwatch: &Stopwatch,
    clock: &Ahead,
    count: usize,
) -> Result<Connects, Failure> {
    let mut visitor = Visitor::new(port).await?;
    let (mut starts, mut callbacks, mut provider) = (Vec::new(), Vec::new(), Vec::new());
    for (number, integration) in INTEGRATIONS.into_iter().cycle().take(count).enumerate() {
        if number % BEFORE_A_JUMP == 0 {
            let jump = i64::try_from(JUMP.as_millis())?;
            clock.0.fetch_add(jump, Ordering::SeqCst);
            visitor.sign_in(ADMIN).await?;
        }
        let leaving = visitor.start(integration).await?;
        let back = leaving.approve().await?;
        stopwatch.take();
        let all = visitor.come_back(&back).await?;
        let theirs = stopwatch.take();
        starts.push(leaving.took);
        callbacks.push(all.saturating_sub(theirs));
        provider.push(theirs);
    }
    for list in [&mut starts, &mut callbacks, &mut provider] {
        list.sort_unstable();
    }
    Ok(Connects {
        starts,
        callbacks,
        provider,
    })
}
