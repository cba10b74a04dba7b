//! Reads the list of integrations and one integration for a viewer.

mod cards;
mod connection;
mod filter;
mod page;

pub(crate) use cards::{Shelf, TenantShelf};
