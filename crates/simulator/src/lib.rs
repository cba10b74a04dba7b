//! The providers, played on loopback: for demo mode, for verification and for tests.
//!
//! One listener on 127.0.0.1 answers for every provider. Which one is meant is told by the host
//! name: `https://app.asana.com/-/oauth_token` becomes
//! `http://app.asana.com.sim.localhost:PORT/-/oauth_token`, or, where a browser does not resolve
//! `*.localhost`, `http://localhost:PORT/_/app.asana.com/-/oauth_token`. A wrong host or path is
//! therefore refused here as it would be at the provider.
//!
//! The simulator depends on none of the crates it is there to check, and does not read the
//! catalogue: each dialect under `profiles/` is written from the provider's documentation, which
//! it names. What all providers share (apps, codes, tokens, consent, PKCE, faults, the request
//! log) lives in `core/` and is strict: where a provider is known to be lenient and the standard
//! is not, the standard wins, and the profile says so.
//!
//! To add a provider: write `profiles/NAME.rs` with a `core::provider::Provider`, which is data
//! and a few small functions (or, where it does not fit, a type that implements
//! `profiles::Profile`), and add it to the list in `profiles/mod.rs`.

mod core;
mod error;
mod profiles;
mod simulator;

pub use crate::core::consent::ASKS_WHICH;
pub use crate::core::faults::{Fault, FaultKind};
pub use crate::core::log::{LogEntry, LoggedParam};
pub use crate::error::SimulatorError;
pub use crate::profiles::Account;
pub use crate::simulator::{App, Simulator, SimulatorConfig};

/// Whether a provider of this name is played here.
pub fn plays(profile: &str) -> bool {
    static NAMES: std::sync::LazyLock<Vec<&str>> =
        std::sync::LazyLock::new(|| profiles::all().iter().map(|profile| profile.id()).collect());
    NAMES.contains(&profile)
}
