//! How long a provider asks us to wait (RFC 9110 section 10.2.3).

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::http::Answer;

/// The longest wait that is believed. Who means longer says so again when asked after it.
pub const LONGEST: Duration = Duration::from_hours(1);

/// The wait that an answer asks for, between one second and [`LONGEST`]; none: it says nothing that makes sense.
///
/// Dates are measured against the answer's own `Date`, so it does not matter how far our clocks are apart.
pub fn read(answer: &Answer) -> Option<Duration> {
    let asked = answer
        .header("retry-after")
        .and_then(|value| parse(value, answer.date()));
    asked.or_else(|| window_reset(answer))
}

/// Reads one value of `Retry-After`, seconds or a date.
pub fn parse(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // Too many digits for a number is only a very long wait.
        return Some(sane(value.parse().unwrap_or(u64::MAX)));
    }
    until(http_date(value)?, date)
}

/// GitHub's and others' way: no calls remain until a second of the epoch.
fn window_reset(answer: &Answer) -> Option<Duration> {
    if answer.header("x-ratelimit-remaining")?.trim() != "0" {
        return None;
    }
    let reset = answer.header("x-ratelimit-reset")?.trim().parse().ok()?;
    until(Timestamp::from_second(reset).ok()?, answer.date())
}

fn until(then: Timestamp, date: Option<&str>) -> Option<Duration> {
    let now = http_date(date?)?;
    let seconds = then.as_second().saturating_sub(now.as_second());
    Some(sane(u64::try_from(seconds).unwrap_or(0)))
}

fn http_date(value: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

fn sane(seconds: u64) -> Duration {
    Duration::from_secs(seconds.max(1)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: Option<&str> = Some("Sun, 06 Nov 1994 08:49:37 GMT");

    #[test]
    fn l09_seconds_and_dates_are_read() {
        assert_eq!(parse("120", None), Some(Duration::from_mins(2)));
        assert_eq!(parse(" 120 ", None), Some(Duration::from_mins(2)));
        assert_eq!(
            parse("Sun, 06 Nov 1994 08:51:37 GMT", DATE),
            Some(Duration::from_mins(2))
        );
    }

    #[test]
    fn l09_a_date_in_the_past_and_zero_are_a_second() {
        assert_eq!(
            parse("Sun, 06 Nov 1994 08:00:00 GMT", DATE),
            Some(Duration::from_secs(1))
        );
        assert_eq!(parse("0", None), Some(Duration::from_secs(1)));
    }

    #[test]
    fn l09_huge_waits_are_capped() {
        assert_eq!(parse("1000000000", None), Some(LONGEST));
        assert_eq!(parse("99999999999999999999999999", None), Some(LONGEST));
        assert_eq!(parse("Tue, 31 Dec 2999 23:59:59 GMT", DATE), Some(LONGEST));
    }

    #[test]
    fn l09_garbage_says_nothing() {
        for value in ["", "soon", "-5", "1.5", "12 minutes", "Sun, 06 Nov", "\u{0661}"] {
            assert_eq!(parse(value, DATE), None, "{value}");
        }
        // A date can't be judged without the provider's own.
        assert_eq!(parse("Sun, 06 Nov 1994 08:51:37 GMT", None), None);
    }
}
