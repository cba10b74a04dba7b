//! The box round a table: only it scrolls sideways, and it can be scrolled by keyboard.

use leptos::prelude::*;

/// A scrolling box with a name.
#[component]
pub fn TableBox(
    /// What the table holds; read when the box is focused.
    #[prop(into)]
    label: String,
    /// Whether the head stays in view while its rows scroll.
    #[prop(optional)]
    board: bool,
    /// Whether it takes no more width than its figures need.
    #[prop(optional)]
    narrow: bool,
    /// The table.
    children: Children,
) -> impl IntoView {
    let class = match (board, narrow) {
        (true, _) => "table-box table-board-box",
        (false, true) => "table-box table-box-narrow",
        (false, false) => "table-box",
    };
    view! {
        <div class=class role="region" aria-label=label tabindex="0">
            {children()}
        </div>
    }
}
