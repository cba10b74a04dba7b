//! The completion report: the same figures as the rollout page, in forms that leave the house.

mod csv;
mod json;
mod markdown;
mod words;

use crate::{
    Hub, HubError, Mode, Result,
    access::Permission,
    rollout::phases,
    view::{ReportView, Viewer},
};

pub use csv::csv;
pub(crate) use csv::safe as safe_cell;
pub use json::json;
pub use markdown::markdown;

/// The forms that a report can be exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// CSV.
    Csv,
    /// JSON.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Csv, Self::Json];

    /// From the word in addresses and on the command line.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == word)
    }

    /// The name that people read.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }

    /// Ending of the file's name, and the word in addresses and on the command line.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// A report in this form.
    ///
    /// # Errors
    /// [`HubError::Broken`] only where writing to memory fails.
    pub fn write(self, report: &ReportView) -> Result<String> {
        match self {
            Self::Markdown => Ok(markdown(report)),
            Self::Csv => csv(report),
            Self::Json => serde_json::to_string_pretty(&json(report))
                .map_err(|_| HubError::Broken("a JSON value could not be written")),
        }
    }
}

impl Hub {
    /// The report as of now; none for those who may not see it.
    pub async fn report(&self, viewer: &Viewer) -> Result<Option<ReportView>> {
        if !viewer.may(Permission::SeeReport) {
            return Ok(None);
        }
        Ok(Some(self.report_now().await?))
    }

    /// The report as of now, for the command line.
    pub async fn report_now(&self) -> Result<ReportView> {
        let figures = self.figures().await?;
        Ok(ReportView {
            as_of: self.now(),
            phases: phases(&figures.board),
            counts: figures.counts,
            verification: figures.verification.clone(),
            rows: figures.board.clone(),
            demo: self.settings.mode == Mode::Demo,
        })
    }

    /// The report in one of its forms; none for those who may not export it.
    pub async fn export(&self, viewer: &Viewer, format: Format) -> Result<Option<String>> {
        if !viewer.may(Permission::ExportReport) {
            return Ok(None);
        }
        Ok(Some(format.write(&self.report_now().await?)?))
    }
}
