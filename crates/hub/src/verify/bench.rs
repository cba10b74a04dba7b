//! A throw-away deployment for one integration: a database in a temporary folder, a simulator on a free port, sample
//! people, a clock that only moves when it is told to. What plays the browser sends the same HTTP that a browser
//! would.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc, time::Duration};

use patchbay_catalog::{ConnectionParam, Integration, template};
use patchbay_oauth::http::{Client, Request, Route};
use patchbay_simulator::{Account, Fault, FaultKind, LogEntry, Simulator, SimulatorConfig};
use patchbay_store::{
    Scope, Store,
    connections::{self, Connection},
    entropy::{Entropy, OsEntropy},
    flows,
    ids::FlowId,
    time::{Clock, ManualClock},
    vault::{Kek, Vault},
};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use url::Url;

use super::outcome::{Failure, Step, fail};
use crate::{
    Hub, Mode, Settings,
    connect::{Callback, Finished, Start, Started},
    demo,
    view::Viewer,
};

/// The step of everything that a consent page is answered with.
const ANSWER: &str = "answer the consent page";

/// The throw-away deployment, and the integration that is checked in it.
pub(super) struct Bench {
    /// The throw-away deployment.
    pub hub: Hub,
    /// Plays the provider.
    pub simulator: Simulator,
    /// The integration under check.
    pub integration: Integration,
    /// An admin of the first tenant.
    pub ana: Viewer,
    /// Another admin of the first tenant.
    pub mia: Viewer,
    /// An admin of the second tenant.
    pub ben: Viewer,
    clock: Arc<ManualClock>,
    folder: TempDir,
}

impl Bench {
    /// Sets everything up.
    pub async fn open(real: &Hub, integration: &Integration) -> Result<Self, Failure> {
        const STEP: &str = "set up a throw-away deployment";
        let clock = Arc::new(ManualClock::new(real.now()));
        let simulated = Arc::clone(&clock);
        let simulator = Simulator::start(SimulatorConfig {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            seed: 1,
            clock: Arc::new(move || simulated.now().0),
            state_file: None,
        })
        .await
        .step(STEP)?;
        let folder = tempfile::tempdir().step(STEP)?;
        let hub = throw_away(real, &clock, &folder, simulator.port()).await?;
        demo::seed(&hub).await.step(STEP)?;
        demo::register(&hub, &simulator).await.step(STEP)?;
        let (ana, mia, ben) = (
            sign_in(&hub, "ana@acme.example").await?,
            sign_in(&hub, "mia@acme.example").await?,
            sign_in(&hub, "ben@globex.example").await?,
        );
        Ok(Self {
            hub,
            simulator,
            integration: integration.clone(),
            ana,
            mia,
            ben,
            clock,
            folder,
        })
    }

    /// Takes everything down.
    pub async fn close(self) {
        self.hub.store.close().await;
        if let Err(error) = self.simulator.stop().await {
            tracing::debug!(%error, "a verification's simulator did not stop cleanly");
        }
    }

    /// Lets time pass, here and at the provider.
    pub fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Whether the bytes of a secret stand anywhere in the database's files.
    pub fn database_holds(&self, secret: &SecretString) -> Result<bool, Failure> {
        const STEP: &str = "read the database's files";
        let needle = secret.expose_secret().as_bytes();
        for entry in std::fs::read_dir(self.folder.path()).step(STEP)? {
            let bytes = std::fs::read(entry.step(STEP)?.path()).step(STEP)?;
            if bytes.windows(needle.len()).any(|window| window == needle) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A value for every parameter: its example, or the first of its choices.
    fn params(&self) -> BTreeMap<String, String> {
        let value = |param: &ConnectionParam| {
            let choice = || param.options.keys().next().cloned();
            let usual = param.example.as_ref().or(param.default.as_ref());
            usual.cloned().or_else(choice)
        };
        self.integration
            .params
            .iter()
            .filter_map(|param| Some((param.name.clone(), value(param)?)))
            .collect()
    }

    /// What the parameters fill in addresses.
    pub fn values(&self) -> Result<BTreeMap<String, String>, Failure> {
        let values = self.integration.accept_params(&self.params());
        values.step("fill in the form")
    }

    /// A click on Connect, with a value for every parameter.
    pub async fn start(&self, viewer: &Viewer) -> Result<Started, Failure> {
        self.try_start(viewer).await.step("click Connect")
    }

    /// The same, where it may be refused.
    pub async fn try_start(&self, viewer: &Viewer) -> crate::Result<Started> {
        self.hub.start(viewer, self.click(false)).await
    }

    /// A click on Connect by somebody who wants another account than the one that is signed in at the provider.
    pub async fn start_choosing(&self, viewer: &Viewer) -> Result<Started, Failure> {
        let started = self.hub.start(viewer, self.click(true)).await;
        started.step("click Connect for another account")
    }

    fn click(&self, choose_account: bool) -> Start {
        Start {
            integration: self.integration.id.clone(),
            params: self.params(),
            return_to: None,
            browser: None,
            choose_account,
        }
    }

    /// How many authorizations of the viewer's tenant wait at the provider.
    pub async fn open_flows(&self, viewer: &Viewer) -> Result<usize, Failure> {
        const STEP: &str = "list flows";
        let Some(tenant) = &viewer.tenant else {
            return Ok(0);
        };
        let mut tx = self.hub.store.read(viewer.scope()).await.step(STEP)?;
        let open = flows::open_of_tenant(&mut tx, tenant, self.hub.now()).await;
        open.map(|open| open.len()).step(STEP)
    }

    /// Lets the next request to an address of the catalogue end in this way.
    pub fn fault(&self, address: &str, kind: FaultKind) -> Result<(), Failure> {
        const STEP: &str = "make the provider fail";
        let filled = template::fill(address, &self.values()?).step(STEP)?;
        let url = Url::parse(&filled).step(STEP)?;
        self.simulator.set_fault(Fault {
            host: url.host_str().unwrap_or_default().to_owned(),
            path_prefix: url.path().to_owned(),
            times: 1,
            kind,
        });
        Ok(())
    }

    /// The address at the provider that the leaving page goes on to.
    pub async fn leave_url(&self, viewer: &Viewer, flow: &FlowId) -> Result<Url, Failure> {
        const STEP: &str = "open the leaving page";
        let mut tx = self.hub.store.read(viewer.scope()).await.step(STEP)?;
        let flow = flows::get(&mut tx, flow)
            .await
            .step(STEP)?
            .ok_or_else(|| fail(STEP, "a flow", "none"))?;
        let url = crate::connect::open_leave_url(&mut tx, &flow).await.step(STEP)?;
        Url::parse(url.expose_secret()).step(STEP)
    }

    /// How the simulator calls the provider: integrations that share a provider app share it.
    pub fn profile(&self) -> &str {
        &self.integration.provider_app
    }

    /// The sample account at this place in the provider's list.
    pub fn account(&self, place: usize) -> Result<Account, Failure> {
        const STEP: &str = "find a sample account";
        let accounts = self.simulator.accounts(self.profile()).step(STEP)?;
        accounts
            .get(place)
            .copied()
            .ok_or_else(|| fail(STEP, "a sample account", "none"))
    }

    /// Answers the provider's consent page as the account at this place in its list; returns the query that the
    /// provider sends the browser back with.
    pub async fn consent(&self, leave_url: &Url, approve: bool, account: usize) -> Result<String, Failure> {
        let account = self.account(account)?;
        let decision = if approve { "approve" } else { "deny" };
        self.answer(leave_url, &format!("decision={decision}&account={}", account.id))
            .await
    }

    /// Whether the consent page offers an account to choose.
    pub async fn offers(&self, leave_url: &Url, account: &str) -> Result<bool, Failure> {
        const STEP: &str = "read the consent page";
        let request = Request::new(http::Method::GET, leave_url.clone());
        let page = self.hub.client.send(request).await.step(STEP)?.body;
        Ok(String::from_utf8_lossy(&page).contains(account))
    }

    /// Posts the consent page's form; returns the query that the provider sends the browser back with.
    pub async fn answer(&self, leave_url: &Url, form: &str) -> Result<String, Failure> {
        self.answers(leave_url, form)
            .await?
            .ok_or_else(|| fail(ANSWER, "a redirect back to us", "a page of theirs"))
    }

    /// The same; none where the provider keeps the browser on a page of its own.
    pub async fn answers(&self, leave_url: &Url, form: &str) -> Result<Option<String>, Failure> {
        const STEP: &str = ANSWER;
        let body = form.to_owned();
        let request = Request::new(http::Method::POST, leave_url.clone())
            .body("application/x-www-form-urlencoded", body);
        let answer = self.hub.client.send(request).await.step(STEP)?;
        let location = match answer.header("location") {
            Some(location) => location,
            None if answer.status.is_success() => return Ok(None),
            None => {
                let got = format!("status {}", answer.status);
                return Err(fail(STEP, "a redirect back to us", got));
            }
        };
        let back = Url::parse(location).step(STEP)?;
        let wanted = self.hub.redirect_uri(&self.integration.id);
        if !location.starts_with(&wanted) {
            return Err(fail(STEP, &wanted, back.path()));
        }
        Ok(Some(back.query().unwrap_or_default().to_owned()))
    }

    /// The browser comes back.
    pub async fn callback(
        &self,
        integration: &str,
        query: &str,
        viewer: Option<&Viewer>,
        browser: Option<&SecretString>,
    ) -> Result<Finished, Failure> {
        let callback = Callback {
            integration,
            query,
            viewer,
            browser: browser.cloned(),
        };
        self.hub.finish(callback).await.step("take the callback")
    }

    /// The whole way, approved as the first account.
    pub async fn connect(&self, viewer: &Viewer) -> Result<Connection, Failure> {
        const STEP: &str = "connect";
        let started = self.start(viewer).await?;
        let url = self.leave_url(viewer, &started.flow).await?;
        let query = self.consent(&url, true, 0).await?;
        let finished = self
            .callback(&self.integration.id, &query, Some(viewer), Some(&started.browser))
            .await?;
        let connected = finished
            .outcome
            .map_err(|refusal| fail(STEP, "a connection", refusal.code()))?;
        let mut tx = self.hub.store.read(viewer.scope()).await.step(STEP)?;
        connections::get(&mut tx, &connected.connection)
            .await
            .step(STEP)?
            .ok_or_else(|| fail(STEP, "a stored connection", "none"))
    }

    /// Live connections of the viewer's tenant.
    pub async fn live(&self, viewer: &Viewer) -> Result<Vec<Connection>, Failure> {
        const STEP: &str = "list connections";
        let Some(tenant) = &viewer.tenant else {
            return Ok(Vec::new());
        };
        let mut tx = self.hub.store.read(viewer.scope()).await.step(STEP)?;
        let mut found = connections::list_of_tenant(&mut tx, tenant).await.step(STEP)?;
        found.retain(|connection| connection.ended_at.is_none());
        Ok(found)
    }

    /// Requests that reached the provider so far.
    pub fn requests(&self) -> usize {
        self.simulator.log().len()
    }

    /// Token requests that reached the provider so far.
    pub fn token_requests(&self) -> usize {
        self.integration
            .exchange_url()
            .map_or(0, |address| self.requests_to(address))
    }

    /// Requests to an address of the catalogue that reached the provider so far.
    pub fn requests_to(&self, address: &str) -> usize {
        self.log_of(address).len()
    }

    /// The newest of them.
    pub fn last_request_to(&self, address: &str) -> Option<LogEntry> {
        self.log_of(address).pop()
    }

    fn log_of(&self, address: &str) -> Vec<LogEntry> {
        // By hand: the host of an address, and segments of its path, can be parts that are to be filled.
        let rest = address.strip_prefix("https://").unwrap_or(address);
        let Some((_, path)) = rest.split_once('/') else {
            return Vec::new();
        };
        let path = format!("/{path}");
        let mut log = self.simulator.log();
        log.retain(|entry| is_filled(&path, &entry.path));
        log
    }
}

/// Whether a path is the catalogue's with its `{parts}` filled, each a whole segment.
fn is_filled(template: &str, path: &str) -> bool {
    let (wanted, got) = (template.split('/'), path.split('/'));
    wanted.clone().count() == got.clone().count()
        && wanted
            .zip(got)
            .all(|(wanted, got)| wanted == got || wanted.starts_with('{'))
}

/// A hub on a fresh database.
async fn throw_away(
    real: &Hub,
    clock: &Arc<ManualClock>,
    folder: &TempDir,
    port: u16,
) -> Result<Hub, Failure> {
    const STEP: &str = "open a throw-away database";
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let vault = Vault::new(Kek::generate(entropy.as_ref()), Arc::clone(&entropy));
    let url = format!("sqlite://{}", folder.path().join("bench.sqlite").display());
    let store = Store::open(&url, vault).await.step(STEP)?;
    let client = Client::new(Route::Simulated { port }).step(STEP)?;
    let settings = Settings {
        mode: Mode::Demo,
        public_url: "http://localhost:3000".to_owned(),
        build: real.settings.build.clone(),
        offer_unproven: true,
        left_out: Vec::new(),
    };
    Ok(Hub::new(
        store,
        Arc::clone(&real.catalog),
        client,
        Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
        settings,
    ))
}

/// Signs a sample person in, as the sign-in page does.
async fn sign_in(hub: &Hub, email: &str) -> Result<Viewer, Failure> {
    const STEP: &str = "sign in";
    let mut tx = hub.store.read(Scope::System).await.step(STEP)?;
    let person = patchbay_store::people::by_email(&mut tx, email)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "a sample person", "none"))?;
    drop(tx);
    let signed_in = hub.sign_in_sample(person.id.as_str(), None).await.step(STEP)?;
    hub.viewer(&signed_in.token)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "a session", "none"))
}
