//! A request that was begun is carried to its end, even if the browser goes away meanwhile.
//!
//! The server drops a request's future as soon as its connection closes. In the middle of a callback that would be
//! after the provider handed over access and before it is stored: a token lost. So the work is a task of its own, and
//! only the wait for it is dropped.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;

/// Runs the rest of the way in a task of its own.
pub(super) async fn carry_out(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        // Panics were turned into pages further in; a task is cancelled only when the server has stopped.
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
