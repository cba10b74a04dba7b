//! How the last 90 days of records are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Method;

/// One kind of record, and how 90 days of it are read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one documented habit of a provider, named where it is set"
)]
pub struct Stream {
    /// Its name: "tasks".
    pub name: String,
    /// What an admin calls it: "Tasks".
    pub label: String,
    /// How it is cut into windows.
    pub cut: Cut,
    /// What has to be so before records are read, where a provider collects them first.
    #[serde(default)]
    pub ready: Option<Ready>,
    /// Days of a window, where it is cut into spans: the most that the provider filters at once.
    #[serde(default)]
    pub span_days: Option<u32>,
    /// Whether records come newest first: then reading stops at the first that is too old.
    #[serde(default)]
    pub newest_first: bool,
    /// What must be walked first, outermost first: workspaces, then projects.
    #[serde(default)]
    pub parents: Vec<Parent>,
    /// The tree that records lie in, where lists tell records and places with further lists side by side.
    #[serde(default)]
    pub tree: Option<Tree>,
    /// HTTP method.
    #[serde(default = "get")]
    pub method: Method,
    /// Path and query below `api_base`, with `{from}`, `{to}` and the parents' names. Parents' ids are encoded on the
    /// way in, so that they can hold anything.
    pub request: String,
    /// JSON body, where one is needed. Texts in it take the same parts; a text that is a part and nothing else becomes
    /// a number where times are numbers.
    #[serde(default)]
    pub body: Option<String>,
    /// Headers besides the usual ones, with the same parts.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How `{from}` and `{to}` are written.
    #[serde(default)]
    pub times: Times,
    /// How many days earlier than the window `{from}` is: where the provider reads it in another time zone, or goes by
    /// another time than the record's. What is too old is left out afterwards.
    #[serde(default)]
    pub early_days: u32,
    /// JSON path of the array of records; empty: the answer itself. `edges[].node` takes a part of each element.
    #[serde(default)]
    pub records_path: String,
    /// Whether the array is left out where there is nothing.
    #[serde(default)]
    pub may_be_absent: bool,
    /// Whether what is there is one record and no array.
    #[serde(default)]
    pub single: bool,
    /// Which of the array's elements are records of this stream; none: all.
    #[serde(default)]
    pub only: Option<Only>,
    /// JSON path of a record's id.
    pub id_path: String,
    /// Whether ids are unique within their parents only: then the parents' ids stand before them.
    #[serde(default)]
    pub id_within_parents: bool,
    /// A call for each listed record that brings the record itself, with `{id}`: path and query below `api_base`.
    /// The other paths then lead into its answer.
    #[serde(default)]
    pub detail: Option<String>,
    /// Whether the provider tells no times: then what is there now counts, whatever its age, as of the end of the
    /// import's span.
    #[serde(default)]
    pub undated: bool,
    /// JSON path of a record's time, by which the 90 days are judged; several between bars: the first that is there.
    /// Empty where there are no times.
    #[serde(default)]
    pub time_path: String,
    /// How it is written.
    #[serde(default)]
    pub time: RecordTime,
    /// JSON path of a record's title; several between bars: the first that is there.
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
    /// The provider filters by both ends, and days would be many calls for little: one window for every `span_days`.
    Spans,
    /// The provider filters by the start only and sorts oldest first: days are done as they are passed.
    Ascending,
    /// The provider sorts newest first: days are done as they are passed, until the first that is too old.
    Descending,
    /// The provider filters by the start only or not at all, and does not sort: one window for each innermost parent.
    Parents,
    /// As [`Cut::Parents`], in a tree: one window for each place, made when it is found.
    Tree,
    /// The provider neither filters nor sorts: one window, all of which is read.
    Whole,
}

/// Which elements of an array are records of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// JSON path in the element.
    pub path: String,
    /// The text (or number, or `true`) that has to be there.
    pub is: String,
}

/// How `{from}` and `{to}` are written in a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// `2026-08-30T00:00:00Z` (RFC 3339, UTC).
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// The same, as text in a JSON body too.
    MillisecondsText,
    /// `2026-08-30`, in UTC. `{to}` is the last day that belongs to the window.
    Date,
}

impl Times {
    /// Whether they are numbers in a JSON body.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Seconds | Self::Milliseconds)
    }
}

/// How a record's time is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordTime {
    /// RFC 3339, with any offset; a plain date is its first moment in UTC.
    #[default]
    Rfc3339,
    /// Seconds since 1970, as a number or text, perhaps with a fraction: Slack's `1767225600.000200`.
    Seconds,
    /// Milliseconds since 1970, as a number or text.
    Milliseconds,
    /// `2026-08-30`: the first moment of that day in UTC.
    Date,
    /// `2026-08-30T09:15:00.0000000`, without an offset: in UTC.
    Utc,
    /// `/Date(1767225600000+0000)/`, the form of older Microsoft serialisers.
    JsonDate,
}

/// A call that tells whether a provider has collected what a stream reads. Until it has, it is asked again later.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// HTTP method.
    #[serde(default = "get")]
    pub method: Method,
    /// Path and query below `api_base`.
    pub request: String,
    /// JSON body, where one is needed.
    #[serde(default)]
    pub body: Option<String>,
    /// JSON path of the word that tells.
    pub path: String,
    /// The word that says that all is there.
    pub is: String,
}

/// Something that must be listed before a stream's records can be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Its name in later requests: "workspace".
    pub name: String,
    /// Several of them, in words: "workspaces".
    pub plural: String,
    /// HTTP method.
    #[serde(default = "get")]
    pub method: Method,
    /// Path and query below `api_base`.
    pub request: String,
    /// JSON body, as a stream's.
    #[serde(default)]
    pub body: Option<String>,
    /// JSON path of the array; `edges[].node` takes a part of each element.
    #[serde(default)]
    pub records_path: String,
    /// Whether the array is left out where there is nothing.
    #[serde(default)]
    pub may_be_absent: bool,
    /// Which elements count; none: all.
    #[serde(default)]
    pub only: Option<Only>,
    /// JSON path of the id.
    pub id_path: String,
    /// What is cut off the beginning of the id: `spaces/`.
    #[serde(default)]
    pub id_prefix: String,
    /// How the next page is found.
    pub paging: Paging,
}

/// A tree of places, such as folders in folders, whose lists tell records and further places.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// A place's name in the request: "folder".
    pub name: String,
    /// Several of them, in words: "folders".
    pub plural: String,
    /// The id of the outermost place.
    pub root: String,
    /// Which elements of a list are places.
    pub only: Only,
    /// JSON path of a place's id in its element.
    pub id_path: String,
}

/// How the next page is found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Paging {
    /// There is one page.
    None,
    /// A value of the answer goes into the next request: into a parameter of the query, a field of the body, or a body
    /// of its own.
    Cursor {
        /// JSON path of the value; absent, null or empty: last page.
        path: String,
        /// The parameter of the query.
        #[serde(default)]
        param: Option<String>,
        /// JSON path of the body's field.
        #[serde(default)]
        field: Option<String>,
        /// JSON path of what says whether there is more; `!path` where it says that there is not.
        #[serde(default)]
        more_path: Option<String>,
        /// Path and query of the following requests, where they go elsewhere.
        #[serde(default)]
        next_request: Option<String>,
        /// JSON body of the following requests, with `{cursor}`, where it is another one.
        #[serde(default)]
        next_body: Option<String>,
    },
    /// The `Link` header names it (RFC 8288).
    LinkHeader,
    /// The answer names its address, or its path on the same host.
    NextLink {
        /// JSON path of the address; absent, null or empty: last page.
        path: String,
        /// JSON path of what says whether there is more; `!path` where it says that there is not.
        #[serde(default)]
        more_path: Option<String>,
    },
    /// Pages are counted.
    Page {
        /// The parameter of the query, or the part `{page}` of request or body where there is none.
        #[serde(default)]
        param: Option<String>,
        /// The number of the first page.
        start: u64,
        /// Records of a full page: one with fewer is the last.
        #[serde(default)]
        size: Option<u64>,
        /// JSON path of what says whether there is more; `!path` where it says that there is not.
        #[serde(default)]
        more_path: Option<String>,
    },
    /// Records are counted.
    Offset {
        /// The parameter of the query, or the part `{offset}` of request or body where there is none.
        #[serde(default)]
        param: Option<String>,
        /// The number of the first record.
        #[serde(default)]
        start: u64,
        /// Records of a full page: one with fewer is the last.
        size: u64,
    },
    /// The id of a page's last record leads to the next page.
    LastId {
        /// The parameter of the query.
        #[serde(default)]
        param: Option<String>,
        /// JSON body of the following requests, with `{cursor}`, where the id goes there.
        #[serde(default)]
        next_body: Option<String>,
        /// JSON path of the id in the record.
        path: String,
        /// Records of a full page: one with fewer is the last.
        #[serde(default)]
        size: Option<u64>,
        /// JSON path of what says whether there is more.
        #[serde(default)]
        more_path: Option<String>,
    },
}

/// One request of the catalogue that has pages: a stream's or a parent's.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// HTTP method.
    pub method: Method,
    /// Path and query below `api_base`.
    pub request: &'a str,
    /// JSON body.
    pub body: Option<&'a str>,
    /// Headers besides the usual ones; none: no more than those.
    pub headers: Option<&'a BTreeMap<String, String>>,
    /// JSON path of the array.
    pub records_path: &'a str,
    /// Whether the array is left out where there is nothing.
    pub may_be_absent: bool,
    /// Whether one record stands there and no array.
    pub single: bool,
    /// How the next page is found.
    pub paging: &'a Paging,
}

impl Stream {
    /// Its request and its pages.
    pub fn listing(&self) -> Listing<'_> {
        Listing {
            method: self.method,
            request: &self.request,
            body: self.body.as_deref(),
            headers: Some(&self.headers),
            records_path: &self.records_path,
            may_be_absent: self.may_be_absent,
            single: self.single,
            paging: &self.paging,
        }
    }
}

impl Parent {
    /// Its request and its pages.
    pub fn listing(&self) -> Listing<'_> {
        Listing {
            method: self.method,
            request: &self.request,
            body: self.body.as_deref(),
            headers: None,
            records_path: &self.records_path,
            may_be_absent: self.may_be_absent,
            single: false,
            paging: &self.paging,
        }
    }
}

fn get() -> Method {
    Method::Get
}
