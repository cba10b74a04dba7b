//! What a catalogue file must keep to. All problems of a file are collected, each with its field and reason.

mod history;
mod patterns;
mod returned;
mod setup;
mod urls;

use std::collections::BTreeSet;

use crate::load::Problem;
use crate::model::{ApiAuthPlace, Auth, BodyKind, Integration, Link, Method, OAuth2, Revoke};
use crate::template;

/// Parameters of an authorization request that a flow or a grant depends on (RFC 6749 section 4.1.1, RFC 7636).
const PROTOCOL_PARAMS: [&str; 7] = [
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "response_type",
    "scope",
];

/// Everything that is wrong with `integration`, read from `file`.
pub(crate) fn problems(file: &str, integration: &Integration) -> Vec<Problem> {
    let mut checks = Checks {
        file,
        integration,
        problems: Vec::new(),
    };
    checks.identity();
    checks.scopes();
    checks.auth();
    checks.api();
    checks.whoami();
    checks.error_words();
    checks.setup();
    checks.values();
    checks.streams();
    checks.api_versions();
    checks.problems
}

/// One file under examination.
struct Checks<'a> {
    file: &'a str,
    integration: &'a Integration,
    problems: Vec<Problem>,
}

impl Checks<'_> {
    fn refuse(&mut self, field: &str, reason: impl Into<String>) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            field: field.to_owned(),
            reason: reason.into(),
        });
    }

    fn require(&mut self, holds: bool, field: &str, reason: &str) {
        if !holds {
            self.refuse(field, reason);
        }
    }

    fn identity(&mut self) {
        let integration = self.integration;
        let stem = self.file.strip_suffix(".toml").unwrap_or(self.file);
        if integration.id != stem {
            self.refuse("id", format!("{:?} is not the file's name", integration.id));
        }
        self.require(is_slug(&integration.id), "id", "only a-z, 0-9 and - can be used");
        self.require(
            is_slug(&integration.provider_app),
            "provider_app",
            "only a-z, 0-9 and - can be used",
        );
        self.require(!integration.name.trim().is_empty(), "name", "is empty");
        self.require(!integration.summary.trim().is_empty(), "summary", "is empty");
        let sourced = integration.sources.iter().any(|source| !source.trim().is_empty());
        self.require(sourced, "sources", "no source is given for the facts");
    }

    fn scopes(&mut self) {
        let integration = self.integration;
        let words = integration.scope_words();
        for scope in integration.scopes() {
            let bare = !scope.is_empty()
                && scope
                    .chars()
                    .all(|c| c.is_ascii_graphic() && !"\"\\,()".contains(c));
            if !bare {
                self.refuse("scopes", format!("{scope:?} is not a bare token"));
            }
            if words.get(scope).is_none_or(|text| text.trim().is_empty()) {
                self.refuse("scope_words", format!("nothing says what {scope:?} is for"));
            }
        }
        for scope in words.keys().filter(|scope| !integration.scopes().contains(scope)) {
            self.refuse("scope_words", format!("{scope:?} is described but not asked for"));
        }
    }

    fn auth(&mut self) {
        let integration = self.integration;
        match &integration.auth {
            Auth::OAuth2(oauth2) => {
                self.url("oauth2.authorize_url", &oauth2.authorize_url, &[]);
                self.url("oauth2.token_url", &oauth2.token_url, &[]);
                if let Some(url) = &oauth2.refresh.url {
                    self.url("oauth2.refresh.url", url, &[]);
                }
                self.signed_callback(oauth2);
                self.choose_account(oauth2);
                if let Some(issuer) = &oauth2.issuer {
                    self.issuer(issuer);
                }
                for scope in oauth2
                    .scope_aliases
                    .keys()
                    .filter(|scope| !oauth2.scopes.contains(scope))
                {
                    self.refuse("oauth2.scope_aliases", format!("{scope:?} is not asked for"));
                }
                if let Some(scope) = oauth2
                    .refresh
                    .scope
                    .as_ref()
                    .filter(|scope| !oauth2.scopes.contains(scope))
                {
                    self.refuse("oauth2.refresh.scope", format!("{scope:?} is not asked for"));
                }
                let separated = oauth2.scopes.is_empty() || oauth2.scope_separator.is_some();
                self.require(
                    separated,
                    "oauth2.scope_separator",
                    "there are scopes but nothing to put between them",
                );
            }
            Auth::OAuth1(oauth1) => {
                self.url("oauth1.request_token_url", &oauth1.request_token_url, &[]);
                self.url("oauth1.authorize_url", &oauth1.authorize_url, &[]);
                self.url("oauth1.access_token_url", &oauth1.access_token_url, &[]);
            }
            Auth::Link(link) => {
                self.url("link.create_url", &link.create_url, &[]);
                self.url("link.get_url", &link.get_url, &[]);
                self.url("link.exchange_url", &link.exchange_url, &[]);
                self.link_page(link);
            }
            Auth::ApiKey(key) => {
                self.pattern("api_key.pattern", &key.pattern);
                let told = [&key.label, &key.help, &key.refused_hint]
                    .iter()
                    .all(|text| !text.trim().is_empty());
                self.require(told, "api_key", "label, help and refused_hint must say something");
            }
        }
        if let Some(revoke) = integration.revoke() {
            self.revoke(&format!("{}.revoke", integration.auth_word()), revoke);
        }
    }

    fn link_page(&mut self, link: &Link) {
        self.url("link.page_host", &format!("https://{}/", link.page_host), &[]);
        let bare = link
            .page_host
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
        self.require(bare, "link.page_host", "is not a host name alone");
        let countries = !link.countries.is_empty()
            && link
                .countries
                .iter()
                .all(|code| code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()));
        self.require(
            countries,
            "link.countries",
            "must be codes of two capital letters",
        );
        // Every call of a link session names our app.
        let named = self.integration.api_auth.client.is_some();
        self.require(
            named,
            "api_auth.client",
            "a link needs the fields of the app's id and secret",
        );
    }

    fn signed_callback(&mut self, oauth2: &OAuth2) {
        let Some(signed) = &oauth2.signed_callback else {
            return;
        };
        self.require(
            (1..=600).contains(&signed.max_age_s),
            "oauth2.signed_callback.max_age_s",
            "must be between 1 and 600 seconds",
        );
        let named = [&signed.signature, &signed.timestamp]
            .iter()
            .all(|name| !name.is_empty() && !["code", "state", "error"].contains(&name.as_str()));
        self.require(
            named && signed.signature != signed.timestamp,
            "oauth2.signed_callback",
            "signature and timestamp must name two parameters of their own",
        );
        for name in &signed.same {
            let typed = self.integration.params.iter().any(|param| param.name == *name);
            self.require(
                typed,
                "oauth2.signed_callback.same",
                "names something that the admin does not type",
            );
        }
    }

    /// An issuer identifier is an https address without query and fragment (RFC 8414 section 2).
    fn issuer(&mut self, issuer: &str) {
        const FIELD: &str = "oauth2.issuer";
        self.url(FIELD, issuer, &[]);
        self.require(
            !issuer.contains(['?', '#', '{']),
            FIELD,
            "an issuer has no query, no fragment and nothing to fill in",
        );
    }

    fn choose_account(&mut self, oauth2: &OAuth2) {
        const FIELD: &str = "oauth2.choose_account";
        let Some(choose) = &oauth2.choose_account else {
            return;
        };
        self.require(!choose.params.is_empty(), FIELD, "there is no parameter");
        self.require(
            !choose.source.trim().is_empty(),
            FIELD,
            "no source says that the provider takes it",
        );
        for (name, value) in &choose.params {
            let field = format!("{FIELD}.params.{name}");
            if PROTOCOL_PARAMS.contains(&name.as_str()) {
                self.refuse(&field, "belongs to the protocol");
            }
            self.require(
                !name.trim().is_empty() && !value.trim().is_empty(),
                &field,
                "is empty",
            );
            self.declared(&field, value, &[]);
            // It would be sent anyway, and choose nothing.
            self.require(
                oauth2.authorize_params.get(name) != Some(value),
                &field,
                "is sent in every request",
            );
        }
    }

    fn revoke(&mut self, field: &str, revoke: &Revoke) {
        self.url(&format!("{field}.url"), &revoke.url, &["token"]);
        let body_field = format!("{field}.token_field");
        match (&revoke.body, &revoke.token_field) {
            (Some(BodyKind::Form | BodyKind::Json), None) => {
                self.refuse(&body_field, "the body has no field for the token");
            }
            (None, Some(_)) => self.refuse(&body_field, "there is no body to put the token in"),
            _ => {}
        }
    }

    fn api(&mut self) {
        let integration = self.integration;
        self.url("api_base", &integration.api_base, &[]);
        self.declared("api_auth.value", &integration.api_auth.value, &["token"]);
        let carries = template::parts(&integration.api_auth.value).contains(&"token");
        self.require(carries, "api_auth.value", "{token} is not in it");
        if let Some(client) = &integration.api_auth.client {
            let names = [&client.id, &client.secret, &integration.api_auth.name];
            let apart: BTreeSet<_> = names.iter().filter(|name| !name.is_empty()).collect();
            self.require(
                apart.len() == names.len() && integration.api_auth.place == ApiAuthPlace::JsonBody,
                "api_auth.client",
                "must name two fields of their own in a JSON body",
            );
        }
        for (name, value) in &integration.api_headers {
            self.declared(&format!("api_headers.{name}"), value, &[]);
        }
    }

    fn whoami(&mut self) {
        let whoami = &self.integration.whoami;
        self.url("whoami.url", &whoami.url, &[]);
        for (name, value) in &whoami.headers {
            self.declared(&format!("whoami.headers.{name}"), value, &["token"]);
        }
        if let Some(fallback) = &whoami.fallback {
            self.url("whoami.fallback.url", &fallback.url, &[]);
            self.require(
                !fallback.id_paths.is_empty(),
                "whoami.fallback.id_paths",
                "nothing tells the account",
            );
        }
        if let Some(url) = &whoami.label_url {
            self.url("whoami.label_url", url, &[]);
            let told = !whoami.label_paths.is_empty();
            self.require(told, "whoami.label_paths", "nothing tells the name");
        }
        self.account(whoami);
        if let Some(body) = &whoami.body {
            self.require(whoami.method != Method::Get, "whoami.body", "a GET has no body");
            let json = serde_json::from_str::<serde_json::Value>(body).is_ok();
            self.require(json, "whoami.body", "is not JSON");
        }
    }

    fn error_words(&mut self) {
        let mut seen = BTreeSet::new();
        for (list, _, words) in self.integration.errors.lists() {
            let field = format!("errors.{list}");
            for word in words {
                let plain = !word.is_empty()
                    && word.len() <= 60
                    && word.trim() == word
                    && !word.chars().any(char::is_control);
                if !plain {
                    self.refuse(&field, format!("{word:?} is not a word that a provider sends"));
                }
                if !seen.insert(word.to_ascii_lowercase()) {
                    self.refuse(&field, format!("{word:?} has a meaning already"));
                }
            }
        }
        let errors = &self.integration.errors;
        for word in errors
            .wrong_client
            .iter()
            .filter(|word| !errors.app_config.contains(word))
        {
            self.refuse(
                "errors.wrong_client",
                format!("{word:?} is not among those of app_config"),
            );
        }
    }

    fn api_versions(&mut self) {
        for version in &self.integration.api_versions {
            let field = format!("api_versions.{}", version.version);
            let told = ![&version.version, &version.then, &version.source]
                .iter()
                .any(|text| text.trim().is_empty());
            self.require(told, &field, "version, then and source must say something");
            let is_day = version.sunset.as_ref().is_none_or(|day| is_day(day));
            self.require(is_day, &field, "sunset is not a day such as 2027-07-01");
        }
    }

    fn values(&mut self) {
        let integration = self.integration;
        let mut names = BTreeSet::from(["client_id", "token", "from", "to"]);
        let params = integration
            .params
            .iter()
            .flat_map(|param| [Some(&param.name), param.host_part.as_ref()]);
        let returned = integration.returned.iter().map(|value| Some(&value.name));
        for name in params.chain(returned).flatten() {
            if !names.insert(name) {
                self.refuse(&format!("params.{name}"), "the name is used already");
            }
        }
        for param in &integration.params {
            self.param(param);
        }
        for value in &integration.returned {
            self.returned(value);
        }
    }
}

/// Whether this is a day of some calendar: `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [4, 2, 2]
        && matches!(parts.as_slice(), [Some(_), Some(month), Some(day)]
            if (1..=12).contains(month) && (1..=31).contains(day))
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
