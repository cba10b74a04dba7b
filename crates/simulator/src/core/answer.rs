//! One answer, built in the words of a provider.

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode},
};
use serde_json::Value;
use url::form_urlencoded;

/// An answer of a provider, and for the request log why it is a refusal.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: Vec<(&'static str, HeaderValue)>,
    /// The whole body.
    pub body: Bytes,
    /// Why the simulator refused, in words and without any secret; `None` when it did not.
    pub refused: Option<String>,
}

impl Answer {
    fn new(status: StatusCode, media: Option<&'static str>, body: impl Into<Bytes>) -> Self {
        let headers = media.map(|media| ("content-type", HeaderValue::from_static(media)));
        let headers = headers.into_iter().collect();
        Self {
            status,
            headers,
            body: body.into(),
            refused: None,
        }
    }

    /// A JSON answer.
    pub fn json(status: StatusCode, value: &Value) -> Self {
        Self::new(status, Some("application/json; charset=utf-8"), value.to_string())
    }

    /// A plain-text answer.
    pub fn text(status: StatusCode, words: impl Into<String>) -> Self {
        Self::new(status, Some("text/plain; charset=utf-8"), words.into())
    }

    /// An HTML answer.
    pub fn html(status: StatusCode, page: String) -> Self {
        Self::new(status, Some("text/html; charset=utf-8"), page)
    }

    /// A form-encoded answer, GitHub's default.
    pub fn form<'a>(status: StatusCode, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self::new(
            status,
            Some("application/x-www-form-urlencoded; charset=utf-8"),
            body,
        )
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self::new(status, None, Bytes::new())
    }

    /// Sends a browser on with 303, so that a form's POST becomes a GET there.
    pub fn see_other(location: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER)
            .with("location", location)
            .with("cache-control", "no-store")
    }

    /// "No such path here", in words.
    pub fn no_such_path(host: &str, path: &str) -> Self {
        let words = format!("{host} has no {path} (simulated provider).\n");
        Self::text(StatusCode::NOT_FOUND, words).refused("no such path here")
    }

    /// "Not with this method", in words.
    pub fn wrong_method(allowed: &'static str) -> Self {
        Self::text(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("Only {allowed} works here (simulated provider).\n"),
        )
        .with("allow", allowed)
        .refused("wrong method")
    }

    /// Adds a header; a value that cannot be one is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// Marks the answer as a refusal, for the log. The reason holds no secret.
    #[must_use]
    pub fn refused(mut self, reason: impl Into<String>) -> Self {
        self.refused = Some(reason.into());
        self
    }
}
