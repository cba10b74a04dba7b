//! The one shared state behind all requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::SecretString;
use tokio::sync::{Notify, watch};

use super::{faults::Faults, ledger::Ledger, log::Log, random::mint};
use crate::profiles::{self, Profile};

/// Tells the time, in epoch milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Everything a request can see and change.
pub struct World {
    /// Decides the sample data.
    pub seed: u64,
    /// The providers played here.
    pub profiles: Vec<Box<dyn Profile>>,
    /// Woken when the ledger changed, for the state file.
    pub changed: Notify,
    /// True once the simulator is stopping.
    pub stopping: watch::Sender<bool>,
    clock: Clock,
    ledger: Mutex<Ledger>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
    calls: Mutex<HashMap<u64, (i64, u32)>>,
    secrets: Mutex<HashMap<(&'static str, String), SecretString>>,
}

impl World {
    /// A world with what the state file remembered.
    pub fn new(seed: u64, clock: Clock, ledger: Ledger) -> Self {
        Self {
            seed,
            profiles: profiles::all(),
            changed: Notify::new(),
            stopping: watch::Sender::new(false),
            clock,
            ledger: Mutex::new(ledger),
            faults: Mutex::default(),
            log: Mutex::default(),
            calls: Mutex::default(),
            secrets: Mutex::default(),
        }
    }

    /// The time, in epoch milliseconds.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// The profile that owns a host.
    pub fn profile_of_host(&self, host: &str) -> Option<&dyn Profile> {
        self.profiles
            .iter()
            .find(|profile| profile.owns(host))
            .map(AsRef::as_ref)
    }

    /// The profile of a name.
    pub fn profile(&self, id: &str) -> Option<&dyn Profile> {
        self.profiles
            .iter()
            .find(|profile| profile.id() == id)
            .map(AsRef::as_ref)
    }

    /// Looks into the ledger.
    pub fn read<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&unpoisoned(&self.ledger))
    }

    /// Changes the ledger, and has the change written to the state file soon.
    pub fn change<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> T {
        let result = change(&mut unpoisoned(&self.ledger));
        self.changed.notify_one();
        result
    }

    /// Tidies the ledger without counting as a change.
    pub fn with_ledger<T>(&self, tidy: impl FnOnce(&mut Ledger) -> T) -> T {
        tidy(&mut unpoisoned(&self.ledger))
    }

    /// Fresh text for a code or token.
    pub fn mint(&self, length: usize) -> String {
        let number = self.change(Ledger::next_number);
        mint(self.seed, self.now(), number, length)
    }

    /// The faults that were asked for.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        unpoisoned(&self.faults)
    }

    /// The request log.
    pub fn log(&self) -> MutexGuard<'_, Log> {
        unpoisoned(&self.log)
    }

    /// Keeps an app's secret for providers that sign with it: in memory only, never in the state file.
    pub fn keep_secret(&self, profile: &'static str, client_id: &str, secret: &SecretString) {
        unpoisoned(&self.secrets).insert((profile, client_id.to_owned()), secret.clone());
    }

    /// An app's secret, where it was registered since the start.
    pub fn secret(&self, profile: &'static str, client_id: &str) -> Option<SecretString> {
        unpoisoned(&self.secrets)
            .get(&(profile, client_id.to_owned()))
            .cloned()
    }

    /// Counts a call of a grant and says how many it has made in this clock hour.
    pub fn count_call(&self, grant: u64, now: i64) -> u32 {
        const HOUR_MS: i64 = 3_600_000;
        let hour = now.div_euclid(HOUR_MS);
        let mut calls = unpoisoned(&self.calls);
        let entry = calls.entry(grant).or_insert((hour, 0));
        if entry.0 != hour {
            *entry = (hour, 0);
        }
        entry.1 += 1;
        entry.1
    }
}

/// A lock whose holder panicked still guards usable data: every change is one assignment.
fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
