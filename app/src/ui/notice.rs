//! What happened, whether anything was lost, what to do, who can do it: in that order, near the thing.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};

/// The notice at the top of a page after an action. Takes the focus, so that it is read first.
#[component]
pub fn Notice(
    /// Its tone.
    tone: Tone,
    /// What happened.
    #[prop(into)]
    title: String,
    /// The rest, in one sentence; empty: none.
    #[prop(optional, into)]
    text: String,
    /// Reference for support, behind "Details"; empty: none.
    #[prop(optional, into)]
    reference: String,
    /// Whether it takes the focus: only the answer to what the person just did.
    #[prop(optional)]
    focus: bool,
    /// An action or more text.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let alarm = focus && tone == Tone::Critical;
    view! {
        <div
            class=format!("notice {}", tone.class())
            id=focus.then_some("notice")
            tabindex=focus.then_some("-1")
            autofocus=focus
            role=if alarm { "alert" } else { "group" }
            aria-label="Notice"
        >
            <Icon of=tone.glyph()/>
            <div class="notice-body">
                <p class="notice-title">{title}</p>
                {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
                {children.map(|children| children())}
                {(!reference.is_empty())
                    .then(|| {
                        view! {
                            <details class="more">
                                <summary><Icon of=Glyph::Chevron/>"Details"</summary>
                                <p>"Reference " <code>{reference}</code></p>
                            </details>
                        }
                    })}
            </div>
        </div>
    }
}

/// The box above a form that names every field to correct, each a link to it.
#[component]
pub fn ErrorSummary(
    /// Field id and sentence.
    errors: Vec<(String, String)>,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let title = match errors.len() {
            1 => "Check 1 field".to_owned(),
            more => format!("Check {more} fields"),
        };
        view! {
            <div class="notice tone-critical" id="notice" tabindex="-1" autofocus=true role="alert">
                <Icon of=Glyph::Octagon/>
                <div class="notice-body">
                    <h2 class="text-ui">{title}</h2>
                    <ul class="errors">
                        {errors
                            .into_iter()
                            .map(|(field, sentence)| {
                                view! {
                                    <li>
                                        <a class="link" href=format!("#{field}")>{sentence}</a>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </div>
            </div>
        }
    })
}

/// The sentence at a field.
#[component]
pub fn FieldError(
    /// Joined to the field by `aria-describedby`.
    #[prop(into)]
    id: String,
    /// What is wrong and what would be right.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <p class="field-error" id=id>
            <Icon of=Glyph::Octagon/>
            <span>{text}</span>
        </p>
    }
}
