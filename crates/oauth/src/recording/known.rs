//! What may stand in a recording as it came: what the catalogue and the standards know already, and nothing else.

use std::collections::BTreeSet;

use patchbay_catalog::model::{Auth, Integration, Paging};
use url::Url;

/// Field names of RFC 6749, 6750, 7009, 7636 and 5849, of `OpenID` Connect, and of the hosted link.
const NAMES: &[&str] = &[
    "access_token",
    "refresh_token",
    "id_token",
    "token_type",
    "expires_in",
    "scope",
    "scopes",
    "state",
    "code",
    "error",
    "error_description",
    "error_uri",
    "errors",
    "grant_type",
    "redirect_uri",
    "client_id",
    "client_secret",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "response_type",
    "token",
    "token_type_hint",
    "refresh_token_expires_in",
    "x_refresh_token_expires_in",
    "ext_expires_in",
    "expires_at",
    "created_at",
    "issued_at",
    "oauth_token",
    "oauth_token_secret",
    "oauth_verifier",
    "oauth_callback",
    "oauth_callback_confirmed",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_version",
    "id",
    "name",
    "data",
    "items",
    "results",
    "type",
    "object",
    "ok",
    "success",
    "message",
    "status",
    "next",
    "next_page",
    "next_page_token",
    "nextPageToken",
    "pagination",
    "paging",
    "cursor",
    "cursors",
    "after",
    "before",
    "offset",
    "limit",
    "page",
    "per_page",
    "pageSize",
    "page_size",
    "total",
    "total_count",
    "count",
    "has_more",
    "hasMore",
    "has_next_page",
    "hasNextPage",
    "endCursor",
    "uri",
    "path",
    "url",
    "link",
    "links",
    "query",
    "variables",
    "link_token",
    "hosted_link_url",
    "link_sessions",
    "link_session_id",
    "results",
    "item_add_results",
    "public_token",
    "finished_at",
    "request_id",
    "error_code",
    "error_type",
    "products",
    "item_id",
];

/// Values of the standards.
const WORDS: &[&str] = &[
    "",
    "bearer",
    "Bearer",
    "basic",
    "Basic",
    "OAuth",
    "authorization_code",
    "refresh_token",
    "access_token",
    "S256",
    "HMAC-SHA1",
    "1.0",
    "true",
    "false",
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_token",
    "insufficient_scope",
    "access_denied",
    "code",
];

/// Numbers that say how long access lives and where a page stands.
const COUNTS: &[&str] = &[
    "expires_in",
    "refresh_token_expires_in",
    "x_refresh_token_expires_in",
    "ext_expires_in",
    "offset",
    "limit",
    "page",
    "per_page",
    "pageSize",
    "page_size",
    "total",
    "total_count",
    "count",
    "startAt",
    "maxResults",
];

/// What is known of one integration.
pub(super) struct Known {
    names: BTreeSet<String>,
    words: BTreeSet<String>,
    segments: BTreeSet<String>,
    /// Hosts as the catalogue writes them, with `{parts}`.
    hosts: BTreeSet<String>,
}

impl Known {
    pub fn of(integration: &Integration) -> Self {
        let mut known = Self {
            names: owned(NAMES),
            words: owned(WORDS),
            segments: BTreeSet::new(),
            hosts: BTreeSet::new(),
        };
        known.learn_access(integration);
        known.learn_account(integration);
        for stream in &integration.history {
            known.address(&stream.request);
            known.address(stream.detail.as_deref().unwrap_or_default());
            known.paths([
                &stream.records_path,
                &stream.id_path,
                &stream.time_path,
                &stream.title_path,
            ]);
            if let Some(only) = &stream.only {
                known.paths([&only.path]);
                known.words.insert(only.is.clone());
            }
            known.paging(&stream.paging);
            for parent in &stream.parents {
                let listing = parent.listing();
                known.address(listing.request);
                known.paths([&parent.id_path]);
                known.paths([listing.records_path]);
                known.paging(listing.paging);
                if let Some(only) = &parent.only {
                    known.paths([&only.path]);
                    known.words.insert(only.is.clone());
                }
            }
        }
        known
    }

    fn learn_access(&mut self, integration: &Integration) {
        self.words.extend(integration.scopes().iter().cloned());
        for (_, _, words) in integration.errors.lists() {
            self.words.extend(words.iter().cloned());
        }
        for address in [integration.authorize_url(), integration.exchange_url()]
            .into_iter()
            .flatten()
        {
            self.address(address);
        }
        if let Some(revoke) = integration.revoke() {
            self.address(&revoke.url);
        }
        match &integration.auth {
            Auth::OAuth2(dialect) => {
                self.address(dialect.refresh.url.as_deref().unwrap_or_default());
                self.paths(dialect.token_part.iter());
                for aliases in dialect.scope_aliases.values() {
                    self.words.extend(aliases.iter().cloned());
                }
                for (name, value) in &dialect.token_params {
                    self.names.insert(name.clone());
                    self.words.insert(value.clone());
                }
            }
            Auth::OAuth1(dialect) => self.address(&dialect.request_token_url),
            Auth::Link(link) => {
                self.address(&link.create_url);
                self.address(&link.get_url);
            }
            Auth::ApiKey(_) => {}
        }
    }

    fn learn_account(&mut self, integration: &Integration) {
        let whoami = &integration.whoami;
        self.address(&integration.api_base);
        self.address(&whoami.url);
        self.address(whoami.label_url.as_deref().unwrap_or_default());
        self.paths(
            whoami
                .id_paths
                .iter()
                .chain(&whoami.label_paths)
                .chain(&whoami.error_path),
        );
        if let Some(fallback) = &whoami.fallback {
            self.address(&fallback.url);
            self.paths(fallback.id_paths.iter().chain(&fallback.label_paths));
        }
        for value in &integration.returned {
            self.paths([&value.path]);
            self.address(value.call_url.as_deref().unwrap_or_default());
        }
        for (name, value) in integration.api_headers.iter().chain(&whoami.headers) {
            self.names.insert(name.to_ascii_lowercase());
            self.words.insert(value.clone());
        }
        self.names.insert(integration.api_auth.name.to_ascii_lowercase());
        self.words
            .extend(integration.api_auth.value.split(' ').map(ToOwned::to_owned));
    }

    fn paging(&mut self, paging: &Paging) {
        // Every text of a kind of paging is a path, a parameter's name or a request.
        let text = format!("{paging:?}");
        for quoted in text.split('"').skip(1).step_by(2) {
            self.paths([quoted]);
            self.address(quoted);
        }
    }

    /// The names in JSON paths: `data[].gid`, `a.b|c`.
    fn paths(&mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) {
        for path in paths {
            let names = path.as_ref().split(['.', '|', '[', ']', '=', '*']);
            self.names
                .extend(names.filter(|name| !name.is_empty()).map(ToOwned::to_owned));
        }
    }

    /// The literal parts of an address or of path and query below one.
    fn address(&mut self, template: &str) {
        let rest = match template.strip_prefix("https://") {
            Some(rest) => {
                let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
                self.hosts.insert(host.to_owned());
                rest
            }
            None => template,
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let literal = |text: &str| !text.is_empty() && !text.contains('{');
        let segments = path.split('/').filter(|segment| literal(segment));
        self.segments.extend(segments.map(ToOwned::to_owned));
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            self.names.insert(name.into_owned());
            if literal(&value) {
                self.words.insert(value.into_owned());
            }
        }
    }

    pub fn name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub fn word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    pub fn segment(&self, segment: &str) -> bool {
        self.segments.contains(segment)
    }

    pub fn is_count(name: &str) -> bool {
        COUNTS.contains(&name)
    }

    /// The catalogue's host that this one is, with which of its labels are the customer's; none where it is none of them.
    pub fn host(&self, url: &Url) -> Option<Vec<bool>> {
        let host = url.host_str()?;
        let labels: Vec<&str> = host.split('.').collect();
        self.hosts.iter().find_map(|known| {
            let wanted: Vec<&str> = known.split('.').collect();
            let same = wanted.len() == labels.len()
                && wanted
                    .iter()
                    .zip(&labels)
                    .all(|(wanted, label)| wanted == label || wanted.contains('{'));
            same.then(|| wanted.iter().map(|wanted| wanted.contains('{')).collect())
        })
    }
}

fn owned(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
