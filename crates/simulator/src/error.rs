//! Everything that can go wrong when the simulator is set up or asked.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why the simulator could not start, or could not do what its owner asked.
///
/// Refusals towards a *client* of the simulator are HTTP answers, never values of this type.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The simulator plays real companies; it must never be reachable from another machine.
    #[error("the simulator listens on 127.0.0.1 only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The port is taken, or the operating system refused the listener.
    #[error("the simulator cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The state file could not be read or written.
    #[error("the simulator's state file {path} cannot be used")]
    StateFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The state file holds something else than the simulator's state.
    #[error("the simulator's state file {path} is not readable as its state; move it away to start empty")]
    StateShape {
        /// The file.
        path: PathBuf,
        /// Where reading it failed.
        source: serde_json::Error,
    },
    /// No profile of that name.
    #[error("the simulator has no profile `{0}`")]
    UnknownProfile(String),
    /// The profile has no OAuth, so no app can be registered there.
    #[error("`{0}` has no OAuth apps; register a key")]
    NoApps(&'static str),
    /// The profile takes no API keys, or the key does not have the provider's shape.
    #[error("that is not an API key of `{0}`")]
    NotAKey(&'static str),
    /// An app's redirect URI does not parse or carries a fragment (RFC 6749 section 3.1.2).
    #[error("`{0}` cannot be registered as a redirect URI")]
    RedirectUri(String),
    /// No sample account with that id or label.
    #[error("`{profile}` has no sample account `{account}`")]
    UnknownAccount {
        /// The profile asked.
        profile: &'static str,
        /// The account asked for.
        account: String,
    },
    /// No stream of that name.
    #[error("`{profile}` has no stream `{stream}`")]
    UnknownStream {
        /// The profile asked.
        profile: &'static str,
        /// The stream asked for.
        stream: String,
    },
}
