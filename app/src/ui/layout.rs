//! The frame of every page: skip link, demo strip, navigation, one column, one status region.

use leptos::prelude::*;
use leptos_meta::Title;
use patchbay_hub::{
    access::{Permission, RoleName},
    view::{Hat, Viewer},
};

use super::{Button, Glyph, Icon, Look};
use crate::{
    frame::{Frame, Theme},
    islands::Live,
};

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Overview,
    /// The list and each integration.
    Integrations,
    /// The rollout.
    Rollout,
    /// The report.
    Report,
    /// What happened.
    Activity,
    /// Provider apps.
    Settings,
    /// None of them: sign-in, errors.
    Elsewhere,
}

impl Place {
    /// Label, address and icon.
    fn entry(self) -> (&'static str, &'static str, Glyph) {
        match self {
            Self::Overview | Self::Elsewhere => ("Overview", "/", Glyph::Home),
            Self::Integrations => ("Integrations", "/integrations", Glyph::Plug),
            Self::Rollout => ("Rollout", "/rollout", Glyph::Steps),
            Self::Report => ("Report", "/report", Glyph::Sheet),
            Self::Activity => ("Activity", "/activity", Glyph::Lines),
            Self::Settings => ("Provider apps", "/settings/apps", Glyph::Key),
        }
    }

    /// The entries that this viewer may open.
    fn of(viewer: &Viewer) -> Vec<Self> {
        let mut places = vec![Self::Overview];
        let more = [
            (Self::Integrations, Permission::SeeIntegrations),
            (Self::Rollout, Permission::SeeRollout),
            (Self::Report, Permission::SeeReport),
            (Self::Activity, Permission::SeeActivity),
            (Self::Settings, Permission::ManageApps),
        ];
        places.extend(
            more.into_iter()
                .filter(|(_, ask)| viewer.may(*ask))
                .map(|(place, _)| place),
        );
        places
    }
}

/// A whole page inside its frame.
#[component]
pub fn Layout(
    /// The tab's title, with the page's state: "Connecting Asana 43 %".
    #[prop(into)]
    title: String,
    /// Which entry of the navigation is this.
    here: Place,
    /// How wide the column is: "main-narrow", "main-sheet" or the usual.
    #[prop(optional)]
    width: &'static str,
    /// Whether the page reads itself again when something changes.
    #[prop(optional)]
    live: bool,
    /// Whether it also reloads with scripts off: never where there is a field to fill in.
    #[prop(optional)]
    reload: bool,
    /// The page.
    children: Children,
) -> impl IntoView {
    let frame = Frame::current();
    let signed_in = frame.viewer.is_some();
    view! {
        <Title text=format!("{title} – Patchbay")/>
        <a class="skip" href="#main">"Skip to content"</a>
        {frame.demo.then(|| view! { <Strip/> })}
        {frame.viewer.clone().map(|viewer| view! { <TopBar viewer=viewer here=here live=live/> })}
        <div class=if signed_in { "frame" } else { "" } data-demo=frame.demo.then_some("")>
            {frame.viewer.clone().map(|viewer| view! { <SideBar viewer=viewer here=here live=live/> })}
            <main class=format!("main {width}") id="main" tabindex="-1">
                {reload.then(|| view! { <Reload frame=frame.clone()/> })}
                {children()}
            </main>
        </div>
        <p class="sr-only" id="status" role="status"></p>
    }
}

/// The neutral strip of demo mode, on every page.
#[component]
fn Strip() -> impl IntoView {
    view! {
        <aside class="strip" aria-label="Mode">
            "Demo: sample data, simulated providers. No real account is touched."
        </aside>
    }
}

/// The mark: two sockets and a cord.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <span class="brand">
            <svg
                viewBox="0 0 20 20"
                fill="none"
                stroke="currentColor"
                stroke-width="2"
                stroke-linecap="round"
                aria-hidden="true"
            >
                <circle cx="5" cy="5" r="2.5"></circle>
                <circle cx="15" cy="15" r="2.5"></circle>
                <path d="M5 7.5V11a4 4 0 0 0 4 4h3.5"></path>
            </svg>
            "Patchbay"
        </span>
    }
}

/// The entries as a list of links.
#[component]
fn Entries(viewer: Viewer, here: Place) -> impl IntoView {
    view! {
        <ul class="menu nav">
            {Place::of(&viewer)
                .into_iter()
                .map(|place| {
                    let (label, href, glyph) = place.entry();
                    let current = (place == here).then_some("page");
                    view! {
                        <li>
                            <a href=href aria-current=current>
                                <Icon of=glyph/>
                                {label}
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// Whose data this is; those with several roles can change it.
#[component]
fn Whose(viewer: Viewer) -> impl IntoView {
    let (name, kind) = match viewer.tenant_name.clone() {
        Some(tenant) => (tenant, "Organisation"),
        None => ("All tenants".to_owned(), "Company view"),
    };
    let others: Vec<Hat> = viewer
        .hats
        .iter()
        .filter(|hat| hat.tenant != viewer.tenant)
        .cloned()
        .collect();
    view! {
        <p class="place">{kind} <strong>{name}</strong></p>
        {(!others.is_empty()).then(|| view! { <Switch others=others/> })}
    }
}

/// One button for each other role that the person holds.
#[component]
fn Switch(others: Vec<Hat>) -> impl IntoView {
    view! {
        <form class="hats" method="post" action="/act-for">
            {others
                .into_iter()
                .map(|hat| {
                    let label = match &hat.tenant_name {
                        Some(tenant) => format!("Act for {tenant}"),
                        None => "Go to the company view".to_owned(),
                    };
                    let tenant = hat.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
                    view! { <Button label=label look=Look::Quiet small=true value=("tenant", tenant)/> }
                })
                .collect_view()}
        </form>
    }
}

/// Who looks, and how to leave.
#[component]
fn Who(viewer: Viewer) -> impl IntoView {
    view! {
        <div class="flex items-center justify-between gap-2">
            <p class="who">
                <strong>{viewer.name}</strong>
                <span class="text-text-2">{RoleName(viewer.role).to_string()}</span>
            </p>
            <form method="post" action="/sign-out">
                <Button label="Sign out" look=Look::Quiet small=true/>
            </form>
        </div>
    }
}

/// Three buttons that set a cookie; works with scripts off.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let frame = Frame::current();
    let current = frame.theme;
    view! {
        <form class="themes" method="post" action="/theme" aria-label="Theme">
            <input type="hidden" name="return_to" value=frame.path/>
            {Theme::ALL
                .into_iter()
                .map(|theme| {
                    view! {
                        <button
                            type="submit"
                            name="theme"
                            value=theme.as_str()
                            aria-pressed=if theme == current { "true" } else { "false" }
                        >
                            {theme.label()}
                        </button>
                    }
                })
                .collect_view()}
        </form>
    }
}

/// The side bar, from 820 pixels.
#[component]
fn SideBar(viewer: Viewer, here: Place, live: bool) -> impl IntoView {
    view! {
        <header class="side">
            <a class="side-brand" href="/"><Brand/></a>
            <Whose viewer=viewer.clone()/>
            <nav aria-label="Main"><Entries viewer=viewer.clone() here=here/></nav>
            <div class="side-foot">
                <ThemeSwitch/>
                <Who viewer=viewer/>
                {live.then(|| view! { <Live/> })}
            </div>
        </header>
    }
}

/// The bar and its sheet, below 820 pixels.
#[component]
fn TopBar(viewer: Viewer, here: Place, live: bool) -> impl IntoView {
    let label = match here {
        Place::Elsewhere => "Patchbay",
        place => place.entry().0,
    };
    view! {
        <header class="bar">
            <details class="bar-menu">
                <summary aria-label=format!("Menu, {label}")>
                    <span class="when-closed"><Icon of=Glyph::Menu large=true/></span>
                    <span class="when-open"><Icon of=Glyph::Close large=true/></span>
                    {label}
                </summary>
                <div class="bar-sheet">
                    <Whose viewer=viewer.clone()/>
                    <nav aria-label="Main, small screen"><Entries viewer=viewer.clone() here=here/></nav>
                    <ThemeSwitch/>
                    <Who viewer=viewer/>
                </div>
            </details>
            {live.then(|| view! { <div class="bar-live"><Live/></div> })}
        </header>
    }
}

/// With scripts off a live page reloads by itself, says so and can be stopped (WCAG 2.2.1).
#[component]
fn Reload(frame: Frame) -> impl IntoView {
    if frame.reload_stopped() {
        let again = frame.with_reload(true);
        return view! {
            <noscript>
                <p class="reload">
                    "This page does not reload by itself."
                    <a class="link" href=again>"Reload every 15 seconds"</a>
                </p>
            </noscript>
        }
        .into_any();
    }
    let stop = frame.with_reload(false);
    let again = format!("15; url={}", frame.without_notice());
    view! {
        <noscript>
            <meta http-equiv="refresh" content=again/>
            <p class="reload">
                "Reloads every 15 seconds"
                <span aria-hidden="true">"·"</span>
                <a class="link" href=stop>"Stop"</a>
            </p>
        </noscript>
    }
    .into_any()
}
