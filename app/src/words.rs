//! Numbers, times and plurals as people read them. Pure functions: the present is passed in.
//!
//! Times are epoch milliseconds and shown in UTC, with the zone named wherever exactness matters.

use jiff::{Timestamp, Zoned, tz::TimeZone};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;

/// `1234567` as "1,234,567".
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "no records", "1 record", "5,310 records". `many` is the plural.
pub fn count(number: u64, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        more => format!("{} {many}", thousands(more)),
    }
}

/// A share in whole percent: "<1 %" for little but not nothing, never "100 %" before all is there.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    if part >= whole {
        return "100 %".to_owned();
    }
    match part.saturating_mul(100) / whole {
        0 => "<1 %".to_owned(),
        share => format!("{share} %"),
    }
}

/// Percent of a thing that has begun: nothing is "0 %" once something has arrived.
pub fn progress(percent: u8, begun: bool) -> String {
    match percent {
        0 if begun => "<1 %".to_owned(),
        share => format!("{share} %"),
    }
}

/// "a", "a and b", "a, b and c"; `last` is the word before the last: "and", "or".
pub fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// How long ago: "just now", "5 minutes ago", "3 days ago"; after 30 days the date. What is yet to come gets the date.
pub fn ago(now: i64, then: i64) -> String {
    let past = now - then;
    match past {
        i64::MIN..MINUTE if past > -MINUTE => "just now".to_owned(),
        MINUTE..HOUR => back(past / MINUTE, "minute"),
        HOUR..DAY => back(past / HOUR, "hour"),
        DAY..MONTH => back(past / DAY, "day"),
        _ => date(now, then),
    }
}

fn back(number: i64, unit: &str) -> String {
    if number == 1 {
        format!("1 {unit} ago")
    } else {
        format!("{number} {unit}s ago")
    }
}

/// "12 Nov", with the year where it is not this one: "12 Nov 2025".
pub fn date(now: i64, then: i64) -> String {
    match (zoned(now), zoned(then)) {
        (Some(now), Some(then)) if now.year() == then.year() => then.strftime("%-d %b").to_string(),
        (_, Some(then)) => then.strftime("%-d %b %Y").to_string(),
        _ => unknown(),
    }
}

/// "12 Nov 14:02": for lists in which the day matters as much as the time.
pub fn date_and_clock(now: i64, then: i64) -> String {
    format!("{} {}", date(now, then), clock(then))
}

/// "Today", "Yesterday", "Mon 9 Nov", "Mon 9 Nov 2025": the head of a list's day.
pub fn day(now: i64, then: i64) -> String {
    match now.div_euclid(DAY) - then.div_euclid(DAY) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => zoned(then).map_or_else(unknown, |at| format!("{} {}", at.strftime("%a"), date(now, then))),
    }
}

/// "14:02".
pub fn clock(then: i64) -> String {
    zoned(then).map_or_else(unknown, |then| then.strftime("%H:%M").to_string())
}

/// "Tue 3 Feb 2026, 14:00 UTC": for what ends, and for audit.
pub fn exact(then: i64) -> String {
    zoned(then).map_or_else(unknown, |then| {
        then.strftime("%a %-d %b %Y, %H:%M UTC").to_string()
    })
}

/// RFC 3339 with seconds, for `<time datetime>`.
pub fn machine(then: i64) -> String {
    Timestamp::from_millisecond(then - then.rem_euclid(SECOND))
        .map_or_else(|_| String::new(), |then| then.to_string())
}

/// "40 s", "12 min", "2 h 5 min": how long something took or will take.
pub fn length(milliseconds: i64) -> String {
    let all = milliseconds.max(0);
    if all < MINUTE {
        format!("{} s", all / SECOND)
    } else if all < HOUR {
        format!("{} min", all / MINUTE)
    } else {
        let (hours, minutes) = (all / HOUR, all % HOUR / MINUTE);
        match minutes {
            0 => format!("{hours} h"),
            _ => format!("{hours} h {minutes} min"),
        }
    }
}

/// "about 6 to 9 minutes left", from the pace so far; none while too little has happened to tell.
pub fn left(elapsed: i64, percent: u8) -> Option<String> {
    if !(5..100).contains(&percent) || elapsed < 20 * SECOND {
        return None;
    }
    let rest = elapsed / i64::from(percent) * i64::from(100 - percent);
    let minutes = |share: i64| (rest * share / 100 + MINUTE / 2) / MINUTE;
    Some(match (minutes(80), minutes(125)) {
        (_, 0..=1) => "about a minute left".to_owned(),
        (low, high) if low == high => format!("about {low} minutes left"),
        (low, high) => format!("about {} to {high} minutes left", low.max(1)),
    })
}

/// A text as it stands in a query.
pub fn form_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// The two letters that stand in for a logo: of the first two words, else the first two of the name.
pub fn initials(name: &str) -> String {
    let mut firsts = name
        .split_whitespace()
        .filter_map(|word| word.chars().next().filter(|c| c.is_alphanumeric()));
    if let (Some(first), Some(second)) = (firsts.next(), firsts.next()) {
        return first.to_uppercase().chain(second.to_uppercase()).collect();
    }
    let mut letters = name.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.next()).collect()
}

fn zoned(at: i64) -> Option<Zoned> {
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(at.to_zoned(TimeZone::UTC))
}

fn unknown() -> String {
    "unknown time".to_owned()
}

/// What is said where an integration can be connected before its history is built.
pub fn history_later(name: &str) -> String {
    format!("History comes later: connecting {name} is ready, bringing its last 90 days is not yet.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thu 12 Nov 2026, 14:02:31 UTC.
    const NOW: i64 = 1_794_492_151_000;

    #[test]
    fn numbers_are_separated_in_thousands() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(12_408), "12,408");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn plurals_are_real() {
        assert_eq!(count(0, "record", "records"), "no records");
        assert_eq!(count(1, "record", "records"), "1 record");
        assert_eq!(count(5_310, "record", "records"), "5,310 records");
    }

    #[test]
    fn a_share_is_neither_nothing_nor_all_before_it_is() {
        assert_eq!(percent(0, 90), "0 %");
        assert_eq!(percent(1, 500), "<1 %");
        assert_eq!(percent(999, 1_000), "99 %");
        assert_eq!(percent(90, 90), "100 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(progress(0, true), "<1 %");
        assert_eq!(progress(43, true), "43 %");
    }

    #[test]
    fn lists_end_with_a_word() {
        let names = ["Mia".to_owned(), "Ana".to_owned(), "Ben".to_owned()];
        assert_eq!(list(&names[..1], "or"), "Mia");
        assert_eq!(list(&names[..2], "or"), "Mia or Ana");
        assert_eq!(list(&names, "and"), "Mia, Ana and Ben");
    }

    #[test]
    fn the_past_is_told_as_people_tell_it() {
        assert_eq!(ago(NOW, NOW - 20 * SECOND), "just now");
        assert_eq!(ago(NOW, NOW + 20 * SECOND), "just now");
        assert_eq!(ago(NOW, NOW - MINUTE), "1 minute ago");
        assert_eq!(ago(NOW, NOW - 59 * MINUTE), "59 minutes ago");
        assert_eq!(ago(NOW, NOW - 5 * HOUR), "5 hours ago");
        assert_eq!(ago(NOW, NOW - 29 * DAY), "29 days ago");
        assert_eq!(ago(NOW, NOW - 40 * DAY), "3 Oct");
        assert_eq!(ago(NOW, NOW - 400 * DAY), "8 Oct 2025");
        assert_eq!(ago(NOW, NOW + 3 * DAY), "15 Nov");
    }

    #[test]
    fn exact_times_name_their_zone() {
        assert_eq!(exact(NOW), "Thu 12 Nov 2026, 14:02 UTC");
        assert_eq!(clock(NOW), "14:02");
        assert_eq!(machine(NOW + 250), "2026-11-12T14:02:31Z");
        assert_eq!(exact(i64::MAX), "unknown time");
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!(length(40 * SECOND), "40 s");
        assert_eq!(length(12 * MINUTE + 5 * SECOND), "12 min");
        assert_eq!(length(2 * HOUR + 5 * MINUTE), "2 h 5 min");
        assert_eq!(length(-5), "0 s");
    }

    #[test]
    fn what_is_left_is_a_range_from_the_pace_so_far() {
        assert_eq!(left(12 * MINUTE, 2), None, "too early to tell");
        assert_eq!(left(5 * SECOND, 50), None, "too early to tell");
        assert_eq!(left(30 * SECOND, 50).as_deref(), Some("about a minute left"));
        assert_eq!(
            left(12 * MINUTE, 60).as_deref(),
            Some("about 6 to 10 minutes left")
        );
    }

    #[test]
    fn a_search_text_is_safe_in_an_address() {
        assert_eq!(form_encoded("a b&c=é"), "a%20b%26c%3D%C3%A9");
    }

    #[test]
    fn days_have_names() {
        assert_eq!(day(NOW, NOW), "Today");
        assert_eq!(day(NOW, NOW - 15 * HOUR), "Yesterday");
        assert_eq!(day(NOW, NOW - 3 * DAY), "Mon 9 Nov");
        assert_eq!(day(NOW, NOW - 368 * DAY), "Sun 9 Nov 2025");
    }

    #[test]
    fn two_letters_stand_in_for_a_logo() {
        assert_eq!(initials("Slack"), "Sl");
        assert_eq!(initials("Microsoft Teams"), "MT");
        assert_eq!(initials("Monday.com"), "Mo");
        assert_eq!(initials("Outlook (Microsoft)"), "Ou");
        assert_eq!(initials("é"), "É");
        assert_eq!(initials(""), "");
    }
}
