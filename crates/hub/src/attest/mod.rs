//! Words above Simulated that come with the code, because what it takes to earn them is no part of a deployment:
//! independent clients and servers, and documents that somebody has read.
//!
//! `cargo xtask attest` earns them ([`judge`]) and writes them down in `attestations.toml`, each with its source, its date
//! and two digests: of the facts about the integration, and of the code that uses them. A word holds as long as both are
//! still the same; then it raises what a verification here has found, and never more than that: a gate that did not pass
//! has no word at all.

mod dialect;
mod digest;
mod judge;
mod plan;
mod render;

use std::{collections::BTreeMap, sync::LazyLock};

use patchbay_catalog::{Integration, Origin};
use serde::Deserialize;

use crate::view::{Gate, Word};

pub use dialect::off_standard;
pub use digest::{Digests, digests};
pub use judge::{Documents, Failed, Ground, Judgement, Opinion, Side, judge};
pub use plan::plan;
pub use render::render;

/// What was committed.
const FILE: &str = include_str!("../../attestations.toml");

/// One word for one gate of one integration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// [`Word::MatchesDocs`] or [`Word::StandardsChecked`].
    #[serde(deserialize_with = "read_word")]
    pub word: Word,
    /// The day on which it was earned, `YYYY-MM-DD`.
    pub date: String,
    /// The documents that it rests on.
    pub source: String,
    /// Independent programs that agreed, with their versions; none where the word is about documents alone.
    #[serde(default)]
    pub tools: Vec<String>,
    /// [`Digests::entry`] of that day.
    pub entry: String,
    /// [`Digests::adapter`] of that day.
    pub adapter: String,
}

/// Words by integration and gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attestations(pub BTreeMap<String, BTreeMap<Gate, Attestation>>);

/// Those of [`FILE`] that hold for this code.
static HOLDING: LazyLock<Attestations> = LazyLock::new(|| {
    let mut all = Attestations::committed();
    all.keep_what_fits();
    all
});

impl Attestations {
    /// Everything that was committed, whether or not it still holds.
    pub fn committed() -> Self {
        Self::parse(FILE).unwrap_or_else(|error| {
            // A test reads the file, so this is a build that no test has seen.
            tracing::error!(%error, "the attestations can't be read; every word is Simulated");
            Self::default()
        })
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// What is wrong and where. A gate or a word that an attestation can't be about is wrong too.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let read: BTreeMap<String, BTreeMap<String, Attestation>> = toml::from_str(text)?;
        let mut all = Self::default();
        for (id, gates) in read {
            for (name, attestation) in gates {
                let gate = crate::rollout::GATES
                    .into_iter()
                    .find(|gate| gate.as_str() == name)
                    .ok_or_else(|| serde::de::Error::custom(format!("{id}: there is no gate “{name}”")))?;
                all.0.entry(id.clone()).or_default().insert(gate, attestation);
            }
        }
        Ok(all)
    }

    /// The word for a gate.
    pub fn get(&self, id: &str, gate: Gate) -> Option<&Attestation> {
        self.0.get(id)?.get(&gate)
    }

    /// Drops the words that are about other facts or other code.
    fn keep_what_fits(&mut self) {
        for (id, gates) in &mut self.0 {
            let facts = digest::Facts::of(id);
            gates.retain(|gate, word| {
                facts
                    .as_ref()
                    .is_some_and(|facts| facts.digests(*gate).fits(word))
            });
        }
    }

    /// The word that a gate may wear. What this deployment says about an integration was never before anybody else's
    /// eyes, so its word is none of ours.
    fn held(&self, integration: &Integration, gate: Gate) -> Option<&Attestation> {
        match integration.origin {
            Origin::BuiltIn => self.get(&integration.id, gate),
            Origin::Overridden { .. } | Origin::Own => None,
        }
    }

    /// How well a gate is proven that has passed here.
    fn word(&self, integration: &Integration, gate: Gate) -> Word {
        self.held(integration, gate)
            .map_or(Word::Simulated, |held| held.word)
    }
}

/// How well a gate is proven: not at all where it has not passed here; else Simulated, or the word that came with the
/// code and still holds.
pub(crate) fn word(integration: &Integration, gate: Gate, passed: bool) -> Option<Word> {
    passed.then(|| HOLDING.word(integration, gate))
}

/// What a gate's word rests on, for people; none where it is Simulated or there is none.
pub(crate) fn basis(integration: &Integration, gate: Gate, passed: bool) -> Option<String> {
    let held = HOLDING.held(integration, gate).filter(|_| passed)?;
    let tools = if held.tools.is_empty() {
        String::new()
    } else {
        format!(", with {}", held.tools.join(", "))
    };
    Some(format!("{}{tools}, {}", held.source, held.date))
}

/// Reads one of the two words that can be attested.
fn read_word<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
    let text = String::deserialize(from)?;
    [Word::MatchesDocs, Word::StandardsChecked]
        .into_iter()
        .find(|word| word.as_str() == text)
        .ok_or_else(|| serde::de::Error::custom(format!("“{text}” is no word that can be attested")))
}

#[cfg(test)]
mod tests {
    use patchbay_catalog::Catalog;

    use super::*;
    use crate::rollout::GATES;

    fn asana() -> Integration {
        Catalog::builtin().unwrap().get("asana").unwrap().clone()
    }

    fn held(gate: Gate) -> Attestations {
        let now = digests("asana", gate).unwrap();
        let attestation = Attestation {
            word: Word::StandardsChecked,
            date: "2026-11-28".to_owned(),
            source: "RFC 6749".to_owned(),
            tools: vec!["a client 1.0".to_owned()],
            entry: now.entry,
            adapter: now.adapter,
        };
        let gates = [(gate, attestation)].into_iter().collect();
        Attestations([("asana".to_owned(), gates)].into_iter().collect())
    }

    fn holding(mut all: Attestations) -> Attestations {
        all.keep_what_fits();
        all
    }

    #[test]
    fn a_word_holds_while_facts_and_code_are_the_same() {
        let flow = |all: Attestations| holding(all).word(&asana(), Gate::Flow);
        assert_eq!(flow(held(Gate::Flow)), Word::StandardsChecked);
        assert_eq!(flow(held(Gate::Storage)), Word::Simulated, "another gate's");
        for change in [
            |attestation: &mut Attestation| attestation.entry = "0".repeat(32),
            |attestation: &mut Attestation| attestation.adapter = "0".repeat(32),
        ] {
            let mut all = held(Gate::Flow);
            let gates = all.0.get_mut("asana").unwrap();
            change(gates.get_mut(&Gate::Flow).unwrap());
            assert_eq!(flow(all), Word::Simulated);
        }
    }

    #[test]
    fn what_a_deployment_says_otherwise_has_no_word_of_ours() {
        let all = held(Gate::Flow);
        let overridden = Origin::Overridden {
            fields: vec!["summary".to_owned()],
        };
        for origin in [overridden, Origin::Own] {
            let integration = Integration { origin, ..asana() };
            assert_eq!(all.word(&integration, Gate::Flow), Word::Simulated);
        }
    }

    #[test]
    fn no_word_makes_a_gate_pass() {
        for gate in GATES {
            assert_eq!(word(&asana(), gate, false), None);
            assert!(word(&asana(), gate, true).is_some());
        }
    }

    /// Whether they still hold is not asked here: the pages say it, by showing Simulated.
    #[test]
    fn the_committed_words_are_readable_and_about_integrations_that_authorise() {
        let all = Attestations::parse(FILE).unwrap();
        assert_eq!(
            render(&all),
            FILE,
            "written by hand? `cargo xtask attest` writes it"
        );
        let catalog = Catalog::builtin().unwrap();
        for (id, gates) in &all.0 {
            let integration = catalog.get(id).unwrap();
            assert!(!integration.is_api_key(), "{id}");
            for (gate, word) in gates {
                assert!(!word.source.is_empty() && word.date.len() == 10, "{id} {gate:?}");
                assert_eq!(
                    word.tools.is_empty(),
                    word.word == Word::MatchesDocs,
                    "{id} {gate:?}"
                );
                let holds = digests(id, *gate).unwrap().fits(word);
                let off = dialect::off_standard(integration, *gate).is_some();
                assert!(!(holds && off) || word.word == Word::MatchesDocs, "{id} {gate:?}");
            }
        }
    }

    #[test]
    fn a_file_says_only_what_can_be_attested() {
        let line = |gate: &str, word: &str| {
            format!(
                "[asana]\n{gate} = {{ word = \"{word}\", date = \"2026-11-28\", source = \"s\", entry = \"e\", adapter = \"a\" }}\n"
            )
        };
        let read = |gate, word| Attestations::parse(&line(gate, word));
        let whole = read("flow", "matches_docs").unwrap();
        assert_eq!(Attestations::parse(&render(&whole)).unwrap(), whole);
        for (gate, word) in [
            ("flow", "live"),
            ("flow", "replayed"),
            ("flow", "simulated"),
            ("floe", "matches_docs"),
        ] {
            assert!(read(gate, word).is_err(), "{gate} {word}");
        }
    }
}
