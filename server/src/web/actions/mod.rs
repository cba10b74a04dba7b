//! What forms post to. Each action authorises first (by its route's [`Access`](super::Access)), calls the hub once,
//! and answers 303 to a page, or 422 with the same page and everything that was typed.

pub(super) mod apps;
pub(super) mod callback;
pub(super) mod connect;
pub(super) mod connection;
pub(super) mod import;
pub(super) mod key;
pub(super) mod prove;
pub(super) mod rollout;
pub(super) mod setup;
pub(super) mod sign_in;
pub(super) mod theme;

use std::collections::BTreeMap;

use axum::{
    extract::Request,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use patchbay_hub::{HubError, Typed};

use super::{pages, state::AppState};

/// The fields of a posted form.
pub(super) type Fields = BTreeMap<String, String>;

/// 303 to a page of ours with a notice.
fn back_with(path: &str, notice: &str, reference: Option<&str>) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("notice", notice);
    if let Some(reference) = reference {
        query.append_pair("ref", reference);
    }
    let join = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{join}{}", query.finish())).into_response()
}

/// The page of a form again, with what was typed and what is wrong with it.
async fn again(state: &AppState, page: Request, values: Fields, errors: Fields) -> Response {
    let extra = pages::Extra {
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        typed: Typed { values, errors },
        ..Default::default()
    };
    pages::render(state, page, extra).await
}

/// What a failed action answers with: the page again for what was typed wrongly, a page of its own for the rest.
async fn failed(
    state: &AppState,
    request: Request,
    integration: &str,
    typed: Fields,
    error: HubError,
) -> Response {
    match error {
        HubError::Fields(errors) => again(state, request, typed, errors).await,
        HubError::NotStarted { refusal, reference } => {
            let page = format!("/integrations/{integration}");
            back_with(&page, refusal.code(), Some(&reference))
        }
        HubError::NotOffered => back_with(&format!("/integrations/{integration}"), "not-offered", None),
        error => pages::failure(state, request, &error).await,
    }
}
