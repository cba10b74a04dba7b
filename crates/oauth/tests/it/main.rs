//! The protocols and the guarded client against a canary: a listener on loopback that answers as told and remembers
//! everything that reached it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on should stop where it is"
)]

mod api;
mod arrival;
mod authorize;
mod canary;
mod dialects;
mod guard;
mod key;
mod link;
mod listing;
mod oauth1;
mod recording;
mod revoke;
mod signature;
mod tokens;
mod world;
