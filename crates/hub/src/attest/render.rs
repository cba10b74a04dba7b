//! The file of words.

use std::fmt::Write as _;

use super::Attestations;

/// What stands before the words.
const HEAD: &str = "\
# Words above Simulated, one line for each gate that has earned one. Written by `cargo xtask attest`; not to be edited.
#
# standards_checked: the gate passed a verification, and independent programs (tools) agreed on both sides: a client of
# theirs completed it against the simulated provider, and our engine completed it, in this dialect, at a server of theirs.
# For storage, theirs opened what our vault had sealed. Source: the standards. It says nothing about the real provider, and
# nothing about ID tokens, which we neither need nor read.
#
# matches_docs: the gate passed a verification, a dated document of the provider's own that is among the entry's sources
# covers it (xtask/attest/documents.toml), and the catalogue has no doubt about anything that the gate rests on.
#
# A word holds while both digests are those of this build: entry (the facts of the integration's file that the gate rests
# on) and adapter (crates/oauth, or the vault for storage). Else, and for every gate that is not listed, it is Simulated.
# No word makes a gate pass. A file of a deployment's own that changes an integration takes its words.
";

/// Words as a file that [`Attestations::parse`] reads.
pub fn render(words: &Attestations) -> String {
    let mut file = HEAD.to_owned();
    for (id, gates) in words.0.iter().filter(|(_, gates)| !gates.is_empty()) {
        let _ = writeln!(file, "\n[{id}]");
        for (gate, word) in gates {
            let text = |text: &str| toml::Value::from(text).to_string();
            let mut line = format!(
                "{} = {{ word = {}, date = {}, source = {}",
                gate.as_str(),
                text(word.word.as_str()),
                text(&word.date),
                text(&word.source)
            );
            if !word.tools.is_empty() {
                let tools: Vec<String> = word.tools.iter().map(|tool| text(tool)).collect();
                let _ = write!(line, ", tools = [{}]", tools.join(", "));
            }
            let _ = writeln!(
                file,
                "{line}, entry = {}, adapter = {} }}",
                text(&word.entry),
                text(&word.adapter)
            );
        }
    }
    file
}
