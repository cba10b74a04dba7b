//! The simulator as a client meets it: over TCP, with no library in between.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected has to fail"
)]

mod api;
mod asana;
mod client;
mod consent;
mod control;
mod dialects;
mod faults;
mod github;
mod hosts;
mod sendgrid;
mod state;
