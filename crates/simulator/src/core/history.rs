//! Days and times of the sample data. Every account has a year of history, up to now.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// Length of a day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;
/// How many days of history an account has.
const YEAR_DAYS: i64 = 365;

/// The days (since 1970-01-01) that an account's history holds between two times, both in epoch
/// milliseconds and `to` excluded. Days after now do not exist.
pub fn days(now: i64, from: i64, to: i64) -> std::ops::Range<i64> {
    let today = now.div_euclid(DAY_MS);
    let first = from.div_euclid(DAY_MS).max(today - YEAR_DAYS);
    let end = to.min(now.saturating_add(1));
    // The last, begun day counts too.
    let last = end.saturating_add(DAY_MS - 1).div_euclid(DAY_MS).min(today + 1);
    first..last.max(first)
}

/// A time as providers write it: RFC 3339 in UTC, with or without milliseconds.
pub fn iso(ms: i64, with_milliseconds: bool) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    if with_milliseconds {
        format!("{time:.3}")
    } else {
        format!("{time:.0}")
    }
}

/// A time as HTTP headers write it (RFC 9110 section 5.6.7).
pub fn http_date(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Reads RFC 3339, or a plain date as its first moment in UTC; epoch milliseconds.
pub fn parse_iso(text: &str) -> Option<i64> {
    let time = text.parse::<Timestamp>().ok();
    time.map(Timestamp::as_millisecond)
        .or_else(|| parse_date(text).map(|day| day * DAY_MS))
}

/// A day (since 1970-01-01) as `YYYY-MM-DD`.
pub fn date(day: i64) -> String {
    iso(day * DAY_MS, false).chars().take(10).collect()
}

/// Reads `YYYY-MM-DD`, and nothing longer; days since 1970-01-01.
pub fn parse_date(text: &str) -> Option<i64> {
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond().div_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_as_providers_do() {
        let ms = 1_776_211_200_123;
        assert_eq!(iso(ms, true), "2026-04-15T00:00:00.123Z");
        assert_eq!(iso(ms, false), "2026-04-15T00:00:00Z");
        assert_eq!(http_date(ms), "Wed, 15 Apr 2026 00:00:00 GMT");
        assert_eq!(parse_iso("2026-04-15T00:00:00.123Z"), Some(ms));
        assert_eq!(parse_iso("2026-04-15T02:00:00.123+02:00"), Some(ms));
        assert_eq!(parse_iso("2026-04-15"), Some(ms - 123));
        assert_eq!(parse_iso("yesterday"), None);
        assert_eq!(date(parse_date("2026-04-15").unwrap()), "2026-04-15");
        assert_eq!(parse_date("2026-04-15T00:00:00Z"), None);
        assert_eq!(parse_date("2026-02-30"), None);
    }

    #[test]
    fn history_is_a_year_and_ends_now() {
        let now = 20_000 * DAY_MS + 5;
        assert_eq!(days(now, i64::MIN, i64::MAX), 19_635..20_001);
        assert_eq!(days(now, 19_999 * DAY_MS, 20_000 * DAY_MS), 19_999..20_000);
        assert_eq!(days(now, 19_999 * DAY_MS, 20_000 * DAY_MS + 1), 19_999..20_001);
        assert!(days(now, now + DAY_MS, i64::MAX).is_empty());
    }
}
