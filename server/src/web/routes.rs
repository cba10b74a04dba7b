//! Every route, with who may use it. The router is made from this list and from nothing else, and the test that
//! tries each route with each role walks the same list: a route can't be added around it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get, post},
};
use http::Method;
use leptos_axum::generate_route_list;
use patchbay_hub::access::Permission as P;

use super::{
    access::{self, Access},
    actions, activity, assets, events, export, guard, headers, identity, pages, probes,
    state::AppState,
    whole,
};

/// The largest form that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// One route.
pub struct Entry {
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    handler: MethodRouter<AppState>,
}

impl Entry {
    fn get(path: &str, access: Access, handler: MethodRouter<AppState>) -> Self {
        Self {
            method: Method::GET,
            path: path.to_owned(),
            access,
            handler,
        }
    }

    fn post(path: &str, access: Access, handler: MethodRouter<AppState>) -> Self {
        Self {
            method: Method::POST,
            path: path.to_owned(),
            access,
            handler,
        }
    }
}

/// All routes.
pub fn entries() -> Vec<Entry> {
    let mut entries = page_entries();
    entries.extend(entries_of_people());
    entries.extend(entries_of_tenants());
    entries.extend(entries_of_the_company());
    entries.extend(entries_of_programs());
    entries
}

/// Who someone is, and how they like to see it.
fn entries_of_people() -> Vec<Entry> {
    vec![
        Entry::post("/sign-in", Access::Anyone, post(actions::sign_in::sign_in)),
        Entry::post("/sign-out", Access::Anyone, post(actions::sign_in::sign_out)),
        Entry::post("/setup", Access::Anyone, post(actions::setup::set_up)),
        Entry::post("/act-for", Access::SignedIn, post(actions::sign_in::act_for)),
        Entry::post("/theme", Access::Anyone, post(actions::theme::choose)),
        // The provider sends people here; who they are is checked with the flow, so that a refusal is written down.
        Entry::get("/callback/{id}", Access::Anyone, get(actions::callback::finish)),
        Entry::get(
            "/activity/export",
            Access::Hidden(P::SeeActivity),
            get(activity::download),
        ),
        Entry::get("/events", Access::SignedIn, get(events::stream)),
    ]
}

/// What is done to connections.
fn entries_of_tenants() -> Vec<Entry> {
    let connect = Access::Allowed(P::Connect);
    vec![
        Entry::post(
            "/integrations/{id}/connect",
            connect,
            post(actions::connect::start),
        ),
        Entry::post("/integrations/{id}/key", connect, post(actions::key::save)),
        Entry::post("/connections/{id}/test", connect, post(actions::connection::test)),
        Entry::post("/connections/{id}/sync", connect, post(actions::connection::sync)),
        Entry::post(
            "/connections/{id}/disconnect",
            connect,
            post(actions::connection::disconnect),
        ),
        Entry::post(
            "/connections/{id}/other-account",
            connect,
            post(actions::connection::other_account),
        ),
    ]
}

/// What the company's own people do.
fn entries_of_the_company() -> Vec<Entry> {
    let apps = Access::Hidden(P::ManageApps);
    vec![
        Entry::post("/settings/apps/{id}", apps, post(actions::apps::save)),
        Entry::post("/settings/apps/{id}/rotate", apps, post(actions::apps::rotate)),
        Entry::post("/settings/apps/{id}/forget", apps, post(actions::apps::forget)),
        Entry::post(
            "/settings/apps/{id}/progress",
            apps,
            post(actions::apps::progress),
        ),
        Entry::post("/settings/apps/{id}/check", apps, post(actions::apps::check)),
        Entry::post(actions::import::PATH, apps, post(actions::import::import)),
        Entry::get(
            "/settings/apps/import/template",
            apps,
            get(actions::import::template),
        ),
        // In demo mode there is nothing to prove: the hub answers that there is no such thing.
        Entry::post(
            "/integrations/{id}/prove",
            Access::Hidden(P::ProveLive),
            post(actions::prove::begin),
        ),
        Entry::get(
            "/proofs/{id}/recording",
            Access::Hidden(P::ProveLive),
            get(actions::prove::recording),
        ),
        Entry::post(
            "/rollout/verify",
            Access::Hidden(P::RunVerification),
            post(actions::rollout::verify),
        ),
        Entry::get(
            "/report/export",
            Access::Hidden(P::ExportReport),
            get(export::download),
        ),
    ]
}

/// What browsers and probes ask by themselves.
fn entries_of_programs() -> Vec<Entry> {
    vec![
        Entry::post(probes::CSP_REPORT, Access::Anyone, post(probes::csp_report)),
        Entry::get("/healthz", Access::Anyone, get(probes::alive)),
        Entry::get("/readyz", Access::Anyone, get(probes::ready)),
    ]
}

/// The pages that the app declares. One that is not named here is for nobody.
fn page_entries() -> Vec<Entry> {
    generate_route_list(patchbay_app::App)
        .into_iter()
        .map(|route| Entry::get(route.path(), page_access(route.path()), get(pages::page)))
        .collect()
}

/// Who may look at a page.
fn page_access(path: &str) -> Access {
    match path {
        "/sign-in" | "/setup" => Access::Anyone,
        "/" => Access::SignedIn,
        "/integrations" | "/integrations/{id}" => Access::Allowed(P::SeeIntegrations),
        "/connect/{flow}" => Access::Hidden(P::Leave),
        "/connections/{id}/disconnect" | "/connections/{id}/other-account" => Access::Hidden(P::Connect),
        "/rollout" => Access::Hidden(P::SeeRollout),
        "/report" => Access::Hidden(P::SeeReport),
        "/activity" => Access::Hidden(P::SeeActivity),
        "/settings/apps" | "/settings/apps/import" | "/settings/apps/{id}" => Access::Hidden(P::ManageApps),
        "/dev/components" => Access::DemoOnly,
        _ => Access::Nobody,
    }
}

/// The router: the routes, static files, and the checks around them. The last layer added runs first.
pub fn router(state: AppState) -> Router {
    let mut router = Router::new();
    for entry in entries() {
        let gate = middleware::from_fn_with_state((state.clone(), entry.access), access::enforce);
        router = router.route(&entry.path, entry.handler.layer(gate));
    }
    router
        .merge(assets::routes(&state))
        .fallback(pages::not_found)
        // The address of a form, opened by hand: a page that says so, not an empty window.
        .method_not_allowed_fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            pages::incident_on_panic,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), identity::identify))
        // A second time, for a panic before it is known who asks.
        .layer(middleware::from_fn_with_state(
            state.clone(),
            pages::incident_on_panic,
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            guard::same_site_only,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), headers::secure))
        .layer(middleware::from_fn(whole::carry_out))
        .with_state(state)
}
