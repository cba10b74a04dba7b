//! Rows of the activity list.

use patchbay_store::time::Millis;

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// We refused it.
    Refused,
    /// It failed.
    Failed,
}

/// One thing that happened, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// When.
    pub at: Millis,
    /// "Ana Ruiz connected Asana for Acme."
    pub sentence: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Reference id for support, where there is one.
    pub reference: Option<String>,
}
