//! The words for categories and stages, the same in code, pages and files.

use crate::model::{Category, Stage};

impl Category {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 8] = [
        Self::WorkAndProjects,
        Self::MailAndChat,
        Self::MoneyAndCommerce,
        Self::FilesAndDesign,
        Self::SalesAndSupport,
        Self::MarketingAndMedia,
        Self::DeveloperAndAi,
        Self::Calendar,
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::WorkAndProjects => "Work and projects",
            Self::MailAndChat => "Mail and chat",
            Self::MoneyAndCommerce => "Money and commerce",
            Self::FilesAndDesign => "Files and design",
            Self::SalesAndSupport => "Sales and support",
            Self::MarketingAndMedia => "Marketing and media",
            Self::DeveloperAndAi => "Developer and AI",
            Self::Calendar => "Calendar",
        }
    }

    /// Its name in addresses, files and JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::WorkAndProjects => "work-and-projects",
            Self::MailAndChat => "mail-and-chat",
            Self::MoneyAndCommerce => "money-and-commerce",
            Self::FilesAndDesign => "files-and-design",
            Self::SalesAndSupport => "sales-and-support",
            Self::MarketingAndMedia => "marketing-and-media",
            Self::DeveloperAndAi => "developer-and-ai",
            Self::Calendar => "calendar",
        }
    }

    /// The category with this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.slug() == slug)
    }
}

impl Stage {
    /// All of the plan's, earliest first.
    pub const ALL: [Self; 6] = [
        Self::Baseline,
        Self::Phase5,
        Self::Phase6,
        Self::Phase7,
        Self::Phase8,
        Self::Phase9,
    ];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Baseline => "Baseline",
            Self::Phase5 => "Phase 5",
            Self::Phase6 => "Phase 6",
            Self::Phase7 => "Phase 7",
            Self::Phase8 => "Phase 8",
            Self::Phase9 => "Phase 9",
            Self::Own => "Outside the plan",
        }
    }

    /// Its name in addresses, files and JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Phase5 => "phase5",
            Self::Phase6 => "phase6",
            Self::Phase7 => "phase7",
            Self::Phase8 => "phase8",
            Self::Phase9 => "phase9",
            Self::Own => "own",
        }
    }

    /// The stage with this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.slug() == slug)
    }
}
