//! The completion report on screen.

use patchbay_store::time::Millis;

use super::{BoardRow, Counts, PhaseRow, VerificationView};

/// The report, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// As of when.
    pub as_of: Millis,
    /// The three counts.
    pub counts: Counts,
    /// What they rest on.
    pub verification: VerificationView,
    /// Plan against actual.
    pub phases: Vec<PhaseRow>,
    /// The 39.
    pub rows: Vec<BoardRow>,
    /// Whether sample data stands behind it.
    pub demo: bool,
}
