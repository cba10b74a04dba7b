//! One integration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::raw::RawIntegration;
use super::{
    ApiAuth, ApiKey, Auth, ConnectionParam, Link, Method, OAuth1, OAuth2, Pick, ReturnedFrom, ReturnedValue,
    Revoke, Setup, Stream,
};

/// One of the integrations of the catalogue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "RawIntegration")]
pub struct Integration {
    /// Stable id, also the file's name and the last part of its callback address.
    pub id: String,
    /// Its place in lists; the lowest comes first.
    pub order: u32,
    /// The name people know it by.
    pub name: String,
    /// The group it is listed under.
    pub category: Category,
    /// What arrives from it, in a few plain words: "Tasks, projects, people".
    pub summary: String,
    /// Whether the rollout plan names it; the others are inferred from the plan's count.
    pub named_in_plan: bool,
    /// When the plan says it is done.
    pub stage: Stage,
    /// The plan's estimate of the work, in minutes.
    pub estimate_minutes: Option<u32>,
    /// The provider app it connects through; several integrations can share one.
    pub provider_app: String,
    /// The icon's slug in simple-icons; none: two letters stand in.
    pub logo: Option<String>,
    /// Root of the API that data is read from.
    pub api_base: String,
    /// How a token is attached to an API call.
    pub api_auth: ApiAuth,
    /// Headers that every API call needs.
    pub api_headers: BTreeMap<String, String>,
    /// How access is given. Exactly one of the four.
    pub auth: Auth,
    /// What the admin types before connecting.
    pub params: Vec<ConnectionParam>,
    /// What the provider returns and a URL is later built from.
    pub returned: Vec<ReturnedValue>,
    /// The call that tells whose account it is.
    pub whoami: Whoami,
    /// Words of the provider's errors, by what they mean.
    pub errors: ErrorWords,
    /// How 90 days of history are read; empty: not built yet.
    pub history: Vec<Stream>,
    /// How the provider app is registered.
    pub setup: Setup,
    /// Where the facts were read.
    pub sources: Vec<String>,
    /// How sure an uncertain field is, by field.
    pub confidence: BTreeMap<String, String>,
    /// Oddities that whoever works on this integration must know.
    pub notes: Vec<String>,
    /// Versions of the provider's API that we ask for and that have an end.
    pub api_versions: Vec<ApiVersion>,
    /// Whether it came with the code. Not in the file: loading says so.
    pub origin: Origin,
}

/// Whether an integration came with the code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origin {
    /// As it came.
    #[default]
    BuiltIn,
    /// It came with the code, and a file of this deployment says other things about some of its fields.
    Overridden {
        /// The fields, such as `oauth2.token_url`.
        fields: Vec<String>,
    },
    /// A file of this deployment.
    Own,
}

/// A version of a provider's API that we ask for and that has an end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiVersion {
    /// As the provider calls it: `2026-07`.
    pub version: String,
    /// The last day on which the provider answers to it, `YYYY-MM-DD`; none: it will end, and no day is documented.
    #[serde(default)]
    pub sunset: Option<String>,
    /// What comes after it, or what to do.
    pub then: String,
    /// Where this was read.
    pub source: String,
}

/// The groups that integrations are listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Work and projects.
    WorkAndProjects,
    /// Mail and chat.
    MailAndChat,
    /// Money and commerce.
    MoneyAndCommerce,
    /// Files and design.
    FilesAndDesign,
    /// Sales and support.
    SalesAndSupport,
    /// Marketing and media.
    MarketingAndMedia,
    /// Developer and AI.
    DeveloperAndAi,
    /// Calendar.
    Calendar,
}

/// When the plan says an integration is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Done when the plan was written (2026-04-15).
    Baseline,
    /// Planned for phase 5.
    Phase5,
    /// Planned for phase 6.
    Phase6,
    /// Planned for phase 7.
    Phase7,
    /// Planned for phase 8.
    Phase8,
    /// Planned for phase 9.
    Phase9,
    /// Outside the plan: an integration of a deployment's own.
    Own,
}

/// The call that tells whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whoami {
    /// HTTP method.
    pub method: Method,
    /// Where.
    pub url: String,
    /// JSON body, where one is needed.
    #[serde(default)]
    pub body: Option<String>,
    /// Headers besides the usual ones; they replace the usual ones of the same name. One with `{token}` carries the
    /// token instead of `api_auth`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The entry that the account stands in, where the answer is a list; the paths then begin in that entry. None fits:
    /// the token is not for this account any more.
    #[serde(default)]
    pub pick: Option<Pick>,
    /// The part whose value is the account's id, where no field of the answer is: `realmId`. The call has to confirm it,
    /// so it stands in the URL or in `pick`. With `id_paths` too, the account is the two together.
    #[serde(default)]
    pub id_part: Option<String>,
    /// JSON path of the account's id; the first of several that is there.
    #[serde(default)]
    pub id_paths: Vec<String>,
    /// JSON path of the account's name; the first of several that is there.
    #[serde(default)]
    pub label_paths: Vec<String>,
    /// JSON path of an error that a success can hold: the access is known and no longer works. Its words are those of
    /// [`ErrorWords`].
    #[serde(default)]
    pub error_path: Option<String>,
    /// The GET whose answer holds the name, where the whoami answer has none: `label_paths` then begin in that one. An
    /// account whose name is not told is called by its id.
    #[serde(default)]
    pub label_url: Option<String>,
    /// Asked instead where this call is refused with 403: the admin did not allow what it needs. Its id must be the
    /// same as this call's.
    #[serde(default)]
    pub fallback: Option<WhoamiFallback>,
}

/// A GET that tells whose account it is with less rights.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhoamiFallback {
    /// Where.
    pub url: String,
    /// JSON path of the account's id; the first of several that is there.
    pub id_paths: Vec<String>,
    /// JSON path of the account's name; the first of several that is there.
    pub label_paths: Vec<String>,
}

/// Words of the provider's errors, by what they mean; spelled as the provider sends them, so some are upper case and
/// a few are sentences. [`ErrorWords::meaning`] looks one up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorWords {
    /// Access is gone: only a person can mend it.
    #[serde(default)]
    pub permanent: Vec<String>,
    /// It may pass.
    #[serde(default)]
    pub temporary: Vec<String>,
    /// Our provider app is set up wrongly.
    #[serde(default)]
    pub app_config: Vec<String>,
    /// Those of `app_config` that say that client id and secret don't belong together, where the provider does not say
    /// `invalid_client`: another secret may help then.
    #[serde(default)]
    pub wrong_client: Vec<String>,
    /// The person said no.
    #[serde(default)]
    pub user_refused: Vec<String>,
    /// An administrator of the customer's organisation has to allow it first: there is no access until then.
    #[serde(default)]
    pub approval: Vec<String>,
}

/// What a provider's error word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorMeaning {
    /// Access is gone: only a person can mend it.
    Permanent,
    /// It may pass.
    Temporary,
    /// Our provider app is set up wrongly.
    AppConfig,
    /// The person said no.
    UserRefused,
    /// An administrator of the customer's organisation has to allow it first.
    Approval,
}

impl ErrorWords {
    /// The lists with their names in the file, by what they mean.
    pub fn lists(&self) -> [(&'static str, ErrorMeaning, &[String]); 5] {
        [
            ("permanent", ErrorMeaning::Permanent, &self.permanent),
            ("temporary", ErrorMeaning::Temporary, &self.temporary),
            ("app_config", ErrorMeaning::AppConfig, &self.app_config),
            ("user_refused", ErrorMeaning::UserRefused, &self.user_refused),
            ("approval", ErrorMeaning::Approval, &self.approval),
        ]
    }

    /// Whether `word` says that client id and secret don't belong together (RFC 6749 section 5.2). Letter case is ignored.
    pub fn blames_client(&self, word: &str) -> bool {
        let named = |known: &str| known.eq_ignore_ascii_case(word);
        named("invalid_client") || self.wrong_client.iter().any(|known| named(known))
    }

    /// What `word` means, or nothing if the catalogue doesn't know it. Letter case is ignored.
    pub fn meaning(&self, word: &str) -> Option<ErrorMeaning> {
        self.lists()
            .into_iter()
            .find(|(_, _, words)| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
            .map(|(_, meaning, _)| meaning)
    }
}

impl Integration {
    /// Whether it is one of those that the plan counts.
    pub fn is_planned(&self) -> bool {
        self.stage != Stage::Own
    }

    /// Its OAuth 2.0 dialect, if that is how access is given.
    pub fn oauth2(&self) -> Option<&OAuth2> {
        match &self.auth {
            Auth::OAuth2(dialect) => Some(dialect),
            _ => None,
        }
    }

    /// Its OAuth 1.0a dialect, if that is how access is given.
    pub fn oauth1(&self) -> Option<&OAuth1> {
        match &self.auth {
            Auth::OAuth1(dialect) => Some(dialect),
            _ => None,
        }
    }

    /// Its link, if that is how access is given.
    pub fn link(&self) -> Option<&Link> {
        match &self.auth {
            Auth::Link(link) => Some(link),
            _ => None,
        }
    }

    /// Where the admin approves, as a template; none where the provider says it anew each time, or there is a key.
    pub fn authorize_url(&self) -> Option<&str> {
        match &self.auth {
            Auth::OAuth2(dialect) => Some(&dialect.authorize_url),
            Auth::OAuth1(dialect) => Some(&dialect.authorize_url),
            Auth::Link(_) | Auth::ApiKey(_) => None,
        }
    }

    /// Where an approval becomes access, as a template; none for a key.
    pub fn exchange_url(&self) -> Option<&str> {
        match &self.auth {
            Auth::OAuth2(dialect) => Some(&dialect.token_url),
            Auth::OAuth1(dialect) => Some(&dialect.access_token_url),
            Auth::Link(link) => Some(&link.exchange_url),
            Auth::ApiKey(_) => None,
        }
    }

    /// Its key, if access is given by one.
    pub fn api_key(&self) -> Option<&ApiKey> {
        match &self.auth {
            Auth::ApiKey(key) => Some(key),
            _ => None,
        }
    }

    /// Whether access is given by a key that the admin copies: status "N/A (API key)".
    pub fn is_api_key(&self) -> bool {
        self.api_key().is_some()
    }

    /// `oauth2`, `oauth1`, `link` or `api_key`.
    pub fn auth_word(&self) -> &'static str {
        match &self.auth {
            Auth::OAuth2(_) => "oauth2",
            Auth::OAuth1(_) => "oauth1",
            Auth::Link(_) => "link",
            Auth::ApiKey(_) => "api_key",
        }
    }

    /// What is asked for, as bare tokens: scopes, or the products of a link. Empty where there is no such thing.
    pub fn scopes(&self) -> &[String] {
        match &self.auth {
            Auth::OAuth2(dialect) => &dialect.scopes,
            Auth::OAuth1(dialect) => &dialect.scopes,
            Auth::Link(link) => &link.products,
            Auth::ApiKey(_) => &[],
        }
    }

    /// What each of [`Integration::scopes`] is for, in words for an admin.
    pub fn scope_words(&self) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        match &self.auth {
            Auth::OAuth2(dialect) => &dialect.scope_words,
            Auth::OAuth1(dialect) => &dialect.scope_words,
            Auth::Link(link) => &link.product_words,
            Auth::ApiKey(_) => &NONE,
        }
    }

    /// The call that withdraws access; none: the provider has none.
    pub fn revoke(&self) -> Option<&Revoke> {
        match &self.auth {
            Auth::OAuth2(dialect) => dialect.revoke.as_ref(),
            Auth::OAuth1(dialect) => dialect.revoke.as_ref(),
            Auth::Link(link) => link.revoke.as_ref(),
            Auth::ApiKey(_) => None,
        }
    }

    /// The values that the provider returns in one place.
    pub fn returned_from(&self, from: ReturnedFrom) -> impl Iterator<Item = &ReturnedValue> {
        self.returned.iter().filter(move |value| value.from == from)
    }
}
