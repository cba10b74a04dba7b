//! The request log that tests read. It never holds a secret.

use std::collections::VecDeque;

use axum::http::header;
use serde::Serialize;
use serde_json::Value;

use super::{call::Call, random::hash};

/// How many requests are remembered.
const CAPACITY: usize = 10_000;
/// How many characters of a value or path are kept.
const SHOWN: usize = 200;
/// Parameters whose values are shown. All others are shown as the beginning of their hash, so a
/// secret in an unexpected place stays secret.
const PLAIN: &[&str] = &[
    "account",
    "client_id",
    "code_challenge_method",
    "decision",
    "error",
    "grant_type",
    "limit",
    "page",
    "prompt",
    "redirect_uri",
    "response_type",
    "scope",
];

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Running number, from 1; goes on after the log was cleared.
    pub sequence: u64,
    /// When the request came, in epoch milliseconds.
    pub at_ms: i64,
    /// The HTTP method.
    pub method: String,
    /// The provider's real host; for an unknown place the `Host` header as it came.
    pub host: String,
    /// The path at that host.
    pub path: String,
    /// The status of the answer; for a dropped connection the one that was not sent.
    pub status: u16,
    /// What was sent along: query, body and authorization.
    pub params: Vec<LoggedParam>,
    /// Why it was refused, in words.
    pub refused: Option<String>,
    /// The faults that hit it.
    pub faults: Vec<String>,
}

/// One parameter of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedParam {
    /// Its name.
    pub name: String,
    /// Its value, for parameters that are no secret.
    pub value: Option<String>,
    /// The first 16 hex digits of the value's SHA-256, for all others.
    pub sha256: Option<String>,
}

impl LogEntry {
    /// The shown value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.param(name)?.value.as_deref()
    }

    /// A parameter by name.
    pub fn param(&self, name: &str) -> Option<&LoggedParam> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// The newest requests.
#[derive(Default)]
pub struct Log {
    entries: VecDeque<LogEntry>,
    last: u64,
}

impl Log {
    /// Adds one and numbers it.
    pub fn add(&mut self, mut entry: LogEntry) {
        self.last += 1;
        entry.sequence = self.last;
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// All remembered, oldest first.
    pub fn all(&self) -> Vec<LogEntry> {
        self.entries.iter().cloned().collect()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

/// A path or value, shortened for the log.
pub fn shortened(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// What a request sent along, with everything secret hashed. `plain` are further harmless names.
pub fn params(call: &Call, plain: &[&str]) -> Vec<LoggedParam> {
    let shown = |name: &str| PLAIN.contains(&name) || plain.contains(&name);
    let mut logged: Vec<_> = call
        .query
        .iter()
        .map(|(name, value)| param(name, value, shown(name)))
        .collect();
    if let Some(form) = call.form() {
        logged.extend(form.iter().map(|(name, value)| param(name, value, shown(name))));
    }
    if let Some(Value::Object(fields)) = call.json() {
        logged.extend(fields.iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            param(name, &text, shown(name))
        }));
    }
    if let Some((user, password)) = call.basic() {
        logged.push(param("client_id", &user, true));
        logged.push(param("client_secret", &password, false));
    } else if let Some(token) = call.bearer() {
        logged.push(param("bearer", token, false));
    } else if call.headers.contains_key(header::AUTHORIZATION) {
        logged.push(param("authorization", "", false));
    }
    logged
}

fn param(name: &str, value: &str, shown: bool) -> LoggedParam {
    LoggedParam {
        name: shortened(name),
        value: shown.then(|| shortened(value)),
        sha256: (!shown).then(|| hash(value).chars().take(16).collect()),
    }
}
