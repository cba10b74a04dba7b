//! Whose account it is: read from the answer to a whoami call.

use patchbay_catalog::model::Pick;
use patchbay_catalog::path;
use serde_json::Value;

use crate::api::ApiCall;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Blocked;
use crate::jwt::Claims;
use crate::pick::{self, Known};

/// Longest account id or name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// Whose account it is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id for it; empty where the catalogue knows no place for one.
    pub id: String,
    /// Its name for people; the id where there is no name.
    pub label: String,
}

/// The account that a whoami answer tells.
pub(crate) fn account(call: &ApiCall<'_>, json: &Value) -> Result<Account, ProviderError> {
    let whoami = &call.integration.whoami;
    let entry = match &whoami.pick {
        Some(pick) => own_entry(pick, call, json)?,
        None => json,
    };
    let told = named(entry, &whoami.id_paths, &whoami.label_paths)?;
    match &whoami.id_part {
        Some(part) => part_of(call, part, told),
        None => Ok(told),
    }
}

/// The entry of the account that this connection is to. Where there is none, the token may be good, but it is not for
/// this account any more.
fn own_entry<'json>(
    pick: &Pick,
    call: &ApiCall<'_>,
    json: &'json Value,
) -> Result<&'json Value, ProviderError> {
    let known = Known {
        values: call.values,
        claims: &Claims::default(),
    };
    match pick::entries(pick, json, &known)?[..] {
        [one] => Ok(one),
        [] => Err(ProviderErrorKind::Refused.into()),
        _ => Err(ProviderError::garbled()),
    }
}

/// The account that the call was asked about (S40). The answer must name something of it: a success that tells nothing
/// confirms nothing.
fn part_of(call: &ApiCall<'_>, part: &str, told: Account) -> Result<Account, ProviderError> {
    let value = call.values.get(part).ok_or(Blocked::Incomplete)?;
    if told.label.is_empty() {
        return Err(ProviderError::garbled());
    }
    let id = if told.id.is_empty() {
        value.clone()
    } else {
        format!("{value}/{}", told.id)
    };
    Ok(Account { id, ..told })
}

/// The account that stands at these places of an answer.
pub(crate) fn named(
    json: &Value,
    id_paths: &[String],
    label_paths: &[String],
) -> Result<Account, ProviderError> {
    let id = path::first_text(json, id_paths);
    if id.is_none() && !id_paths.is_empty() {
        return Err(ProviderError::garbled());
    }
    let id = id.map(|id| tidy(&id)).unwrap_or_default();
    let label = label(json, label_paths).unwrap_or_else(|| id.clone());
    Ok(Account { id, label })
}

/// The name that stands at one of these places of an answer.
pub(crate) fn label(json: &Value, label_paths: &[String]) -> Option<String> {
    path::first_text(json, label_paths).map(|label| tidy(&label))
}

/// A name from outside, without what could garble a page or a log.
fn tidy(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect()
}
