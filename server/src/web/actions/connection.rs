//! What an admin does with a connection.

use axum::{
    Extension, Form,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use patchbay_hub::{HubError, connections::Tested};

use super::{Fields, back_with};
use crate::web::{identity::Identity, pages, state::AppState};

/// Asks the provider whether the connection works.
pub(crate) async fn test(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = &identity.0 else {
        return Redirect::to("/sign-in").into_response();
    };
    match state.hub.test_connection(viewer, &id).await {
        Ok((integration, tested)) => {
            let notice = match tested {
                Tested::Works(_) => "tested-ok",
                Tested::Refused => "test-refused",
                Tested::OtherAccount => "test-other-account",
                Tested::Unreachable => "test-unreachable",
            };
            back_with(&format!("/integrations/{integration}"), notice, None)
        }
        Err(error) => refused(&state, &headers, identity, &error).await,
    }
}

/// Brings the last 90 days again.
pub(crate) async fn sync(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = &identity.0 else {
        return Redirect::to("/sign-in").into_response();
    };
    match state.hub.sync_again(viewer, &id).await {
        Ok(integration) => back_with(&format!("/integrations/{integration}"), "sync-started", None),
        Err(error) => refused(&state, &headers, identity, &error).await,
    }
}

/// Ends a connection.
pub(crate) async fn disconnect(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let Some(viewer) = &identity.0 else {
        return Redirect::to("/sign-in").into_response();
    };
    let delete_records = fields.contains_key("delete_records");
    match state.hub.disconnect(viewer, &id, delete_records).await {
        Ok(integration) => back_with(&format!("/integrations/{integration}"), "disconnected", None),
        Err(error) => refused(&state, &headers, identity, &error).await,
    }
}

/// Lets go of an account that was not meant, and offers the choice of another.
pub(crate) async fn other_account(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = &identity.0 else {
        return Redirect::to("/sign-in").into_response();
    };
    match state.hub.let_go_of_account(viewer, &id).await {
        Ok(integration) => back_with(&format!("/integrations/{integration}"), "other-account", None),
        Err(error) => refused(&state, &headers, identity, &error).await,
    }
}

/// A connection of another tenant and one that never was look the same (S66).
async fn refused(state: &AppState, headers: &HeaderMap, identity: Identity, error: &HubError) -> Response {
    pages::failure(state, pages::as_request(headers, identity, "/"), error).await
}
