//! The built site's files.

use axum::Router;
use http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use super::state::AppState;

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

/// A file service with a caching rule.
fn cached<S>(service: S, rule: &'static str) -> tower_http::set_header::SetResponseHeader<S, HeaderValue> {
    ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            HeaderValue::from_static(rule),
        ))
        .service(service)
}
