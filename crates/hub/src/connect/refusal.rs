//! Every way in which an authorization is refused, in one list.

use patchbay_oauth::callback::CallbackError;

/// Why an authorization did not end in a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The answer's address is not one that a provider sends (S14, S21).
    Malformed,
    /// No flow of ours has this state (S14).
    Unknown,
    /// It was used before (S12).
    Used,
    /// It is older than ten minutes (S13).
    Late,
    /// It was started for another integration (S05).
    OtherIntegration,
    /// It came back in another browser than it left from (S01).
    OtherBrowser,
    /// Someone else of the same tenant started it (S02).
    OtherPerson {
        /// Their name; both are of the same tenant.
        name: String,
    },
    /// Someone of another tenant started it (S03).
    OtherTenant,
    /// Nobody is signed in (S04).
    SignedOut,
    /// The provider did not write it: its signature, its time or what it is about is not right (S30, S31, S33).
    Forged,
    /// The admin said no at the provider.
    Declined,
    /// An administrator of the customer's organisation has to allow it at the provider first.
    NeedsApproval,
    /// The admin left the provider's page before they were done.
    Unfinished,
    /// The provider did not let the authorization begin.
    NotStarted,
    /// The provider ended it with an error of its own.
    ProviderError,
    /// The provider would not turn the code into access.
    ExchangeRefused,
    /// The provider failed while handing over access.
    ExchangeFailed,
    /// Access was given to several accounts, and nothing says which one is meant.
    WhichOne {
        /// The label of the field that tells them apart, where there is one.
        field: Option<String>,
    },
    /// Access was given, but not to the account that is meant.
    NoneFits {
        /// The label of the field that says which one is meant, where there is one.
        field: Option<String>,
    },
    /// Our provider app is set up wrongly there.
    AppConfig,
    /// We could not store the outcome.
    OurFault,
}

impl Refusal {
    /// The word written to the audit log and to the address bar.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown-state",
            Self::Used => "used",
            Self::Late => "late",
            Self::OtherIntegration => "other-integration",
            Self::OtherBrowser => "other-browser",
            Self::OtherPerson { .. } => "other-person",
            Self::OtherTenant => "other-tenant",
            Self::SignedOut => "signed-out",
            Self::Forged => "forged",
            Self::Declined => "declined",
            Self::NeedsApproval => "approval-needed",
            Self::Unfinished => "unfinished",
            Self::NotStarted => "not-started",
            Self::ProviderError => "provider-error",
            Self::ExchangeRefused => "exchange-refused",
            Self::ExchangeFailed => "exchange-failed",
            Self::WhichOne { .. } => "which-one",
            Self::NoneFits { .. } => "none-fits",
            Self::AppConfig => "app-config",
            Self::OurFault => "our-fault",
        }
    }

    /// The status that the callback answers with; none: the admin is taken back to the integration's page, because
    /// it is an ordinary end and not an attack.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Malformed | Self::Unknown => Some(400),
            Self::SignedOut => Some(401),
            Self::OtherIntegration
            | Self::OtherBrowser
            | Self::OtherPerson { .. }
            | Self::OtherTenant
            | Self::Forged => Some(403),
            Self::Used => Some(409),
            Self::Late => Some(410),
            Self::Declined
            | Self::NeedsApproval
            | Self::Unfinished
            | Self::NotStarted
            | Self::ProviderError
            | Self::ExchangeRefused
            | Self::ExchangeFailed
            | Self::WhichOne { .. }
            | Self::NoneFits { .. }
            | Self::AppConfig
            | Self::OurFault => None,
        }
    }

    /// Whether someone should look at it soon: an authorization crossing from one customer to another.
    pub fn is_alarming(&self) -> bool {
        matches!(self, Self::OtherTenant)
    }
}

impl From<CallbackError> for Refusal {
    fn from(_: CallbackError) -> Self {
        Self::Malformed
    }
}
