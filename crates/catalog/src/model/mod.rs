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
    ApiAuth, ApiAuthPlace, ApiKey, Auth, BodyKind, CallAuth, ChooseAccount, ClientAuth, ClientFields, Denial,
    Link, Method, OAuth1, OAuth2, Pkce, Refresh, Revoke, SignedCallback, TokenForm, TokenKind,
};
pub use history::{Cut, Listing, Only, Paging, Parent, Ready, RecordTime, Stream, Times, Tree};
pub use integration::{
    ApiVersion, Category, ErrorMeaning, ErrorWords, Integration, Origin, Stage, Whoami, WhoamiFallback,
};
pub use setup::{Limit, Opens, Probe, Setup};
pub use values::{ConnectionParam, Pick, ReturnedFrom, ReturnedValue, ValueError};
