//! Many requests over connections that stay open, each answered before the next is sent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout};

use crate::{Failure, client::Connection};

/// An answer that takes longer counts as a hang.
pub const HANG: Duration = Duration::from_secs(5);

/// After so many hangs or broken connections there is nothing left to measure.
const ENOUGH: u64 = 50;

/// When to stop.
#[derive(Clone, Copy)]
pub enum End {
    /// After this time.
    After(Duration),
    /// After this many requests.
    Requests(u64),
}

/// What to send where.
pub struct Plan {
    /// The server's port.
    pub port: u16,
    /// Whole requests, sent in turn.
    pub requests: Vec<Vec<u8>>,
    /// How many connections.
    pub connections: usize,
    /// When to stop.
    pub end: End,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Load {
    /// How long each answer took, in microseconds, sorted.
    pub latencies: Vec<u32>,
    /// How long all of it took.
    pub time: Duration,
    /// Answers with a status other than 200.
    pub other_status: u64,
    /// Requests without an answer within [`HANG`].
    pub hangs: u64,
    /// Connections that broke.
    pub broken: u64,
}

impl Load {
    /// Answers with status 200.
    pub fn answered(&self) -> u64 {
        u64::try_from(self.latencies.len()).unwrap_or(u64::MAX)
    }

    /// Answers for each second.
    pub fn rate(&self) -> f64 {
        let count = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        f64::from(count) / self.time.as_secs_f64().max(0.001)
    }

    /// The latency that this part of a hundred stayed under, in milliseconds.
    pub fn percentile(&self, percent: usize) -> f64 {
        f64::from(percentile(&self.latencies, percent)) / 1000.0
    }

    /// Fails unless every answer was a page.
    pub fn all_pages(&self) -> Result<(), Failure> {
        if self.latencies.is_empty() || self.other_status + self.hangs + self.broken > 0 {
            return Err(format!(
                "of the requests {} were answered, {} with another status than 200, {} hung, {} broke off",
                self.latencies.len(),
                self.other_status,
                self.hangs,
                self.broken
            )
            .into());
        }
        Ok(())
    }
}

/// The value that `percent` of a hundred do not exceed (nearest rank); the list is sorted.
pub fn percentile<T: Copy + Default>(sorted: &[T], percent: usize) -> T {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

struct Shared {
    plan: Plan,
    sent: AtomicU64,
    troubles: AtomicU64,
    started: Instant,
}

impl Shared {
    /// The next request, unless it is time to stop.
    fn next(&self) -> Option<&[u8]> {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let over = match self.plan.end {
            End::After(time) => self.started.elapsed() >= time,
            End::Requests(count) => number >= count,
        };
        if over || self.troubles.load(Ordering::Relaxed) >= ENOUGH {
            return None;
        }
        let count = u64::try_from(self.plan.requests.len()).ok()?;
        let index = usize::try_from(number.checked_rem(count)?).ok()?;
        self.plan.requests.get(index).map(Vec::as_slice)
    }
}

/// Does it.
pub async fn run(plan: Plan) -> Result<Load, Failure> {
    let connections = plan.connections;
    let shared = Arc::new(Shared {
        plan,
        sent: AtomicU64::new(0),
        troubles: AtomicU64::new(0),
        started: Instant::now(),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        tasks.spawn(one(Arc::clone(&shared)));
    }
    let mut sum = Load::default();
    while let Some(done) = tasks.join_next().await {
        let done = done??;
        sum.latencies.extend(done.latencies);
        sum.other_status += done.other_status;
        sum.hangs += done.hangs;
        sum.broken += done.broken;
    }
    sum.time = shared.started.elapsed();
    sum.latencies.sort_unstable();
    Ok(sum)
}

/// One connection.
async fn one(shared: Arc<Shared>) -> Result<Load, Failure> {
    let mut load = Load::default();
    let mut connection = Connection::open(shared.plan.port).await?;
    while let Some(request) = shared.next() {
        let asked = Instant::now();
        match timeout(HANG, connection.status(request)).await {
            Ok(Ok(200)) => load
                .latencies
                .push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX)),
            Ok(Ok(_)) => load.other_status += 1,
            trouble => {
                if trouble.is_err() {
                    load.hangs += 1;
                } else {
                    load.broken += 1;
                }
                shared.troubles.fetch_add(1, Ordering::Relaxed);
                connection = Connection::open(shared.plan.port).await?;
            }
        }
    }
    Ok(load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let values: Vec<u32> = (1..=200).collect();
        assert_eq!(percentile(&values, 50), 100);
        assert_eq!(percentile(&values, 99), 198);
        assert_eq!(percentile(&[7_u32], 99), 7);
        assert_eq!(percentile::<u32>(&[], 99), 0);
    }
}
