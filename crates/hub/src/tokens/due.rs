//! When to renew access without being asked to: before it ends, and before a refresh token dies of not being used.

use std::time::Duration;

use patchbay_catalog::Integration;
use patchbay_store::time::Millis;

use crate::Hub;

/// Access is renewed a tenth of its life before it ends, within these bounds and never before half of it is over.
const SHORTEST_MARGIN_MS: i64 = 4 * 60 * 1000;
const LONGEST_MARGIN_MS: i64 = DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// First wait after a failure, doubled with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// No wait is longer, whatever a provider asks for (L09).
const LONGEST_WAIT: Duration = Duration::from_hours(1);

impl Hub {
    /// When tokens that came just now are to be renewed, with a fifth of spread, so that what was connected together does
    /// not end together; none where nothing makes it necessary.
    pub(crate) fn renewal_due(
        &self,
        integration: &Integration,
        expires_at: Option<Millis>,
    ) -> Option<Millis> {
        let idle_days = integration.oauth2()?.refresh.idle_days;
        due(self.now(), expires_at, idle_days, self.roll())
    }

    /// How long to wait after so many failures in a row, or after what the provider asked for: full jitter, so that what
    /// failed together does not come back together.
    pub(super) fn wait_after(&self, failures: i64, asked: Option<Duration>) -> Duration {
        match asked {
            Some(asked) => asked.min(LONGEST_WAIT),
            None => backoff(failures, self.roll()),
        }
    }

    /// A number from 0 to 999.
    fn roll(&self) -> i64 {
        i64::from(u32::from_le_bytes(self.random()) % 1000)
    }
}

/// `roll` is 0 to 999.
fn due(now: Millis, expires_at: Option<Millis>, idle_days: Option<u32>, roll: i64) -> Option<Millis> {
    let spread = 800 + roll * 2 / 5;
    let before_end = expires_at.map(|end| {
        let life = end.0.saturating_sub(now.0).max(0);
        let margin = (life / 10)
            .clamp(SHORTEST_MARGIN_MS, LONGEST_MARGIN_MS)
            .min(life / 2);
        end.0 - margin * spread / 1000
    });
    // Well before the end of the idle life: a worker that was down for days still comes in time.
    let before_idle = idle_days.map(|days| now.0 + i64::from(days) * DAY_MS * spread / 2000);
    before_end.into_iter().chain(before_idle).min().map(Millis)
}

fn backoff(failures: i64, roll: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 10)).unwrap_or(10);
    let most = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    // Never at once: a failure that was told in no time would be asked for again in no time.
    (most * u32::try_from(roll).unwrap_or_default() / 1000).max(Duration::from_secs(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_776_254_400_000);
    const MINUTE: i64 = 60 * 1000;

    fn minutes_left(life: i64, roll: i64) -> i64 {
        let end = NOW.0 + life * MINUTE;
        (end - due(NOW, Some(Millis(end)), None, roll).unwrap().0) / MINUTE
    }

    #[test]
    fn access_is_renewed_before_it_ends_and_not_all_at_once() {
        assert_eq!((minutes_left(60, 0), minutes_left(60, 999)), (4, 7));
        assert_eq!(minutes_left(90 * 24 * 60, 500), 24 * 60, "a day is enough");
        assert_eq!(minutes_left(2, 500), 1, "half of a short life");
    }

    #[test]
    fn a_token_that_dies_unused_is_used_in_good_time() {
        let days = |at: Millis| (at.0 - NOW.0) / DAY_MS;
        assert_eq!(days(due(NOW, None, Some(90), 500).unwrap()), 45);
        let hour = Some(Millis(NOW.0 + 60 * MINUTE));
        assert_eq!(
            days(due(NOW, hour, Some(90), 500).unwrap()),
            0,
            "whichever is earlier"
        );
        assert_eq!(due(NOW, None, None, 500), None, "nothing makes it necessary");
    }

    #[test]
    fn waits_grow_differ_and_have_an_end() {
        assert_eq!(backoff(0, 999).as_secs(), 29);
        assert_eq!(backoff(3, 500).as_secs(), 120);
        assert_eq!(backoff(i64::MAX, 999).as_secs(), 3596);
        assert_eq!(backoff(5, 0).as_secs(), 2);
    }
}
