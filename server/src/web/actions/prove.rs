//! Proving an integration with a test account.

use axum::{
    Extension, Form,
    extract::{Path, Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, header};
use patchbay_app::Standalone;
use patchbay_hub::{
    connect::{KEY_FIELD, Start},
    prove::{Begun, Wish},
};
use secrecy::SecretString;

use super::{Fields, back_with, failed, sign_in::style};
use crate::web::{cookies, identity::Identity, pages, state::AppState};

/// Begins a proof: leaves for the provider as a connect does, or takes the key.
pub(crate) async fn begin(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let page = format!("/integrations/{id}");
    let key = fields.remove(KEY_FIELD).map(SecretString::from);
    let end_access = fields.remove("end_access").is_some();
    let wish = Wish {
        start: Start {
            integration: id.clone(),
            return_to: None,
            browser: cookies::flow(&headers),
            params: fields.clone(),
            choose_account: false,
        },
        key,
        end_access,
    };
    match state.hub.prove(&viewer, wish).await {
        Ok(Begun::Left(started)) => {
            let mut response = Redirect::to(&format!("/connect/{}", started.flow)).into_response();
            if let Some(cookie) = style(&state, &headers).keep_flow(&started.browser) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(Begun::Running) => back_with(&page, "proving", None),
        Ok(Begun::Underway) => back_with(&page, "proof-underway", None),
        Err(error) => {
            let page = pages::as_request(&headers, identity, &page);
            failed(&state, page, &id, fields, error).await
        }
    }
}

/// Answers with a proof's recording as a file.
pub(crate) async fn recording(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let found = match &identity.0 {
        Some(viewer) => state.hub.recording(viewer, &id).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(text)) => {
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let name = format!("attachment; filename=\"recording-{id}.json\"");
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Ok(None) => pages::standalone(&state, request, Standalone::NotFound).await,
        Err(error) => pages::failure(&state, request, &error).await,
    }
}
