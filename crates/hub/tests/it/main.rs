//! The hub as its callers use it.

mod verification;
