//! Signing in and out.

use axum::{
    Form,
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use patchbay_hub::{HubError, Mode, people::safe_path};

use super::Fields;
use crate::web::{
    cookies::{self, Style},
    pages,
    state::AppState,
};

/// Signs in one of the sample people of demo mode, with a new session id (S57).
pub(crate) async fn sign_in(State(state): State<AppState>, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let person = fields.get("person").map_or("", String::as_str);
    let before = cookies::session(&headers);
    match state.hub.sign_in_sample(person, before.as_ref()).await {
        Ok(signed_in) => {
            let back = fields.get("return_to").and_then(|path| safe_path(path)).unwrap_or("/");
            let mut response = Redirect::to(back).into_response();
            if let Some(cookie) = style(&state, &headers).keep_session(&signed_in.token) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(HubError::NotFound) => Redirect::to("/sign-in?notice=unknown-person").into_response(),
        Err(error) => pages::failure(&state, Request::default(), &error).await,
    }
}

/// Ends the session on the server and takes it out of the browser.
pub(crate) async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(token) = cookies::session(&headers) {
        if let Err(error) = state.hub.sign_out(&token).await {
            return pages::failure(&state, Request::default(), &error).await;
        }
    }
    let mut response = Redirect::to("/sign-in?notice=signed-out").into_response();
    if let Some(cookie) = style(&state, &headers).drop_session() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// How cookies are marked for this browser.
pub(crate) fn style(state: &AppState, headers: &HeaderMap) -> Style {
    let settings = state.hub.settings();
    Style::of(headers, settings.mode == Mode::Demo && settings.public_url.starts_with("http://"))
}
