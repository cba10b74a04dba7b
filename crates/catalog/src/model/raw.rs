//! The TOML of one file before it is known that exactly one kind of authorization is there.
//!
//! A struct of its own because serde can't refuse unknown fields beside a flattened enum, and a misspelled field must
//! be refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    ApiAuth, ApiKey, ApiVersion, Auth, Category, ConnectionParam, ErrorWords, Integration, Link, OAuth1,
    OAuth2, Origin, ReturnedValue, Setup, Stage, Stream, Whoami,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawIntegration {
    id: String,
    #[serde(default = "last")]
    order: u32,
    name: String,
    category: Category,
    summary: String,
    #[serde(default)]
    named_in_plan: bool,
    #[serde(default = "outside_the_plan")]
    stage: Stage,
    estimate_minutes: Option<u32>,
    provider_app: String,
    logo: Option<String>,
    api_base: String,
    api_auth: ApiAuth,
    #[serde(default)]
    api_headers: BTreeMap<String, String>,
    oauth2: Option<Box<OAuth2>>,
    oauth1: Option<Box<OAuth1>>,
    link: Option<Box<Link>>,
    api_key: Option<ApiKey>,
    #[serde(default)]
    params: Vec<ConnectionParam>,
    #[serde(default)]
    returned: Vec<ReturnedValue>,
    whoami: Whoami,
    #[serde(default)]
    errors: ErrorWords,
    #[serde(default)]
    history: Vec<Stream>,
    setup: Setup,
    sources: Vec<String>,
    #[serde(default)]
    confidence: BTreeMap<String, String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    api_versions: Vec<ApiVersion>,
}

/// Integrations of a deployment's own come after those of the plan.
fn last() -> u32 {
    10_000
}

fn outside_the_plan() -> Stage {
    Stage::Own
}

impl TryFrom<RawIntegration> for Integration {
    type Error = &'static str;

    fn try_from(raw: RawIntegration) -> Result<Self, Self::Error> {
        let auth = match (raw.oauth2, raw.oauth1, raw.link, raw.api_key) {
            (Some(dialect), None, None, None) => Auth::OAuth2(dialect),
            (None, Some(dialect), None, None) => Auth::OAuth1(dialect),
            (None, None, Some(link), None) => Auth::Link(link),
            (None, None, None, Some(key)) => Auth::ApiKey(key),
            _ => {
                return Err(
                    "exactly one of the tables [oauth2], [oauth1], [link] and [api_key] must be there",
                );
            }
        };
        Ok(Self {
            id: raw.id,
            order: raw.order,
            name: raw.name,
            category: raw.category,
            summary: raw.summary,
            named_in_plan: raw.named_in_plan,
            stage: raw.stage,
            estimate_minutes: raw.estimate_minutes,
            provider_app: raw.provider_app,
            logo: raw.logo,
            api_base: raw.api_base,
            api_auth: raw.api_auth,
            api_headers: raw.api_headers,
            auth,
            params: raw.params,
            returned: raw.returned,
            whoami: raw.whoami,
            errors: raw.errors,
            history: raw.history,
            setup: raw.setup,
            sources: raw.sources,
            confidence: raw.confidence,
            notes: raw.notes,
            api_versions: raw.api_versions,
            origin: Origin::default(),
        })
    }
}
