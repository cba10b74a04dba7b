//! A page of its own before something stops: what stops, what stays, and two ways on.

use leptos::prelude::*;

use super::{Button, LinkButton, Look, PlainList};

/// Lists every effect by name; the button carries verb and object.
#[component]
pub fn ConfirmPage(
    /// Where the form posts.
    #[prop(into)]
    action: String,
    /// "Disconnect Asana".
    #[prop(into)]
    verb: String,
    /// "Disconnecting…".
    #[prop(into)]
    busy_verb: String,
    /// "Keep it", and where it leads.
    keep: (String, String),
    /// Effects: heading and sentences.
    effects: Vec<(String, Vec<String>)>,
    /// Choices that are posted along.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (keep_label, keep_href) = keep;
    view! {
        <form class="panel" method="post" action=action>
            {effects
                .into_iter()
                .map(|(heading, sentences)| {
                    view! {
                        <section class="mb-5">
                            <h2 class="text-name">{heading}</h2>
                            <div class="mt-1"><PlainList items=sentences/></div>
                        </section>
                    }
                })
                .collect_view()}
            {children.map(|children| children())}
            <div class="form-foot">
                <Button label=verb look=Look::Danger busy_verb=busy_verb/>
                <LinkButton href=keep_href label=keep_label/>
            </div>
        </form>
    }
}
