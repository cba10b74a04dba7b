//! Activity as a file, page by page: however long the trail is, no more than a page of it is in memory.

use patchbay_store::audit::{self, AuditRow};
use serde::Serialize;

use super::{TenantNames, tenant_names, within_reach, words};
use crate::{
    Hub, HubError, Result,
    report::safe_cell,
    view::{ActivityFilter, Viewer},
};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// How activity is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A JSON object in each line.
    JsonLines,
}

/// One line.
#[derive(Debug, Serialize)]
struct Line {
    entry: i64,
    at: String,
    who: String,
    what: String,
    action: String,
    integration: String,
    tenant: String,
    result: &'static str,
    reason: String,
    reference: String,
}

/// The names of its columns.
const COLUMNS: [&str; 10] = [
    "entry",
    "at",
    "who",
    "what",
    "action",
    "integration",
    "tenant",
    "result",
    "reason",
    "reference",
];

impl ActivityFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    /// Also what an address calls it.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON lines",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// From an address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == word)
    }

    /// What stands before the first line.
    pub fn head(self) -> String {
        match self {
            Self::Csv => format!("{}\r\n", COLUMNS.join(",")),
            Self::JsonLines => String::new(),
        }
    }

    fn write(self, lines: &[Line]) -> Result<String> {
        match self {
            Self::Csv => {
                let mut writer = csv::WriterBuilder::new()
                    .has_headers(false)
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(Vec::new());
                for line in lines {
                    writer.write_record(line.cells()).map_err(broken)?;
                }
                let bytes = writer.into_inner().map_err(broken)?;
                String::from_utf8(bytes).map_err(broken)
            }
            Self::JsonLines => {
                let mut text = String::new();
                for line in lines {
                    text.push_str(&serde_json::to_string(line).map_err(broken)?);
                    text.push('\n');
                }
                Ok(text)
            }
        }
    }
}

/// Writing into memory does not fail; should it, this is said.
fn broken<E>(_: E) -> HubError {
    HubError::Broken("activity can't be written as a file")
}

impl Line {
    fn cells(&self) -> [String; 10] {
        [
            self.entry.to_string().as_str(),
            &self.at,
            &self.who,
            &self.what,
            &self.action,
            &self.integration,
            &self.tenant,
            self.result,
            &self.reason,
            &self.reference,
        ]
        .map(safe_cell)
    }
}

impl Hub {
    /// The next part of a file with the rows that the filter lets through, newest first, and where to go on. None: that
    /// was all.
    ///
    /// # Errors
    /// [`HubError::Store`].
    pub async fn activity_file(
        &self,
        viewer: &Viewer,
        filter: &ActivityFilter,
        format: ActivityFormat,
    ) -> Result<Option<(String, ActivityFilter)>> {
        let mut filter = within_reach(viewer, filter);
        filter.after = None;
        let mut tx = self.store.read(viewer.scope()).await?;
        let rows = audit::list(&mut tx, &filter.stored(PAGE)).await?;
        let names = tenant_names(&mut tx, viewer, &rows).await?;
        drop(tx);
        let Some(oldest) = rows.last() else {
            return Ok(None);
        };
        filter.before = Some(oldest.id);
        let lines: Vec<Line> = rows.iter().map(|row| self.line(row, &names)).collect();
        Ok(Some((format.write(&lines)?, filter)))
    }

    fn line(&self, row: &AuditRow, names: &TenantNames) -> Line {
        let tenant = row.tenant_id.as_ref().and_then(|id| names.get(id));
        Line {
            entry: row.id,
            at: row.at.rfc3339(),
            who: row.actor_name.clone(),
            what: words::sentence(self, row, None),
            action: row.action.clone(),
            integration: row.integration_id.clone().unwrap_or_default(),
            tenant: tenant.cloned().unwrap_or_default(),
            result: row.outcome.as_str(),
            reason: row.reason.clone().unwrap_or_default(),
            reference: row.reference.clone().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(who: &str) -> Line {
        Line {
            entry: 7,
            at: String::from("2026-04-15T09:30:00.000Z"),
            who: who.to_owned(),
            what: String::from("Ana, \"Ruiz\" connected Asana"),
            action: String::from("connection.made"),
            integration: String::from("asana"),
            tenant: String::from("Acme"),
            result: "done",
            reason: String::new(),
            reference: String::new(),
        }
    }

    #[test]
    fn s71_a_name_that_looks_like_a_formula_is_text_in_csv() {
        let text = ActivityFormat::Csv.write(&[line("=HYPERLINK(1)")]).unwrap();
        assert_eq!(
            text,
            "7,2026-04-15T09:30:00.000Z,'=HYPERLINK(1),\"Ana, \"\"Ruiz\"\" connected Asana\",connection.made,asana,\
             Acme,done,,\r\n"
        );
        assert_eq!(ActivityFormat::Csv.head().matches(',').count() + 1, COLUMNS.len());
    }

    #[test]
    fn s72_a_name_with_a_line_break_stays_one_line_of_json() {
        let text = ActivityFormat::JsonLines
            .write(&[line("a\nb"), line("c")])
            .unwrap();
        let names: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["who"].to_string())
            .collect();
        assert_eq!(names, ["\"a\\nb\"", "\"c\""]);
    }
}
