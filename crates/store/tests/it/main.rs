//! The store's suite: one set of tests, run on `SQLite` and on `PostgreSQL`.
//!
//! `cargo xtask test` starts a throw-away `PostgreSQL` and names it in `PATCHBAY_TEST_POSTGRES`. Without that the
//! `PostgreSQL` half fails, and says so; a developer who wants the `SQLite` half alone sets
//! `PATCHBAY_TEST_SQLITE_ONLY=1`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

#[macro_use]
mod database;
mod sample;

mod audit_and_events;
mod chain;
mod companies;
mod connections;
mod flows;
mod opening;
mod postgres;
mod provider_apps;
mod records;
mod refreshes;
mod revocations;
mod scopes;
mod secrets;
mod statements;
mod sync;
mod vault;
