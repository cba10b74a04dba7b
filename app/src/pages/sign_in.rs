//! Who are you: in demo mode, a button for each sample person; else e-mail address and password.

use leptos::prelude::*;
use patchbay_hub::{Hub, Mode, Typed, view::SignInChoice};

use super::{Standalone, errors::Answer, query};
use crate::{
    notices,
    ui::{
        ActionForm, Button, ErrorSummary, FieldText, Glyph, Icon, Layout, LinkButton, Look, Notice, PageHead,
        Place, SecretField, TextField,
    },
};

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let Some(hub) = use_context::<Hub>() else {
        return ().into_any();
    };
    let answer = Answer::current();
    let back = query("return_to").unwrap_or_else(|| "/".to_owned());
    let said = query("notice");
    let typed = use_context::<Typed>().unwrap_or_default();
    Suspend::new(async move {
        let (choices, needs_setup) = match (hub.sign_in_choices().await, hub.needs_setup().await) {
            (Ok(choices), Ok(needs_setup)) => (choices, needs_setup),
            (Err(error), _) | (_, Err(error)) => return answer.with(Standalone::of(&hub, &error)),
        };
        let demo = hub.settings().mode == Mode::Demo;
        let way = match (demo, needs_setup) {
            (true, _) => view! { <Choices choices=choices back=back/> }.into_any(),
            (false, true) => view! { <Nobody/> }.into_any(),
            (false, false) => view! { <Password typed=typed.clone() back=back/> }.into_any(),
        };
        view! { <SignInPage said=said typed=typed>{way}</SignInPage> }.into_any()
    })
    .into_any()
}

#[component]
fn SignInPage(said: Option<String>, typed: Typed, children: Children) -> impl IntoView {
    let said = notices::of_sign_in(said.as_deref());
    let errors: Vec<_> = typed
        .errors
        .iter()
        .map(|(name, text)| (format!("field-{name}"), text.clone()))
        .collect();
    let title = if errors.is_empty() {
        "Sign in"
    } else {
        "Error: Sign in"
    };
    view! {
        <Layout title=title here=Place::Elsewhere width="main-sign-in">
            <PageHead title="Sign in to Patchbay"/>
            {said.map(|(tone, title)| view! { <Notice tone=tone title=title focus=true/> })}
            <ErrorSummary errors=errors/>
            {children()}
        </Layout>
    }
}

/// Before the first owner is made.
#[component]
fn Nobody() -> impl IntoView {
    view! {
        <p class="prose">
            "Nobody can sign in yet. Whoever started the server makes the first owner with the token that it printed."
        </p>
        <p class="form-foot">
            <LinkButton href="/setup" label="Set up Patchbay" look=Look::Primary/>
        </p>
    }
}

/// E-mail address and password.
#[component]
fn Password(typed: Typed, back: String) -> impl IntoView {
    let field = |name: &str, label: &str, fill: &'static str| FieldText {
        id: format!("field-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        error: typed.errors.get(name).cloned(),
        fill,
        ..FieldText::default()
    };
    let email = field("email", "E-mail address", "username");
    let password = field("password", "Password", "current-password");
    let value = typed.values.get("email").cloned().unwrap_or_default();
    view! {
        <ActionForm action="/sign-in">
            <input type="hidden" name="return_to" value=back/>
            <TextField text=email value=value/>
            <SecretField text=password/>
            <p class="form-foot">
                <Button label="Sign in" look=Look::Primary busy_verb="Signing in…"/>
            </p>
        </ActionForm>
    }
}

/// One button for each sample person.
#[component]
fn Choices(choices: Vec<SignInChoice>, back: String) -> impl IntoView {
    view! {
        <p class="mb-4 text-text-2">"Choose whose eyes to look through. No password in the demo."</p>
        <form method="post" action="/sign-in">
            <input type="hidden" name="return_to" value=back/>
            <ul class="people">
                {choices
                    .into_iter()
                    .map(|choice| {
                        view! {
                            <li>
                                <button
                                    type="submit"
                                    class="person"
                                    name="person"
                                    value=choice.person.as_str().to_owned()
                                >
                                    <span>
                                        <strong class="block">
                                            {format!("{}, {}", choice.name, choice.role_words)}
                                        </strong>
                                        <span class="text-text-2">{choice.email}</span>
                                    </span>
                                    <Icon of=Glyph::Chevron/>
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </form>
    }
}
