//! Checks what an admin typed against the catalogue's patterns (S30, S32), and says what is wrong at each field.

use std::collections::BTreeMap;

use patchbay_catalog::{ConnectionParam, Integration, ValueError};

use crate::{HubError, Result};

/// The values that fill this integration's addresses; or a sentence for each field that does not match.
pub(super) fn check(
    integration: &Integration,
    typed: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    let mut errors = BTreeMap::new();
    for param in &integration.params {
        let text = tidy(param, typed.get(&param.name).map_or("", String::as_str));
        match param.accept(&text) {
            Ok(_) => {
                known.insert(param.name.clone(), text);
            }
            Err(error) => {
                errors.insert(param.name.clone(), sentence(param, &text, &error));
            }
        }
    }
    if !errors.is_empty() {
        return Err(HubError::Fields(errors));
    }
    let values = integration
        .accept_params(&known)
        .map_err(|_| HubError::Broken("fields were accepted one by one only"))?;
    match elsewhere(integration, &values) {
        errors if errors.is_empty() => Ok(values),
        errors => Err(HubError::Fields(errors)),
    }
}

/// Fields that name an address other than the one our provider app is registered at (S32).
fn elsewhere(integration: &Integration, values: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let Some(address) = integration.needs_own_app(values) else {
        return BTreeMap::new();
    };
    let words = format!(
        "“{address}” can’t be connected yet: it needs a provider app of its own. Only {} works",
        integration
            .params
            .iter()
            .filter_map(|param| param.default.as_deref().filter(|_| param.own_app))
            .collect::<Vec<_>>()
            .join(", ")
    );
    integration
        .params
        .iter()
        .filter(|param| param.own_app)
        .map(|param| (param.name.clone(), words.clone()))
        .collect()
}

/// Accepts a pasted address where only a part of it is asked for.
fn tidy(param: &ConnectionParam, typed: &str) -> String {
    let mut text = typed.trim();
    if let Some(rest) = text.strip_prefix("https://") {
        text = rest.split('/').next().unwrap_or(rest);
    }
    if let Some(suffix) = &param.suffix {
        text = text.strip_suffix(suffix.as_str()).unwrap_or(text);
    }
    text.to_owned()
}

/// What is wrong, in words for the admin.
fn sentence(param: &ConnectionParam, typed: &str, error: &ValueError) -> String {
    let example = param
        .example
        .as_ref()
        .map(|text| format!(", for example {text}"))
        .unwrap_or_default();
    match error {
        ValueError::Missing { .. } => format!("Enter your {}{example}", param.label),
        _ if !param.options.is_empty() => format!("Choose one of the values for {}", param.label),
        _ => format!("“{typed}” can’t be a {}{example}", param.label),
    }
}
