//! Renders the app's pages. There is one way to do it, whether a page has an address or is an answer to something
//! that went wrong: [`render`].

use std::{backtrace::Backtrace, cell::RefCell, panic::AssertUnwindSafe};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use patchbay_app::{Frame, Standalone, Theme};
use patchbay_hub::{HubError, Mode, Typed, apps::import::Imported};

use super::{cookies, headers, identity::Identity, state::AppState};

/// What a page is told besides who looks.
#[derive(Debug, Clone, Default)]
pub(super) struct Extra {
    /// Status of the answer, where it is not for the page to say.
    pub status: Option<StatusCode>,
    /// A page without an address, shown instead of the one at the path.
    pub standalone: Option<Standalone>,
    /// What was typed into a form that was refused.
    pub typed: Typed,
    /// What became of a file of provider apps.
    pub imported: Option<Imported>,
}

/// A page of the app.
pub(super) async fn page(State(state): State<AppState>, request: Request) -> Response {
    render(&state, request, Extra::default()).await
}

/// There is nothing at this address.
pub(super) async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    standalone(&state, request, Standalone::NotFound).await
}

/// A page that says what went wrong. A failure of ours is logged by the page's own reference.
pub(super) async fn failure(state: &AppState, request: Request, error: &HubError) -> Response {
    standalone(state, request, Standalone::of(&state.hub, error)).await
}

/// A page without an address of its own.
pub(super) async fn standalone(state: &AppState, request: Request, page: Standalone) -> Response {
    let status = page.status();
    let wait = match &page {
        Standalone::TooMany { retry_after_s } => Some(*retry_after_s),
        _ => None,
    };
    let extra = Extra {
        status: Some(status),
        standalone: Some(page),
        ..Extra::default()
    };
    let mut response = render(state, request, extra).await;
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// A request to render an answer for, where the real one was taken apart: who sent it, and their cookies.
pub(super) fn as_request(headers: &HeaderMap, identity: Identity, path: &str) -> Request {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers.clone();
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request.extensions_mut().insert(identity);
    request
}

/// Renders the page at the request's path, whole, with its policy (S53).
pub(super) async fn render(state: &AppState, mut request: Request, extra: Extra) -> Response {
    // A refused form is answered with its page: the router of the app knows pages by GET only.
    *request.method_mut() = Method::GET;
    let frame = frame(state, &request);
    let (hub, leptos) = (state.hub.clone(), state.leptos.clone());
    let Extra {
        status,
        standalone,
        typed,
        imported,
    } = extra;
    let context = move || {
        provide_context(hub.clone());
        provide_context(frame.clone());
        provide_context(typed.clone());
        if let Some(imported) = &imported {
            provide_context(imported.clone());
        }
        if let Some(page) = &standalone {
            provide_context(page.clone());
        }
        if let (Some(nonce), Some(options)) = (use_nonce(), use_context::<ResponseOptions>()) {
            if let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce)) {
                options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
            if let Some(status) = status {
                options.set_status(status);
            }
        }
    };
    let app = move || patchbay_app::shell(leptos.clone());
    render_app_async_with_context(context, app)(request)
        .await
        .into_response()
}

/// What every page needs to know.
fn frame(state: &AppState, request: &Request) -> Frame {
    let settings = state.hub.settings();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    Frame {
        viewer: Identity::of(request),
        demo: settings.mode == Mode::Demo,
        theme: cookies::theme(request.headers()).map_or(Theme::System, |word| Theme::parse(&word)),
        now: state.hub.now(),
        path: path.to_owned(),
    }
}

thread_local! {
    /// Where the panic of this thread's present request happened.
    static WHERE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the place of a panic for the log. Only the place: a panic's message may hold anything.
pub fn remember_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let trace = Backtrace::capture().to_string();
        WHERE.with(|cell| *cell.borrow_mut() = Some(format!("{place}\n{trace}")));
    }));
}

/// A panic ends one request, with a page and a reference, and nothing else.
pub(super) async fn incident_on_panic(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let identity = Identity(Identity::of(&request));
    let asked = as_request(request.headers(), identity, request.uri().path());
    if let Ok(response) = AssertUnwindSafe(next.run(request)).catch_unwind().await {
        return response;
    }
    let reference = state.hub.new_reference();
    let place = WHERE.with(|cell| cell.borrow_mut().take()).unwrap_or_default();
    tracing::error!(reference, place, "a request panicked");
    standalone(&state, asked, Standalone::Incident { reference }).await
}
