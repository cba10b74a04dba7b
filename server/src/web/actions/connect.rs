//! The click on Connect.

use axum::{
    Extension, Form,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use patchbay_hub::connect::{CHOOSE_ACCOUNT, Start};

use super::{Fields, failed, sign_in::style};
use crate::web::{cookies, identity::Identity, pages, state::AppState};

/// Starts a flow, binds it to this browser, and goes to the page that leaves for the provider (303: S19).
pub(crate) async fn start(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let start = Start {
        integration: id.clone(),
        return_to: fields.remove("return_to"),
        browser: cookies::flow(&headers),
        choose_account: fields.contains_key(CHOOSE_ACCOUNT),
        params: fields.clone(),
    };
    match state.hub.start(&viewer, start).await {
        Ok(started) => {
            let mut response = Redirect::to(&format!("/connect/{}", started.flow)).into_response();
            if let Some(cookie) = style(&state, &headers).keep_flow(&started.browser) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => {
            let page = pages::as_request(&headers, identity, &format!("/integrations/{id}"));
            failed(&state, page, &id, fields, error).await
        }
    }
}
