//! The server's tests: the real router, the real hub, a real database, and the simulator in place of the providers.
//!
//! Requests go through the router without sockets; only the consent at the provider is answered over TCP. What the
//! product does runs on `SQLite` and on `PostgreSQL`: `cargo xtask test` starts a throw-away `PostgreSQL` and names
//! it in `PATCHBAY_TEST_POSTGRES`; without it that half fails, unless `PATCHBAY_TEST_SQLITE_ONLY=1` leaves it out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

#[macro_use]
mod support;

mod activity;
mod bad_input;
mod callback;
mod canaries;
mod connect;
mod cross_site;
mod dialects;
mod events;
mod faults;
mod headers;
mod hosts;
mod issuer;
mod key;
mod kinds;
mod offering;
mod own;
mod pages;
mod progress;
mod prove;
mod provider_apps;
mod refresh;
mod replay;
mod report;
mod routes;
mod sessions;
mod setup;
mod start;
mod tenants;
mod wrong_account;
