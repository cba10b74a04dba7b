//! Verification by button.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use patchbay_hub::verify;

use super::back_with;
use crate::web::{identity::Identity, pages, state::AppState};

/// Starts a verification, unless one runs already.
pub(crate) async fn verify(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let begun = match verify::begin(&state.hub, Some(&viewer), None).await {
        Ok(begun) => begun,
        Err(error) => {
            return pages::failure(&state, pages::as_request(&headers, identity, "/"), &error).await;
        }
    };
    // Another one may be running already: then that is the one that was asked for.
    if let Some(begun) = begun {
        let hub = state.hub.clone();
        // What stops it is logged and written down by itself.
        tokio::spawn(async move { verify::carry_out(&hub, begun).await });
    }
    back_with("/rollout", "verification-started", None)
}
