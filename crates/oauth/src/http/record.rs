//! Who listens to calls: a task can be made to record what the one client sends and gets.

use std::future::Future;
use std::sync::Arc;

use http::{HeaderMap, Method};
use url::Url;

use super::{Answer, Request};

/// A call that was answered. It holds secrets: a [`Recorder`] must not keep it.
pub struct Exchange<'a> {
    /// The call's method.
    pub method: &'a Method,
    /// The provider's real address.
    pub url: &'a Url,
    /// The call's headers.
    pub headers: &'a HeaderMap,
    /// The call's body.
    pub body: &'a [u8],
    /// What came.
    pub answer: &'a Answer,
}

/// Hears calls while they are made.
pub trait Recorder: Send + Sync {
    /// One call that was answered.
    fn heard(&self, exchange: &Exchange<'_>);
}

tokio::task_local! {
    static RECORDER: Arc<dyn Recorder>;
}

/// Does some work while a recorder hears every call of the client in it; not those of tasks that it spawns.
pub async fn recorded<W: Future>(recorder: Arc<dyn Recorder>, work: W) -> W::Output {
    RECORDER.scope(recorder, work).await
}

/// What is to be told of a call, where somebody listens.
pub(super) struct Sent {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: bytes::Bytes,
}

impl Sent {
    /// A copy of the call; none where nobody listens.
    pub fn of(request: &Request) -> Option<Self> {
        RECORDER.try_with(|_| ()).ok()?;
        Some(Self {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
        })
    }

    /// Tells who listens what came.
    pub fn answered(&self, answer: &Answer) {
        // Whoever listened when the call left listens still: it is the same task.
        let _ = RECORDER.try_with(|recorder| {
            recorder.heard(&Exchange {
                method: &self.method,
                url: &self.url,
                headers: &self.headers,
                body: &self.body,
                answer,
            });
        });
    }
}
