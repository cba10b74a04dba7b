//! What a check comes to.

use std::fmt;

/// Why a gate is not met: which step, what was expected, what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The step.
    pub step: String,
    /// What should have come.
    pub expected: String,
    /// What came. Never a secret.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.step, self.expected, self.got)
    }
}

/// Passed, or the first failure.
pub type GateOutcome = std::result::Result<(), Failure>;

/// A failure.
pub(crate) fn fail(step: &str, expected: &str, got: impl fmt::Display) -> Failure {
    Failure {
        step: step.to_owned(),
        expected: expected.to_owned(),
        got: got.to_string(),
    }
}

/// Fails unless it holds.
pub(super) fn require(holds: bool, step: &str, expected: &str, got: impl fmt::Display) -> GateOutcome {
    if holds {
        Ok(())
    } else {
        Err(fail(step, expected, got))
    }
}

/// Turns an error of ours into a failure of this step.
pub(super) trait Step<T> {
    /// Names the step.
    fn step(self, step: &str) -> std::result::Result<T, Failure>;
}

impl<T, E: fmt::Display> Step<T> for std::result::Result<T, E> {
    fn step(self, step: &str) -> std::result::Result<T, Failure> {
        self.map_err(|error| fail(step, "it to work", error))
    }
}
