//! The catalogue as it ships, and what a catalogue must refuse.

#![expect(
    clippy::unwrap_used,
    reason = "clippy lets tests unwrap, but not the helpers that tests share"
)]

mod json;
mod own;
mod plan;
mod refused;
mod refused_streams;
mod refused_values;
mod reviewed_scopes;
mod typed_values;

use patchbay_catalog::{Catalog, Integration};

/// The catalogue that comes with the code.
fn builtin() -> Catalog {
    Catalog::builtin().unwrap()
}

/// One integration of it.
fn integration(id: &str) -> Integration {
    builtin().get(id).unwrap().clone()
}
