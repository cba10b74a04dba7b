//! The first owner of a live deployment.

use leptos::prelude::*;
use patchbay_hub::{Hub, Typed, passwords::SHORTEST};

use super::{Standalone, errors::Answer};
use crate::ui::{
    ActionForm, Button, ErrorSummary, FieldText, Layout, Look, PageHead, Place, SecretField, TextField,
};

/// `/setup`
#[component]
pub fn Setup() -> impl IntoView {
    let Some(hub) = use_context::<Hub>() else {
        return ().into_any();
    };
    let answer = Answer::current();
    let typed = use_context::<Typed>().unwrap_or_default();
    Suspend::new(async move {
        match hub.needs_setup().await {
            Ok(true) => view! { <SetupPage typed=typed/> }.into_any(),
            // Once there is an owner there is no such page.
            Ok(false) => answer.with(Standalone::NotFound),
            Err(error) => answer.with(Standalone::of(&hub, &error)),
        }
    })
    .into_any()
}

/// A field of this page, with its error.
fn field(typed: &Typed, name: &str, label: &str, help: &str, fill: &'static str) -> FieldText {
    FieldText {
        id: format!("field-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        error: typed.errors.get(name).cloned(),
        optional: false,
        fill,
    }
}

#[component]
fn SetupPage(typed: Typed) -> impl IntoView {
    let errors = typed
        .errors
        .iter()
        .map(|(name, text)| (format!("field-{name}"), text.clone()))
        .collect();
    let value = |name: &str| typed.values.get(name).cloned().unwrap_or_default();
    let (name, email, tenant) = (value("name"), value("email"), value("tenant"));
    let title = if typed.errors.is_empty() {
        "Set up Patchbay"
    } else {
        "Error: Set up Patchbay"
    };
    let long = format!("At least {SHORTEST} characters. A few words in a row are good.");
    let first = "A customer whose accounts you connect; your own company will do for a try. You act for it and for the company.";
    view! {
        <Layout title=title here=Place::Elsewhere width="main-sign-in">
            <PageHead title="Set up Patchbay" line="You become the first owner. It takes a minute."/>
            <ErrorSummary errors=errors/>
            <ActionForm action="/setup">
                <SecretField text=field(
                    &typed,
                    "token",
                    "Set-up token",
                    "The server printed it when it started. It works once, for 30 minutes.",
                    "",
                )/>
                <TextField text=field(&typed, "name", "Your name", "", "name") value=name/>
                <TextField text=field(&typed, "email", "Your e-mail address", "", "username") value=email/>
                <SecretField text=field(&typed, "password", "A password", &long, "new-password")/>
                <TextField
                    text=field(&typed, "tenant", "First customer", first, "organization")
                    value=tenant
                />
                <p class="form-foot">
                    <Button label="Make me the owner" look=Look::Primary busy_verb="Setting up…"/>
                </p>
            </ActionForm>
        </Layout>
    }
}
