//! Headers that every answer carries (S54). The content security policy is set with each page, because it names the
//! page's nonce; everything else gets one that allows nothing.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

use super::state::AppState;

/// Adds them.
pub(super) async fn secure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let on_the_way = ["/callback/", "/connect/"]
        .iter()
        .any(|path| request.uri().path().starts_with(path));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    put(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    put(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    // Elsewhere no-referrer would turn a form's Origin into "null".
    put(
        header::REFERRER_POLICY,
        if on_the_way { "no-referrer" } else { "same-origin" },
    );
    put(header::CACHE_CONTROL, "no-store");
    if state.hub.settings().public_url.starts_with("https://") {
        put(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    response
}

/// The policy of a page with this nonce (S53).
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' \
         'nonce-{nonce}'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors 'none'; report-uri {}",
        super::probes::CSP_REPORT
    )
}
