//! Which address shows which page.

use leptos::{either::Either, prelude::*};
use leptos_meta::provide_meta_context;
use leptos_router::{
    ParamSegment, SsrMode, StaticSegment,
    components::{Route, Router, Routes},
};

use crate::pages::{
    Activity, Components, Disconnect, ImportApps, IntegrationPage, Integrations, Leaving, NotFound, Overview,
    ProviderApp, ProviderApps, Report, Rollout, Setup, SignIn, Standalone, StandalonePage, WrongAccount,
};

/// The page of the request's address; or, where the server says so, a page without an address of its own.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    match use_context::<Standalone>() {
        Some(page) => Either::Left(view! { <StandalonePage page=page/> }),
        None => Either::Right(view! { <Pages/> }),
    }
}

/// Every page is rendered whole (`SsrMode::Async`): one document, the right status and title, and fastest.
#[component]
fn Pages() -> impl IntoView {
    let connection = |page| {
        (
            StaticSegment("connections"),
            ParamSegment("id"),
            StaticSegment(page),
        )
    };
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=StaticSegment("") view=Overview ssr=SsrMode::Async/>
                <Route path=StaticSegment("sign-in") view=SignIn ssr=SsrMode::Async/>
                <Route path=StaticSegment("integrations") view=Integrations ssr=SsrMode::Async/>
                <Route
                    path=(StaticSegment("integrations"), ParamSegment("id"))
                    view=IntegrationPage
                    ssr=SsrMode::Async
                />
                <Route path=connection("disconnect") view=Disconnect ssr=SsrMode::Async/>
                <Route path=connection("other-account") view=WrongAccount ssr=SsrMode::Async/>
                <Route
                    path=(StaticSegment("connect"), ParamSegment("flow"))
                    view=Leaving
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("setup") view=Setup ssr=SsrMode::Async/>
                <Route
                    path=(StaticSegment("settings"), StaticSegment("apps"))
                    view=ProviderApps
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("settings"), StaticSegment("apps"), StaticSegment("import"))
                    view=ImportApps
                    ssr=SsrMode::Async
                />
                <Route
                    path=(StaticSegment("settings"), StaticSegment("apps"), ParamSegment("id"))
                    view=ProviderApp
                    ssr=SsrMode::Async
                />
                <Route path=StaticSegment("rollout") view=Rollout ssr=SsrMode::Async/>
                <Route path=StaticSegment("report") view=Report ssr=SsrMode::Async/>
                <Route path=StaticSegment("activity") view=Activity ssr=SsrMode::Async/>
                <Route
                    path=(StaticSegment("dev"), StaticSegment("components"))
                    view=Components
                    ssr=SsrMode::Async
                />
            </Routes>
        </Router>
    }
}
