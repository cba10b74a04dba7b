//! Row ids: UUID version 7 as text, a type of its own for every kind of row.

use serde::{Deserialize, Serialize};

use crate::{Clock, Entropy};

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident;)+) => {$(
        $(#[$about])*
        #[derive(
            Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    )+};
}

ids! {
    /// A customer organisation.
    TenantId;
    /// Someone who signs in.
    PersonId;
    /// A tenant's link to one upstream account.
    ConnectionId;
    /// A pending authorization.
    FlowId;
    /// One set of tokens of a connection.
    GrantId;
    /// One import of history.
    SyncRunId;
    /// One piece of an import.
    WindowId;
    /// A token that is to be revoked at the provider.
    RevocationId;
    /// One run of all gates' checks.
    VerificationId;
    /// A test account that is taken through an integration.
    ProofId;
}

/// Makes a row id: a UUID version 7 (RFC 9562, section 5.7), so that ids sort by the time of their making.
///
/// Ids name rows. They are no secrets: tokens and states are made from [`Entropy`] alone.
pub fn new_id(clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now().0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, Millis, SeededEntropy};

    #[test]
    fn ids_sort_by_time_and_carry_version_7() {
        let clock = ManualClock::new(Millis(1_760_000_000_000));
        let entropy = SeededEntropy::new(1);
        let first = new_id(&clock, &entropy);
        clock.advance(std::time::Duration::from_millis(1));
        let second = new_id(&clock, &entropy);
        assert!(first < second);
        assert_eq!(first.as_bytes()[14], b'7');
        assert_eq!(first.len(), 36);
    }
}
