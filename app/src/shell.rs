//! The document round every page.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use patchbay_hub::view::IntegrationsView;

use crate::{
    app::App,
    frame::{Frame, Theme},
    pages::ListPage,
};

/// The document round the page of the request's address.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    document(options, || view! { <App/> })
}

/// The same document round a list that was read before: no hub is asked, no address looked up. What `bench/` holds
/// the served list against.
pub fn list_shell(options: LeptosOptions, list: IntegrationsView) -> impl IntoView {
    document(options, || {
        provide_meta_context();
        view! { <ListPage view=list company=false/> }
    })
}

/// The document round every page.
fn document<V: IntoView>(options: LeptosOptions, page: impl FnOnce() -> V) -> impl IntoView {
    let frame = Frame::current();
    let theme = match frame.theme {
        Theme::System => None,
        chosen => Some(chosen.as_str()),
    };
    // The sign-in page and the leaving page hold no island: what is not needed is not sent.
    let scripts = frame.viewer.is_some() && !frame.page().starts_with("/connect/");
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link
                    rel="preload"
                    href="/fonts/inter-latin-wght-normal.woff2"
                    r#as="font"
                    r#type="font/woff2"
                    crossorigin="anonymous"
                />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <HashedStylesheet options=options.clone() id="style"/>
                <MetaTags/>
                {scripts
                    .then(|| {
                        view! {
                            <AutoReload options=options.clone()/>
                            <HydrationScripts options=options.clone() islands=true/>
                        }
                    })}
            </head>
            <body>
                {page()}
            </body>
        </html>
    }
}
