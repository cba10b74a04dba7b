//! What the list of activity is narrowed to, from an address and back.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};
use patchbay_store::{
    audit::{self, AuditFilter},
    time::Millis,
};

use crate::view::{ActivityFilter, ActivityKind, Outcome};

const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Refused, Outcome::Failed];

/// The longest name that is looked for, in letters.
const LONGEST: usize = 100;

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Connections,
        Self::Access,
        Self::Keys,
        Self::History,
        Self::Apps,
        Self::Proofs,
        Self::Verifications,
        Self::SignIns,
    ];

    /// As it stands in an address.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Access => "access",
            Self::Keys => "keys",
            Self::History => "history",
            Self::Apps => "apps",
            Self::Proofs => "proofs",
            Self::Verifications => "verifications",
            Self::SignIns => "sign-ins",
        }
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Connections => "Connections",
            Self::Access => "Access ended",
            Self::Keys => "Keys",
            Self::History => "History",
            Self::Apps => "Provider apps",
            Self::Proofs => "Proofs",
            Self::Verifications => "Verifications",
            Self::SignIns => "Sign-ins",
        }
    }

    /// How its actions begin. `connect.…` and `connection.…` belong together.
    fn prefix(self) -> &'static str {
        match self {
            Self::Connections => "connect",
            Self::Access => "access.",
            Self::Keys => "key.",
            Self::History => "sync.",
            Self::Apps => "app.",
            Self::Proofs => "proof.",
            Self::Verifications => "verification.",
            Self::SignIns => "session.",
        }
    }
}

impl Outcome {
    /// As it stands in an address.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    fn stored(self) -> audit::Outcome {
        match self {
            Self::Done => audit::Outcome::Done,
            Self::Refused => audit::Outcome::Refused,
            Self::Failed => audit::Outcome::Failed,
        }
    }
}

impl ActivityFilter {
    /// From the parameters of an address; words that mean nothing narrow nothing. Days stay as they were typed.
    pub fn from_params(params: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| params.get(name).map_or("", |value| value.trim());
        let cut = |name: &str| get(name).chars().take(LONGEST).collect::<String>();
        let some = |name: &str| Some(cut(name)).filter(|value| !value.is_empty());
        Self {
            who: cut("who"),
            kind: ActivityKind::ALL
                .into_iter()
                .find(|kind| kind.slug() == get("kind")),
            integration: some("integration"),
            tenant: some("tenant").map(Into::into),
            outcome: OUTCOMES
                .into_iter()
                .find(|outcome| outcome.slug() == get("result")),
            from: cut("from"),
            to: cut("to"),
            before: get("before").parse().ok(),
            after: get("after").parse().ok(),
        }
    }

    /// The pairs that stand in an address for it, without the page.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let kind = self.kind.map_or("", ActivityKind::slug);
        let outcome = self.outcome.map_or("", Outcome::slug);
        let tenant = self.tenant.as_ref().map(ToString::to_string);
        [
            ("who", self.who.clone()),
            ("kind", kind.to_owned()),
            ("integration", self.integration.clone().unwrap_or_default()),
            ("tenant", tenant.unwrap_or_default()),
            ("result", outcome.to_owned()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }

    /// Whether it narrows anything.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// What is wrong with the first day, if anything is.
    pub fn from_error(&self) -> Option<String> {
        not_a_day(&self.from)
    }

    /// What is wrong with the last day, if anything is.
    pub fn to_error(&self) -> Option<String> {
        let turned = matches!((day(&self.from), day(&self.to)), (Some(from), Some(to)) if to < from);
        not_a_day(&self.to).or_else(|| turned.then(|| String::from("This is before the first day.")))
    }

    /// What the store is asked for. A day that is none narrows nothing.
    pub(super) fn stored(&self, limit: i64) -> AuditFilter {
        AuditFilter {
            integration: self.integration.clone(),
            tenant: self.tenant.clone(),
            outcome: self.outcome.map(Outcome::stored),
            actor: Some(self.who.clone()).filter(|who| !who.is_empty()),
            action: self.kind.map(ActivityKind::prefix),
            from: day(&self.from).and_then(start_of),
            to: day(&self.to)
                .and_then(|last| last.tomorrow().ok())
                .and_then(start_of),
            before: self.before,
            after: self.after.filter(|_| self.before.is_none()),
            limit,
        }
    }
}

fn not_a_day(text: &str) -> Option<String> {
    let wrong = !text.is_empty() && day(text).is_none();
    wrong.then(|| format!("“{text}” is not a day. Write it as 2026-04-15."))
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// Its first moment in UTC.
fn start_of(day: Date) -> Option<Millis> {
    let midnight = day.to_zoned(TimeZone::UTC).ok()?;
    Some(Millis(midnight.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(pairs: &[(&str, &str)]) -> ActivityFilter {
        let params = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ActivityFilter::from_params(&params.collect())
    }

    #[test]
    fn what_an_address_says_comes_back_in_the_next() {
        let pairs = [
            ("who", "Ana"),
            ("kind", "keys"),
            ("integration", "asana"),
            ("tenant", "acme"),
            ("result", "refused"),
            ("from", "2026-04-01"),
            ("to", "2026-04-15"),
        ];
        let back: Vec<(&str, String)> = filter(&pairs).pairs();
        assert_eq!(back, pairs.map(|(name, value)| (name, value.to_owned())));
        assert!(filter(&[("kind", "nonsense"), ("before", "x")]).is_empty());
    }

    #[test]
    fn the_last_day_belongs_to_it() {
        let stored = filter(&[("from", "2026-04-15"), ("to", "2026-04-15")]).stored(50);
        let (from, to) = (stored.from.unwrap(), stored.to.unwrap());
        assert_eq!(from.rfc3339_seconds(), "2026-04-15T00:00:00Z");
        assert_eq!(to.rfc3339_seconds(), "2026-04-16T00:00:00Z");
    }

    #[test]
    fn a_day_that_is_none_is_said_and_narrows_nothing() {
        let wrong = filter(&[("from", "15.4."), ("to", "2026-02-30")]);
        let said = wrong.from_error().unwrap();
        assert_eq!(said, "“15.4.” is not a day. Write it as 2026-04-15.");
        assert!(wrong.to_error().unwrap().contains("2026-02-30"));
        let stored = wrong.stored(50);
        assert_eq!((stored.from, stored.to), (None, None));
        let turned = filter(&[("from", "2026-04-15"), ("to", "2026-04-01")]);
        assert_eq!(
            turned.to_error().as_deref(),
            Some("This is before the first day.")
        );
    }
}
