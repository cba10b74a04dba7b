//! The guarded HTTP client: the only way out of the process to a provider.
//!
//! - Only https to public names ([`guard`]), only public addresses ([`resolve`]), no proxy variables, no redirects.
//! - The whole call has a deadline; the body has a cap and is never decompressed.
//! - In demo mode and in verification the [`Route`] leads to the simulator, after the guard saw the real address.

pub mod guard;
mod message;
mod record;
pub mod resolve;
mod route;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST};
use url::Url;

pub use guard::Blocked;
pub use message::{Answer, BadHeader, Request};
pub use record::{Exchange, Recorder, recorded};
pub use resolve::{Lookup, SystemLookup};
pub use route::Route;

use resolve::{PublicOnly, SimulatedOnly};

/// Most bytes that an API page may have.
pub const API_CAP: usize = 16 * 1024 * 1024;

/// How long and how large a call may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time to reach the provider.
    pub connect: Duration,
    /// Time for the whole call, body included.
    pub total: Duration,
    /// Most bytes of a body, where a request says nothing else.
    pub cap: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
            cap: 1024 * 1024,
        }
    }
}

/// Why there is no answer. Holds no address, header or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The guard refused; nothing was sent.
    #[error("blocked: {0}")]
    Blocked(#[from] Blocked),
    /// The provider was not reached; nothing was sent.
    #[error("the provider could not be reached")]
    Connect,
    /// No whole answer in time; the provider may have done what was asked.
    #[error("the provider did not answer in time")]
    Timeout,
    /// The body is larger than allowed.
    #[error("the answer is larger than {cap} bytes")]
    BodyTooLarge {
        /// What was allowed.
        cap: usize,
    },
    /// The connection ended before the answer did; the provider may have done what was asked.
    #[error("the connection was cut before the answer ended")]
    Cut,
}

impl SendError {
    /// Whether the provider may have done what was asked although its answer is lost. It decides what happens to a
    /// refresh token that can be used once.
    pub fn may_be_done(self) -> bool {
        !matches!(self, SendError::Blocked(_) | SendError::Connect)
    }
}

/// The client could not be set up: no trusted certificates on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client could not be set up: are the system's CA certificates installed?")]
pub struct SetUpError;

/// The guarded client. Cloning is cheap and shares its connections.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    route: Route,
    limits: Limits,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("route", &self.route)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client with the usual limits and the system's resolver.
    ///
    /// # Errors
    /// [`SetUpError`] where the machine has no trusted certificates; never on a simulated route.
    pub fn new(route: Route) -> Result<Self, SetUpError> {
        Self::with(route, Arc::new(SystemLookup), Limits::default())
    }

    /// A client with limits and a resolver of one's own. The guard sees what the resolver says, too.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with(route: Route, lookup: Arc<dyn Lookup>, limits: Limits) -> Result<Self, SetUpError> {
        let inner = build(route, lookup, limits).map_err(|_| SetUpError)?;
        Ok(Self { inner, route, limits })
    }

    /// Where calls go.
    pub fn route(&self) -> Route {
        self.route
    }

    /// The address that a browser is sent to for a provider's page: itself, or the simulator's.
    pub fn browser_url(&self, url: &Url) -> Url {
        // An address that can't be mapped is not https at a host; it passed no guard and is nowhere sent.
        self.route.map(url).unwrap_or_else(|_| url.clone())
    }

    /// Sends a call once and reads the whole answer. Redirects are answers like any other.
    ///
    /// # Errors
    /// [`SendError`]; a status of 400 or above is no error here.
    pub async fn send(&self, request: Request) -> Result<Answer, SendError> {
        guard::check(&request.url)?;
        let target = self.route.map(&request.url)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let method = request.method.clone();
        let sent = record::Sent::of(&request);
        let deadline = request.deadline.unwrap_or(self.limits.total);
        let began = Instant::now();
        let result = match tokio::time::timeout(deadline, self.call(target, request)).await {
            Ok(result) => result,
            Err(_) => Err(SendError::Timeout),
        };
        let ms = began.elapsed().as_millis();
        if let (Some(sent), Ok(answer)) = (&sent, &result) {
            sent.answered(answer);
        }
        match &result {
            // Host only: some providers carry tokens in paths.
            Ok(answer) => {
                tracing::debug!(%method, host, status = answer.status.as_u16(), ms, "provider call");
            }
            Err(error) => tracing::debug!(%method, host, %error, ms, "provider call failed"),
        }
        result
    }

    async fn call(&self, target: Url, request: Request) -> Result<Answer, SendError> {
        let cap = request.cap.unwrap_or(self.limits.cap);
        let mut headers = request.headers;
        // Both follow from the address and the body; a caller that sets them can only make them wrong.
        headers.remove(HOST);
        headers.remove(CONTENT_LENGTH);
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut response = self
            .inner
            .request(request.method, target)
            .headers(headers)
            .body(request.body)
            .send()
            .await
            .map_err(|error| send_error(&error))?;
        let body = read_body(&mut response, cap).await?;
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }
}

async fn read_body(response: &mut reqwest::Response, cap: usize) -> Result<Bytes, SendError> {
    let too_large = SendError::BodyTooLarge { cap };
    if response
        .content_length()
        .is_some_and(|announced| announced > cap as u64)
    {
        return Err(too_large);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| send_error(&error))? {
        if body.len() + chunk.len() > cap {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the HTTP client is built; the guards are around it"
)]
fn build(route: Route, lookup: Arc<dyn Lookup>, limits: Limits) -> reqwest::Result<reqwest::Client> {
    // An Err means that the process has a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(concat!("Patchbay/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        // Off whatever features another crate of the build switches on: a small body can unpack to a huge one.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .connect_timeout(limits.connect);
    match route {
        Route::Direct => builder.https_only(true).dns_resolver(PublicOnly(lookup)),
        // No TLS there, so no certificates are loaded; and nothing but the simulator can be reached.
        Route::Simulated { .. } => builder.tls_certs_only([]).dns_resolver(SimulatedOnly),
    }
    .build()
}

/// What a failure of the library means. Its text holds the address, so it stays here.
fn send_error(error: &reqwest::Error) -> SendError {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(blocked) = cause.downcast_ref::<Blocked>() {
            return SendError::Blocked(*blocked);
        }
        source = cause.source();
    }
    if error.is_connect() || error.is_builder() {
        SendError::Connect
    } else if error.is_timeout() {
        SendError::Timeout
    } else {
        SendError::Cut
    }
}
