//! Nothing to show, and why. Never shown where data could not be read.

use leptos::prelude::*;

/// A sentence, and one action at most.
#[component]
pub fn EmptyState(
    /// Why there is nothing.
    #[prop(into)]
    text: String,
    /// One action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
