//! What people see: pages, and the two islands that make them live.
//!
//! Pages are components that run on the server only (feature `ssr`): they read through [`patchbay_hub::Hub`] and
//! render whole documents that work with scripts off. The browser gets [`islands`] alone (feature `hydrate`).
//!
//! The server renders [`shell`] for every page and provides these contexts to it:
//!
//! - [`patchbay_hub::Hub`]: where pages read;
//! - [`Frame`]: who looks, at which address, in which theme, when;
//! - [`patchbay_hub::Typed`]: only where a form came back with errors (status 422);
//! - [`Standalone`]: only where an answer is not the page of its address: a refusal, an error. It is then what is
//!   rendered, whatever the path; the answer's status is [`Standalone::status`].

#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::needless_pass_by_value,
        reason = "a component owns its properties: what a page holds is moved into its view"
    )
)]

#[cfg(feature = "ssr")]
mod app;
#[cfg(feature = "ssr")]
mod frame;
pub mod islands;
#[cfg(feature = "ssr")]
mod notices;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod ui;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use self::{
    app::App,
    frame::{Frame, Theme},
    pages::Standalone,
    shell::{list_shell, shell},
};

/// Called by the page once the WASM is there; each island is then made live by the page's script.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
