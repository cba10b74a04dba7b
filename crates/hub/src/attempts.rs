//! Slows guessing down: after five failures for one address each further try must wait, up to a minute. The wait is
//! short enough that the owner of the address is never locked out (S62).

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use patchbay_store::time::Millis;

use crate::{HubError, Result};

/// Failures before tries must wait.
const FREE: u32 = 5;
/// Longest wait, in milliseconds.
const LONGEST_MS: i64 = 60_000;
/// Failures are forgotten after this long without a further one, in milliseconds.
const MEMORY_MS: i64 = 15 * 60_000;
/// Addresses that are remembered at most; the oldest are forgotten first.
const MOST: usize = 10_000;

/// Failures by address.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, (u32, Millis)>>);

impl Attempts {
    /// Refuses a try that comes too early.
    pub(crate) fn check(&self, address: &str, now: Millis) -> Result<()> {
        let Some((failures, last)) = self.seen().get(address).copied() else {
            return Ok(());
        };
        let wait = wait_ms(failures) - (now.0 - last.0);
        if wait <= 0 {
            return Ok(());
        }
        Err(HubError::TooMany {
            retry_after_s: u64::try_from(wait / 1000 + 1).unwrap_or(60),
        })
    }

    /// Remembers a failure.
    pub(crate) fn failed(&self, address: &str, now: Millis) {
        let mut seen = self.seen();
        seen.retain(|_, (_, last)| now.0 - last.0 < MEMORY_MS);
        if seen.len() >= MOST {
            let oldest = seen.iter().min_by_key(|(_, (_, last))| *last);
            let oldest = oldest.map(|(address, _)| address.clone());
            seen.retain(|address, _| Some(address) != oldest.as_ref());
        }
        let entry = seen.entry(address.to_owned()).or_insert((0, now));
        *entry = (entry.0.saturating_add(1), now);
    }

    /// Forgets the failures of someone who got in.
    pub(crate) fn succeeded(&self, address: &str) {
        self.seen().remove(address);
    }

    /// A thread that panicked while it counted leaves counts that are still counts.
    fn seen(&self) -> MutexGuard<'_, HashMap<String, (u32, Millis)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long to wait after so many failures.
fn wait_ms(failures: u32) -> i64 {
    match failures.checked_sub(FREE) {
        None => 0,
        Some(over) => (1000_i64 << over.min(6)).min(LONGEST_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s62_guessing_is_slowed_and_the_owner_is_not_locked_out() {
        let attempts = Attempts::default();
        let mut now = Millis(0);
        let mut tried = 0;
        while now.0 < 10 * 60_000 {
            if attempts.check("ana@acme.example", now).is_ok() {
                attempts.failed("ana@acme.example", now);
                tried += 1;
            }
            now = Millis(now.0 + 100);
        }
        assert!(tried < 30, "{tried} tries in ten minutes");
        assert!(
            attempts.check("ben@globex.example", now).is_ok(),
            "others are not slowed"
        );
        let later = Millis(now.0 + LONGEST_MS);
        assert!(
            attempts.check("ana@acme.example", later).is_ok(),
            "never longer than a minute"
        );
    }
}
