//! The HTTP side: one list of routes ([`routes`]), the checks that every request passes ([`guard`], [`identity`],
//! [`headers`]), pages rendered by the app ([`pages`]), and actions that forms post to ([`actions`]).

mod access;
mod actions;
mod activity;
mod assets;
mod cookies;
mod events;
mod export;
mod guard;
mod headers;
mod identity;
mod pages;
mod probes;
mod routes;
mod state;
mod whole;

pub use access::Access;
pub use pages::remember_panics;
pub use routes::{Entry, entries, router};
pub use state::AppState;
