//! Which entries of a list the catalogue means.

use std::collections::BTreeMap;

use patchbay_catalog::model::Pick;
use patchbay_catalog::path;
use patchbay_catalog::template::{self, TemplateError};
use serde_json::Value;

use crate::error::ProviderError;
use crate::http::Blocked;
use crate::jwt::Claims;

/// What conditions compare with.
pub(crate) struct Known<'a> {
    /// What was typed and returned so far.
    pub(crate) values: &'a BTreeMap<String, String>,
    /// The claims of the access token.
    pub(crate) claims: &'a Claims,
}

/// The entries that fit, in the provider's order.
///
/// # Errors
/// `Garbled` where there is no list.
pub(crate) fn entries<'json>(
    pick: &Pick,
    answer: &'json Value,
    known: &Known<'_>,
) -> Result<Vec<&'json Value>, ProviderError> {
    let list = path::at(answer, &pick.list)
        .and_then(Value::as_array)
        .ok_or_else(ProviderError::garbled)?;
    let wanted = wanted(pick, known)?;
    Ok(list.iter().filter(|entry| fits(pick, &wanted, entry)).collect())
}

/// The texts that must stand in an entry, by path; without those that nothing is known about.
fn wanted<'a>(pick: &'a Pick, known: &Known<'_>) -> Result<Vec<(&'a str, String)>, Blocked> {
    let mut wanted = Vec::new();
    for (path, text) in &pick.same {
        match template::fill_text(text, known.values) {
            Ok(text) => wanted.push((path.as_str(), text)),
            Err(TemplateError::Unfilled(_)) => {}
            Err(_) => return Err(Blocked::Incomplete),
        }
    }
    let claims = pick
        .claims
        .iter()
        .filter_map(|(path, claim)| Some((path.as_str(), known.claims.text(claim)?)));
    wanted.extend(claims);
    Ok(wanted)
}

fn fits(pick: &Pick, wanted: &[(&str, String)], entry: &Value) -> bool {
    let same = wanted
        .iter()
        .all(|(path, text)| path::text(entry, path).as_ref() == Some(text));
    let holds = pick.holds.iter().all(|(path, texts)| {
        let list = path::at(entry, path).and_then(Value::as_array);
        let has =
            |text: &String| list.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(text)));
        texts.iter().all(has)
    });
    same && holds
}
