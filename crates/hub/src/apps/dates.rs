//! Days, as forms and files give them: `2026-11-12`. A day is kept as its first moment in UTC and lasts to its end.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use patchbay_store::time::Millis;

/// A day in milliseconds.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is said where a day can't be read.
pub(super) const NOT_A_DAY: &str = "Enter a day as year, month and day: 2026-11-12";

/// A day that was typed; an error where it is none, or is not of these times.
pub(super) fn parse(text: &str) -> Result<Millis, &'static str> {
    let text = text.trim();
    let date: Date = text.parse().map_err(|_| NOT_A_DAY)?;
    // A time behind the day is read too, and would be lost without a word.
    if date.to_string() != text || !(2000..=2100).contains(&date.year()) {
        return Err(NOT_A_DAY);
    }
    let start = date.to_zoned(TimeZone::UTC).map_err(|_| NOT_A_DAY)?;
    Ok(Millis(start.timestamp().as_millisecond()))
}

/// The same where nothing may be typed.
pub(super) fn parse_optional(text: &str) -> Result<Option<Millis>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    parse(text).map(Some)
}

/// "2026-11-12", as a form's field holds it.
pub fn day_text(day: Millis) -> String {
    date(day).map_or_else(String::new, |date| date.to_string())
}

/// Whether a day has passed.
pub fn is_over(day: Millis, now: Millis) -> bool {
    day.0.saturating_add(DAY_MS) <= now.0
}

/// How many days from today to a day; negative where it has passed.
pub fn days_until(day: Millis, now: Millis) -> i64 {
    day.0.div_euclid(DAY_MS) - now.0.div_euclid(DAY_MS)
}

/// The day on which that many months from now have passed.
pub(super) fn months_from(now: Millis, months: u32) -> Option<Millis> {
    let later = date(now)?
        .checked_add(jiff::Span::new().months(i64::from(months)))
        .ok()?;
    let start = later.to_zoned(TimeZone::UTC).ok()?;
    Some(Millis(start.timestamp().as_millisecond()))
}

fn date(at: Millis) -> Option<Date> {
    let at = Timestamp::from_millisecond(at.0).ok()?;
    Some(at.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thu 12 Nov 2026, 14:02:31 UTC.
    const NOW: Millis = Millis(1_794_492_151_000);

    #[test]
    fn a_day_is_read_and_written_alike() {
        let day = parse(" 2026-11-12 ").unwrap();
        assert_eq!(day_text(day), "2026-11-12");
        for wrong in [
            "",
            "soon",
            "12.11.2026",
            "2026-13-01",
            "2026-02-30",
            "1999-01-01",
            "2026-11-12T10:00",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_optional("  "), Ok(None));
    }

    #[test]
    fn a_day_lasts_to_its_end() {
        let today = parse("2026-11-12").unwrap();
        let yesterday = parse("2026-11-11").unwrap();
        assert!(!is_over(today, NOW) && is_over(yesterday, NOW));
        assert_eq!((days_until(today, NOW), days_until(yesterday, NOW)), (0, -1));
        assert_eq!(days_until(parse("2026-11-21").unwrap(), NOW), 9);
    }

    #[test]
    fn months_are_counted_on_the_calendar() {
        assert_eq!(day_text(months_from(NOW, 24).unwrap()), "2028-11-12");
    }
}
