//! One file for each page. A page asks the hub for a view, renders it, and decides nothing.

mod activity;
mod components;
mod disconnect;
mod errors;
mod integration;
mod integrations;
mod leaving;
mod overview;
mod report;
mod rollout;
mod settings;
mod setup;
mod sign_in;
mod wrong_account;

use std::{collections::BTreeMap, future::Future};

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use patchbay_hub::{Hub, HubError, view::Viewer};
use patchbay_store::time::Millis;

pub use activity::Activity;
pub use components::Components;
pub use disconnect::Disconnect;
pub(crate) use errors::refusal_words;
pub use errors::{NotFound, Standalone, StandalonePage};
pub use integration::IntegrationPage;
pub use integrations::{Integrations, ListPage};
pub use leaving::Leaving;
pub use overview::Overview;
pub use report::Report;
pub use rollout::Rollout;
pub use settings::{ImportApps, ProviderApp, ProviderApps};
pub use setup::Setup;
pub use sign_in::SignIn;
pub use wrong_account::WrongAccount;

use crate::frame::Frame;

/// What a page is rendered from.
struct Asked {
    hub: Hub,
    viewer: Viewer,
    now: Millis,
}

/// Renders a page for the signed-in person. `None` from `page`: there is no such page for them.
fn for_viewer<F, Fut>(page: F) -> AnyView
where
    F: FnOnce(Asked) -> Fut,
    Fut: Future<Output = Result<Option<AnyView>, HubError>> + Send + 'static,
{
    let frame = Frame::current();
    // The server lets nobody in without both; a list of routes is made without either.
    let (Some(hub), Some(viewer)) = (use_context::<Hub>(), frame.viewer) else {
        return view! { <NotFound/> }.into_any();
    };
    let answer = errors::Answer::current();
    let pending = page(Asked {
        hub: hub.clone(),
        viewer,
        now: frame.now,
    });
    Suspend::new(async move {
        match pending.await {
            Ok(Some(page)) => page,
            Ok(None) => answer.with(Standalone::NotFound),
            Err(error) => answer.with(Standalone::of(&hub, &error)),
        }
    })
    .into_any()
}

/// A part of the address's path.
fn param(name: &str) -> String {
    use_params_map()
        .with_untracked(|params| params.get(name))
        .unwrap_or_default()
}

/// A parameter of the address's query.
fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name))
}

/// All parameters of the address's query.
fn queries() -> BTreeMap<String, String> {
    use_query_map().with_untracked(|query| {
        query
            .latest_values()
            .map(|(key, value)| (key.to_string(), value.to_owned()))
            .collect()
    })
}
