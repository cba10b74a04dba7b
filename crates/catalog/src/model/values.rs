//! The values that fill the parts of a URL: what an admin types and what a provider returns.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use super::Integration;

/// A value that the admin types before connecting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionParam {
    /// Its name in URLs.
    pub name: String,
    /// Its label in the form.
    pub label: String,
    /// Where to find it.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it must look like, anchored at both ends.
    pub pattern: String,
    /// Used where nothing is typed.
    #[serde(default)]
    pub default: Option<String>,
    /// A value that would do.
    #[serde(default)]
    pub example: Option<String>,
    /// Fixed text behind the field: ".zendesk.com".
    #[serde(default)]
    pub suffix: Option<String>,
    /// The values to choose from, where it is a choice: value to label.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// The address (`https://host`) that each choice stands for, where it stands for one.
    #[serde(default)]
    pub hosts: BTreeMap<String, String>,
    /// The part of URLs that this address fills: `api` for `{api}/v3/scopes`.
    #[serde(default)]
    pub host_part: Option<String>,
    /// What is typed is lower-cased before it is compared: host names.
    #[serde(default)]
    pub lowercase: bool,
    /// Another value than the default needs a provider app registered for it: the secret of ours is for the default.
    #[serde(default)]
    pub own_app: bool,
}

/// A value that the provider returns and a URL is later built from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedValue {
    /// Its name in URLs.
    pub name: String,
    /// Where it comes from.
    pub from: ReturnedFrom,
    /// Its parameter (callback) or JSON path.
    pub path: String,
    /// What stands before it and is cut off, where the provider tells more than a URL can take: an address that ends in
    /// an id.
    #[serde(default)]
    pub prefix: String,
    /// What it must look like, anchored at both ends.
    pub pattern: String,
    /// The call whose answer holds it, if `from` is a call: a GET made after the exchange. Where it is the whoami call,
    /// that answer is read and no other call is made.
    #[serde(default)]
    pub call_url: Option<String>,
    /// The entry that holds it, where the call answers with a list; `path` then begins in that entry.
    #[serde(default)]
    pub pick: Option<Pick>,
}

/// Which entry of a list is meant. Every condition must hold; where something that a condition compares with is not
/// known, that condition is left out, and several entries may be left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// JSON path of the list; empty: the answer itself.
    #[serde(default)]
    pub list: String,
    /// Texts that stand in the entry, by path: `url = "https://{site}.atlassian.net"`. Not known where a part has no
    /// value.
    #[serde(default)]
    pub same: BTreeMap<String, String>,
    /// Texts that lists in the entry hold, by path: `scopes = ["read:jira-work"]`.
    #[serde(default)]
    pub holds: BTreeMap<String, Vec<String>>,
    /// Claims of the access token (a JWT) that stand in the entry, by path:
    /// `authEventId = "authentication_event_id"`. Not known where the token has no such claim.
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    /// The field that tells entries apart: the admin is asked to fill it in where several are left.
    #[serde(default)]
    pub ask: Option<String>,
}

/// Where a returned value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnedFrom {
    /// The callback's query.
    Callback,
    /// The token answer.
    Token,
    /// A call made after the exchange.
    Call,
}

/// Why a value is refused. The value itself is not repeated: it is foreign text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing was typed where something is needed.
    #[error("{label} is missing")]
    Missing {
        /// The field's label.
        label: String,
    },
    /// It doesn't look as it must.
    #[error("{label} does not look right{}", example.as_ref().map(|text| format!(": it should look like {text}")).unwrap_or_default())]
    Shape {
        /// The field's label, or a returned value's name.
        label: String,
        /// A value that would do.
        example: Option<String>,
    },
    /// No field or returned value has this name.
    #[error("there is no value called {name}")]
    Unknown {
        /// The name.
        name: String,
    },
}

impl ConnectionParam {
    /// Checks what an admin typed and returns the value to use: trimmed, lower-cased where the field says so, the
    /// default where nothing was typed. `None`: nothing was typed, and nothing is needed.
    pub fn accept(&self, typed: &str) -> Result<Option<String>, ValueError> {
        let mut value = typed.trim().to_owned();
        if self.lowercase {
            value.make_ascii_lowercase();
        }
        if value.is_empty() {
            return match &self.default {
                Some(default) => Ok(Some(default.clone())),
                None if self.required => Err(ValueError::Missing {
                    label: self.label.clone(),
                }),
                None => Ok(None),
            };
        }
        // "localhost" is a well-formed label, so the patterns of subdomains can't tell it apart.
        let known = self.options.is_empty() || self.options.contains_key(&value);
        if !known || value == "localhost" || !matches_whole(&self.pattern, &value) {
            return Err(ValueError::Shape {
                label: self.label.clone(),
                example: self.example.clone(),
            });
        }
        Ok(Some(value))
    }
}

impl ReturnedValue {
    /// Whether a value that the provider returned may be used, and what of it. A refused one must not reach any URL.
    pub fn accept(&self, value: &str) -> Result<String, ValueError> {
        value
            .strip_prefix(&self.prefix)
            .filter(|rest| matches_whole(&self.pattern, rest))
            .map(ToOwned::to_owned)
            .ok_or_else(|| ValueError::Shape {
                label: self.name.clone(),
                example: None,
            })
    }
}

impl Integration {
    /// Checks everything that an admin typed, by field name, and returns the values that fill URLs: each field under
    /// its name, and the address that a choice stands for under its `host_part`. A name that is no field of this
    /// integration is refused.
    pub fn accept_params(
        &self,
        typed: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ValueError> {
        if let Some(name) = typed
            .keys()
            .find(|name| !self.params.iter().any(|param| param.name == **name))
        {
            return Err(ValueError::Unknown { name: name.clone() });
        }
        let mut values = BTreeMap::new();
        for param in &self.params {
            let Some(value) = param.accept(typed.get(&param.name).map_or("", String::as_str))? else {
                continue;
            };
            if let (Some(part), Some(host)) = (&param.host_part, param.hosts.get(&value)) {
                values.insert(part.clone(), host.clone());
            }
            values.insert(param.name.clone(), value);
        }
        Ok(values)
    }

    /// The label of the field that tells several accounts behind one approval apart, where there is one.
    pub fn field_that_tells_apart(&self) -> Option<&str> {
        let mut picks = self.returned.iter().filter_map(|value| value.pick.as_ref());
        let name = picks.find_map(|pick| pick.ask.as_ref())?;
        self.params
            .iter()
            .find(|param| param.name == *name)
            .map(|param| param.label.as_str())
    }

    /// The value among these that needs a provider app registered for it: an address that is not the one our app is for.
    pub fn needs_own_app<'a>(&self, values: &'a BTreeMap<String, String>) -> Option<&'a str> {
        self.params
            .iter()
            .filter(|param| param.own_app)
            .find_map(|param| {
                let value = values.get(&param.name)?;
                (param.default.as_ref() != Some(value)).then_some(value.as_str())
            })
    }

    /// Checks a value that the provider returned, by its name.
    pub fn accept_returned(&self, name: &str, value: &str) -> Result<String, ValueError> {
        match self.returned.iter().find(|returned| returned.name == name) {
            Some(returned) => returned.accept(value),
            None => Err(ValueError::Unknown {
                name: name.to_owned(),
            }),
        }
    }
}

/// Whether `pattern` matches all of `value`. A pattern that doesn't compile matches nothing; loading refuses it.
pub(crate) fn matches_whole(pattern: &str, value: &str) -> bool {
    Regex::new(pattern)
        .ok()
        .and_then(|regex| regex.find(value).map(|found| found.range() == (0..value.len())))
        .unwrap_or(false)
}
