//! The hub as its callers use it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected has to fail"
)]

mod arrival;
mod first_owner;
mod reports;
mod stub;
mod verification;
mod wrong_facts;
