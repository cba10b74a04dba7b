//! The head of a page and of its sections.

use leptos::prelude::*;

/// Where the page stands: links to the pages above it.
#[component]
pub fn Breadcrumb(
    /// Label and address of each page above.
    above: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                {above
                    .into_iter()
                    .map(|(label, href)| {
                        view! {
                            <li>
                                <a class="link" href=href>{label}</a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </nav>
    }
}

/// The page's one `h1`, a line under it, and its one primary action.
#[component]
pub fn PageHead(
    /// The heading.
    #[prop(into)]
    title: String,
    /// One line under it; empty: none.
    #[prop(optional, into)]
    line: String,
    /// What stands before it: a logo.
    #[prop(optional, into)]
    mark: Option<AnyView>,
    /// What stands under it: a state.
    #[prop(optional, into)]
    under: Option<AnyView>,
    /// Actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="head">
            <div class="head-title">
                {mark}
                <div class="min-w-0">
                    <h1>{title}</h1>
                    {under}
                    {(!line.is_empty()).then(|| view! { <p class="head-line">{line}</p> })}
                </div>
            </div>
            {children.map(|children| view! { <div class="head-actions">{children()}</div> })}
        </header>
    }
}

/// A part of a page under an `h2`.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Its id, to link to.
    #[prop(optional, into)]
    id: Option<String>,
    /// What stands right of the heading.
    #[prop(optional, into)]
    beside: Option<AnyView>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" id=id>
            <div class="section-head">
                <h2>{title}</h2>
                {beside}
            </div>
            {children()}
        </section>
    }
}
