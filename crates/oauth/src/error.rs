//! What can go wrong with a provider, in the few kinds that decide what happens next.

use std::time::Duration;

use patchbay_catalog::model::{ErrorMeaning, ErrorWords};

use crate::http::{Blocked, SendError};

/// A call to a provider that did not work. No body, address or secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", self.tail())]
pub struct ProviderError {
    /// What it means.
    pub kind: ProviderErrorKind,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The provider's word for it, where it is one that the catalogue or RFC 6749 knows.
    pub code: Option<String>,
    /// Whether the provider does not know our client id and secret together. It has not looked at the rest of the call
    /// then, and another secret may help. Other faults of our set-up, such as a redirect URI that is not registered, are
    /// not meant.
    pub blames_client: bool,
    /// Whether the provider may have done what was asked although its answer is lost.
    pub maybe_done: bool,
}

/// What a failure means.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderErrorKind {
    /// The code, grant, token or key is no good: asking again won't help.
    #[error("the provider refused")]
    Refused,
    /// Our provider app is set up wrongly.
    #[error("the provider does not accept our app")]
    AppConfig,
    /// The person said no.
    #[error("access was not given")]
    UserRefused,
    /// Too many calls.
    #[error("the provider asks us to slow down")]
    Limited {
        /// How long to wait, capped; none: it did not say.
        retry_after: Option<Duration>,
    },
    /// It may pass: an error of the provider's own, no connection, no answer in time.
    #[error("the provider is not available")]
    Unavailable,
    /// An answer that makes no sense: HTML, not JSON, wrong shape, too large, a redirect.
    #[error("the provider's answer makes no sense")]
    Garbled,
    /// Our guard refused an address or a returned value.
    #[error("blocked: {0}")]
    Blocked(Blocked),
}

impl ProviderError {
    /// A failure without an answer or a word.
    pub fn of(kind: ProviderErrorKind) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            blames_client: false,
            maybe_done: false,
        }
    }

    pub(crate) fn garbled() -> Self {
        Self::of(ProviderErrorKind::Garbled)
    }

    pub(crate) fn blocked(why: Blocked) -> Self {
        Self::of(ProviderErrorKind::Blocked(why))
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub(crate) fn code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    fn tail(&self) -> String {
        match (self.status, &self.code) {
            (Some(status), Some(code)) => format!(" (status {status}, {code})"),
            (Some(status), None) => format!(" (status {status})"),
            (None, Some(code)) => format!(" ({code})"),
            (None, None) => String::new(),
        }
    }
}

impl ProviderErrorKind {
    /// A short word for logs, audit rows and counts.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::AppConfig => "app-config",
            Self::UserRefused => "user-refused",
            Self::Limited { .. } => "limited",
            Self::Unavailable => "unavailable",
            Self::Garbled => "garbled",
            Self::Blocked(_) => "blocked",
        }
    }
}

impl From<ProviderErrorKind> for ProviderError {
    fn from(kind: ProviderErrorKind) -> Self {
        Self::of(kind)
    }
}

impl From<SendError> for ProviderError {
    fn from(error: SendError) -> Self {
        let kind = match error {
            SendError::Blocked(why) => ProviderErrorKind::Blocked(why),
            SendError::BodyTooLarge { .. } => ProviderErrorKind::Garbled,
            SendError::Connect | SendError::Timeout | SendError::Cut => ProviderErrorKind::Unavailable,
        };
        Self {
            maybe_done: error.may_be_done(),
            ..Self::of(kind)
        }
    }
}

impl From<Blocked> for ProviderError {
    fn from(why: Blocked) -> Self {
        Self::blocked(why)
    }
}

/// Error words of RFC 6749 (sections 4.1.2.1 and 5.2), RFC 6750 (section 3.1) and, for callbacks, of `OpenID`
/// Connect Core section 3.1.2.6.
const STANDARD_WORDS: [(&str, ProviderErrorKind); 15] = [
    ("access_denied", ProviderErrorKind::UserRefused),
    ("account_selection_required", ProviderErrorKind::UserRefused),
    ("consent_required", ProviderErrorKind::UserRefused),
    ("interaction_required", ProviderErrorKind::UserRefused),
    ("login_required", ProviderErrorKind::UserRefused),
    ("invalid_grant", ProviderErrorKind::Refused),
    ("invalid_token", ProviderErrorKind::Refused),
    ("invalid_client", ProviderErrorKind::AppConfig),
    ("invalid_request", ProviderErrorKind::AppConfig),
    ("invalid_scope", ProviderErrorKind::AppConfig),
    ("unauthorized_client", ProviderErrorKind::AppConfig),
    ("unsupported_grant_type", ProviderErrorKind::AppConfig),
    ("unsupported_response_type", ProviderErrorKind::AppConfig),
    ("server_error", ProviderErrorKind::Unavailable),
    ("temporarily_unavailable", ProviderErrorKind::Unavailable),
];

/// What a provider's word means: by the catalogue first, then by the standards; none: nobody knows it.
pub fn kind_of(word: &str, words: &ErrorWords) -> Option<ProviderErrorKind> {
    listed_kind(word, words).or_else(|| {
        STANDARD_WORDS
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, kind)| kind.clone())
    })
}

/// What a provider's word means by the catalogue alone.
pub(crate) fn listed_kind(word: &str, words: &ErrorWords) -> Option<ProviderErrorKind> {
    words.meaning(word).map(|meaning| match meaning {
        ErrorMeaning::Permanent | ErrorMeaning::Approval => ProviderErrorKind::Refused,
        ErrorMeaning::Temporary => ProviderErrorKind::Unavailable,
        ErrorMeaning::AppConfig => ProviderErrorKind::AppConfig,
        ErrorMeaning::UserRefused => ProviderErrorKind::UserRefused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_beats_the_standard() {
        // Given a provider that uses a standard word in its own way
        let words = ErrorWords {
            permanent: vec!["bad_refresh_token".into()],
            temporary: vec!["invalid_grant".into()],
            ..ErrorWords::default()
        };
        // When its words are read, then the catalogue decides, then the RFC, then nobody
        assert_eq!(
            kind_of("bad_refresh_token", &words),
            Some(ProviderErrorKind::Refused)
        );
        assert_eq!(
            kind_of("invalid_grant", &words),
            Some(ProviderErrorKind::Unavailable)
        );
        assert_eq!(
            kind_of("invalid_client", &words),
            Some(ProviderErrorKind::AppConfig)
        );
        assert_eq!(kind_of("whatever", &words), None);
    }

    #[test]
    fn a_lost_answer_is_told_from_a_call_that_never_left() {
        assert!(ProviderError::from(SendError::Cut).maybe_done);
        assert!(ProviderError::from(SendError::Timeout).maybe_done);
        assert!(!ProviderError::from(SendError::Connect).maybe_done);
        assert!(!ProviderError::from(SendError::Blocked(Blocked::Address)).maybe_done);
    }
}
