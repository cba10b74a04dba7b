//! Why a command of ours ends early.

use std::fmt::Display;

/// The result of everything here that can fail.
pub type Outcome<T> = Result<T, Failure>;

/// Why a step, or the whole command, did not get to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Ctrl-C or a termination signal, or another step failed and this one was called off.
    Interrupted,
    /// What went wrong is on the screen already.
    Shown,
    /// What went wrong and what to do about it, in words for the person at the terminal.
    Says(String),
}

impl Failure {
    /// A failure in words.
    pub fn says(text: impl Into<String>) -> Self {
        Self::Says(text.into())
    }
}

/// Puts words for people on an error of the system.
pub trait Explain<T> {
    /// Turns the error into a [`Failure`] that reads "`what`: the system's reason".
    fn explain(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: Display> Explain<T> for Result<T, E> {
    fn explain(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|reason| Failure::Says(format!("{}: {reason}", what())))
    }
}
