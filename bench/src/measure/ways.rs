//! Connecting: what we add to the provider's time.

use std::time::Duration;

use super::{Run, millis};
use crate::{Failure, connect, figures::Figures, load::percentile, threads};

/// The click on Connect and the callback.
pub fn connects(run: &Run<'_>, figures: &mut Figures) -> Result<(), Failure> {
    let count = run.length(300, 20);
    let folder = run.options.work.join("connects");
    std::fs::create_dir_all(&folder)?;
    let runtime = threads()?;
    let measured = runtime.block_on(connect::measure(&folder, count))?;
    runtime.shutdown_timeout(Duration::from_secs(2));
    let at = |list: &[Duration], percent| millis(percentile(list, percent));
    let start = at(&measured.starts, 99);
    figures.aim(
        "p99 of the click on Connect (flow, sealed secrets and audit row stored on disk), 300 one after the other",
        format!("{start:.1} ms (p50 {:.1} ms)", at(&measured.starts, 50)),
        "under 30 ms",
        start < 30.0,
    );
    let callback = at(&measured.callbacks, 99);
    figures.aim(
        "p99 of the callback (two transactions on disk) beside the time of the simulated provider's two answers",
        format!(
            "{callback:.1} ms (p50 {:.1} ms; the provider: p50 {:.1} ms)",
            at(&measured.callbacks, 50),
            at(&measured.provider, 50)
        ),
        "under 30 ms",
        callback < 30.0,
    );
    Ok(())
}
