//! On the way out: names the provider and goes there at once, by meta refresh and by link.

use leptos::prelude::*;
use patchbay_hub::view::LeavingView;

use super::{for_viewer, param};
use crate::ui::{Glyph, Icon, Layout, LogoTile, PageHead, Place, TileSize};

/// `/connect/{flow}`
#[component]
pub fn Leaving() -> impl IntoView {
    let flow = param("flow");
    for_viewer(|asked| async move {
        let leaving = asked.hub.leaving(&asked.viewer, &flow).await?;
        Ok(leaving.map(|view| view! { <LeavingPage view=view/> }.into_any()))
    })
}

#[component]
fn LeavingPage(view: LeavingView) -> impl IntoView {
    let title = format!("Taking you to {}", view.name);
    let sentence = format!("You leave Patchbay for {}. If nothing happens, ", view.host);
    view! {
        <Layout title=title.clone() here=Place::Integrations width="main-narrow">
            <div class="leave" aria-hidden="true">
                <span class="tile tile-48"><OwnMark/></span>
                <Icon of=Glyph::Arrow large=true/>
                <LogoTile name=view.name.clone() logo=view.logo size=TileSize::Large/>
            </div>
            // Not leptos_meta's: what it adds to the head is lost when the page had to wait for its data.
            <meta http-equiv="refresh" content=format!("0; url={}", view.href)/>
            <PageHead title=title/>
            <p class="prose">
                {sentence}
                <a class="link" href=view.href rel="noreferrer">
                    {format!("continue to {}", view.name)}
                </a> "."
            </p>
        </Layout>
    }
}

/// Our mark on a tile.
#[component]
fn OwnMark() -> impl IntoView {
    view! {
        <svg class="own" viewBox="0 0 20 20">
            <circle cx="5" cy="5" r="2.5"></circle>
            <circle cx="15" cy="15" r="2.5"></circle>
            <path d="M5 7.5V11a4 4 0 0 0 4 4h3.5"></path>
        </svg>
    }
}
