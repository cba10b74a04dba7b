//! What Patchbay does, apart from pages and routes: connects, keeps connections usable, brings history, verifies
//! the 39 integrations and reports how far they are.
//!
//! Everything starts from a [`Hub`]: it holds the store, the catalogue, the one outgoing client, the clock and the
//! randomness. Pages read through [`view`]; routes and server functions call the modules named after what they do:
//!
//! - [`access`] decides who may do what;
//! - [`people`] signs in and out, [`accounts`] makes the first owner;
//! - [`connect`] takes an admin to the provider and back, or takes a key;
//! - [`connections`] tests and ends connections (`wrong_account` those of an account that was not meant), [`tokens`] keeps them usable, [`revocations`] ends access there;
//! - [`history`] brings the last 90 days;
//! - [`prove`] takes an engineer's test account through an integration at its real provider;
//! - [`verify`] proves each integration against the simulator, [`attest`] knows what others have confirmed, [`rollout`]
//!   counts, [`report`] exports;
//! - [`live`] tells open pages that something changed.
//!
//! No call to a provider happens inside a database transaction.

pub mod access;
pub mod accounts;
pub mod activity;
pub mod apps;
pub mod attempts;
pub mod attest;
pub mod connect;
pub mod connections;
pub mod demo;
mod error;
pub mod history;
mod kept;
mod listing;
pub mod live;
mod overview;
pub mod passwords;
pub mod people;
pub mod prove;
pub mod report;
pub mod revocations;
pub mod rollout;
pub mod scratch;
mod settings;
pub mod tokens;
pub mod verify;
pub mod view;
mod words;
mod wrong_account;

use std::sync::Arc;

use patchbay_catalog::{Catalog, Integration};
use patchbay_oauth::http::Client;
use patchbay_store::{Store, entropy::Entropy, ids, time::Clock, time::Millis};

pub use connect::Typed;
pub use error::{HubError, Result};
pub use settings::{Mode, Settings};

/// The product without its pages. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Parts>);

/// What a [`Hub`] is made of.
pub struct Parts {
    /// Both databases and the vault.
    pub store: Store,
    /// The integrations.
    pub catalog: Arc<Catalog>,
    /// The one way out.
    pub client: Client,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The one randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Mode, public address, build.
    pub settings: Settings,
    /// Tells open pages and workers that something changed.
    pub live: live::Live,
    /// One refresh at a time for each connection.
    pub refreshing: tokens::Refreshing,
    /// Providers that are down.
    pub troubles: tokens::Troubles,
    /// This process, as it signs leases.
    node: String,
    /// One verification at a time.
    pub verifying: verify::Running,
    /// What goes over the wire while integrations are proven.
    pub tapes: prove::Tapes,
    /// Failed sign-ins.
    pub attempts: attempts::Attempts,
    /// What was read and still stands.
    kept: kept::Kept,
    /// What the last look at the audit trail found.
    trail: activity::Trail,
}

impl Hub {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        catalog: Arc<Catalog>,
        client: Client,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Self {
        let node = ids::new_id(clock.as_ref(), entropy.as_ref());
        Self(Arc::new(Parts {
            node,
            store,
            catalog,
            client,
            clock,
            entropy,
            settings,
            live: live::Live::default(),
            refreshing: tokens::Refreshing::default(),
            troubles: tokens::Troubles::default(),
            verifying: verify::Running::default(),
            tapes: prove::Tapes::default(),
            attempts: attempts::Attempts::default(),
            kept: kept::Kept::default(),
            trail: activity::Trail::default(),
        }))
    }

    /// Frees what a server that is gone had leased.
    ///
    /// # Errors
    /// [`HubError::Store`].
    pub async fn free_leases(&self) -> Result<()> {
        let mut tx = self.store.write(patchbay_store::Scope::System).await?;
        patchbay_store::lease::free_all(&mut tx, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The present, by the hub's clock.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Mode, public address, build.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The integrations.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// A fresh row id.
    pub(crate) fn new_id<T: From<String>>(&self) -> T {
        T::from(ids::new_id(self.clock.as_ref(), self.entropy.as_ref()))
    }

    /// Fresh random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A short id that a person can read out: eight letters and digits that are hard to mix up.
    pub fn new_reference(&self) -> String {
        const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        self.random::<8>()
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
            .collect()
    }

    /// An integration of the catalogue, or "not found".
    pub(crate) fn integration_or_404(&self, id: &str) -> Result<&Integration> {
        self.catalog.get(id).ok_or(HubError::NotFound)
    }

    /// Where the provider sends people back to, for this integration. From configuration, never from a request.
    pub fn redirect_uri(&self, integration: &str) -> String {
        format!(
            "{}/callback/{integration}",
            self.settings.public_url.trim_end_matches('/')
        )
    }
}

impl std::ops::Deref for Hub {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
