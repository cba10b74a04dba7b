//! What a word is about: digests of facts and code.

use std::fmt::Write as _;

use patchbay_catalog::Catalog;
use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

use super::Attestation;
use crate::view::Gate;

/// What stands in an integration's file and is about its history alone.
const HISTORY: &str = "history";

/// What the calls that read history need besides.
const API: [&str; 3] = ["api_base", "api_auth", "api_headers"];

/// What says nothing about how access is given, kept and ended.
const ELSEWHERE: [&str; 2] = [HISTORY, "setup"];

/// What a gate's word rests on, as it is in this build. Each is the first 16 bytes of a SHA-256, as hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// Of the facts in the integration's file. For flow, storage and lifecycle everything but its `history`, its `setup`
    /// and the doubts about those two; for history only its `history`, the doubts about it and how its API is called.
    /// Spelling, order and comments do not count.
    pub entry: String,
    /// Of the code, as bytes: all sources of `crates/oauth`; for storage those of the vault. Taken when this crate is
    /// built.
    pub adapter: String,
}

impl Digests {
    pub(super) fn fits(&self, attestation: &Attestation) -> bool {
        self.entry == attestation.entry && self.adapter == attestation.adapter
    }
}

/// The digests of a gate in this build; none for an integration that did not come with the code.
pub fn digests(id: &str, gate: Gate) -> Option<Digests> {
    Some(Facts::of(id)?.digests(gate))
}

/// What the file of a built-in integration says. Reading it is what takes time here.
pub(super) struct Facts(Table);

impl Facts {
    pub fn of(id: &str) -> Option<Self> {
        Catalog::builtin_file(id)?.parse().ok().map(Self)
    }

    pub fn digests(&self, gate: Gate) -> Digests {
        let adapter = match gate {
            Gate::Storage => env!("PATCHBAY_VAULT_DIGEST"),
            Gate::Flow | Gate::Lifecycle | Gate::History => env!("PATCHBAY_OAUTH_DIGEST"),
        };
        Digests {
            entry: entry(self.0.clone(), gate),
            adapter: adapter.to_owned(),
        }
    }
}

fn entry(mut facts: Table, gate: Gate) -> String {
    let is_history = gate == Gate::History;
    if let Some(Value::Table(doubts)) = facts.get_mut("confidence") {
        doubts.retain(|field, _| {
            let (head, _) = field.split_once('.').unwrap_or((field, ""));
            if is_history {
                head == HISTORY
            } else {
                !ELSEWHERE.contains(&head)
            }
        });
    }
    facts.retain(|field, _| {
        if is_history {
            field == HISTORY || field == "confidence" || API.contains(&field)
        } else {
            !ELSEWHERE.contains(&field)
        }
    });
    let mut digest = Sha256::new();
    add(&mut digest, &Value::Table(facts));
    digest.finalize()[..16]
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Adds a value, with its kind and its length, so that no two different ones read the same.
fn add(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Table(table) => {
            head(digest, b't', table.len());
            let mut fields: Vec<_> = table.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                text(digest, name);
                add(digest, value);
            }
        }
        Value::Array(values) => {
            head(digest, b'a', values.len());
            for value in values {
                add(digest, value);
            }
        }
        Value::String(value) => text(digest, value),
        // Numbers, yes and no, dates: as TOML writes them.
        other => {
            head(digest, b'o', 0);
            text(digest, &other.to_string());
        }
    }
}

fn text(digest: &mut Sha256, text: &str) {
    head(digest, b's', text.len());
    digest.update(text);
}

fn head(digest: &mut Sha256, kind: u8, length: usize) {
    digest.update([kind]);
    digest.update((length as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "id = \"x\"\napi_base = \"a\"\n[oauth2]\npkce = \"none\"\n[confidence]\nhistory = \"medium\"\n\
                        setup = \"low\"\n[setup]\nsteps = \"s\"\n[[history]]\nname = \"h\"\n";

    fn both(text: &str) -> (String, String) {
        let of = |gate| entry(text.parse().unwrap(), gate);
        (of(Gate::Flow), of(Gate::History))
    }

    #[test]
    fn facts_count_for_the_gates_that_rest_on_them() {
        let before = both(FILE);
        for (from, to, flow, history) in [
            ("pkce = \"none\"", "pkce = \"required\"", true, false),
            ("name = \"h\"", "name = \"i\"", false, true),
            ("history = \"medium\"", "history = \"high\"", false, true),
            ("api_base = \"a\"", "api_base = \"b\"", true, true),
            ("steps = \"s\"", "steps = \"t\"", false, false),
            ("setup = \"low\"", "setup = \"high\"", false, false),
            ("id = \"x\"\n", "# a comment\nid = 'x'\n", false, false),
        ] {
            assert!(FILE.contains(from), "{from}");
            let after = both(&FILE.replace(from, to));
            assert_eq!(
                (before.0 != after.0, before.1 != after.1),
                (flow, history),
                "{from}"
            );
        }
    }

    #[test]
    fn borders_between_values_count() {
        assert_ne!(both("a = [\"bc\", \"d\"]"), both("a = [\"b\", \"cd\"]"));
        assert_ne!(both("a = 1").0, both("a = \"1\"").0);
    }

    #[test]
    fn what_did_not_come_with_the_code_has_none() {
        assert!(digests("asana", Gate::Flow).is_some());
        assert_eq!(digests("acme-crm", Gate::Flow), None);
        assert_ne!(
            digests("asana", Gate::Storage).unwrap().adapter,
            digests("asana", Gate::Flow).unwrap().adapter
        );
    }
}
