//! The catalogue: the integrations of Patchbay as data, and the types that describe one.
//!
//! No I/O, no clock, no network; it compiles to wasm. Everything that differs between providers and can be said in
//! words stands in `integrations/<id>.toml`; only what needs code lives elsewhere, in small adapters of `oauth`.
//!
//! # How an integration is added
//!
//! 1. Read the provider's documentation and write down where: each file must name its `sources`, and a doubtful fact
//!    gets a line under `[confidence]`, by field.
//! 2. Add `integrations/<id>.toml`; `asana.toml` is a plain example, `zoho-books.toml` one with everything that can
//!    vary. The build lists the folder by itself. Exactly one of the tables `[oauth2]`, `[oauth1]`, `[link]` and
//!    `[api_key]` says how access is given; [`model`] documents every field.
//! 3. Give a pattern, anchored at both ends, to every `[[params]]` (what an admin types) and `[[returned]]` (what the
//!    provider returns): they fill the `{parts}` of URLs, and the pattern is what keeps a URL on the provider's hosts.
//! 4. Say under `scope_words` what each scope is for, in words for an admin; "Can change: " first if it lets us write.
//! 5. `cargo test -p patchbay-catalog`. What [`Catalog::from_files`] refuses is named by file, field and reason. Add
//!    the scopes to the reviewed list in `tests/it/reviewed_scopes.rs`: that is the review.
//! 6. Give the simulator its dialect, from the documentation and not from the file. `history` streams can come later:
//!    without one the history gate shows "not built".

pub mod model;
pub mod path;
pub mod template;

mod json;
mod load;
mod own;
mod validate;
mod words;

pub use load::{Catalog, CatalogError, Problem};
pub use model::*;
pub use own::TEMPLATE;
