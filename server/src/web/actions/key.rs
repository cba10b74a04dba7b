//! A key from the provider.

use axum::{
    Extension, Form,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use patchbay_hub::connect::KEY_FIELD;
use secrecy::SecretString;

use super::{Fields, back_with, failed};
use crate::web::{identity::Identity, pages, state::AppState};

/// Tests and seals a key. The key is taken out of the form first, so that no answer can hold it (S29).
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
    let key = SecretString::from(fields.remove(KEY_FIELD).unwrap_or_default());
    match state.hub.save_key(&viewer, &id, &key, &fields).await {
        Ok(saved) => {
            let notice = if saved.replaced {
                "key-replaced"
            } else {
                "key-saved"
            };
            back_with(&format!("/integrations/{id}"), notice, None)
        }
        Err(error) => {
            let page = pages::as_request(&headers, identity, &format!("/integrations/{id}"));
            failed(&state, page, &id, fields, error).await
        }
    }
}
