//! Provider apps.

use axum::{
    Extension, Form,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use patchbay_hub::HubError;
use secrecy::SecretString;

use super::{Fields, again, back_with};
use crate::web::{identity::Identity, pages, state::AppState};

/// Seals what was typed. The secret is taken out of the form first: no answer can hold it.
pub(crate) async fn save(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let secret = SecretString::from(fields.remove("client_secret").unwrap_or_default());
    let client_id = fields.get("client_id").map_or("", String::as_str);
    match state.hub.save_app(&viewer, &id, client_id, &secret).await {
        Ok(()) => back_with(&format!("/settings/apps/{id}"), "app-saved", None),
        Err(HubError::Fields(errors)) => {
            let page = pages::as_request(&headers, identity, &format!("/settings/apps/{id}"));
            again(&state, page, fields, errors).await
        }
        Err(error) => pages::failure(&state, pages::as_request(&headers, identity, "/"), &error).await,
    }
}
