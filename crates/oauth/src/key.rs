//! The test of an API key before it is kept: one read that every key of the right kind may make.

use crate::api::{self, Account, ApiCall};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Client;

/// What the provider says of a key that it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTest {
    /// It is good.
    Good(Account),
    /// It is good and lacks the right to say whose it is (status 403): not a bad key.
    LacksRight,
}

/// Asks the provider about a key.
///
/// # Errors
/// [`ProviderError`]: `Refused` where the provider does not know the key; anything else says nothing about it.
pub async fn test(client: &Client, call: &ApiCall<'_>) -> Result<KeyTest, ProviderError> {
    match api::whoami(client, call).await {
        Ok(account) => Ok(KeyTest::Good(account)),
        // A word of the catalogue's says more than the status does.
        Err(error)
            if error.kind == ProviderErrorKind::Refused
                && error.status == Some(403)
                && error.code.is_none() =>
        {
            Ok(KeyTest::LacksRight)
        }
        Err(error) => Err(error),
    }
}
