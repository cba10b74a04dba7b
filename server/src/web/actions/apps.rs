//! One provider app. Secrets are taken out of a form first: no answer can hold them.

use axum::{
    Extension, Form,
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::HeaderMap;
use patchbay_hub::{
    HubError,
    apps::{progress::SayProgress, rotate::Rotate, save::SaveApp},
};
use secrecy::SecretString;

use super::{Fields, again, back_with};
use crate::web::{identity::Identity, pages, state::AppState};

/// Who posted what to which app.
type Asked<'a> = (&'a AppState, &'a HeaderMap, Identity, &'a str);

/// Seals client id and secret.
pub(crate) async fn save(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let secret = secret(&mut fields, "client_secret");
    let form = SaveApp {
        client_id: text(&fields, "client_id"),
        secret: &secret,
        secret_ends: text(&fields, "secret_ends"),
    };
    let done = state.hub.save_app(&viewer, &id, form).await;
    answer((&state, &headers, identity, &id), done, fields, "app-saved").await
}

/// Seals a new secret beside the old one.
pub(crate) async fn rotate(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let secret = secret(&mut fields, "new_secret");
    let form = Rotate {
        secret: &secret,
        ends: text(&fields, "new_ends"),
        keep_until: text(&fields, "keep_until"),
    };
    let done = state.hub.rotate_secret(&viewer, &id, form).await;
    answer(
        (&state, &headers, identity, &id),
        done,
        fields,
        "app-secret-added",
    )
    .await
}

/// Forgets the other of two secrets.
pub(crate) async fn forget(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let done = state.hub.forget_other_secret(&viewer, &id).await;
    answer(
        (&state, &headers, identity, &id),
        done,
        Fields::new(),
        "app-secret-forgotten",
    )
    .await
}

/// Stores how far an app is.
pub(crate) async fn progress(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let form = SayProgress {
        stage: Some(text(&fields, "stage")),
        owner: Some(text(&fields, "owner")),
        review_since: Some(text(&fields, "review_since")),
        review_expected: Some(text(&fields, "review_expected")),
        notes: Some(text(&fields, "notes")),
        uris_registered: Some(fields.contains_key("uris_registered")),
    };
    let done = state.hub.say_progress(&viewer, &id, form).await;
    answer((&state, &headers, identity, &id), done, fields, "app-progress").await
}

/// Asks what is wrong with an app.
pub(crate) async fn check(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = identity.0.clone() else {
        return Redirect::to("/sign-in").into_response();
    };
    let done = state.hub.check_app(&viewer, &id).await.map(|_| ());
    answer(
        (&state, &headers, identity, &id),
        done,
        Fields::new(),
        "app-checked",
    )
    .await
}

/// 303 to the app's page with a notice, or 422 with the page and what was typed, or a page for what went wrong.
async fn answer(
    (state, headers, identity, id): Asked<'_>,
    done: patchbay_hub::Result<()>,
    fields: Fields,
    notice: &str,
) -> Response {
    let path = format!("/settings/apps/{id}");
    match done {
        Ok(()) => back_with(&path, notice, None),
        Err(HubError::Fields(errors)) => {
            again(state, pages::as_request(headers, identity, &path), fields, errors).await
        }
        Err(error) => pages::failure(state, pages::as_request(headers, identity, "/"), &error).await,
    }
}

/// Takes a secret out of a form.
fn secret(fields: &mut Fields, name: &str) -> SecretString {
    SecretString::from(fields.remove(name).unwrap_or_default())
}

/// What stands in a field; empty where it is missing.
fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}
