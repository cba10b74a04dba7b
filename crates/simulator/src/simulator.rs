//! Starting, setting up and stopping the simulator.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::Router;
use secrecy::{ExposeSecret, SecretString};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    Account, Fault, LogEntry, SimulatorError,
    core::{
        ledger::{KeyRecord, Ledger},
        persist, serve,
        wire::{Cut, Doorway},
        world::World,
    },
    profiles::Profile,
};

/// How long a stop waits for requests that are being answered.
const PATIENCE: Duration = Duration::from_secs(2);

/// How to start a simulator.
pub struct SimulatorConfig {
    /// Where to listen: 127.0.0.1, with port 0 for any free port.
    pub listen: SocketAddr,
    /// Decides the sample data: the same seed gives the same records.
    pub seed: u64,
    /// Tells the time in epoch milliseconds. Records after it do not exist yet.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Where apps, grants and tokens (as hashes) are kept over a restart; `None` keeps nothing.
    pub state_file: Option<PathBuf>,
}

/// A provider app, as a company would register it in the provider's console.
#[derive(Clone, Debug)]
pub struct App {
    /// The profile, such as `asana`.
    pub profile: String,
    /// The client id.
    pub client_id: String,
    /// The client secret; kept as a hash.
    pub client_secret: SecretString,
    /// The redirect URIs, compared character by character.
    pub redirect_uris: Vec<String>,
}

/// The running simulator. Dropping it stops it without waiting and without a last write of the
/// state file; prefer [`Simulator::stop`].
pub struct Simulator {
    world: Arc<World>,
    port: u16,
    state_file: Option<PathBuf>,
    server: JoinHandle<()>,
    keeper: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts listening.
    ///
    /// # Errors
    /// When the address is not 127.0.0.1 or taken, or the state file is not readable as state.
    pub async fn start(config: SimulatorConfig) -> Result<Self, SimulatorError> {
        let address = config.listen;
        if address.ip() != Ipv4Addr::LOCALHOST {
            return Err(SimulatorError::NotLoopback(address));
        }
        let ledger = config
            .state_file
            .as_deref()
            .map_or_else(|| Ok(Ledger::default()), persist::load)?;
        let listening = TcpListener::bind(address)
            .await
            .and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        let (port, listener) = listening.map_err(|source| SimulatorError::Listen { address, source })?;
        let world = Arc::new(World::new(config.seed, config.clock, ledger));
        let keeper = config.state_file.clone().map(|path| {
            let stopping = world.stopping.subscribe();
            tokio::spawn(persist::keep(Arc::clone(&world), path, stopping))
        });
        let server = tokio::spawn(run(Arc::clone(&world), Doorway(listener)));
        Ok(Self {
            world,
            port,
            state_file: config.state_file,
            server,
            keeper,
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The profiles it plays.
    pub fn profiles(&self) -> Vec<&'static str> {
        self.world.profiles.iter().map(|profile| profile.id()).collect()
    }

    /// The profile that answers on a real host.
    pub fn profile_at(&self, host: &str) -> Option<&'static str> {
        let mut profiles = self.world.profiles.iter();
        profiles
            .find(|profile| profile.owns(host))
            .map(|profile| profile.id())
    }

    /// The sample accounts of a profile.
    ///
    /// # Errors
    /// When there is no such profile.
    pub fn accounts(&self, profile: &str) -> Result<&'static [Account], SimulatorError> {
        self.profile(profile).map(Profile::accounts)
    }

    /// The scopes of a profile that a person can untick on its consent page.
    ///
    /// # Errors
    /// When there is no such profile.
    pub fn optional_scopes(&self, profile: &str) -> Result<&'static [&'static str], SimulatorError> {
        let rules = self.profile(profile)?.oauth();
        Ok(rules.map_or(&[], |rules| rules.optional_scopes))
    }

    /// Registers an app; one with the same profile and client id is replaced, its grants stay.
    ///
    /// # Errors
    /// When the profile is unknown or has no OAuth, or a redirect URI can't be one.
    pub fn register_app(&self, app: &App) -> Result<(), SimulatorError> {
        let profile = self.profile(&app.profile)?;
        if !profile.has_apps() {
            return Err(SimulatorError::NoApps(profile.id()));
        }
        let unusable = |uri: &&String| Url::parse(uri).map_or(true, |url| url.fragment().is_some());
        if let Some(uri) = app.redirect_uris.iter().find(unusable) {
            return Err(SimulatorError::RedirectUri(uri.clone()));
        }
        let secret = app.client_secret.expose_secret();
        self.world
            .keep_secret(profile.id(), &app.client_id, &app.client_secret);
        self.world.change(|ledger| {
            ledger.register_app(profile.id(), &app.client_id, secret, app.redirect_uris.clone());
        });
        Ok(())
    }

    /// Registers an API key with its rights, for the profile's first sample account.
    ///
    /// # Errors
    /// When the profile is unknown, takes no keys, or the key does not have its shape.
    pub fn register_key(
        &self,
        profile: &str,
        key: &SecretString,
        rights: &[&str],
    ) -> Result<(), SimulatorError> {
        let profile = self.profile(profile)?;
        let account = profile
            .accounts()
            .first()
            .filter(|_| profile.is_key(key.expose_secret()));
        let record = KeyRecord {
            profile: profile.id().to_owned(),
            account: account
                .ok_or(SimulatorError::NotAKey(profile.id()))?
                .id
                .to_owned(),
            rights: rights.iter().map(|right| (*right).to_owned()).collect(),
        };
        self.world
            .change(|ledger| ledger.register_key(key.expose_secret(), record));
        Ok(())
    }

    /// The newest 10 000 requests, oldest first. Secrets appear as the beginning of their hash.
    pub fn log(&self) -> Vec<LogEntry> {
        self.world.log().all()
    }

    /// Forgets the logged requests.
    pub fn clear_log(&self) {
        self.world.log().clear();
    }

    /// Sets one more fault.
    pub fn set_fault(&self, fault: Fault) {
        self.world.faults().set(fault);
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.world.faults().clear();
    }

    /// Withdraws all approvals of an account, as a person does in the provider's settings; returns
    /// how many there were.
    ///
    /// # Errors
    /// When the profile or the account is unknown.
    pub fn revoke_grants(&self, profile: &str, account: &str) -> Result<usize, SimulatorError> {
        let (profile, account) = self.account(profile, account)?;
        Ok(self
            .world
            .change(|ledger| ledger.revoke_account(profile.id(), account.id, None)))
    }

    /// Makes the access tokens of an account expire now; returns how many there were.
    ///
    /// # Errors
    /// When the profile or the account is unknown.
    pub fn expire_access(&self, profile: &str, account: &str) -> Result<usize, SimulatorError> {
        let (profile, account) = self.account(profile, account)?;
        let now = self.world.now();
        Ok(self
            .world
            .change(|ledger| ledger.expire_access(profile.id(), account.id, now)))
    }

    /// What the provider holds: the upstream ids of an account's stream whose time lies in
    /// `[from_ms, to_ms)`, in epoch milliseconds, oldest first. The account is named by id or label.
    ///
    /// # Errors
    /// When the profile, the account or the stream is unknown.
    pub fn truth(
        &self,
        profile: &str,
        account: &str,
        stream: &str,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<String>, SimulatorError> {
        let (profile, account) = self.account(profile, account)?;
        profile
            .truth(&self.world, account, stream, from_ms, to_ms)
            .ok_or_else(|| SimulatorError::UnknownStream {
                profile: profile.id(),
                stream: stream.to_owned(),
            })
    }

    /// Stops: requests being answered get a moment to end, then the state file is written.
    ///
    /// # Errors
    /// When the state file can't be written.
    pub async fn stop(mut self) -> Result<(), SimulatorError> {
        self.world.stopping.send_replace(true);
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        if let Some(keeper) = self.keeper.take() {
            // It ends by itself; a write under way must not overtake the last one below.
            let _ended = keeper.await;
        }
        match &self.state_file {
            Some(path) => persist::save(&self.world, path),
            None => Ok(()),
        }
    }

    fn profile(&self, id: &str) -> Result<&dyn Profile, SimulatorError> {
        self.world
            .profile(id)
            .ok_or_else(|| SimulatorError::UnknownProfile(id.to_owned()))
    }

    fn account(
        &self,
        profile: &str,
        account: &str,
    ) -> Result<(&dyn Profile, &'static Account), SimulatorError> {
        let profile = self.profile(profile)?;
        let found = profile
            .account(account)
            .ok_or_else(|| SimulatorError::UnknownAccount {
                profile: profile.id(),
                account: account.to_owned(),
            })?;
        Ok((profile, found))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Lets the server, hanging faults and the keeper end by themselves.
        self.world.stopping.send_replace(true);
    }
}

async fn run(world: Arc<World>, doorway: Doorway) {
    let mut stopping = world.stopping.subscribe();
    let router = Router::new().fallback(serve::handle).with_state(world);
    let served = axum::serve(doorway, router.into_make_service_with_connect_info::<Cut>())
        .with_graceful_shutdown(async move {
            let _stop = stopping.wait_for(|stop| *stop).await;
        })
        .await;
    if let Err(error) = served {
        tracing::warn!(%error, "simulator stopped listening");
    }
}
