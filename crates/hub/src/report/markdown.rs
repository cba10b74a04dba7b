//! The report as Markdown.

use std::fmt::Write as _;

use crate::{
    report::words::{evidence_word, gate_word, status_word},
    view::{BoardRow, PhaseRow, ReportView},
};

/// The report as Markdown: counts, plan against actual, the 39, what each word means.
pub fn markdown(report: &ReportView) -> String {
    let mut text = String::with_capacity(8 * 1024);
    // Writing to a String can't fail.
    let _ = head(&mut text, report);
    let _ = counts(&mut text, report);
    let _ = phases(&mut text, &report.phases);
    let _ = rows(&mut text, &report.rows);
    text.push_str(WORDS);
    text
}

const WORDS: &str = "\
## How each word is defined

- **Built**: our code does it. Implemented and N/A integrations, of all; the percentage is rounded half up.
- **Proven live here**: a real account at the real provider connected, refreshed and synced in this deployment.
- **In use**: at least one healthy connection.
- **Implemented**: the four gates flow, storage, lifecycle and history are proven. **N/A (API key)**: connected by a \
key, nothing to authorise. **Pending**: something is missing; the row says what.
- **Simulated**: proven against our own simulator of the provider, not with the provider.
";

fn head(text: &mut String, report: &ReportView) -> std::fmt::Result {
    writeln!(text, "# Integration rollout: completion report\n")?;
    writeln!(text, "- As of: {}", report.as_of.rfc3339())?;
    match &report.verification.finished {
        Some((build, at)) => writeln!(text, "- Verified build: {build}, {}", at.rfc3339())?,
        None => writeln!(text, "- Verified build: none yet")?,
    }
    writeln!(text, "- Written by build: {}", report.verification.build)?;
    if report.demo {
        writeln!(text, "- Demo: sample tenants, simulated providers")?;
    }
    writeln!(text)
}

fn counts(text: &mut String, report: &ReportView) -> std::fmt::Result {
    let counts = &report.counts;
    let (built, live, used) = (counts.built, counts.live, counts.in_use);
    writeln!(text, "## Three counts\n")?;
    writeln!(text, "| count | figure | what it says |\n|---|---|---|")?;
    writeln!(
        text,
        "| Built | {} of {} ({} %), {} of {} gates | Our code does it. |",
        built.complete, built.total, built.percent, built.gates_proven, built.gates_total
    )?;
    let last = live
        .last
        .map_or_else(|| "none yet".to_owned(), |at| format!("last {}", at.rfc3339()));
    writeln!(
        text,
        "| Proven live here | {} of {}, {last} | A real account at the real provider connected, refreshed and synced \
         here. |",
        live.count, built.total
    )?;
    writeln!(
        text,
        "| In use | {} of {}, in {} tenants | At least one healthy connection. |\n",
        used.integrations, built.total, used.tenants
    )
}

fn phases(text: &mut String, phases: &[PhaseRow]) -> std::fmt::Result {
    writeln!(text, "## Plan against actual\n")?;
    writeln!(
        text,
        "| phase | complete now | of | complete after it, by plan |\n|---|---:|---:|---:|"
    )?;
    for phase in phases {
        writeln!(
            text,
            "| {} | {} | {} | {} ({} %) |",
            phase.stage.label(),
            phase.complete,
            phase.size,
            phase.plan_total,
            phase.plan_percent
        )?;
    }
    writeln!(text)
}

fn rows(text: &mut String, rows: &[BoardRow]) -> std::fmt::Result {
    writeln!(text, "## The {} integrations\n", rows.len())?;
    writeln!(
        text,
        "| integration | phase | status | flow | storage | lifecycle | history | proven | connections | tenants | \
         missing |\n|---|---|---|---|---|---|---|---|---:|---:|---|"
    )?;
    for row in rows {
        let gate = |index: usize| row.gates.get(index).map_or("–", |gate| gate_word(gate.state));
        writeln!(
            text,
            "| {} | {}{} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&row.name),
            row.stage.label(),
            if row.named_in_plan { "" } else { " (inferred)" },
            status_word(row.status),
            gate(0),
            gate(1),
            gate(2),
            gate(3),
            row.weakest.map_or("–", evidence_word),
            row.connections,
            row.tenants,
            cell(&row.missing)
        )?;
    }
    writeln!(text)
}

/// Text that can't end a table cell or start markup (S72).
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ if letter.is_control() => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s72_markup_in_a_name_is_inert() {
        assert_eq!(cell("<script>|a`b\n*"), "\\<script\\>\\|a\\`b \\*");
    }
}
