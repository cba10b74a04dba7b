//! Times: relative in lists, exact for whatever ends.

use leptos::prelude::*;
use patchbay_store::time::Millis;

use crate::words;

/// "5 minutes ago"; the exact time on hover and on focus.
#[component]
pub fn RelativeTime(
    /// When it was.
    at: Millis,
    /// The present.
    now: Millis,
) -> impl IntoView {
    view! {
        <time datetime=words::machine(at.0) title=words::exact(at.0)>
            {words::ago(now.0, at.0)}
        </time>
    }
}

/// "Tue 3 Feb 2026, 14:00 UTC".
#[component]
pub fn ExactTime(
    /// When.
    at: Millis,
) -> impl IntoView {
    view! { <time datetime=words::machine(at.0)>{words::exact(at.0)}</time> }
}
