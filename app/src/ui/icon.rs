//! The icons: one set, 16 units square, strokes of 1.5. State icons are filled, so that shapes read at small sizes.

use leptos::prelude::*;

/// A drawing. State shapes repeat in form what the word beside them says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// Good: a check in a circle.
    Check,
    /// Attention: a filled triangle.
    Triangle,
    /// Slow: an empty triangle.
    TriangleOutline,
    /// Critical: a cross in an octagon.
    Octagon,
    /// Running: a circle that is a quarter full.
    Quarter,
    /// Limited: a circle that is half full.
    Half,
    /// Waiting: an hourglass.
    Hourglass,
    /// Not run: a ring.
    Ring,
    /// Not offered: a ring with a bar.
    RingBar,
    /// Not built: a dashed ring.
    RingDashed,
    /// Ended: a ring with a slash.
    RingSlash,
    /// Held: two bars.
    Pause,
    /// An API key.
    Key,
    /// Out of date: an arrow in a circle.
    Turn,
    /// Trouble at the provider: a cloud.
    Cloud,
    /// An arc that turns while a button is busy.
    Arc,
    /// Overview.
    Home,
    /// Integrations.
    Plug,
    /// Rollout.
    Steps,
    /// Report.
    Sheet,
    /// Activity.
    Lines,
    /// To the right, deeper.
    Chevron,
    /// On to somewhere else.
    Arrow,
    /// Menu.
    Menu,
    /// Close.
    Close,
    /// Download.
    Download,
}

impl Glyph {
    /// The drawing's inside.
    fn markup(self) -> &'static str {
        match self {
            Self::Check => {
                r#"<circle class="solid" cx="8" cy="8" r="7"/><path class="cut" d="m4.9 8.2 2.1 2.1 4.1-4.4"/>"#
            }
            Self::Triangle => {
                r#"<path class="solid" d="M6.9 1.9a1.3 1.3 0 0 1 2.2 0l6 10.6a1.3 1.3 0 0 1-1.1 2H2a1.3 1.3 0 0 1-1.1-2z"/><path class="cut" d="M8 5.6v3.5M8 11.8v.1"/>"#
            }
            Self::TriangleOutline => r#"<path d="M8 2.4 14.4 13.6H1.6z"/><path d="M8 6.5v3M8 11.5v.1"/>"#,
            Self::Octagon => {
                r#"<path class="solid" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path class="cut" d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8"/>"#
            }
            Self::Quarter => {
                r#"<circle cx="8" cy="8" r="6.2"/><path class="solid" d="M8 8V3.4A4.6 4.6 0 0 1 12.6 8z"/>"#
            }
            Self::Half => {
                r#"<circle cx="8" cy="8" r="6.2"/><path class="solid" d="M8 3.4a4.6 4.6 0 0 1 0 9.2z"/>"#
            }
            Self::Hourglass => {
                r#"<path d="M4 1.8h8M4 14.2h8M4.8 1.8c0 3.4 3.2 4.2 3.2 6.2s-3.2 2.8-3.2 6.2m6.4-12.4c0 3.4-3.2 4.2-3.2 6.2s3.2 2.8 3.2 6.2"/>"#
            }
            Self::Ring => r#"<circle cx="8" cy="8" r="6.2"/>"#,
            Self::RingBar => r#"<circle cx="8" cy="8" r="6.2"/><path d="M5 8h6"/>"#,
            Self::RingDashed => r#"<circle cx="8" cy="8" r="6.2" stroke-dasharray="2.4 2.47"/>"#,
            Self::RingSlash => r#"<circle cx="8" cy="8" r="6.2"/><path d="m3.7 3.7 8.6 8.6"/>"#,
            Self::Pause => r#"<path d="M5.5 3v10M10.5 3v10"/>"#,
            Self::Key => r#"<circle cx="5" cy="11" r="3.2"/><path d="m7.3 8.7 6-6m-2.5 2.5 2 2"/>"#,
            Self::Turn => r#"<path d="M13.6 8A5.6 5.6 0 1 1 11.8 3.9"/><path d="M12.2 1.2v3H9.2"/>"#,
            Self::Cloud => {
                r#"<path d="M4.5 13a3.3 3.3 0 0 1-.4-6.6 4.2 4.2 0 0 1 8-.1A3.4 3.4 0 0 1 11.8 13z"/><path d="M8 6.6v2.6M8 11v.1"/>"#
            }
            Self::Arc => r#"<path d="M8 1.8A6.2 6.2 0 0 1 14.2 8"/>"#,
            Self::Home => {
                r#"<rect x="2" y="2" width="5" height="5" rx="1"/><rect x="9" y="2" width="5" height="5" rx="1"/><rect x="2" y="9" width="5" height="5" rx="1"/><rect x="9" y="9" width="5" height="5" rx="1"/>"#
            }
            Self::Plug => r#"<path d="M5.5 1.8v3M10.5 1.8v3M3.5 4.8h9v2.4a4.5 4.5 0 0 1-9 0zM8 11.7v2.5"/>"#,
            Self::Steps => r#"<path d="M2 13.5h3.5V10H9V6.5h3.5V3H14"/>"#,
            Self::Sheet => r#"<path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.8 8h4.4M5.8 10.8h4.4"/>"#,
            Self::Lines => r#"<path d="M6 3.5h8M6 8h8M6 12.5h8M2.4 3.5v.1M2.4 8v.1M2.4 12.5v.1"/>"#,
            Self::Chevron => r#"<path d="m6 3.5 4.5 4.5L6 12.5"/>"#,
            Self::Arrow => r#"<path d="M2.5 8h11M9.5 4l4 4-4 4"/>"#,
            Self::Menu => r#"<path d="M2 4h12M2 8h12M2 12h12"/>"#,
            Self::Close => r#"<path d="m3.5 3.5 9 9m0-9-9 9"/>"#,
            Self::Download => r#"<path d="M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.8h11"/>"#,
        }
    }
}

/// An icon beside words, which say the same: hidden from screen readers.
#[component]
pub fn Icon(
    /// Which.
    of: Glyph,
    /// 20 instead of 16 pixels.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = if large { "icon icon-20" } else { "icon" };
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true" inner_html=of.markup()></svg> }
}
