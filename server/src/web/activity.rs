//! Activity as a download, sent while it is read.

use std::collections::BTreeMap;

use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State},
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use http::{HeaderValue, header};
use patchbay_app::Standalone;
use patchbay_hub::{
    Hub,
    activity::ActivityFormat,
    view::{ActivityFilter, Viewer},
};

use super::{identity::Identity, pages, state::AppState};

/// Answers with what the filter lets through as a file.
pub(super) async fn download(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Query(params): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    let format = params.get("format").and_then(|word| ActivityFormat::parse(word));
    let (Some(viewer), Some(format)) = (identity.0, format) else {
        return pages::standalone(&state, request, Standalone::NotFound).await;
    };
    let filter = ActivityFilter::from_params(&params);
    // The first part before the headers: where it can't be read, a page says so and no half a file.
    let first = match state.hub.activity_file(&viewer, &filter, format).await {
        Ok(first) => first,
        Err(error) => return pages::failure(&state, request, &error).await,
    };
    let (begin, rest) = match first {
        Some((text, rest)) => (format.head() + &text, Some(rest)),
        None => (format.head(), None),
    };
    let parts = stream::once(async { Ok(begin) }).chain(following(state.hub, viewer, rest, format));
    let name = format!("attachment; filename=\"activity.{}\"", format.extension());
    let mut response = Body::from_stream(parts).into_response();
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

/// The other parts. One that can't be read ends the transfer, so that the browser says that the file is not whole.
fn following(
    hub: Hub,
    viewer: Viewer,
    rest: Option<ActivityFilter>,
    format: ActivityFormat,
) -> impl stream::Stream<Item = Result<String, patchbay_hub::HubError>> {
    stream::try_unfold((hub, viewer, rest), move |(hub, viewer, rest)| async move {
        let Some(filter) = rest else { return Ok(None) };
        let part = hub.activity_file(&viewer, &filter, format).await?;
        Ok(part.map(|(text, rest)| (text, (hub, viewer, Some(rest)))))
    })
}
