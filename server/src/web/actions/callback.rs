//! The way back from the provider.

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::HeaderMap;
use patchbay_app::Standalone;
use patchbay_hub::connect::{Callback, Finished};

use super::back_with;
use crate::web::{cookies, identity::Identity, pages, state::AppState};

/// Hands the answer to the hub. An ordinary end goes to the integration's page by 303, so that code and state leave
/// the address bar (S20); an answer that is not this person's gets a page of its own with a status that says so.
pub(crate) async fn finish(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let callback = Callback {
        integration: &id,
        query: query.as_deref().unwrap_or_default(),
        viewer: identity.0.as_ref(),
        browser: cookies::flow(&headers),
    };
    let finished = match state.hub.finish(callback).await {
        Ok(finished) => finished,
        Err(error) => {
            return pages::failure(&state, pages::as_request(&headers, identity, "/"), &error).await;
        }
    };
    match &finished.outcome {
        Ok(connected) => {
            let notice = match (finished.proving, connected.renewed) {
                (true, _) => "proving",
                (false, true) => "renewed",
                (false, false) => "connected",
            };
            back_with(&page_of(&finished), notice, None)
        }
        Err(refusal) if refusal.status().is_none() => {
            back_with(&page_of(&finished), refusal.code(), Some(&finished.reference))
        }
        Err(refusal) => {
            let page = Standalone::Refused {
                refusal: refusal.clone(),
                integration: finished.integration.clone(),
                reference: finished.reference.clone(),
            };
            // Rendered for a path without code and state, so that they are in no link of the page.
            pages::standalone(&state, pages::as_request(&headers, identity, "/callback"), page).await
        }
    }
}

/// The page to end on.
fn page_of(finished: &Finished) -> String {
    match (&finished.return_to, &finished.integration) {
        (Some(path), _) => path.clone(),
        (None, Some(integration)) => format!("/integrations/{integration}"),
        (None, None) => "/integrations".to_owned(),
    }
}
