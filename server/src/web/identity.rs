//! Who a request comes from.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use patchbay_hub::view::Viewer;

use super::{cookies, state::AppState};

/// The signed-in person, as a request extension.
#[derive(Debug, Clone)]
pub(super) struct Identity(pub Option<Viewer>);

impl Identity {
    /// Who sent this request, if they are signed in.
    pub fn of(request: &Request) -> Option<Viewer> {
        request
            .extensions()
            .get::<Self>()
            .and_then(|identity| identity.0.clone())
    }
}

/// Looks the session up once for each request that may need it.
pub(super) async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let viewer = match cookies::session(request.headers()) {
        Some(token) => match state.hub.viewer(&token).await {
            Ok(viewer) => viewer,
            Err(error) => {
                tracing::error!(%error, "a session could not be looked up");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
        None => None,
    };
    request.extensions_mut().insert(Identity(viewer));
    next.run(request).await
}
