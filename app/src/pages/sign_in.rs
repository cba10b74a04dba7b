//! Who are you: in demo mode, four buttons.

use leptos::prelude::*;
use patchbay_hub::{Hub, view::SignInChoice};

use super::{Standalone, errors::Answer, query};
use crate::{
    notices,
    ui::{Glyph, Icon, Layout, Notice, PageHead, Place},
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
    Suspend::new(async move {
        match hub.sign_in_choices().await {
            Ok(choices) => view! { <SignInPage choices=choices back=back said=said/> }.into_any(),
            Err(error) => answer.with(Standalone::of(&hub, &error)),
        }
    })
    .into_any()
}

#[component]
fn SignInPage(choices: Vec<SignInChoice>, back: String, said: Option<String>) -> impl IntoView {
    let said = notices::of_sign_in(said.as_deref());
    let nobody = choices.is_empty();
    view! {
        <Layout title="Sign in" here=Place::Elsewhere width="main-sign-in">
            <PageHead title="Sign in to Patchbay"/>
            {said.map(|(tone, title)| view! { <Notice tone=tone title=title focus=true/> })}
            {if nobody {
                view! {
                    <p class="prose">
                        "Sign-in is not set up on this deployment yet. Ask whoever runs it."
                    </p>
                }
                    .into_any()
            } else {
                view! { <Choices choices=choices back=back/> }.into_any()
            }}
        </Layout>
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
