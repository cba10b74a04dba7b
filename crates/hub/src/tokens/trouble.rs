//! Providers that are down: after a few failures in a row nobody of this process asks for a while, then one does (L25).

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use patchbay_store::time::Millis;

/// Failures in a row after which a provider counts as down.
const FAILURES: u32 = 5;
/// How long nobody asks then; doubled with each further failure.
const FIRST_PAUSE_MS: i64 = 15_000;
const LONGEST_PAUSE_MS: i64 = 5 * 60 * 1000;

/// What is known of the providers that failed lately, by the id of their app.
#[derive(Default)]
pub struct Troubles(Mutex<HashMap<String, Trouble>>);

/// One provider's failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// How many.
    pub failures: u32,
    /// Since when.
    pub since: Millis,
    /// When the next one may ask.
    pub until: Millis,
}

impl Troubles {
    /// Whether this provider may be asked now. Of many that come when a pause ends, one may.
    pub(super) fn may_ask(&self, provider: &str, now: Millis) -> bool {
        let mut known = self.known();
        match known.get_mut(provider) {
            Some(trouble) if trouble.failures >= FAILURES => {
                let open = trouble.until <= now;
                if open {
                    trouble.until = Millis(now.0 + FIRST_PAUSE_MS);
                }
                open
            }
            _ => true,
        }
    }

    /// Whether nobody may ask now. Unlike [`Self::may_ask`] this is no promise to ask.
    pub(super) fn is_paused(&self, provider: &str, now: Millis) -> bool {
        self.of(provider).is_some_and(|trouble| trouble.until > now)
    }

    /// It answered, whatever it said.
    pub(super) fn answered(&self, provider: &str) {
        self.known().remove(provider);
    }

    /// It did not.
    pub(super) fn failed(&self, provider: &str, now: Millis) {
        let mut known = self.known();
        let trouble = known.entry(provider.to_owned()).or_insert(Trouble {
            failures: 0,
            since: now,
            until: now,
        });
        trouble.failures += 1;
        if let Some(beyond) = trouble.failures.checked_sub(FAILURES) {
            let pause = (FIRST_PAUSE_MS << beyond.min(5)).min(LONGEST_PAUSE_MS);
            trouble.until = Millis(now.0 + pause);
        }
    }

    /// The provider's trouble, where it counts as down.
    pub fn of(&self, provider: &str) -> Option<Trouble> {
        let known = self.known().get(provider).copied();
        known.filter(|trouble| trouble.failures >= FAILURES)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l25_a_provider_that_is_down_is_asked_now_and_then_until_it_answers() {
        let troubles = Troubles::default();
        let now = Millis(1_000_000);
        for _ in 0..FAILURES {
            assert!(
                troubles.may_ask("asana", now),
                "a few failures are no trouble yet"
            );
            troubles.failed("asana", now);
        }
        assert!(!troubles.may_ask("asana", now) && troubles.may_ask("github", now));
        let later = Millis(now.0 + FIRST_PAUSE_MS);
        let asked = (0..50).filter(|_| troubles.may_ask("asana", later)).count();
        assert_eq!(asked, 1, "one finds out for all");
        troubles.failed("asana", later);
        assert!(
            !troubles.may_ask("asana", Millis(later.0 + FIRST_PAUSE_MS)),
            "the pause has grown"
        );
        assert_eq!(troubles.of("asana").unwrap().since, now);
        let much_later = Millis(later.0 + LONGEST_PAUSE_MS);
        assert!(troubles.may_ask("asana", much_later));
        troubles.answered("asana");
        assert!(troubles.of("asana").is_none() && troubles.may_ask("asana", much_later));
    }
}
