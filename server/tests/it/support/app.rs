//! One deployment for one test.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use leptos::config::LeptosOptions;
use patchbay_catalog::Catalog;
use patchbay_hub::{Hub, Mode, Settings, demo, history, revocations};
use patchbay_oauth::http::{Client, Route};
use patchbay_server::{BUILD, web};
use patchbay_simulator::{Fault, FaultKind, LogEntry, Simulator, SimulatorConfig};
use patchbay_store::{
    Clock, Entropy, Kek, OsEntropy, Scope, Store, Vault,
    audit::{self, AuditFilter, AuditRow},
    connections::{self, Connection},
    people,
};
use tempfile::TempDir;
use tokio::sync::watch;

use super::{
    browser::{Browser, Shared},
    clock::TestClock,
    database::{Home, Rows},
    evidence,
};

/// How a deployment is set up, where it is not as usual.
pub struct Setup {
    pub home: Home,
    pub mode: Mode,
    pub public_url: &'static str,
    /// Whether the evidence is there that lets integrations be connected.
    pub proven: bool,
    /// Whether the sample people, tenants and provider apps are there.
    pub samples: bool,
    pub kek: Kek,
    /// Files of the deployment's own integrations, by name.
    pub own: Vec<(&'static str, String)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            home: Home::sqlite(),
            mode: Mode::Demo,
            public_url: "http://localhost:3000",
            proven: true,
            samples: true,
            kek: Kek::generate(&OsEntropy),
            own: Vec::new(),
        }
    }
}

/// A deployment with the simulator as its providers.
pub struct TestApp {
    pub hub: Hub,
    pub clock: Arc<TestClock>,
    /// Turned to true, the server stops.
    pub stop: watch::Sender<bool>,
    shared: Arc<Shared>,
    home: Home,
    site: TempDir,
}

impl TestApp {
    /// On `SQLite`.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// The same deployment as another build would see it.
    pub fn hub_with(&self, settings: Settings) -> Hub {
        Hub::new(
            self.hub.store.clone(),
            Arc::clone(&self.hub.catalog),
            self.hub.client.clone(),
            Arc::clone(&self.hub.clock),
            Arc::clone(&self.hub.entropy),
            settings,
        )
    }

    /// On `PostgreSQL`; `None` only where a developer asked for the `SQLite` half alone.
    pub async fn start_on_postgres() -> Option<Self> {
        let home = Home::postgres().await?;
        Some(
            Self::with(Setup {
                home,
                ..Setup::default()
            })
            .await,
        )
    }

    pub async fn with(setup: Setup) -> Self {
        let clock = Arc::new(TestClock::new());
        let simulator = simulator(&clock).await;
        let Setup {
            home,
            kek,
            mode,
            public_url,
            proven,
            samples,
            own,
        } = setup;
        let (catalog, left_out) = Catalog::with_own(own).unwrap();
        let settings = Settings {
            mode,
            public_url: public_url.to_owned(),
            build: BUILD.to_owned(),
            offer_unproven: false,
            left_out: left_out.iter().map(ToString::to_string).collect(),
        };
        let hub = hub(&home, kek, settings, catalog, &clock, simulator.port()).await;
        if samples {
            demo::seed(&hub).await.unwrap();
            demo::register(&hub, &simulator).await.unwrap();
        }
        if proven {
            evidence::write(&hub).await;
        }
        let site = tempfile::tempdir().unwrap();
        let (stop, stopping) = watch::channel(false);
        let leptos = LeptosOptions::builder()
            .output_name("patchbay")
            .site_root(site.path().display().to_string())
            .site_pkg_dir("pkg")
            .hash_files(false)
            .build();
        let router = web::router(web::AppState {
            hub: hub.clone(),
            leptos,
            site_root: site.path().to_owned(),
            stopping,
        });
        let shared = Arc::new(Shared {
            router,
            simulator,
            answers: Mutex::default(),
        });
        Self {
            hub,
            clock,
            stop,
            shared,
            home,
            site,
        }
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(Arc::clone(&self.shared))
    }

    /// A browser in which this person is signed in.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(email).await;
        browser
    }

    pub async fn ana(&self) -> Browser {
        self.signed_in("ana@acme.example").await
    }

    pub async fn ben(&self) -> Browser {
        self.signed_in("ben@globex.example").await
    }

    /// The providers.
    pub fn simulator(&self) -> &Simulator {
        &self.shared.simulator
    }

    /// The router, for what needs a socket.
    pub fn router(&self) -> axum::Router {
        self.shared.router.clone()
    }

    /// Folder of the built site.
    pub fn site(&self) -> &std::path::Path {
        self.site.path()
    }

    /// Everything that was answered so far.
    pub fn answers(&self) -> Vec<super::Answer> {
        self.shared.answers.lock().unwrap().clone()
    }

    /// Requests that reached a path at a provider.
    pub fn requests_to(&self, path: &str) -> Vec<LogEntry> {
        let mut log = self.simulator().log();
        log.retain(|entry| entry.path == path);
        log
    }

    /// Token requests that reached any provider.
    pub fn token_requests(&self) -> usize {
        self.requests_to("/-/oauth_token").len() + self.requests_to("/login/oauth/access_token").len()
    }

    /// From now on everything under this path at the provider goes wrong in this way.
    pub fn break_provider(&self, host: &str, path: &str, kind: FaultKind) {
        self.simulator().set_fault(Fault {
            host: host.to_owned(),
            path_prefix: path.to_owned(),
            times: 1_000,
            kind,
        });
    }

    /// The audit trail, newest first.
    pub async fn audit(&self) -> Vec<AuditRow> {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        audit::list(&mut tx, &AuditFilter::default()).await.unwrap()
    }

    /// All connections of all tenants, ended ones too.
    pub async fn connections(&self) -> Vec<Connection> {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        connections::list(&mut tx).await.unwrap()
    }

    /// The one connection that there is.
    pub async fn the_connection(&self) -> Connection {
        let mut all = self.connections().await;
        assert_eq!(all.len(), 1, "one connection");
        all.remove(0)
    }

    /// A person's id.
    pub async fn person(&self, email: &str) -> String {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        people::by_email(&mut tx, email)
            .await
            .unwrap()
            .unwrap()
            .id
            .to_string()
    }

    /// A statement past the store.
    pub async fn execute(&self, sql: &str) {
        self.home.execute(sql).await;
    }

    /// Every row of these tables.
    pub async fn rows(&self, tables: &[&str]) -> Rows {
        let mut rows = self.home.rows().await;
        assert!(
            tables.iter().all(|table| rows.contains_key(*table)),
            "{tables:?} exist"
        );
        rows.retain(|table, _| tables.contains(&table.as_str()));
        rows
    }

    /// Every row of every table but these.
    pub async fn rows_but(&self, tables: &[&str]) -> Rows {
        let mut rows = self.home.rows().await;
        rows.retain(|table, _| !tables.contains(&table.as_str()));
        rows
    }

    /// What a connection consists of: to see whether one was half-stored, or touched.
    pub async fn connected_rows(&self) -> Rows {
        self.rows(&[
            "connections",
            "grants",
            "sync_runs",
            "sync_windows",
            "revocations",
        ])
        .await
    }

    /// Bytes of the database's files.
    pub fn files(&self) -> Vec<Vec<u8>> {
        self.home.files()
    }

    /// Brings all history that is due.
    pub async fn work_history(&self) -> usize {
        history::worker::work_once(&self.hub).await.unwrap()
    }

    /// Ends all access at providers that is due.
    pub async fn work_revocations(&self) -> usize {
        revocations::work_once(&self.hub).await.unwrap()
    }

    /// How far ending access to a connection at its provider has come.
    pub async fn revocation_of(&self, connection: &Connection) -> String {
        let mut tx = self.hub.store.read(Scope::System).await.unwrap();
        let latest = patchbay_store::revocations::latest_of(&mut tx, &connection.id).await;
        latest.unwrap().unwrap().state.as_str().to_owned()
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    pub async fn close(self) {
        self.hub.store.close().await;
        self.home.remove().await;
    }
}

async fn simulator(clock: &Arc<TestClock>) -> Simulator {
    let clock = Arc::clone(clock);
    Simulator::start(SimulatorConfig {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        seed: 39,
        clock: Arc::new(move || clock.now().0),
        state_file: None,
    })
    .await
    .unwrap()
}

async fn hub(
    home: &Home,
    kek: Kek,
    settings: Settings,
    catalog: Catalog,
    clock: &Arc<TestClock>,
    port: u16,
) -> Hub {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let store = Store::open(&home.url(), Vault::new(kek, Arc::clone(&entropy)))
        .await
        .unwrap();
    Hub::new(
        store,
        Arc::new(catalog),
        Client::new(Route::Simulated { port }).unwrap(),
        Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
        settings,
    )
}
