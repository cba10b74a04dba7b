//! What can go wrong in the hub, as far as its callers must tell cases apart.

use std::collections::BTreeMap;

use patchbay_store::StoreError;

/// Shorthand.
pub type Result<T> = std::result::Result<T, HubError>;

/// What can go wrong. The texts are for logs; pages choose their own words by variant.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// There is no such thing for this viewer.
    #[error("not found")]
    NotFound,
    /// It exists, but this viewer may not do that.
    #[error("not allowed")]
    Forbidden,
    /// It can't be connected yet.
    #[error("not offered yet")]
    NotOffered,
    /// What was typed is not right; a sentence for each field.
    #[error("{} fields to correct", .0.len())]
    Fields(BTreeMap<String, String>),
    /// Too many of these in a short time.
    #[error("too many requests")]
    TooMany {
        /// When to try again, in seconds.
        retry_after_s: u64,
    },
    /// The provider did not let an authorization begin. Nothing is stored but the audit row with this reference.
    #[error("an authorization could not begin: {}", .refusal.code())]
    NotStarted {
        /// What the admin is told.
        refusal: crate::connect::Refusal,
        /// What the admin can tell us.
        reference: String,
    },
    /// The database or the vault failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider failed or refused.
    #[error("provider: {0}")]
    Provider(#[from] patchbay_oauth::ProviderError),
    /// Something that our own checks should have made impossible.
    #[error("broken invariant: {0}")]
    Broken(&'static str),
}
