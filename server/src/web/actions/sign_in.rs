//! Signing in and out.

use axum::{
    Extension, Form,
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use patchbay_hub::{HubError, Mode, people::safe_path};
use secrecy::SecretString;

use super::{Fields, again};
use crate::web::{
    cookies::{self, Style},
    identity::Identity,
    pages,
    state::AppState,
};

/// Signs in with a new session id (S57): one of the sample people in demo mode, else by e-mail address and password.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let password = SecretString::from(fields.remove("password").unwrap_or_default());
    let before = cookies::session(&headers);
    let signed_in = if let Some(person) = fields.get("person") {
        state.hub.sign_in_sample(person, before.as_ref()).await
    } else {
        let email = fields.get("email").map_or("", String::as_str);
        state.hub.sign_in(email, password, before.as_ref()).await
    };
    match signed_in {
        Ok(signed_in) => {
            let back = return_to(&fields).unwrap_or("/");
            let mut response = Redirect::to(back).into_response();
            if let Some(cookie) = style(&state, &headers).keep_session(&signed_in.token) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(HubError::NotFound) => Redirect::to("/sign-in?notice=unknown-person").into_response(),
        Err(HubError::Fields(errors)) => {
            let page = pages::as_request(&headers, identity, &sign_in_path(&fields));
            again(&state, page, fields, errors).await
        }
        Err(error) => pages::failure(&state, pages::as_request(&headers, identity, "/sign-in"), &error).await,
    }
}

/// The page of ours to come back to, if one was asked for.
fn return_to(fields: &Fields) -> Option<&str> {
    fields.get("return_to").and_then(|path| safe_path(path))
}

/// The sign-in page again, with the page to come back to.
fn sign_in_path(fields: &Fields) -> String {
    let back = return_to(fields);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(back.map(|path| ("return_to", path)));
    format!("/sign-in?{}", query.finish())
}

/// Chooses whom the person acts for, of those where they hold a role.
pub(crate) async fn act_for(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let tenant = fields
        .get("tenant")
        .map(String::as_str)
        .filter(|tenant| !tenant.is_empty());
    match state.hub.act_for(&viewer, tenant).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(error) => pages::failure(&state, pages::as_request(&headers, identity, "/"), &error).await,
    }
}

/// Ends the session on the server and takes it out of the browser.
pub(crate) async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(token) = cookies::session(&headers)
        && let Err(error) = state.hub.sign_out(&token).await
    {
        return pages::failure(&state, Request::default(), &error).await;
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
    Style::of(
        headers,
        settings.mode == Mode::Demo && settings.public_url.starts_with("http://"),
    )
}
