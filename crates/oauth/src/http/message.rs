//! A call and its answer.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// One call. Its `Debug` shows method and host only: everything else can hold a secret.
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// The provider's real address, https.
    pub url: Url,
    /// Headers besides those that the client adds itself.
    pub headers: HeaderMap,
    /// The body; empty: none.
    pub body: Bytes,
    /// Total time for the whole call; none: the client's own.
    pub deadline: Option<Duration>,
    /// Most bytes of the answer's body; none: the client's own, fit for token calls.
    pub cap: Option<usize>,
}

impl Request {
    /// A call without headers or body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            deadline: None,
            cap: None,
        }
    }

    /// Allows another size of the answer's body, in bytes.
    #[must_use]
    pub fn cap(mut self, bytes: usize) -> Self {
        self.cap = Some(bytes);
        self
    }

    /// Sets the body and its content type.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Sets a header. A name or value that HTTP does not allow is refused, so that nothing can smuggle in a second
    /// header.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), BadHeader> {
        let name = HeaderName::try_from(name).map_err(|_| BadHeader)?;
        self.headers
            .insert(name, HeaderValue::try_from(value).map_err(|_| BadHeader)?);
        Ok(())
    }

    /// Sets a header whose value is kept out of logs and HTTP/2 header tables.
    pub fn secret_header(&mut self, name: &str, value: &SecretString) -> Result<(), BadHeader> {
        let name = HeaderName::try_from(name).map_err(|_| BadHeader)?;
        let mut value = HeaderValue::try_from(value.expose_secret()).map_err(|_| BadHeader)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str().unwrap_or_default())
            .finish_non_exhaustive()
    }
}

/// A header name or value that HTTP does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header has characters that HTTP does not allow")]
pub struct BadHeader;

/// What came back. Its `Debug` shows the status only.
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers as they came.
    pub headers: HeaderMap,
    /// The whole body, as it came: never decompressed.
    pub body: Bytes,
}

impl Answer {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the provider says it answered: what its dates are measured against, whatever our clock says.
    pub fn date(&self) -> Option<&str> {
        self.headers.get(DATE)?.to_str().ok()
    }

    /// The media type in lower case, without parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next().unwrap_or_default();
        Some(media_type.trim().to_ascii_lowercase())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
