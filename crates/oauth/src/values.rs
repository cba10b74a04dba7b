//! Values that a provider hands back and that addresses are later built from. Each is held to the catalogue's pattern
//! before it is used anywhere: what does not match ends the connect (checks S33, S34).

use std::collections::BTreeMap;

use patchbay_catalog::model::{ReturnedFrom, ReturnedValue};
use patchbay_catalog::path;
use serde_json::Value;

use crate::http::Blocked;

/// The values that a callback's parameters hold.
///
/// # Errors
/// [`Blocked::Value`] if one is there and does not match.
pub fn from_callback(
    wanted: &[ReturnedValue],
    extra: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Blocked> {
    pick(wanted, ReturnedFrom::Callback, |name| extra.get(name).cloned())
}

/// The values that a token answer holds.
///
/// # Errors
/// [`Blocked::Value`] if one is there and does not match.
pub fn from_token(wanted: &[ReturnedValue], answer: &Value) -> Result<BTreeMap<String, String>, Blocked> {
    pick(wanted, ReturnedFrom::Token, |place| path::text(answer, place))
}

fn pick(
    wanted: &[ReturnedValue],
    from: ReturnedFrom,
    read: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, Blocked> {
    let mut found = BTreeMap::new();
    for value in wanted.iter().filter(|value| value.from == from) {
        let Some(text) = read(&value.path) else {
            continue;
        };
        let text = value.accept(&text).map_err(|_| Blocked::Value)?;
        found.insert(value.name.clone(), text);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wanted(pattern: &str) -> Vec<ReturnedValue> {
        vec![ReturnedValue {
            name: "instance".into(),
            from: ReturnedFrom::Token,
            path: "instance_url".into(),
            pattern: pattern.into(),
            call_url: None,
        }]
    }

    #[test]
    fn a_value_that_matches_is_kept() {
        let answer = json!({"instance_url": "https://acme.my.salesforce.com", "other": "x"});
        let found = from_token(&wanted(r"^https://[a-z0-9-]+\.my\.salesforce\.com$"), &answer).unwrap();
        assert_eq!(found["instance"], "https://acme.my.salesforce.com");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn s34_a_value_that_does_not_match_is_refused() {
        for pattern in [
            r"^https://[a-z0-9-]+\.my\.salesforce\.com$",
            // Not anchored by whoever wrote it.
            r"https://[a-z0-9-]+\.my\.salesforce\.com",
        ] {
            for value in [
                "http://10.0.0.1",
                "https://a.my.salesforce.com.evil.example",
                "https://a.my.salesforce.com\n",
                "xhttps://a.my.salesforce.com",
            ] {
                let answer = json!({ "instance_url": value });
                assert_eq!(
                    from_token(&wanted(pattern), &answer),
                    Err(Blocked::Value),
                    "{value}"
                );
            }
        }
    }

    #[test]
    fn a_broken_pattern_matches_nothing() {
        let answer = json!({"instance_url": "x"});
        assert_eq!(from_token(&wanted("("), &answer), Err(Blocked::Value));
    }

    #[test]
    fn a_missing_value_is_no_error() {
        assert!(from_token(&wanted("x"), &json!({})).unwrap().is_empty());
    }
}
