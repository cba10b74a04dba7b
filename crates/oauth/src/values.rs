//! Values that a provider hands back and that addresses are later built from. Each is held to the catalogue's pattern
//! before it is used anywhere: what does not match ends the connect (checks S33, S34).

use std::collections::{BTreeMap, BTreeSet};

use patchbay_catalog::model::{ReturnedFrom, ReturnedValue};
use patchbay_catalog::path;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::api::ApiCall;
use crate::arrival::ArrivalError;
use crate::error::ProviderError;
use crate::http::Blocked;
use crate::jwt::Claims;
use crate::pick::{self, Known};

/// The values that a callback's parameters hold.
///
/// # Errors
/// [`Blocked::Value`] if one is there and does not match.
pub fn from_callback(
    wanted: &[ReturnedValue],
    extra: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Blocked> {
    read(wanted, ReturnedFrom::Callback, |name| extra.get(name).cloned())
}

/// The values that a token answer holds.
///
/// # Errors
/// [`Blocked::Value`] if one is there and does not match.
pub fn from_token(wanted: &[ReturnedValue], answer: &Value) -> Result<BTreeMap<String, String>, Blocked> {
    read(wanted, ReturnedFrom::Token, |place| path::text(answer, place))
}

/// The values that the call at `url` tells. Unlike the others none may be missing: the call was made for them.
pub(crate) fn from_call(
    call: &ApiCall<'_>,
    url: &str,
    answer: &Value,
) -> Result<BTreeMap<String, String>, ArrivalError> {
    let mut found = BTreeMap::new();
    let told_here = |value: &&ReturnedValue| value.call_url.as_deref() == Some(url);
    for value in call
        .integration
        .returned_from(ReturnedFrom::Call)
        .filter(told_here)
    {
        let text = told(call, value, answer)?;
        let text = value
            .accept(&text)
            .map_err(|_| ProviderError::blocked(Blocked::Value))?;
        found.insert(value.name.clone(), text);
    }
    Ok(found)
}

/// One value, from the answer or from the one entry of its list that is meant. Entries that tell the same are one.
fn told(call: &ApiCall<'_>, value: &ReturnedValue, answer: &Value) -> Result<String, ArrivalError> {
    let Some(pick) = &value.pick else {
        return path::text(answer, &value.path).ok_or_else(|| ProviderError::garbled().into());
    };
    let known = Known {
        values: call.values,
        claims: &Claims::of(call.token.expose_secret()),
    };
    let entries = pick::entries(pick, answer, &known)?;
    if entries.is_empty() {
        return Err(ArrivalError::NoneFits);
    }
    let mut texts: BTreeSet<String> = entries
        .into_iter()
        .filter_map(|entry| path::text(entry, &value.path))
        .collect();
    match (texts.pop_first(), texts.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(ArrivalError::Several),
        (None, _) => Err(ProviderError::garbled().into()),
    }
}

fn read(
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
            prefix: String::new(),
            pattern: pattern.into(),
            call_url: None,
            pick: None,
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
    fn s34_of_an_address_the_part_after_its_prefix_counts() {
        let wanted = [ReturnedValue {
            prefix: "https://api.example.com/organizations/".into(),
            ..wanted("^[A-Z]+$").remove(0)
        }];
        let told = |value: &str| from_token(&wanted, &json!({ "instance_url": value }));

        let good = told("https://api.example.com/organizations/ACME").unwrap();
        assert_eq!(good["instance"], "ACME");
        for bad in [
            "ACME",
            "https://api.example.org/organizations/ACME",
            "https://api.example.com/organizations/ACME/../OTHER",
        ] {
            assert_eq!(told(bad), Err(Blocked::Value), "{bad}");
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
