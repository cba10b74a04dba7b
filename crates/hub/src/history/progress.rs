//! How far an import is, told honestly: in days passed, or in parents done, never in guesses.

use patchbay_catalog::{Cut, Integration, Stream};
use patchbay_store::{
    Tx, records,
    sync::{self, RunProgress, RunState, StreamProgress, SyncRun},
};

use super::DAY_MS;
use crate::{
    Hub, Result,
    rollout::to_u32,
    view::{HistoryState, HistoryView, StreamView, Waiting},
};

/// Units done and units in all, of one stream.
struct Units {
    done: u32,
    total: u32,
}

/// An import as its panel shows it.
pub(crate) async fn view(
    hub: &Hub,
    tx: &mut Tx,
    integration: &Integration,
    run: &SyncRun,
) -> Result<HistoryView> {
    let progress = sync::progress(tx, &run.id).await?;
    let counts = records::counts(tx, &run.connection_id).await?;
    let streams: Vec<StreamView> = integration
        .history
        .iter()
        .map(|stream| {
            let units = units(progress.as_ref(), stream, run);
            let told = told(progress.as_ref(), stream);
            let count = counts.iter().find(|count| count.stream == stream.name);
            StreamView {
                label: stream.label.clone(),
                done: units.done,
                total: units.total,
                aside: told.map_or(0, |told| to_u32(told.aside)),
                records: told.map_or(0, |told| u64::try_from(told.records).unwrap_or(0)),
                newest: count.and_then(|count| count.newest_at),
                note: stream.note.clone(),
            }
        })
        .collect();
    let (done, total) = (
        streams.iter().map(|s| s.done).sum(),
        streams.iter().map(|s| s.total).sum(),
    );
    let waits = progress
        .as_ref()
        .into_iter()
        .flat_map(|progress| &progress.streams)
        .find_map(waiting);
    Ok(HistoryView {
        state: state(run.state),
        percent: percent(run.state, done, total),
        done,
        total,
        unit: unit(integration),
        records: streams.iter().map(|stream| stream.records).sum(),
        from: run.from_at,
        to: run.to_at,
        started_at: run.started_at,
        finished_at: run.finished_at,
        waiting: waits.filter(|waiting| waiting.until > hub.now()),
        streams,
    })
}

/// How far an open import is, for a card.
pub(crate) async fn percent_of(hub: &Hub, tx: &mut Tx, run: &SyncRun) -> Result<u8> {
    let progress = sync::progress(tx, &run.id).await?;
    let mut tx_connection = patchbay_store::connections::get(tx, &run.connection_id).await?;
    let integration = tx_connection
        .take()
        .and_then(|found| hub.catalog.get(&found.integration_id));
    let units: Vec<Units> = integration
        .into_iter()
        .flat_map(|integration| &integration.history)
        .map(|stream| units(progress.as_ref(), stream, run))
        .collect();
    Ok(percent(
        run.state,
        units.iter().map(|u| u.done).sum(),
        units.iter().map(|u| u.total).sum(),
    ))
}

/// What the store counted of a stream.
fn told<'a>(progress: Option<&'a RunProgress>, stream: &Stream) -> Option<&'a StreamProgress> {
    progress?.streams.iter().find(|told| told.stream == stream.name)
}

/// Units of a stream: days passed of 90, or parents done of those found.
fn units(progress: Option<&RunProgress>, stream: &Stream, run: &SyncRun) -> Units {
    let Some(told) = told(progress, stream) else {
        return Units { done: 0, total: 0 };
    };
    match stream.cut {
        Cut::Days | Cut::Tree | Cut::Whole => Units {
            done: to_u32(told.done),
            total: to_u32(told.total),
        },
        // The window that lists the parents is no parent itself.
        Cut::Parents => Units {
            done: to_u32((told.done - 1).max(0)),
            total: to_u32((told.total - 1).max(0)),
        },
        // Told in days, so that streams of one integration can be added up.
        Cut::Spans => {
            let total = (run.to_at.0 - run.from_at.0) / DAY_MS;
            let done = if told.total > 0 {
                total * told.done / told.total
            } else {
                0
            };
            Units {
                done: to_u32(done),
                total: to_u32(total),
            }
        }
        Cut::Ascending | Cut::Descending => {
            let total = (run.to_at.0 - run.from_at.0) / DAY_MS;
            let passed = told.reached_at.map_or(0, |at| {
                let passed = if stream.cut == Cut::Descending {
                    run.to_at.0 - at.0
                } else {
                    at.0 - run.from_at.0
                };
                passed.max(0) / DAY_MS
            });
            let done = if told.total > 0 && told.done == told.total {
                total
            } else {
                passed.min(total - 1)
            };
            Units {
                done: to_u32(done),
                total: to_u32(total),
            }
        }
    }
}

/// 0 to 100, and 100 only at the end.
fn percent(state: RunState, done: u32, total: u32) -> u8 {
    if matches!(state, RunState::Done) {
        return 100;
    }
    if total == 0 {
        return 0;
    }
    u8::try_from((u64::from(done) * 100 / u64::from(total)).min(99)).unwrap_or(99)
}

/// What the units of an integration are called.
fn unit(integration: &Integration) -> String {
    let found = integration.history.iter().find_map(|stream| match stream.cut {
        Cut::Parents => stream.parents.last().map(|parent| parent.plural.as_str()),
        Cut::Tree => stream.tree.as_ref().map(|tree| tree.plural.as_str()),
        Cut::Whole => Some("lists"),
        Cut::Days | Cut::Spans | Cut::Ascending | Cut::Descending => None,
    });
    found.unwrap_or("days").to_owned()
}

/// Why a stream waits, if it does.
fn waiting(told: &StreamProgress) -> Option<Waiting> {
    Some(Waiting {
        reason: told.waiting_reason.clone()?,
        until: told.waiting_until?,
    })
}

/// A run's state in the words of the pages.
fn state(state: RunState) -> HistoryState {
    match state {
        RunState::Queued => HistoryState::Queued,
        RunState::Running => HistoryState::Running,
        RunState::Done => HistoryState::Done,
        RunState::Gaps | RunState::Failed => HistoryState::Gaps,
        RunState::Cancelled => HistoryState::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_only_at_the_end() {
        assert_eq!(percent(RunState::Running, 90, 90), 99);
        assert_eq!(percent(RunState::Running, 0, 0), 0);
        assert_eq!(percent(RunState::Gaps, 88, 90), 97);
        assert_eq!(percent(RunState::Done, 0, 0), 100);
    }
}
