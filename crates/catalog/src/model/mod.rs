//! The types that describe one integration. Field by field they are the TOML of `integrations/*.toml`.
//!
//! URLs may contain `{name}` parts. A part is filled from what the admin typed ([`ConnectionParam`]), what the
//! provider returned ([`ReturnedValue`]), or `{client_id}` (and `{token}` where a provider wants it so); never from
//! anything else, and only after the value matched its pattern. A header with a part that has no value is left out.
//!
//! JSON paths are read by [`crate::path`]: names and array indexes between dots.

mod auth;
mod history;
mod integration;
mod raw;
mod setup;
mod values;

pub use auth::{
    ApiAuth, ApiAuthPlace, ApiKey, Auth, BodyKind, CallAuth, ClientAuth, Link, Method, OAuth1, OAuth2, Pkce,
    Refresh, Revoke, SignedCallback, TokenKind,
};
pub use history::{Cut, Paging, Parent, Stream};
pub use integration::{Category, ErrorMeaning, ErrorWords, Integration, Stage, Whoami, WhoamiFallback};
pub use setup::{Limit, Opens, Probe, Setup};
pub use values::{ConnectionParam, ReturnedFrom, ReturnedValue, ValueError};
