//! A year of sample records for any provider, the same after every start, and pages of them.
//!
//! A profile says which streams its accounts have ([`SampleStream`]); its calls tell them in the provider's words and
//! pages. What a stream holds between two times ([`truth`]) is what an import is compared with.

use super::{
    cursor::Cursor,
    history::{DAY_MS, days},
    provider::Seen,
    random::Dice,
};
use crate::profiles::Account;

/// How long the token of a page works.
const TOKEN_LIFE_MS: i64 = 3_600_000;

/// One kind of record that an account has.
pub struct SampleStream {
    /// Its name, as in the question what the provider holds.
    pub name: &'static str,
    /// Ids of what its records lie in, such as channels; one empty text where they lie in nothing.
    pub parents: fn(&Account) -> Vec<String>,
    /// Records of a day and parent at most; at least none.
    pub per_day: u64,
    /// A record's id at the provider, by its parent: the same wherever the provider tells it.
    pub id: fn(&str, &Sample) -> String,
    /// True where ids are unique within a parent only, so that the parent stands before them (`parent:id`).
    pub within_parents: bool,
    /// How many records of a parent the provider gives out, the newest; none: all.
    pub newest: Option<usize>,
    /// How old a record is before the provider gives it out, in milliseconds.
    pub held_back_ms: i64,
    /// The ids of what an account has, where the provider tells no times: it is there whatever span is asked for.
    pub undated: Option<fn(&Account) -> Vec<String>>,
}

impl SampleStream {
    /// Up to three records a day that lie in nothing, with numbers for ids.
    pub const STANDARD: Self = Self {
        name: "",
        parents: |_| vec![String::new()],
        per_day: 3,
        id: |_, sample| sample.number.to_string(),
        within_parents: false,
        newest: None,
        held_back_ms: 0,
        undated: None,
    };
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// A number that no other record of the stream has.
    pub number: u64,
    /// When it was changed last, in epoch milliseconds; whole seconds.
    pub at: i64,
    /// When it was made, in epoch milliseconds; up to thirty days before.
    pub made_at: i64,
    /// A few words.
    pub title: String,
}

/// The records of a stream, parent and account whose time lies in `[from, to)`, oldest first, as they were at `as_of`:
/// those that the provider gives out.
pub fn samples(
    seed: u64,
    stream: &SampleStream,
    account: &Account,
    parent: &str,
    as_of: i64,
    from: i64,
    to: i64,
) -> Vec<Sample> {
    let place = format!("{} {} {parent}", stream.name, account.id);
    // Numbers of one parent and account stay apart from another's.
    let base = Dice::at(seed, &place).roll() % 90_000 * 10_000_000;
    let last = as_of - stream.held_back_ms;
    // Which are the newest is known of all only.
    let (first, end) = stream.newest.map_or((from, to), |_| (i64::MIN, i64::MAX));
    let mut found: Vec<Sample> = days(as_of, first, end)
        .flat_map(|day| day_of(seed, &place, base, stream.per_day, day))
        .filter(|sample| sample.at <= last)
        .collect();
    found.sort_by_key(|sample| (sample.at, sample.number));
    let given_out = stream.newest.unwrap_or(usize::MAX);
    found.drain(..found.len().saturating_sub(given_out));
    found.retain(|sample| sample.at >= from && sample.at < to);
    found
}

fn day_of(seed: u64, place: &str, base: u64, per_day: u64, day: i64) -> Vec<Sample> {
    const WHAT: [&str; 6] = ["Plan", "Review", "Draft", "Question", "Update", "Handover"];
    const ABOUT: [&str; 6] = [
        "launch",
        "billing",
        "onboarding",
        "roadmap",
        "invoice",
        "contract",
    ];
    let mut dice = Dice::at(seed, &format!("{place} {day}"));
    let count = dice.between(0, per_day);
    (0..count)
        .map(|index| {
            let what = dice.pick(&WHAT).copied().unwrap_or_default();
            let about = dice.pick(&ABOUT).copied().unwrap_or_default();
            let within = i64::try_from(dice.roll() % 86_400).unwrap_or_default() * 1_000;
            let age = i64::try_from(dice.between(0, 30 * 86_400)).unwrap_or_default() * 1_000;
            let at = day * DAY_MS + within;
            Sample {
                number: base + day.unsigned_abs() * 100 + index,
                at,
                made_at: at - age,
                title: format!("{what}: {about}"),
            }
        })
        .collect()
}

/// The ids of a stream's records whose time lies in `[from, to)`, oldest first; all where there are no times.
pub fn truth(
    seed: u64,
    stream: &SampleStream,
    account: &Account,
    now: i64,
    from: i64,
    to: i64,
) -> Vec<String> {
    if let Some(ids) = stream.undated {
        return ids(account);
    }
    let mut found: Vec<(i64, String)> = Vec::new();
    for parent in (stream.parents)(account) {
        for sample in samples(seed, stream, account, &parent, now, from, to) {
            let id = (stream.id)(&parent, &sample);
            let id = if stream.within_parents {
                format!("{parent}:{id}")
            } else {
                id
            };
            found.push((sample.at, id));
        }
    }
    found.sort();
    found.into_iter().map(|(_, id)| id).collect()
}

impl Seen<'_> {
    /// The records of one of this provider's streams, oldest first, as they are now: none where the account has no such
    /// parent.
    pub fn samples(&self, stream: &SampleStream, parent: &str, from: i64, to: i64) -> Vec<Sample> {
        self.samples_as_of(stream, parent, from, to, self.call.now)
    }

    /// The same as they were at a time.
    pub fn samples_as_of(
        &self,
        stream: &SampleStream,
        parent: &str,
        from: i64,
        to: i64,
        as_of: i64,
    ) -> Vec<Sample> {
        let known = (stream.parents)(self.account);
        if known.iter().any(|known| known == parent) {
            samples(self.world.seed, stream, self.account, parent, as_of, from, to)
        } else {
            Vec::new()
        }
    }

    /// The page that an opaque token leads to, or the first, and the token of the next; `None` for a token that was
    /// altered, belongs to another query (`bound`) or is too old. `list` gives all records as they were at a time.
    pub fn page<T: Clone>(
        &self,
        token: Option<&str>,
        size: usize,
        bound: &str,
        list: impl Fn(i64) -> Vec<T>,
    ) -> Option<(Vec<T>, Option<String>)> {
        let (seed, now) = (self.world.seed, self.call.now);
        let bound = format!("{} {} {bound}", self.account.id, self.call.path);
        let cursor = match token {
            None => Cursor {
                position: 0,
                as_of: now,
            },
            Some(token) => Cursor::open(token, seed, &bound, now, TOKEN_LIFE_MS)?,
        };
        let all = list(cursor.as_of);
        let end = (cursor.position + size).min(all.len());
        let shown = all.get(cursor.position..end).unwrap_or_default().to_vec();
        let next = (end < all.len()).then(|| {
            Cursor {
                position: end,
                ..cursor
            }
            .seal(seed, &bound)
        });
        Some((shown, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Account = Account {
        id: "1",
        label: "ana@acme.example",
        name: "Ana Ruiz",
    };
    const NOW: i64 = 1_776_254_400_000;

    fn stream() -> SampleStream {
        SampleStream {
            name: "notes",
            parents: |_| vec!["a".to_owned(), "b".to_owned()],
            within_parents: true,
            ..SampleStream::STANDARD
        }
    }

    #[test]
    fn a_span_holds_the_same_records_however_it_is_cut() {
        let stream = stream();
        let all = samples(7, &stream, &ANA, "a", NOW, NOW - 90 * DAY_MS, NOW);
        assert!(all.len() > 90, "{}", all.len());
        let halves = [(NOW - 90 * DAY_MS, NOW - 45 * DAY_MS), (NOW - 45 * DAY_MS, NOW)];
        let cut: Vec<Sample> = halves
            .into_iter()
            .flat_map(|(from, to)| samples(7, &stream, &ANA, "a", NOW, from, to))
            .collect();
        assert_eq!(cut, all);
        let other = samples(7, &stream, &ANA, "b", NOW, NOW - 90 * DAY_MS, NOW);
        assert!(other.iter().all(|sample| !all.contains(sample)));
    }

    #[test]
    fn what_is_not_given_out_is_not_there() {
        let all = samples(7, &stream(), &ANA, "a", NOW, NOW - 90 * DAY_MS, NOW);
        let few = SampleStream {
            newest: Some(50),
            ..stream()
        };
        let given_out = samples(7, &few, &ANA, "a", NOW, NOW - 90 * DAY_MS, NOW);
        assert_eq!(given_out, all[all.len() - 50..]);
        assert!(samples(7, &few, &ANA, "a", NOW, NOW - 90 * DAY_MS, NOW - 80 * DAY_MS).is_empty());
        let late = SampleStream {
            held_back_ms: 10 * DAY_MS,
            ..stream()
        };
        let given_out = samples(7, &late, &ANA, "a", NOW, NOW - 90 * DAY_MS, NOW);
        let old = all.iter().filter(|sample| sample.at <= NOW - 10 * DAY_MS);
        assert_eq!(given_out, old.cloned().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_held_names_every_record_once() {
        let stream = stream();
        let held = truth(7, &stream, &ANA, NOW, NOW - 90 * DAY_MS, NOW);
        let distinct: std::collections::BTreeSet<&String> = held.iter().collect();
        assert_eq!(distinct.len(), held.len());
        assert!(held.iter().any(|id| id.starts_with("a:")) && held.iter().any(|id| id.starts_with("b:")));
        assert!(
            truth(7, &stream, &ANA, NOW, NOW, NOW + 90 * DAY_MS).is_empty(),
            "the future holds nothing"
        );
        let undated = SampleStream {
            undated: Some(|account| vec![account.id.to_owned()]),
            ..SampleStream::STANDARD
        };
        assert_eq!(truth(7, &undated, &ANA, NOW, NOW, NOW + DAY_MS), ["1"]);
    }
}
