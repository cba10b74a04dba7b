//! Small conversions between what is stored and what is said.

use std::collections::BTreeMap;

/// A map of plain values as JSON text.
pub(crate) fn to_json(values: &BTreeMap<String, String>) -> String {
    // A map of strings always serialises.
    serde_json::to_string(values).unwrap_or_else(|_| "{}".to_owned())
}

/// The map that [`to_json`] wrote; empty where the text is something else.
pub(crate) fn from_json(text: &str) -> BTreeMap<String, String> {
    serde_json::from_str(text).unwrap_or_default()
}
