//! The `patchbay` binary without its `main`: settings, routes, commands. It wires the other crates together and
//! decides nothing that they could.

pub mod catalog;
pub mod commands;
pub mod config;
pub mod setup;
pub mod web;

/// The build that is running: its commit, and a digest of uncommitted changes where there are any.
pub const BUILD: &str = env!("PATCHBAY_BUILD");
