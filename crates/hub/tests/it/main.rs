//! The hub as its callers use it.

mod reports;
mod verification;
