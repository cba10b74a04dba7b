//! What a check can find, each a fact that pages put into words.

use patchbay_store::{app_progress::Grade, time::Millis};
use serde::{Deserialize, Serialize};

/// Why the provider was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAsked {
    /// No call is known that would tell without harm.
    NoCall,
    /// The demo does not play this provider.
    NotPlayed,
}

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "kebab-case")]
pub enum Finding {
    /// Client id and secret are missing.
    NotSaved,
    /// The secret's last day is over.
    SecretEnded {
        /// Its last day.
        day: Millis,
    },
    /// The secret ends within a month.
    SecretEnds {
        /// Its last day.
        day: Millis,
    },
    /// The provider ends secrets, and nobody said when this one ends.
    SecretEndUnknown {
        /// How long it lasts at most.
        months: u32,
    },
    /// Of two secrets the provider accepted the other one only: it is used from now on.
    Turned,
    /// The secret in use is the older of two: the newer one was not accepted.
    NewerNotAccepted,
    /// The provider refuses redirect URIs on this host.
    RedirectRefused {
        /// `localhost` or `127.0.0.1`.
        host: String,
        /// The other of the two, where that one is accepted.
        instead: Option<String>,
    },
    /// Nobody knows whether the provider accepts redirect URIs on this host.
    RedirectUnknown {
        /// `localhost` or `127.0.0.1`.
        host: String,
    },
    /// The redirect URIs lead to this machine: nobody else can connect.
    RedirectHere,
    /// The redirect URIs that stand at the provider are those of another address of ours.
    RedirectMoved {
        /// The address that they belong to.
        was: String,
    },
    /// Nobody said that the redirect URIs stand at the provider.
    RedirectUnconfirmed,
    /// The redirect URIs stand at the provider, as a person said.
    RedirectConfirmed,
    /// Only our own account can connect until a switch is turned at the provider.
    NotOpen,
    /// The provider must review the app, and nobody asked for it.
    NotReviewed,
    /// The provider reviews the app.
    InReview {
        /// The day by which an answer is expected.
        expected: Option<Millis>,
    },
    /// The day by which an answer was expected is over.
    ReviewLate {
        /// That day.
        expected: Millis,
    },
    /// Every customer may connect, as far as it was said.
    Open,
    /// The provider accepts client id and secret.
    Accepted {
        /// Whether it is the other of two secrets.
        other: bool,
    },
    /// The provider does not accept client id and secret.
    WrongClient {
        /// Whether it is the other of two secrets.
        other: bool,
    },
    /// The provider knows the app and finds fault with its set-up.
    WrongSetUp {
        /// Its word for it, where the catalogue or a standard knows that word.
        word: Option<String>,
    },
    /// The provider did not answer, or asked us to wait: nothing was learned.
    NoAnswer,
    /// The provider's answer says neither yes nor no.
    Unclear,
    /// The provider was not asked.
    NotAsked {
        /// Why.
        why: NotAsked,
    },
}

impl Finding {
    /// How grave it is; none: it is no judgement.
    pub fn grade(&self) -> Option<Grade> {
        match self {
            Self::RedirectConfirmed | Self::Open | Self::Accepted { .. } => Some(Grade::Fine),
            Self::NotSaved
            | Self::SecretEnded { .. }
            | Self::RedirectRefused { .. }
            | Self::RedirectMoved { .. }
            | Self::WrongClient { other: false }
            | Self::WrongSetUp { .. } => Some(Grade::Wrong),
            Self::SecretEnds { .. }
            | Self::SecretEndUnknown { .. }
            | Self::Turned
            | Self::NewerNotAccepted
            | Self::RedirectHere
            | Self::NotOpen
            | Self::NotReviewed
            | Self::InReview { .. }
            | Self::ReviewLate { .. }
            | Self::WrongClient { other: true }
            | Self::NoAnswer
            | Self::Unclear => Some(Grade::Attention),
            Self::RedirectUnknown { .. } | Self::RedirectUnconfirmed | Self::NotAsked { .. } => None,
        }
    }
}

/// The gravest of several.
pub(super) fn gravest(findings: &[Finding]) -> Grade {
    findings
        .iter()
        .filter_map(Finding::grade)
        .max()
        .unwrap_or(Grade::Fine)
}

/// As they are stored.
pub(super) fn to_json(findings: &[Finding]) -> String {
    serde_json::to_string(findings).unwrap_or_default()
}

/// As they were stored; none that this build does not know.
pub(super) fn from_json(text: &str) -> Vec<Finding> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_stored_and_read_back() {
        let findings = vec![
            Finding::NotSaved,
            Finding::SecretEnds { day: Millis(1) },
            Finding::NotAsked {
                why: NotAsked::NoCall,
            },
            Finding::WrongClient { other: true },
        ];
        assert_eq!(from_json(&to_json(&findings)), findings);
        assert!(from_json("[{\"found\":\"of another build\"}]").is_empty());
    }

    #[test]
    fn the_gravest_decides() {
        let fine = Finding::Accepted { other: false };
        let attention = Finding::NotOpen;
        assert_eq!(gravest(&[]), Grade::Fine);
        assert_eq!(gravest(&[Finding::RedirectUnconfirmed]), Grade::Fine);
        assert_eq!(gravest(&[fine.clone(), attention.clone()]), Grade::Attention);
        assert_eq!(gravest(&[attention, Finding::NotSaved, fine]), Grade::Wrong);
    }
}
