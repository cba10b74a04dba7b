//! Refuses changes that another site asks for (S55): Fetch Metadata where the browser sends it, else the Origin.
//!
//! A GET never changes state, so only the other methods are looked at.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, header};
use patchbay_app::Standalone;

use super::{actions::import, pages, probes, state::AppState};

/// Lets a change through only if a page of ours asked for it.
pub(super) async fn same_site_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Browsers send violations of our policy by themselves, as JSON; the route only logs.
    let report = request.uri().path() == probes::CSP_REPORT;
    let changes = !report && !matches!(*request.method(), Method::GET | Method::HEAD);
    // The one form with a file.
    let kind = if request.uri().path() == import::PATH {
        "multipart/form-data"
    } else {
        "application/x-www-form-urlencoded"
    };
    if changes && !asked_by_us(request.headers(), &state.hub.settings().public_url, kind) {
        tracing::warn!(
            path = request.uri().path(),
            "a change that no page of ours asked for was refused"
        );
        return pages::standalone(&state, request, Standalone::Forbidden).await;
    }
    next.run(request).await
}

/// Whether one of our own pages sent this, as a form of this media type.
fn asked_by_us(headers: &HeaderMap, public_url: &str, kind: &str) -> bool {
    let get = |name| {
        headers
            .get(name)
            .and_then(|value: &http::HeaderValue| value.to_str().ok())
    };
    let from_us = match (get("sec-fetch-site"), get("origin")) {
        (Some(site), _) => site == "same-origin",
        // Browsers without Fetch Metadata still name the origin of a form post.
        (None, Some(origin)) => origin == public_url,
        (None, None) => false,
    };
    // A form of ours has this type; text/plain is what another site's form can send without asking.
    from_us && has_type(headers, kind)
}

/// Whether the body is of this media type.
fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.split(';').next().unwrap_or(kind).trim() == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: &str = "http://localhost:3000";

    fn asked(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a header value"));
        }
        asked_by_us(&headers, US, "application/x-www-form-urlencoded")
    }

    #[test]
    fn s55_only_our_own_forms_change_anything() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        assert!(asked(&[("sec-fetch-site", "same-origin"), form]));
        assert!(asked(&[("origin", US), form]));
        assert!(!asked(&[("sec-fetch-site", "cross-site"), form]));
        assert!(!asked(&[("sec-fetch-site", "same-site"), form]));
        assert!(!asked(&[("sec-fetch-site", "cross-site"), ("origin", US), form]));
        assert!(!asked(&[("origin", "https://evil.tld"), form]));
        assert!(!asked(&[("origin", "null"), form]));
        assert!(!asked(&[form]));
        assert!(!asked(&[
            ("sec-fetch-site", "same-origin"),
            ("content-type", "text/plain")
        ]));
        assert!(!asked(&[("sec-fetch-site", "same-origin")]));
        // A file comes to the form that asks for one and to no other.
        assert!(!asked(&[
            ("sec-fetch-site", "same-origin"),
            ("content-type", "multipart/form-data; boundary=x")
        ]));
    }
}
