//! Stages, next steps and findings of provider apps, as people read them.

use patchbay_hub::apps::{AppNext, Finding, NotAsked, days_until};
use patchbay_store::{
    app_progress::{Grade, Stage},
    time::Millis,
};

use crate::{
    ui::{Glyph, Shown, Tone},
    words,
};

/// "In review".
pub(super) fn stage(stage: Stage) -> Shown {
    match stage {
        Stage::NotRegistered => Shown::new(Tone::Neutral, Glyph::RingBar, "Not registered"),
        Stage::Registered => Shown::new(Tone::Neutral, Glyph::Ring, "Registered"),
        Stage::InReview => Shown::new(Tone::Running, Glyph::Hourglass, "In review"),
        Stage::Approved => Shown::new(Tone::Good, Glyph::Check, "Approved"),
    }
}

/// "12 Nov 2026": a day on which something ends is always whole.
pub(super) fn day(day: Millis) -> String {
    // No present is as far away, so the year is always there.
    words::date(0, day.0)
}

/// "today", "tomorrow", "in 9 days", "3 days ago".
fn distance(day: Millis, now: Millis) -> String {
    match days_until(day, now) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        later @ 2.. => format!("in {later} days"),
        earlier => format!("{} days ago", earlier.unsigned_abs()),
    }
}

/// What is to be done next, and how loud it is said. Pending is grey, whatever there is of it.
pub(super) fn next(next: AppNext, now: Millis) -> Shown {
    let (tone, glyph, text) = match next {
        AppNext::ReplaceNow(_) => (
            Tone::Critical,
            Glyph::Octagon,
            "Replace the secret: it has ended".to_owned(),
        ),
        AppNext::Mend => (
            Tone::Critical,
            Glyph::Octagon,
            "Mend what the check found".to_owned(),
        ),
        AppNext::ReplaceBefore(day) => (
            Tone::Attention,
            Glyph::Triangle,
            format!("Replace the secret: it ends {}", distance(day, now)),
        ),
        AppNext::PasteAgain => (
            Tone::Attention,
            Glyph::Triangle,
            "Copy the newer secret again".to_owned(),
        ),
        AppNext::AskAgain(due) => (
            Tone::Attention,
            Glyph::Triangle,
            format!("Ask the provider: an answer was due on {}", day(due)),
        ),
        AppNext::Paste => (
            Tone::Neutral,
            Glyph::Ring,
            "Paste client id and secret".to_owned(),
        ),
        AppNext::Register => (Tone::Neutral, Glyph::Ring, "Register it".to_owned()),
        AppNext::Open => (Tone::Neutral, Glyph::Ring, "Open it to customers".to_owned()),
        AppNext::AskForReview => (Tone::Neutral, Glyph::Ring, "Ask for the review".to_owned()),
        AppNext::Wait(None) => (
            Tone::Running,
            Glyph::Hourglass,
            "Wait for the provider".to_owned(),
        ),
        AppNext::Wait(Some(due)) => (
            Tone::Running,
            Glyph::Hourglass,
            format!("Wait for the provider until {}", day(due)),
        ),
        AppNext::Nothing => (Tone::Good, Glyph::Check, "Nothing to do".to_owned()),
    };
    Shown::new(tone, glyph, text)
}

/// The same in a sentence of the app's own page: what to do, and where on it.
pub(super) fn next_sentence(next: AppNext, name: &str, now: Millis) -> String {
    match next {
        AppNext::ReplaceNow(ended) => format!(
            "The last day of the secret was {}. Make a new one at {name} and add it in step 4.",
            day(ended)
        ),
        AppNext::Mend => "The last check found something wrong: see below.".to_owned(),
        AppNext::ReplaceBefore(ends) => format!(
            "The secret ends on {}, {}. Make a new one at {name} and add it in step 4; the old one is kept beside it.",
            day(ends),
            distance(ends, now)
        ),
        AppNext::PasteAgain => format!(
            "{name} accepts the older of two secrets only. Copy the newer one again, or wait if it begins to work later."
        ),
        AppNext::AskAgain(due) => format!(
            "{name} was expected to answer by {}. Ask there, or enter a new day in step 5.",
            day(due)
        ),
        AppNext::Paste => "Paste client id and secret in step 4.".to_owned(),
        AppNext::Register => format!("Register an app at {name}: steps 1 to 4 say how."),
        AppNext::Open => format!(
            "Only our own account can connect. Open the app to other accounts at {name}, then say so in step 5."
        ),
        AppNext::AskForReview => {
            format!("Ask {name} for its review: step 1 says what it wants. Then enter the day in step 5.")
        }
        AppNext::Wait(None) => format!("{name} reviews the app. Nobody said when an answer is expected."),
        AppNext::Wait(Some(due)) => format!(
            "{name} reviews the app; an answer is expected by {}, {}.",
            day(due),
            distance(due, now)
        ),
        AppNext::Nothing => "Nothing to do.".to_owned(),
    }
}

/// Tone and shape of a finding.
pub(super) fn finding_look(grade: Option<Grade>) -> (Tone, Glyph) {
    match grade {
        Some(Grade::Wrong) => (Tone::Critical, Glyph::Octagon),
        Some(Grade::Attention) => (Tone::Attention, Glyph::Triangle),
        Some(Grade::Fine) => (Tone::Good, Glyph::Check),
        None => (Tone::Neutral, Glyph::Ring),
    }
}

/// The word that repeats a finding's tone for those who see no colour.
pub(super) fn grade_word(grade: Option<Grade>) -> &'static str {
    match grade {
        Some(Grade::Wrong) => "Wrong",
        Some(Grade::Attention) => "Needs a look",
        Some(Grade::Fine) => "In order",
        None => "Not known",
    }
}

/// What a check found, and what to do about it.
pub(super) fn finding(found: &Finding, name: &str, now: Millis) -> String {
    match found {
        Finding::NotSaved => "Client id and secret are missing. Paste them in step 4.".to_owned(),
        Finding::SecretEnded { day: last } => format!(
            "The last day of the secret was {}. Make a new one at {name} and add it in step 4.",
            day(*last)
        ),
        Finding::SecretEnds { day: last } => format!(
            "The secret ends on {}, {}. Add a new one in step 4 before.",
            day(*last),
            distance(*last, now)
        ),
        Finding::SecretEndUnknown { months } => format!(
            "Secrets of {name} end after {months} months at most, and nobody said when this one does. Enter its last day in step 4."
        ),
        Finding::Turned => {
            "The secret that was in use is not accepted, the other one is: it is used from now on.".to_owned()
        }
        Finding::NewerNotAccepted => {
            "The older of two secrets is in use, because the newer one was not accepted. Copy the newer one again.".to_owned()
        }
        Finding::RedirectRefused { host, instead } => {
            let way = instead.as_ref().map_or_else(String::new, |other| {
                format!(", or for a first try under http://{other}")
            });
            format!("{name} refuses redirect URIs on {host}. Serve Patchbay under https{way}.")
        }
        Finding::RedirectUnknown { host } => {
            format!("It is not known whether {name} accepts redirect URIs on {host}.")
        }
        Finding::RedirectHere => {
            "The redirect URIs lead to this machine: nobody else can connect. Customers need Patchbay under https.".to_owned()
        }
        Finding::RedirectMoved { was } => format!(
            "The redirect URIs that stand at {name} are those of {was}. Register those of step 2, then tick them in step 5."
        ),
        Finding::RedirectUnconfirmed => format!(
            "Nobody said that the redirect URIs of step 2 stand at {name}. Tick them in step 5 once they do."
        ),
        Finding::RedirectConfirmed => format!("The redirect URIs of step 2 stand at {name}, as was said."),
        Finding::NotOpen => format!(
            "Only our own account can connect until the app is opened at {name}. Then set the stage to Approved."
        ),
        Finding::NotReviewed => format!(
            "{name} has to review the app before customers can connect without limits, and no review was asked for."
        ),
        Finding::InReview { expected: None } => {
            format!("{name} reviews the app. Nobody said when an answer is expected.")
        }
        Finding::InReview {
            expected: Some(expected),
        } => format!("{name} reviews the app; an answer is expected by {}.", day(*expected)),
        Finding::ReviewLate { expected } => format!(
            "{name} was expected to answer the review by {}. Ask there, or enter a new day in step 5.",
            day(*expected)
        ),
        Finding::Open => "Nothing stands in the way of customers’ accounts, as was said.".to_owned(),
        Finding::Accepted { other: false } => format!(
            "{name} accepts client id and secret: it was asked with a call that changes nothing there."
        ),
        Finding::Accepted { other: true } => format!("{name} accepts the other secret too."),
        Finding::WrongClient { other: false } => {
            format!("{name} does not accept client id and secret. Copy both again in step 4.")
        }
        Finding::WrongClient { other: true } => format!("{name} does not accept the other secret."),
        Finding::WrongSetUp { word } => wrong_set_up(name, word.as_deref()),
        Finding::NoAnswer => format!("{name} did not answer, so nothing is proven. Check again later."),
        Finding::Unclear => format!(
            "The answer of {name} says neither yes nor no. Whether it accepts the secret shows when someone connects."
        ),
        Finding::NotAsked { why: NotAsked::NoCall } => format!(
            "{name} was not asked: no call is known that tells without harm. Whether it accepts the secret shows when someone connects."
        ),
        Finding::NotAsked {
            why: NotAsked::NotPlayed,
        } => format!("{name} was not asked: this demo does not play it."),
    }
}

/// The provider knows the app and finds fault with it. Its word is one that the catalogue or a standard knows.
fn wrong_set_up(name: &str, word: Option<&str>) -> String {
    let Some(word) = word else {
        return format!("{name} finds fault with how the app is set up there. Go through steps 1 to 3.");
    };
    let step = match word.to_ascii_lowercase() {
        word if word.contains("redirect") => "Compare the redirect URIs with step 2",
        word if word.contains("scope") => "Compare the permissions with step 3",
        _ => "Go through steps 1 to 3",
    };
    format!("{name} finds fault with how the app is set up there ({word}). {step}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thu 12 Nov 2026, 14:02:31 UTC.
    const NOW: Millis = Millis(1_794_492_151_000);
    const DAY: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn days_are_told_as_people_tell_them() {
        for (days, said) in [
            (0, "today"),
            (1, "tomorrow"),
            (9, "in 9 days"),
            (-1, "yesterday"),
            (-3, "3 days ago"),
        ] {
            assert_eq!(distance(Millis(NOW.0 + days * DAY), NOW), said);
        }
        assert_eq!(day(NOW), "12 Nov 2026");
    }

    #[test]
    fn the_word_of_a_provider_leads_to_a_step() {
        let said = |word: &str| wrong_set_up("Asana", Some(word));
        assert!(said("redirect_uri_mismatch").contains("step 2"));
        assert!(said("forbidden_scopes").contains("step 3"));
        assert!(said("unauthorized_client").contains("steps 1 to 3"));
    }

    #[test]
    fn what_ends_soon_is_loud_and_what_is_pending_is_not() {
        let tone = |of: AppNext| next(of, NOW).tone;
        assert_eq!(tone(AppNext::ReplaceBefore(NOW)), Tone::Attention);
        assert_eq!(tone(AppNext::ReplaceNow(NOW)), Tone::Critical);
        assert_eq!(tone(AppNext::Register), Tone::Neutral);
        assert_eq!(tone(AppNext::Wait(None)), Tone::Running);
    }
}
