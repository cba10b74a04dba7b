//! The report as a download.

use axum::{
    Extension,
    extract::{Query, Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use patchbay_app::Standalone;
use patchbay_hub::report::Format;
use serde::Deserialize;

use super::{identity::Identity, pages, state::AppState};

/// `?format=md`
#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    format: String,
}

/// Answers with the report as a file.
pub(super) async fn download(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Query(wish): Query<Wish>,
    request: Request,
) -> Response {
    let (Some(viewer), Some(format)) = (identity.0, Format::parse(&wish.format)) else {
        return pages::standalone(&state, request, Standalone::NotFound).await;
    };
    match state.hub.export(&viewer, format).await {
        Ok(Some(text)) => {
            let name = format!(
                "attachment; filename=\"integration-rollout.{}\"",
                format.extension()
            );
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
        Ok(None) => pages::standalone(&state, request, Standalone::NotFound).await,
        Err(error) => pages::failure(&state, request, &error).await,
    }
}
