//! The built site's files.

use axum::Router;
use http::{HeaderValue, Response, StatusCode, header};
use tower::ServiceBuilder;
use tower_http::{
    services::{ServeDir, ServeFile, fs::ServeFileSystemResponseBody},
    set_header::{SetResponseHeader, SetResponseHeaderLayer},
};

use super::state::AppState;

/// What a file service answers.
type FileAnswer = Response<ServeFileSystemResponseBody>;

/// Files whose names change with their content are kept for ever; fonts and logos for a day.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let root = &state.site_root;
    let forever = "public, max-age=31536000, immutable";
    let day = "public, max-age=86400";
    Router::new()
        .nest_service(
            "/pkg",
            cached(
                ServeDir::new(root.join("pkg"))
                    .precompressed_br()
                    .precompressed_gzip(),
                forever,
            ),
        )
        .nest_service("/fonts", cached(ServeDir::new(root.join("fonts")), forever))
        .route_service("/logos.svg", cached(ServeFile::new(root.join("logos.svg")), day))
        .route_service(
            "/favicon.svg",
            cached(ServeFile::new(root.join("favicon.svg")), day),
        )
}

/// A file service with a caching rule. A missing file is not cached: after an update it may be there.
fn cached<S>(
    service: S,
    rule: &'static str,
) -> SetResponseHeader<S, impl Fn(&FileAnswer) -> Option<HeaderValue> + Clone> {
    let there = move |answer: &FileAnswer| {
        let status = answer.status();
        (status.is_success() || status == StatusCode::NOT_MODIFIED).then_some(HeaderValue::from_static(rule))
    };
    ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, there))
        .service(service)
}
