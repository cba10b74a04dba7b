//! The completion report: the same figures as the rollout page, in forms that leave the house.

mod markdown;

use crate::{
    Hub, Mode, Result,
    access::Permission,
    rollout::phases,
    view::{ReportView, Viewer},
};

pub use markdown::markdown;

/// The forms that a report can be exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
}

impl Format {
    /// From the word in addresses and on the command line.
    pub fn parse(word: &str) -> Option<Self> {
        (word == "md").then_some(Self::Markdown)
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Ending of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
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
        let report = self.report_now().await?;
        Ok(Some(match format {
            Format::Markdown => markdown(&report),
        }))
    }
}
