//! The calls right after an exchange: first the values that addresses are built from, then whose account it is. Nothing
//! of it may be stored unless all of it worked.

use std::collections::{BTreeMap, BTreeSet};

use patchbay_catalog::model::{Integration, ReturnedFrom};

use crate::account::{Account, account};
use crate::api::{self, ApiCall};
use crate::error::ProviderError;
use crate::http::Client;
use crate::values;

/// What the provider says of access that it has just given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Whose account it is.
    pub account: Account,
    /// The catalogue's values from calls, by name, held to their patterns.
    pub values: BTreeMap<String, String>,
}

/// Why access that was given can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArrivalError {
    /// A call failed, or a value is not what it must be.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Access is to several things, and nothing says which one is meant.
    #[error("several entries of the provider's list fit")]
    Several,
    /// Access is to nothing that was meant.
    #[error("no entry of the provider's list fits")]
    NoneFits,
}

/// Makes the calls. `call` knows what was typed and what callback and token answer returned.
///
/// # Errors
/// [`ArrivalError`]; the token is alive all the same, and the caller has to give it back.
pub async fn arrive(client: &Client, call: &ApiCall<'_>) -> Result<Arrival, ArrivalError> {
    let whoami = &call.integration.whoami;
    let mut known = Known {
        all: call.values.clone(),
        told: BTreeMap::new(),
    };
    let (at_whoami, before): (Vec<&str>, Vec<&str>) = call_urls(call.integration)
        .into_iter()
        .partition(|url| *url == whoami.url);
    for url in before {
        let answer = api::read(client, &known.call(call), url).await?;
        known.learn(values::from_call(&known.call(call), url, &answer)?);
    }
    let account = if at_whoami.is_empty() {
        api::whoami(client, &known.call(call)).await?
    } else {
        let answer = api::ask_who(client, &known.call(call)).await?;
        known.learn(values::from_call(&known.call(call), &whoami.url, &answer)?);
        let account = account(&known.call(call), &answer)?;
        api::with_label(client, &known.call(call), account).await
    };
    Ok(Arrival {
        account,
        values: known.told,
    })
}

/// What is known so far.
struct Known {
    /// Everything.
    all: BTreeMap<String, String>,
    /// What calls told.
    told: BTreeMap<String, String>,
}

impl Known {
    fn call<'a>(&'a self, call: &ApiCall<'a>) -> ApiCall<'a> {
        ApiCall {
            values: &self.all,
            ..*call
        }
    }

    fn learn(&mut self, values: BTreeMap<String, String>) {
        self.all.extend(values.clone());
        self.told.extend(values);
    }
}

/// The addresses of the calls that tell values, each once.
fn call_urls(integration: &Integration) -> BTreeSet<&str> {
    integration
        .returned_from(ReturnedFrom::Call)
        .filter_map(|value| value.call_url.as_deref())
        .collect()
}
