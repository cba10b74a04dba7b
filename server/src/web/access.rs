//! Who may use a route.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{Method, StatusCode};
use patchbay_app::Standalone;
use patchbay_hub::{Mode, access::Permission, people::safe_path};

use super::{identity::Identity, pages, state::AppState};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone, signed in or not.
    Anyone,
    /// Anyone signed in.
    SignedIn,
    /// Those who may do this; the others are told that they may not.
    Allowed(Permission),
    /// Those who may do this; for the others there is no such page.
    Hidden(Permission),
    /// Anyone, in demo mode only.
    DemoOnly,
    /// Nobody: a page that was declared without saying whom it is for.
    Nobody,
}

/// Lets a request through to its handler, or answers it.
pub(super) async fn enforce(
    State((state, access)): State<(AppState, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let viewer = Identity::of(&request);
    let (needs_person, permission) = match access {
        Access::Anyone => (false, None),
        Access::SignedIn => (true, None),
        Access::Allowed(permission) | Access::Hidden(permission) => (true, Some(permission)),
        Access::DemoOnly if state.hub.settings().mode == Mode::Demo => (false, None),
        Access::DemoOnly | Access::Nobody => {
            return pages::standalone(&state, request, Standalone::NotFound).await;
        }
    };
    match (viewer, permission) {
        (None, _) if needs_person => to_sign_in(&request),
        (Some(viewer), Some(permission)) if !viewer.may(permission) => {
            let page = match access {
                Access::Hidden(_) => Standalone::NotFound,
                _ => Standalone::Forbidden,
            };
            pages::standalone(&state, request, page).await
        }
        _ => next.run(request).await,
    }
}

/// Asks to sign in, and comes back to the same page. A stream is told so by its status: it can't follow to a page.
fn to_sign_in(request: &Request) -> Response {
    if request.uri().path() == "/events" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let back = if request.method() == Method::GET {
        safe_path(path)
    } else {
        None
    };
    match back.filter(|path| *path != "/") {
        Some(path) => {
            let query: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("return_to", path)
                .finish();
            Redirect::to(&format!("/sign-in?{query}")).into_response()
        }
        None => Redirect::to("/sign-in").into_response(),
    }
}
