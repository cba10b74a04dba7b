//! The import of history: runs, cut into windows (day × stream), which workers claim and page through.
//!
//! A window is claimed under a lease. Every write to it names the lease's generation and is refused
//! ([`Fenced::Lost`](crate::Fenced::Lost)) once someone else has claimed it or the run was cancelled: a worker that
//! was away too long can't overwrite the work of the next.

mod claim;
mod progress;
mod runs;
mod windows;

pub use claim::claim;
pub use progress::{RunProgress, StreamProgress, progress};
pub use runs::{
    NewRun, NewWindow, cancel_run, get_run, insert_run, insert_windows, latest_run, open_runs, settle_run,
};
pub use windows::{defer_window, finish_window, save_page, set_aside};

use crate::{ConnectionId, Millis, SyncRunId, TenantId, WindowId};

words! {
    /// How a run stands.
    pub enum RunState {
        /// No window was claimed yet.
        Queued => "queued",
        /// Windows are being worked on.
        Running => "running",
        /// All windows arrived.
        Done => "done",
        /// All windows ended, some were set aside.
        Gaps => "gaps",
        /// Someone cancelled it.
        Cancelled => "cancelled",
        /// It could not be carried out.
        Failed => "failed",
    }
}

impl RunState {
    /// Whether it is still going on.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

words! {
    /// How a window stands.
    pub enum WindowState {
        /// To be claimed once it is due.
        Waiting => "waiting",
        /// Someone is at it.
        Running => "running",
        /// All of it arrived.
        Done => "done",
        /// Given up; a gap.
        Aside => "aside",
        /// The run was cancelled.
        Cancelled => "cancelled",
    }
}

/// One import of history.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct SyncRun {
    /// Its id.
    pub id: SyncRunId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// The first moment that it covers.
    pub from_at: Millis,
    /// The first moment that it no longer covers.
    pub to_at: Millis,
    /// How it stands.
    pub state: RunState,
    /// When it was asked for.
    pub created_at: Millis,
    /// When its first window was claimed.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// A remark, in the hub's words.
    pub note: Option<String>,
}

/// One piece of a run.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which run.
    pub run_id: SyncRunId,
    /// Of which connection.
    pub connection_id: ConnectionId,
    /// Of which integration.
    pub integration_id: String,
    /// Which stream of the integration.
    pub stream: String,
    /// Its place in the order of the run; the lowest goes first.
    pub position: i64,
    /// Its name within run and stream, such as the day.
    pub window_key: String,
    /// The first moment that it covers.
    pub from_at: Millis,
    /// The first moment that it no longer covers.
    pub to_at: Millis,
    /// How it stands.
    pub state: WindowState,
    /// Where the next page starts, as the provider names it.
    pub cursor: Option<String>,
    /// From when on it may be claimed.
    pub due_at: Millis,
    /// How often it was put off.
    pub attempt: i64,
    /// Why it waits, in the hub's words.
    pub waiting_reason: Option<String>,
    /// Who is at it.
    pub lease_owner: Option<String>,
    /// Until when nobody else takes it.
    pub lease_until: Option<Millis>,
    /// Grows with every claim: only the last claimant may write.
    pub lease_generation: i64,
    /// How many different records of this run it has saved.
    pub records: i64,
    /// The moment of history that it has reached.
    pub reached_at: Option<Millis>,
    /// When it ended.
    pub done_at: Option<Millis>,
}
