//! Gate `history`: the 90-day window arrives complete, compared with what the provider holds.

use std::{collections::BTreeSet, time::Duration};

use patchbay_store::{
    Scope,
    ids::ConnectionId,
    records,
    sync::{self, RunState, SyncRun},
};

use super::{
    bench::Bench,
    key,
    outcome::{Failure, GateOutcome, Step, fail, require},
};
use crate::history::worker;

/// After which a provider that collects first is done and is asked again.
const COLLECTED: Duration = Duration::from_mins(3);

/// The whole gate: a first import, then a second that must change nothing.
pub(super) async fn check(bench: &Bench) -> GateOutcome {
    const STEP: &str = "bring 90 days";
    require(
        !bench.integration.history.is_empty(),
        STEP,
        "a history plan",
        "none in the catalogue",
    )?;
    // Not Ana's connection: gate `flow` let time pass since it was made, so an import of an earlier 90 days waits for it,
    // and a record of its first minutes would be one that this import's span does not hold.
    let connection = if bench.integration.is_api_key() {
        key::connect(bench, &bench.ben).await?
    } else {
        bench.connect(&bench.ben).await?
    };
    let (from, to, first) = import(bench, &connection.id).await?;
    for stream in &bench.integration.history {
        // Keys are registered for the first account and connections approved as it. The id that a connection has can say
        // more than the provider's, or something else: Jira's begins with the site, Plaid's is the link's own.
        let account = bench.account(0)?.id;
        let truth = bench
            .simulator
            .truth(bench.profile(), account, &stream.name, from.0, to.0)
            .step(STEP)?;
        let got = first
            .iter()
            .filter(|(name, _)| *name == stream.name)
            .map(|(_, id)| id.clone());
        compare(STEP, &truth, &got.collect::<Vec<_>>())?;
        require(
            !truth.is_empty(),
            STEP,
            "the simulator to hold records",
            "none, which proves nothing",
        )?;
    }
    bench
        .hub
        .sync_again(&bench.ben, connection.id.as_str())
        .await
        .step("bring them again")?;
    let (_, _, second) = import(bench, &connection.id).await?;
    require(
        second == first,
        "bring them again",
        "the same records",
        format!("{} instead of {}", second.len(), first.len()),
    )
}

/// Stream and id of everything stored.
type Ids = Vec<(String, String)>;

/// Runs the newest import to its end; returns its span and what is stored then.
async fn import(
    bench: &Bench,
    connection: &ConnectionId,
) -> Result<(patchbay_store::time::Millis, patchbay_store::time::Millis, Ids), Failure> {
    const STEP: &str = "run the import";
    let mut run = worked_off(bench, connection).await?;
    let collects = bench
        .integration
        .history
        .iter()
        .any(|stream| stream.ready.is_some());
    if collects && run.state != RunState::Done {
        // The provider collects after the connect, and is asked again in a while.
        bench.wait(COLLECTED);
        run = worked_off(bench, connection).await?;
    }
    let mut tx = bench.hub.store.read(Scope::System).await.step(STEP)?;
    require(run.state == RunState::Done, STEP, "done", run.state.as_str())?;
    let mut ids = Vec::new();
    for stream in &bench.integration.history {
        let everything = (
            patchbay_store::time::Millis(0),
            patchbay_store::time::Millis(i64::MAX),
        );
        let found = records::ids(&mut tx, connection, &stream.name, everything.0, everything.1)
            .await
            .step(STEP)?;
        ids.extend(found.into_iter().map(|id| (stream.name.clone(), id)));
    }
    Ok((run.from_at, run.to_at, ids))
}

/// The newest run, after everything that is due was worked off.
async fn worked_off(bench: &Bench, connection: &ConnectionId) -> Result<SyncRun, Failure> {
    const STEP: &str = "run the import";
    worker::work_once(&bench.hub).await.step(STEP)?;
    let mut tx = bench.hub.store.read(Scope::System).await.step(STEP)?;
    sync::latest_run(&mut tx, connection)
        .await
        .step(STEP)?
        .ok_or_else(|| fail(STEP, "a run", "none"))
}

/// Every id that the provider holds, none besides, none twice.
fn compare(step: &str, truth: &[String], got: &[String]) -> GateOutcome {
    let wanted: BTreeSet<&String> = truth.iter().collect();
    let stored: BTreeSet<&String> = got.iter().collect();
    let missing = wanted.difference(&stored).count();
    let besides = stored.difference(&wanted).count();
    let twice = got.len() - stored.len();
    require(
        missing == 0 && besides == 0 && twice == 0,
        step,
        &format!("the {} records that the provider holds", wanted.len()),
        format!("{missing} missing, {besides} that it does not hold, {twice} twice"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_missing_a_foreign_and_a_double_record_are_each_found() {
        let truth = ids(&["a", "b"]);
        assert!(compare("x", &truth, &ids(&["b", "a"])).is_ok());
        assert!(compare("x", &truth, &ids(&["a"])).is_err());
        assert!(compare("x", &truth, &ids(&["a", "b", "c"])).is_err());
        assert!(compare("x", &truth, &ids(&["a", "b", "b"])).is_err());
    }
}
