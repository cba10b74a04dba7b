//! The outcome of a verification, as `patchbay verify` prints it.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{
    Hub, Result,
    view::{GateState, Word},
};

/// The outcome, in the shape of `verify --json`.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The build that was verified.
    pub build: String,
    /// Implemented and N/A.
    pub complete: u32,
    /// Of how many.
    pub total: u32,
    /// The integrations, in the catalogue's order.
    pub integrations: Vec<Row>,
}

/// One integration.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// `implemented`, `not_applicable` or `pending`.
    pub status: &'static str,
    /// By gate: `passed`, `failed`, `not_run` or `not_built`.
    pub gates: BTreeMap<&'static str, &'static str>,
    /// How well it is proven.
    pub word: Option<&'static str>,
    /// What is missing.
    pub missing: String,
    /// Why gates failed, for people.
    #[serde(skip)]
    failures: Vec<String>,
}

impl Summary {
    /// Whether any check failed.
    pub fn any_failed(&self) -> bool {
        self.integrations.iter().any(|row| !row.failures.is_empty())
    }
}

/// Reads the outcome of the newest verification.
pub async fn summary(hub: &Hub, only: Option<&[String]>) -> Result<Summary> {
    let figures = hub.figures().await?;
    let integrations = figures
        .board
        .iter()
        .filter(|row| only.is_none_or(|only| only.contains(&row.id)))
        .map(|row| Row {
            id: row.id.clone(),
            status: row.status.as_str(),
            gates: row
                .gates
                .iter()
                .map(|gate| (gate.gate.as_str(), state_word(gate.state)))
                .collect(),
            word: row.weakest.map(Word::as_str),
            missing: row.missing.clone(),
            failures: failures(row)
                .chain(hub_failures(&figures.key_failures, &row.id))
                .collect(),
        })
        .collect();
    let built = figures.counts.built;
    Ok(Summary {
        build: hub.settings.build.clone(),
        complete: built.complete,
        total: built.total,
        integrations,
    })
}

/// Why gates of a row failed.
fn failures(row: &crate::view::BoardRow) -> impl Iterator<Item = String> {
    row.gates.iter().filter_map(|gate| {
        let failure = gate.failure.as_ref()?;
        Some(format!(
            "{}: {}: expected {}, got {}",
            gate.gate.as_str(),
            failure.step,
            failure.expected,
            failure.got
        ))
    })
}

/// Why the check of a key failed.
fn hub_failures(failed: &BTreeMap<String, String>, id: &str) -> Option<String> {
    failed.get(id).cloned()
}

fn state_word(state: GateState) -> &'static str {
    match state {
        GateState::Passed => "passed",
        GateState::Failed => "failed",
        GateState::NotBuilt => "not_built",
        GateState::NotRun | GateState::Running | GateState::OutOfDate => "not_run",
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Build {}: {} of {} complete",
            self.build, self.complete, self.total
        )?;
        for row in &self.integrations {
            let gates: Vec<String> = row
                .gates
                .iter()
                .map(|(gate, state)| format!("{gate} {state}"))
                .collect();
            writeln!(f, "{:<18} {:<15} {}", row.id, row.status, gates.join(", "))?;
            for failure in &row.failures {
                writeln!(f, "  {failure}")?;
            }
        }
        Ok(())
    }
}
