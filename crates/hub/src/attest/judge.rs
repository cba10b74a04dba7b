//! Which words have been earned.
//!
//! **Standards-checked**: the gate has passed a verification, and independent programs agreed on both sides. For flow and
//! lifecycle a client of theirs completed it against the simulated provider, and our engine completed it, in the same
//! dialect, at a server of theirs. For storage theirs opened what our vault had sealed. A dialect that leaves the standard
//! by its own documentation can't earn it.
//!
//! **Matches docs**: the gate has passed a verification; a document of the provider's own, with a date, is among the
//! entry's sources and is written down as covering the gate (`xtask/attest/documents.toml`); and the catalogue has no
//! doubt about anything that the gate rests on.
//!
//! A second opinion that failed takes every word from its gate.

use std::collections::{BTreeMap, BTreeSet};

use patchbay_catalog::{Catalog, Integration};
use serde::Deserialize;

use super::{
    Attestation, Attestations,
    dialect::{off_standard, standards},
    digests,
};
use crate::{
    rollout::GATES,
    view::{Gate, Word},
};

/// By integration and gate: the source, among the entry's own, that covers it.
pub type Documents = BTreeMap<String, BTreeMap<String, String>>;

/// What an independent program had to say about one integration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// The integration; `*` for all.
    pub integration: String,
    /// The program and its version.
    pub tool: String,
    /// `client` where the program played us, `server` where it played the provider, `vault` where it opened seals.
    pub side: Side,
    /// What was completed: `flow`, `refresh`, `revoke`, `storage`.
    pub done: BTreeSet<String>,
    /// What was not, where something was not.
    #[serde(default)]
    pub failed: Option<Failed>,
}

/// Which part an independent program played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Ours, against the simulated provider.
    Client,
    /// The provider's, against our engine.
    Server,
    /// The vault's.
    Vault,
}

/// A step that an independent program did not complete.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// `flow`, `refresh`, `revoke` or `storage`.
    pub part: String,
    /// The step in words.
    pub step: String,
    /// What came instead.
    pub got: String,
}

/// What came of it.
#[derive(Debug)]
pub struct Judgement {
    /// The words that are earned, with those of integrations that were not judged.
    pub words: Attestations,
    /// For each gate that was judged and has no word: why.
    pub without: Vec<(String, Gate, String)>,
    /// Second opinions that failed, for people.
    pub failed: Vec<String>,
}

/// Everything that a judgement rests on.
pub struct Ground<'a> {
    /// The built-in catalogue.
    pub catalog: &'a Catalog,
    /// Gates that passed a verification just now.
    pub passed: &'a BTreeSet<(String, Gate)>,
    /// What independent programs said just now.
    pub opinions: &'a [Opinion],
    /// Which document covers what.
    pub documents: &'a Documents,
    /// Today, `YYYY-MM-DD`.
    pub date: &'a str,
}

/// Judges these integrations; the words of others stay as they are.
pub fn judge(ground: &Ground<'_>, only: Option<&[String]>, before: Attestations) -> Judgement {
    let mut judgement = Judgement {
        words: before,
        without: Vec::new(),
        failed: ground.opinions.iter().filter_map(complaint).collect(),
    };
    let judged = ground
        .catalog
        .iter()
        .filter(|integration| !integration.is_api_key())
        .filter(|integration| only.is_none_or(|only| only.contains(&integration.id)));
    for integration in judged {
        let id = &integration.id;
        judgement.words.0.remove(id);
        for gate in GATES {
            match ground.word(integration, gate) {
                Ok(word) => {
                    let words = judgement.words.0.entry(id.clone()).or_default();
                    words.insert(gate, word);
                }
                Err(why) => judgement.without.push((id.clone(), gate, why)),
            }
        }
    }
    judgement
}

fn complaint(opinion: &Opinion) -> Option<String> {
    let failed = opinion.failed.as_ref()?;
    Some(format!(
        "{}: {}: {}: {}",
        opinion.integration, opinion.tool, failed.step, failed.got
    ))
}

impl Ground<'_> {
    fn word(&self, integration: &Integration, gate: Gate) -> Result<Attestation, String> {
        if !self.passed.contains(&(integration.id.clone(), gate)) {
            return Err("it has not passed".to_owned());
        }
        if let Some(failed) = self.opinions_on(integration).find_map(|opinion| {
            let failed = opinion.failed.as_ref()?;
            (gate_of(&failed.part) == Some(gate)).then_some(failed)
        }) {
            return Err(format!(
                "a second opinion failed: {}: {}",
                failed.step, failed.got
            ));
        }
        let (word, source, tools) = match self.standard(integration, gate) {
            Ok(tools) => (Word::StandardsChecked, standards(integration, gate), tools),
            Err(off) => match self.document(integration, gate) {
                Ok(source) => (Word::MatchesDocs, source, Vec::new()),
                Err(doubt) => return Err(format!("{off}; {doubt}")),
            },
        };
        let now = digests(&integration.id, gate).ok_or("it did not come with the code")?;
        Ok(Attestation {
            word,
            date: self.date.to_owned(),
            source,
            tools,
            entry: now.entry,
            adapter: now.adapter,
        })
    }

    fn opinions_on(&self, integration: &Integration) -> impl Iterator<Item = &Opinion> {
        let id = integration.id.clone();
        self.opinions
            .iter()
            .filter(move |opinion| opinion.integration == id || opinion.integration == "*")
    }

    /// The programs that agreed, where they did on every side that it takes.
    fn standard(&self, integration: &Integration, gate: Gate) -> Result<Vec<String>, String> {
        if let Some(reason) = off_standard(integration, gate) {
            return Err(format!("off the standard: {reason}"));
        }
        let (parts, sides) = wanted(integration, gate);
        let mut tools = Vec::new();
        for side in sides {
            let agreed: Vec<&Opinion> = self
                .opinions_on(integration)
                .filter(|opinion| opinion.side == *side)
                .filter(|opinion| parts.iter().all(|part| opinion.done.contains(*part)))
                .collect();
            if agreed.is_empty() {
                return Err(format!(
                    "no independent {} has completed it",
                    match side {
                        Side::Client => "client",
                        Side::Server => "server",
                        Side::Vault => "implementation of the cipher",
                    }
                ));
            }
            tools.extend(agreed.into_iter().map(|opinion| opinion.tool.clone()));
        }
        Ok(tools)
    }

    /// The document that covers a gate, where nothing that it rests on is doubtful.
    fn document(&self, integration: &Integration, gate: Gate) -> Result<String, String> {
        let source = self
            .documents
            .get(&integration.id)
            .and_then(|gates| gates.get(gate.as_str()))
            .ok_or("no dated document of the provider's is known to cover it")?;
        if !integration.sources.contains(source) {
            return Err(format!("“{source}” is not among the entry's sources"));
        }
        if !has_date(source) {
            return Err(format!("“{source}” has no date"));
        }
        match doubt(integration, gate) {
            Some(field) => Err(format!("the catalogue is not sure about {field}")),
            None => Ok(source.clone()),
        }
    }
}

/// What has to be completed, and on which sides.
fn wanted(integration: &Integration, gate: Gate) -> (Vec<&'static str>, &'static [Side]) {
    match gate {
        Gate::Flow | Gate::History => (vec!["flow"], &[Side::Client, Side::Server]),
        Gate::Storage => (vec!["storage"], &[Side::Vault]),
        Gate::Lifecycle => {
            let refreshes = integration.oauth2().is_some_and(|dialect| dialect.refresh.issued);
            let parts = [
                refreshes.then_some("refresh"),
                integration.revoke().map(|_| "revoke"),
            ];
            (
                parts.into_iter().flatten().collect(),
                &[Side::Client, Side::Server],
            )
        }
    }
}

fn gate_of(part: &str) -> Option<Gate> {
    match part {
        "flow" => Some(Gate::Flow),
        "refresh" | "revoke" => Some(Gate::Lifecycle),
        "storage" => Some(Gate::Storage),
        _ => None,
    }
}

/// The first field under a gate that the catalogue is not sure about.
fn doubt(integration: &Integration, gate: Gate) -> Option<&str> {
    integration
        .confidence
        .iter()
        .filter(|(field, _)| rests_on(gate, field))
        .find(|(_, words)| !is_sure(words))
        .map(|(field, _)| field.as_str())
}

fn is_sure(words: &str) -> bool {
    let words = words.to_lowercase();
    let unsure = [
        "medium",
        "low",
        "own knowledge",
        "not documented",
        "undocumented",
        "inferred",
    ];
    words.starts_with("high") && !unsure.iter().any(|word| words.contains(word))
}

/// Whether a gate rests on a field. Refusals are part of a flow and of a refresh, so the words of errors count for both.
fn rests_on(gate: Gate, field: &str) -> bool {
    let (head, rest) = field.split_once('.').unwrap_or((field, ""));
    let is_later = ["refresh", "revoke", "access_ttl_s", "access_token"]
        .iter()
        .any(|part| rest == *part || rest.strip_prefix(part).is_some_and(|rest| rest.starts_with('.')));
    match head {
        "errors" => matches!(gate, Gate::Flow | Gate::Lifecycle),
        "oauth2" | "oauth1" | "link" => {
            let gates = if is_later { Gate::Lifecycle } else { Gate::Flow };
            gate == gates || rest.is_empty()
        }
        "params" | "returned" | "whoami" => gate == Gate::Flow,
        "api_base" | "api_auth" | "api_headers" => gate != Gate::Storage,
        "history" => gate == Gate::History,
        // The plan, the set-up and notes are about no gate.
        _ => false,
    }
}

/// Whether a text names a day or at least a month: `2026-08-04`, `2026-08`, `2026/03/30`.
fn has_date(text: &str) -> bool {
    text.as_bytes().windows(7).any(|part| {
        let digits = |range: std::ops::Range<usize>| part[range].iter().all(u8::is_ascii_digit);
        part.starts_with(b"20") && digits(0..4) && matches!(part[4], b'-' | b'/') && digits(5..7)
    })
}

#[cfg(test)]
mod tests;
