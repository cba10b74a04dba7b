//! A provider's mark on a light tile, or two letters of its name. Always beside the name, so hidden from readers.

use leptos::prelude::*;

use crate::words;

/// How large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TileSize {
    /// 32 pixels: rows.
    Small,
    /// 40 pixels: cards.
    #[default]
    Usual,
    /// 48 pixels: the head of a page.
    Large,
}

impl TileSize {
    fn class(self) -> &'static str {
        match self {
            Self::Small => "tile-32",
            Self::Usual => "",
            Self::Large => "tile-48",
        }
    }
}

/// A mark from the sprite `/logos.svg`, or two letters.
#[component]
pub fn LogoTile(
    /// The integration's name.
    #[prop(into)]
    name: String,
    /// The icon's slug; none: two letters.
    logo: Option<String>,
    /// How large.
    #[prop(optional)]
    size: TileSize,
) -> impl IntoView {
    let size = size.class();
    match logo {
        Some(slug) => view! {
            <span class=format!("tile {size}") aria-hidden="true">
                <svg viewBox="0 0 24 24">
                    <use href=format!("/logos.svg#{slug}")/>
                </svg>
            </span>
        }
        .into_any(),
        None => view! {
            <span class=format!("tile tile-letters {size}") aria-hidden="true">
                {words::initials(&name)}
            </span>
        }
        .into_any(),
    }
}
