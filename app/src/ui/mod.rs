//! The parts that pages are made of, one file for each family. Every part is shown in every state on
//! `/dev/components`.

mod activity;
mod button;
mod card;
mod confirm;
mod count;
mod empty;
mod facts;
mod field;
mod filter;
mod gates;
mod head;
mod history;
mod icon;
mod inputs;
mod layout;
mod logo;
mod notice;
mod phases;
pub mod status;
mod table;
mod time;
mod verification;

pub use activity::ActivityList;
pub use button::{ActionForm, Button, LinkButton, Look};
pub use card::{IntegrationCard, IntegrationRow};
pub use confirm::ConfirmPage;
pub use count::{CountPanel, ThreeCounts};
pub use empty::EmptyState;
pub use facts::{Details, Fact, FactList, PlainList};
pub use field::{FieldText, SearchField, SecretField, SelectField, TextField};
pub use filter::FilterBar;
pub use gates::{EvidenceLadder, GateCell, gate_label, word_label};
pub use head::{Breadcrumb, PageHead, Section};
pub use history::{HistoryBar, ProgressBar};
pub use icon::{Glyph, Icon};
pub use inputs::{CopyField, DateField, FileField, LinesField, TickField};
pub use layout::{Layout, Place};
pub use logo::{LogoTile, TileSize};
pub use notice::{ErrorSummary, FieldError, Notice};
pub use phases::PhaseTable;
pub use status::{Shown, StatusWord, Tone};
pub use table::TableBox;
pub use time::{ExactTime, RelativeTime};
pub use verification::VerificationLine;
