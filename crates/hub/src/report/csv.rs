//! The report as CSV (RFC 4180): one table, whose first column says what a row is about.

use crate::{
    Result,
    error::HubError,
    report::words::{evidence_word, gate_word, status_word},
    view::{BoardRow, PhaseRow, ReportView},
};

/// The columns, the same for every kind of row.
const COLUMNS: [&str; 20] = [
    "row",
    "id",
    "name",
    "category",
    "phase",
    "status",
    "proven",
    "flow",
    "storage",
    "lifecycle",
    "history",
    "connections",
    "tenants",
    "complete",
    "of",
    "percent",
    "plan_total",
    "missing",
    "as_of",
    "build",
];

/// The report as CSV: totals, phases, then the 39.
pub fn csv(report: &ReportView) -> Result<String> {
    let mut writer = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut write = |row: Row| writer.write_record(row.cells(report)).map_err(|_| broken());
    write(Row(
        COLUMNS.map(ToOwned::to_owned).into_iter().map(Some).collect(),
        true,
    ))?;
    for total in totals(report) {
        write(total)?;
    }
    for phase in &report.phases {
        write(phase_row(phase))?;
    }
    for row in &report.rows {
        write(integration_row(row))?;
    }
    let bytes = writer.into_inner().map_err(|_| broken())?;
    String::from_utf8(bytes).map_err(|_| broken())
}

/// Writing to memory does not fail.
fn broken() -> HubError {
    HubError::Broken("a CSV could not be written")
}

/// A row's cells, without the last two, which every row shares; `true`: the head, which has its own.
struct Row(Vec<Option<String>>, bool);

impl Row {
    /// All cells as they are written.
    fn cells(self, report: &ReportView) -> Vec<String> {
        let mut cells: Vec<String> = self
            .0
            .into_iter()
            .map(|cell| safe(&cell.unwrap_or_default()))
            .collect();
        if !self.1 {
            let build = report
                .verification
                .finished
                .as_ref()
                .map(|(build, _)| build.clone());
            cells.resize(COLUMNS.len() - 2, String::new());
            cells.push(report.as_of.rfc3339());
            cells.push(build.unwrap_or_default());
        }
        cells
    }
}

/// A row with these cells, by column.
fn row(cells: &[(&str, String)]) -> Row {
    let cell = |name: &&str| {
        cells
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, cell)| cell.clone())
    };
    Row(COLUMNS[..COLUMNS.len() - 2].iter().map(cell).collect(), false)
}

/// The three counts and the gates.
fn totals(report: &ReportView) -> [Row; 4] {
    let counts = &report.counts;
    let total = |id: &str, name: &str, complete: u32, of: u32| {
        vec![
            ("row", "total".to_owned()),
            ("id", id.to_owned()),
            ("name", name.to_owned()),
            ("complete", complete.to_string()),
            ("of", of.to_string()),
        ]
    };
    let of = counts.built.total;
    let mut built = total("built", "Built", counts.built.complete, of);
    built.push(("percent", counts.built.percent.to_string()));
    let mut used = total("in-use", "In use", counts.in_use.integrations, of);
    used.push(("tenants", counts.in_use.tenants.to_string()));
    [
        row(&built),
        row(&total(
            "gates",
            "Gates proven",
            counts.built.gates_proven,
            counts.built.gates_total,
        )),
        row(&total(
            "proven-live-here",
            "Proven live here",
            counts.live.count,
            of,
        )),
        row(&used),
    ]
}

/// Plan against actual.
fn phase_row(phase: &PhaseRow) -> Row {
    row(&[
        ("row", "phase".to_owned()),
        ("id", phase.stage.slug().to_owned()),
        ("name", phase.stage.label().to_owned()),
        ("complete", phase.complete.to_string()),
        ("of", phase.size.to_string()),
        ("percent", phase.plan_percent.to_string()),
        ("plan_total", phase.plan_total.to_string()),
    ])
}

/// One of the 39.
fn integration_row(of: &BoardRow) -> Row {
    let gate = |index: usize| {
        of.gates
            .get(index)
            .map(|gate| gate_word(gate.state).to_owned())
            .unwrap_or_default()
    };
    row(&[
        ("row", "integration".to_owned()),
        ("id", of.id.clone()),
        ("name", of.name.clone()),
        ("category", of.category.label().to_owned()),
        ("phase", of.stage.label().to_owned()),
        ("status", status_word(of.status).to_owned()),
        (
            "proven",
            of.weakest.map(evidence_word).unwrap_or_default().to_owned(),
        ),
        ("flow", gate(0)),
        ("storage", gate(1)),
        ("lifecycle", gate(2)),
        ("history", gate(3)),
        ("connections", of.connections.to_string()),
        ("tenants", of.tenants.to_string()),
        ("missing", of.missing.clone()),
    ])
}

/// A cell that no spreadsheet takes for a formula (S71, OWASP CSV Injection): what begins like one gets a quote.
pub(crate) fn safe(cell: &str) -> String {
    let plain: String = cell.chars().filter(|letter| *letter != '\0').collect();
    if plain.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) || plain.len() < cell.len() {
        format!("'{plain}")
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s71_a_cell_that_begins_like_a_formula_is_text() {
        for bad in ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "\0=1", "\r\n=1"] {
            assert!(safe(bad).starts_with('\''), "{bad:?}");
        }
        assert_eq!(safe("Outlook (Microsoft)"), "Outlook (Microsoft)");
    }
}
