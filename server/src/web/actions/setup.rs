//! The first owner of a live deployment.

use axum::{
    Extension, Form,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use patchbay_hub::{HubError, accounts::SetUp};
use secrecy::SecretString;

use super::{Fields, again, sign_in::style};
use crate::web::{identity::Identity, pages, state::AppState};

/// Makes the owner and signs them in. Token and password are taken out of the form first: no answer can hold them.
pub(crate) async fn set_up(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    Form(mut fields): Form<Fields>,
) -> Response {
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    let form = SetUp {
        token: SecretString::from(take("token").trim()),
        password: SecretString::from(take("password")),
        name: take("name"),
        email: take("email"),
        tenant: take("tenant"),
    };
    let values: Fields = [
        ("name", &form.name),
        ("email", &form.email),
        ("tenant", &form.tenant),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.clone()))
    .collect();
    match state.hub.set_up(form).await {
        Ok(signed_in) => {
            let mut response = Redirect::to("/settings/apps?notice=set-up").into_response();
            if let Some(cookie) = style(&state, &headers).keep_session(&signed_in.token) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(HubError::Fields(errors)) => {
            again(
                &state,
                pages::as_request(&headers, identity, "/setup"),
                values,
                errors,
            )
            .await
        }
        Err(error) => pages::failure(&state, pages::as_request(&headers, identity, "/setup"), &error).await,
    }
}
