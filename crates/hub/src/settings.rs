//! What the hub must be told.

/// Which of the two modes the deployment runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Sample people and tenants, the simulator instead of providers.
    Demo,
    /// Real providers, the company's own provider apps.
    Live,
}

impl Mode {
    /// The word used in configuration and stored with the data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Live => "live",
        }
    }
}

/// What the hub must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Demo or live.
    pub mode: Mode,
    /// Where people reach the console, without a slash at the end. Redirect URIs are built from it.
    pub public_url: String,
    /// The build: its commit, and a digest of uncommitted changes where there are any.
    pub build: String,
    /// Whether an integration may be connected before it is proven. Only in the throw-away database of a
    /// verification, which is where the proof is made.
    pub offer_unproven: bool,
    /// Files of this deployment's own integrations that were left out, each with its line and the reason.
    pub left_out: Vec<String>,
}
