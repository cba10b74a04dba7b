//! Verification by button.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use patchbay_hub::verify;

use super::back_with;
use crate::web::{identity::Identity, state::AppState};

/// Starts a verification, unless one runs already.
pub(crate) async fn verify(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
) -> Response {
    let Some(viewer) = identity.0 else {
        return Redirect::to("/sign-in").into_response();
    };
    let hub = state.hub.clone();
    tokio::spawn(async move {
        if let Err(error) = verify::run(&hub, Some(&viewer), None).await {
            tracing::error!(%error, "a verification stopped");
        }
    });
    back_with("/rollout", "verification-started", None)
}
