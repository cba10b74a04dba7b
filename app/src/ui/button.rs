//! Buttons and links that look like them. A button names its verb and its object: "Disconnect Asana".

use leptos::prelude::*;

use super::{Glyph, Icon};

/// How loud. One primary at most on a page, row or card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// The page's one next action.
    Primary,
    /// Any other action.
    #[default]
    Secondary,
    /// An action among text.
    Quiet,
    /// It ends or destroys something.
    Danger,
}

impl Look {
    fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Primary, false) => "btn btn-ink",
            (Self::Primary, true) => "btn btn-ink btn-small",
            (Self::Secondary, false) => "btn btn-line",
            (Self::Secondary, true) => "btn btn-line btn-small",
            (Self::Quiet, false) => "btn btn-quiet",
            (Self::Quiet, true) => "btn btn-quiet btn-small",
            (Self::Danger, false) => "btn btn-danger",
            (Self::Danger, true) => "btn btn-danger btn-small",
        }
    }
}

/// A form's button.
#[component]
pub fn Button(
    /// What it says.
    #[prop(into)]
    label: String,
    /// How loud.
    #[prop(optional)]
    look: Look,
    /// 28 pixels high, for tables and cards.
    #[prop(optional)]
    small: bool,
    /// What it says after a second of waiting: "Testing…". It then keeps its width.
    #[prop(optional, into)]
    busy_verb: Option<String>,
    /// Shown as busy from the start.
    #[prop(optional)]
    busy: bool,
    /// The full name, where the label alone is short: "Connect Asana".
    #[prop(optional, into)]
    full_name: Option<String>,
    /// Posted name and value.
    #[prop(optional)]
    value: Option<(&'static str, String)>,
    /// Further classes.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let (name, value) = value.unzip();
    view! {
        <button
            type="submit"
            class=format!("{} {class}", look.class(small))
            name=name
            value=value
            aria-label=full_name
            aria-busy=busy.then_some("true")
        >
            {match busy_verb {
                None => label.into_any(),
                Some(verb) => view! {
                    <span class="btn-words">
                        <span class="idle-verb">{label}</span>
                        <span class="busy-verb"><Icon of=Glyph::Arc/>{verb}</span>
                    </span>
                }
                    .into_any(),
            }}
        </button>
    }
}

/// A link that looks like a button: it goes somewhere and changes nothing.
#[component]
pub fn LinkButton(
    /// Where to.
    #[prop(into)]
    href: String,
    /// What it says.
    #[prop(into)]
    label: String,
    /// How loud.
    #[prop(optional)]
    look: Look,
    /// 28 pixels high, for tables and cards.
    #[prop(optional)]
    small: bool,
    /// The full name, where the label alone is short.
    #[prop(optional, into)]
    full_name: Option<String>,
    /// Offered as a file.
    #[prop(optional)]
    download: bool,
) -> impl IntoView {
    view! {
        <a
            class=look.class(small)
            href=href
            aria-label=full_name
            download=download.then_some("")
        >
            {download.then(|| view! { <Icon of=Glyph::Download/> })}
            {label}
        </a>
    }
}

/// Posts to an address with one button: the shape of every action.
#[component]
pub fn ActionForm(
    /// Where to.
    #[prop(into)]
    action: String,
    /// The button, and fields if it has any.
    children: Children,
) -> impl IntoView {
    view! { <form method="post" action=action>{children()}</form> }
}
