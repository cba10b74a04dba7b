//! Light, dark, or as the system says.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use patchbay_hub::people::safe_path;

use super::{Fields, sign_in::style};
use crate::web::state::AppState;

/// Remembers the theme and goes back to the page.
pub(crate) async fn choose(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let theme = match fields.get("theme").map(String::as_str) {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    };
    let back = fields
        .get("return_to")
        .and_then(|path| safe_path(path))
        .unwrap_or("/");
    let mut response = Redirect::to(back).into_response();
    if let Some(cookie) = style(&state, &headers).keep_theme(theme) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
