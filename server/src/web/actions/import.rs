//! Provider apps from a file, and the file to fill in.

use axum::{
    Extension,
    extract::{
        Multipart, Query, Request, State,
        multipart::{MultipartError, MultipartRejection},
    },
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use patchbay_app::Standalone;
use patchbay_hub::{
    Typed,
    apps::{By, TemplateFormat, import::Imported},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Fields, again, back_with};
use crate::web::{identity::Identity, pages, state::AppState};

/// The page with the form, and where it posts.
pub(crate) const PATH: &str = "/settings/apps/import";

/// Stores what the file says. Where a line could not be used the page comes again and names it; nothing of the file is
/// in any answer.
pub(crate) async fn import(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let page = pages::as_request(&headers, identity, PATH);
    let text = match form {
        Ok(form) => file(form).await,
        Err(_) => Err(NO_FILE),
    };
    let text = match text {
        Ok(text) => text,
        Err(why) => {
            let errors = Fields::from([("file".to_owned(), why.to_owned())]);
            return again(&state, page, Fields::new(), errors).await;
        }
    };
    match state.hub.import_apps(By::Person(&viewer), &text).await {
        Ok(imported) if imported.refused.is_empty() => back_with("/settings/apps", "imported", None),
        Ok(imported) => refused(&state, page, imported).await,
        Err(error) => pages::failure(&state, page, &error).await,
    }
}

/// What is said where no file came.
const NO_FILE: &str = "Choose the file to import";

/// The text of the posted file.
async fn file(mut form: Multipart) -> Result<SecretString, &'static str> {
    let unreadable = |_: MultipartError| "The file could not be read, or is larger than 60 KB";
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(unreadable)?;
        if bytes.is_empty() {
            break;
        }
        let text =
            std::str::from_utf8(&bytes).map_err(|_| "The file is not text: it must be TOML or JSON")?;
        return Ok(SecretString::from(text));
    }
    Err(NO_FILE)
}

/// The page again, with what could not be used.
async fn refused(state: &AppState, page: Request, imported: Imported) -> Response {
    let extra = pages::Extra {
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        typed: Typed::default(),
        imported: Some(imported),
        ..Default::default()
    };
    pages::render(state, page, extra).await
}

/// `?format=toml`
#[derive(Debug, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    format: String,
}

/// The file to fill in, as a download.
pub(crate) async fn template(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Query(wish): Query<Wish>,
    request: Request,
) -> Response {
    let (Some(viewer), Some(format)) = (identity.0, TemplateFormat::parse(&wish.format)) else {
        return pages::standalone(&state, request, Standalone::NotFound).await;
    };
    match state.hub.apps_template(By::Person(&viewer), format).await {
        Ok(text) => {
            let name = format!("attachment; filename=\"provider-apps.{}\"", format.extension());
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(format.media_type()),
            );
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(error) => pages::failure(&state, request, &error).await,
    }
}
