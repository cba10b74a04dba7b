//! What is to be done next with an app. One thing at a time, the most pressing first: this is the order of the list.

use patchbay_catalog::model::Opens;
use patchbay_store::{
    app_progress::{AppProgress, Grade, Stage},
    provider_apps::ProviderApp,
    time::Millis,
};

use super::{dates, progress::effective};

/// A secret that ends within so many days is to be replaced.
pub(super) const SOON_DAYS: i64 = 30;

/// What is to be done next, the most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppNext {
    /// Replace the secret: its last day is over.
    ReplaceNow(Millis),
    /// Mend what the last check found wrong.
    Mend,
    /// Paste the newer secret again: the provider accepted the older one only.
    PasteAgain,
    /// Replace the secret before its last day.
    ReplaceBefore(Millis),
    /// Ask the provider: the answer was expected by this day.
    AskAgain(Millis),
    /// Paste client id and secret: the app is registered, as someone said.
    Paste,
    /// Register the app.
    Register,
    /// Turn the switch that opens it to customers.
    Open,
    /// Ask for the review.
    AskForReview,
    /// Wait for the provider, which is expected to answer by this day.
    Wait(Option<Millis>),
    /// Nothing.
    Nothing,
}

impl AppNext {
    /// Its place in the order of kinds, without the day.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::ReplaceNow(_) => 0,
            Self::Mend => 1,
            Self::PasteAgain => 2,
            Self::ReplaceBefore(_) => 3,
            Self::AskAgain(_) => 4,
            Self::Paste => 5,
            Self::AskForReview | Self::Open => 6,
            Self::Register => 7,
            Self::Wait(_) => 8,
            Self::Nothing => 9,
        }
    }

    /// The day that it is about.
    pub(super) fn day(self) -> Option<Millis> {
        match self {
            Self::ReplaceNow(day) | Self::ReplaceBefore(day) | Self::AskAgain(day) => Some(day),
            Self::Wait(day) => day,
            _ => None,
        }
    }

    /// What is to be done next with an app.
    pub(super) fn of(said: &AppProgress, app: Option<&ProviderApp>, opens: Opens, now: Millis) -> Self {
        let ends = app.and_then(|app| app.secret_ends_at);
        let late = said.review_expected.filter(|day| dates::is_over(*day, now));
        match (effective(said.stage, app.is_some()), app, ends) {
            (_, Some(_), Some(day)) if dates::is_over(day, now) => Self::ReplaceNow(day),
            (_, Some(_), _) if said.check_grade == Some(Grade::Wrong) => Self::Mend,
            (_, Some(app), _) if older_in_use(app) => Self::PasteAgain,
            (_, Some(_), Some(day)) if dates::days_until(day, now) <= SOON_DAYS => Self::ReplaceBefore(day),
            (Stage::InReview, _, _) if late.is_some() => late.map_or(Self::Nothing, Self::AskAgain),
            (Stage::NotRegistered, _, _) => Self::Register,
            (_, None, _) => Self::Paste,
            (Stage::InReview, _, _) => Self::Wait(said.review_expected),
            (Stage::Registered, _, _) => match opens {
                Opens::AtOnce => Self::Nothing,
                Opens::BySwitch => Self::Open,
                Opens::ByReview => Self::AskForReview,
            },
            (Stage::Approved, _, _) => Self::Nothing,
        }
    }
}

/// Whether the secret in use is the older of two.
pub(super) fn older_in_use(app: &ProviderApp) -> bool {
    app.other_secret.is_some() && app.secret_since < app.other_since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::progress::nothing_said;

    const NOW: Millis = Millis(1_794_492_151_000);

    fn in_review(expected: Option<Millis>) -> AppProgress {
        AppProgress {
            stage: Stage::InReview,
            review_expected: expected,
            ..nothing_said("asana")
        }
    }

    #[test]
    fn without_an_app_it_is_registered_or_pasted() {
        let next = |said: &AppProgress| AppNext::of(said, None, Opens::ByReview, NOW);
        assert_eq!(next(&nothing_said("asana")), AppNext::Register);
        assert_eq!(next(&in_review(None)), AppNext::Paste);
        let late = Millis(NOW.0 - 2 * dates::DAY_MS);
        assert_eq!(next(&in_review(Some(late))), AppNext::AskAgain(late));
    }

    #[test]
    fn the_order_of_the_list_is_the_order_of_the_kinds() {
        let all = [
            AppNext::ReplaceNow(NOW),
            AppNext::Mend,
            AppNext::PasteAgain,
            AppNext::ReplaceBefore(NOW),
            AppNext::AskAgain(NOW),
            AppNext::Paste,
            AppNext::Open,
            AppNext::Register,
            AppNext::Wait(None),
            AppNext::Nothing,
        ];
        assert!(all.is_sorted_by_key(|next| next.rank()));
    }
}
