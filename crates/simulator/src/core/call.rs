//! One request, as a profile sees it: with the provider's real host and path.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::params::Params;

/// A request to a provider. It has no `Debug`: it carries secrets.
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// The provider's real host, in lower case.
    pub host: String,
    /// The path at that host, as it came.
    pub path: String,
    /// The parsed query.
    pub query: Params,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// When it came, in epoch milliseconds.
    pub now: i64,
}

impl Call {
    /// A header's value, when it came exactly once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }

    /// The media type of the body, without its parameters.
    pub fn media_type(&self) -> Option<&str> {
        self.header(header::CONTENT_TYPE.as_str())
            .and_then(|value| value.split(';').next())
            .map(str::trim)
    }

    /// The body as form parameters; `None` when it is not declared as a form or is not UTF-8.
    pub fn form(&self) -> Option<Params> {
        self.media_type()
            .filter(|media| media.eq_ignore_ascii_case("application/x-www-form-urlencoded"))?;
        std::str::from_utf8(&self.body).ok().map(Params::parse)
    }

    /// The body's fields, when it is declared as JSON and holds one flat object of texts and numbers.
    pub fn json_fields(&self) -> Option<Params> {
        let serde_json::Value::Object(fields) = self.json()? else {
            return None;
        };
        let pairs = fields.into_iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name, text)),
            serde_json::Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        });
        pairs.collect::<Option<Vec<_>>>().map(Params::from_pairs)
    }

    /// The body as JSON; `None` when it is not declared as JSON or does not parse.
    pub fn json(&self) -> Option<serde_json::Value> {
        self.media_type()
            .filter(|media| media.eq_ignore_ascii_case("application/json"))?;
        serde_json::from_slice(&self.body).ok()
    }

    /// The token of an `Authorization: Bearer` header (RFC 6750 section 2.1).
    pub fn bearer(&self) -> Option<&str> {
        self.credentials("bearer")
    }

    /// User and password of an `Authorization: Basic` header (RFC 7617).
    pub fn basic(&self) -> Option<(String, String)> {
        let bytes = STANDARD.decode(self.credentials("basic")?).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        text.split_once(':')
            .map(|(user, password)| (user.to_owned(), password.to_owned()))
    }

    /// What follows a scheme in the `Authorization` header.
    pub fn credentials(&self, wanted: &str) -> Option<&str> {
        let (scheme, rest) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case(wanted)
            .then(|| rest.trim())
            .filter(|text| !text.is_empty())
    }

    /// True when a page of another site sent this (Fetch Metadata). Programs send no such header.
    pub fn sent_by_another_site(&self) -> bool {
        self.header("sec-fetch-site")
            .is_some_and(|site| !matches!(site, "same-origin" | "none"))
    }
}
