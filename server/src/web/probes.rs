//! For load balancers and for whoever starts the server.

use axum::{body::Bytes, extract::State};
use http::StatusCode;
use patchbay_hub::Hub;

/// Where browsers report violations of our content security policy.
pub(super) const CSP_REPORT: &str = "/csp-report";

/// Writes a violation down. Only what the policy's own words say: the rest of a report can hold addresses with codes.
pub(super) async fn csp_report(body: Bytes) -> StatusCode {
    let report: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let directive = report
        .pointer("/csp-report/violated-directive")
        .and_then(serde_json::Value::as_str);
    let directive: String = directive
        .unwrap_or("unknown")
        .chars()
        .filter(char::is_ascii_graphic)
        .take(60)
        .collect();
    tracing::warn!(
        directive,
        "a browser reported a violation of the content security policy"
    );
    StatusCode::NO_CONTENT
}

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// The database answers too.
pub(super) async fn ready(State(hub): State<Hub>) -> (StatusCode, &'static str) {
    match hub.ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
