//! How the last 90 days of records are read.

use serde::{Deserialize, Serialize};

/// One kind of record, and how 90 days of it are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Its name: "tasks".
    pub name: String,
    /// What an admin calls it: "Tasks".
    pub label: String,
    /// How it is cut into windows.
    pub cut: Cut,
    /// What must be walked first, outermost first: workspaces, then projects.
    #[serde(default)]
    pub parents: Vec<Parent>,
    /// Path and query below `api_base`, with `{from}` (RFC 3339, start of the window), `{to}` and the parents' names.
    pub request: String,
    /// JSON path of the array of records; empty: the answer itself.
    #[serde(default)]
    pub records_path: String,
    /// JSON path of a record's id.
    pub id_path: String,
    /// JSON path of a record's time (RFC 3339), by which the 90 days are judged.
    pub time_path: String,
    /// JSON path of a record's title.
    pub title_path: String,
    /// How the next page is found.
    pub paging: Paging,
    /// What the provider documents about completeness, in one sentence for the admin.
    #[serde(default)]
    pub note: Option<String>,
}

/// How a stream is cut into windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The provider filters by both ends: one window a day.
    Days,
    /// The provider filters by the start only and sorts oldest first: days are done as they are passed.
    Ascending,
    /// The provider filters by the start only and does not sort: one window for each innermost parent.
    Parents,
}

/// Something that must be listed before a stream's records can be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Its name in later requests: "workspace".
    pub name: String,
    /// Several of them, in words: "workspaces".
    pub plural: String,
    /// Path and query below `api_base`.
    pub request: String,
    /// JSON path of the array.
    #[serde(default)]
    pub records_path: String,
    /// JSON path of the id.
    pub id_path: String,
    /// How the next page is found.
    pub paging: Paging,
}

/// How the next page is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// There is one page.
    None,
    /// A value of the answer goes into a parameter of the next request.
    Cursor {
        /// JSON path of the value; absent or null: last page.
        path: String,
        /// The parameter.
        param: String,
    },
    /// The `Link` header names it (RFC 8288).
    LinkHeader,
}
