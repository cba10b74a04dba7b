//! How far a run has come.

use super::{SyncRun, get_run};
use crate::{Millis, StoreError, SyncRunId, Tx};

/// How far a run has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunProgress {
    /// The run.
    pub run: SyncRun,
    /// Its streams, by name.
    pub streams: Vec<StreamProgress>,
}

impl RunProgress {
    /// All windows of the run.
    pub fn total(&self) -> i64 {
        self.streams.iter().map(|stream| stream.total).sum()
    }

    /// The windows that have arrived.
    pub fn done(&self) -> i64 {
        self.streams.iter().map(|stream| stream.done).sum()
    }

    /// The windows that were given up.
    pub fn aside(&self) -> i64 {
        self.streams.iter().map(|stream| stream.aside).sum()
    }

    /// The records that have arrived.
    pub fn records(&self) -> i64 {
        self.streams.iter().map(|stream| stream.records).sum()
    }
}

/// How far one stream of a run has come.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct StreamProgress {
    /// The stream.
    pub stream: String,
    /// Its windows.
    pub total: i64,
    /// Those that have arrived.
    pub done: i64,
    /// Those that someone is at.
    pub running: i64,
    /// Those that were given up.
    pub aside: i64,
    /// The records that have arrived.
    pub records: i64,
    /// The oldest moment of history that any window has reached.
    pub reached_at: Option<Millis>,
    /// Until when the next window that was put off waits.
    pub waiting_until: Option<Millis>,
    /// Why it waits, in the hub's words.
    pub waiting_reason: Option<String>,
}

/// How far a run has come; `None` if there is no such run in scope.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn progress(tx: &mut Tx, run: &SyncRunId) -> Result<Option<RunProgress>, StoreError> {
    let Some(run) = get_run(tx, run).await? else {
        return Ok(None);
    };
    let streams = scoped_all!(
        tx,
        StreamProgress,
        "SELECT w.stream AS stream, count(*) AS total,
             count(CASE WHEN w.state = 'done' THEN 1 END) AS done,
             count(CASE WHEN w.state = 'running' THEN 1 END) AS running,
             count(CASE WHEN w.state = 'aside' THEN 1 END) AS aside,
             CAST(sum(w.records) AS BIGINT) AS records,
             min(w.reached_at) AS reached_at,
             min(CASE WHEN w.state = 'waiting' AND w.waiting_reason IS NOT NULL THEN w.due_at END) AS waiting_until,
             (SELECT n.waiting_reason FROM sync_windows n
              WHERE ($1 = '*' OR n.tenant_id = $1) AND n.run_id = $2 AND n.stream = w.stream
                  AND n.state = 'waiting' AND n.waiting_reason IS NOT NULL
              ORDER BY n.due_at, n.position LIMIT 1) AS waiting_reason
         FROM sync_windows w WHERE ($1 = '*' OR w.tenant_id = $1) AND w.run_id = $2
         GROUP BY w.stream ORDER BY w.stream",
        &run.id
    )?;
    Ok(Some(RunProgress { run, streams }))
}
