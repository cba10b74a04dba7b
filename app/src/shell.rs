//! The document round every page.

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{
    app::App,
    frame::{Frame, Theme},
};

/// The document round every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
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
                <App/>
            </body>
        </html>
    }
}
