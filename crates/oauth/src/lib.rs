//! How Patchbay talks to providers: authorization URLs, callbacks, tokens, revocation, API reads, and the one
//! guarded HTTP client that carries all of it. No database, no clock, no randomness of its own: what a flow needs
//! of those is passed in.
//!
//! The way of a connect: [`state::State`] and [`pkce::Verifier`] are made from fresh bytes, [`authorize::url`]
//! builds the address the admin is sent to, [`callback::parse`] reads what comes back, [`tokens::exchange`] turns
//! the code into tokens, [`arrival::arrive`] tells what addresses need and whose account it is. Later
//! [`tokens::refresh`], [`api::whoami`], [`listing::read`] and [`revoke::revoke`]. [`oauth1`] and [`link`] are the same way
//! for the two kinds of authorization that are not OAuth 2.0; what is before and after their own calls is shared. A key
//! instead of a flow: [`key::test`].
//!
//! Whatever a provider sends is hostile until it has been checked: bodies are capped and never kept in errors,
//! redirects are not followed, addresses inside our own network are refused where names are resolved.

pub mod api;
pub mod arrival;
pub mod authorize;
pub mod callback;
pub mod error;
pub mod http;
pub mod key;
pub mod link;
pub mod listing;
pub mod oauth1;
pub mod pkce;
pub mod recording;
pub mod retry_after;
pub mod revoke;
pub mod signature;
pub mod state;
pub mod tokens;
pub mod values;

mod account;
mod answer;
mod bridge;
mod fill;
mod jwt;
mod pick;

pub use error::{ProviderError, ProviderErrorKind};
pub use tokens::TokenAnswer;

use std::fmt;

use secrecy::SecretString;

/// A provider app: what the provider knows our client by (RFC 6749 section 2.2).
#[derive(Clone)]
pub struct App {
    /// The client's public id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
