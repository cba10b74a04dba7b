//! The hub as its callers use it.

mod first_owner;
mod reports;
mod verification;
mod wrong_facts;
