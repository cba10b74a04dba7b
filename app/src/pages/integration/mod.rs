//! One integration: its state and one next action first, then history, facts and what happened.

mod connection;
mod details;
mod forms;
mod prove;

use leptos::prelude::*;
use patchbay_hub::{
    Typed,
    access::Permission,
    view::{AdminState, ConnectionView, HistoryState, IntegrationView, Offer, ProofView},
};
use patchbay_store::{proofs::ProofState, time::Millis};

use self::{
    connection::{Connection, ConnectionFacts},
    details::{AddressPart, GatePart},
    forms::{ConnectPart, KeyPart, ScopeList},
    prove::ProvePart,
};
use super::{for_viewer, param, query};
use crate::{
    notices,
    ui::{
        ActivityList, Breadcrumb, ErrorSummary, Fact, FactList, Layout, LogoTile, PageHead, Place, Section,
        StatusWord, TileSize, status,
    },
    words,
};

/// `/integrations/{id}`
#[component]
pub fn IntegrationPage() -> impl IntoView {
    let id = param("id");
    let typed = use_context::<Typed>().unwrap_or_default();
    let (said, reference) = (query("notice"), query("ref"));
    for_viewer(|asked| async move {
        let view = asked.hub.integration(&asked.viewer, &id, &typed).await?;
        let page = Page {
            now: asked.now,
            company: asked.viewer.tenant.is_none(),
            may_connect: asked.viewer.may(Permission::Connect),
            said,
            reference,
        };
        let let_go = page.said.as_deref() == Some(notices::OTHER_ACCOUNT);
        Ok(view.map(|mut view| {
            view.choosing |= let_go;
            view! { <Body view=view page=page/> }.into_any()
        }))
    })
}

/// What the page needs besides the view.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// The present.
    now: Millis,
    /// Whether the company's people look.
    company: bool,
    /// Whether the viewer may connect.
    may_connect: bool,
    /// The notice that the address asks for, and its reference.
    said: Option<String>,
    reference: Option<String>,
}

/// The connection that works or could, if there is one.
fn standing(view: &IntegrationView) -> Option<&ConnectionView> {
    view.connections.iter().find(|connection| !connection.ended)
}

/// Whether an engineer may be filling in the form of a proof: not while one is under way.
fn is_typed_into(view: &IntegrationView) -> bool {
    let Some(prove) = &view.prove else { return false };
    let underway = |proof: &ProofView| proof.state != ProofState::Done;
    !prove.proof.as_ref().is_some_and(underway)
}

/// Whether an import runs.
fn arrives(view: &IntegrationView) -> bool {
    let running = |state| matches!(state, HistoryState::Queued | HistoryState::Running);
    standing(view)
        .and_then(|connection| connection.history.as_ref())
        .is_some_and(|history| running(history.state))
}

#[component]
fn Body(view: IntegrationView, page: Page) -> impl IntoView {
    let notice = notices::notice(page.said.clone(), page.reference.clone(), &view);
    let errors = errors_of(&view);
    let title = title(&view, !errors.is_empty());
    // Where a field is shown, nothing may reload under it.
    let reload = standing(&view).is_some() && view.key.is_none() && !view.choosing
        || page.company && !is_typed_into(&view);
    let above = vec![("Integrations".to_owned(), "/integrations".to_owned())];
    // A refused form stands at the address that it was posted to, which has no page to read again.
    let live = errors.is_empty();
    view! {
        <Layout title=title here=Place::Integrations live=live reload=reload>
            <Breadcrumb above=above/>
            <Head view=view.clone() page=page.clone()/>
            <ErrorSummary errors=errors/>
            {notice}
            <span hidden=true data-announce=announcement(&view) data-live="announce"></span>
            <div class="columns">
                <div><Left view=view.clone() page=page.clone()/></div>
                <Right view=view page=page/>
            </div>
        </Layout>
    }
}

/// "Connecting Asana 43 %", "Asana"; errors first.
fn title(view: &IntegrationView, errors: bool) -> String {
    let percent = standing(view)
        .and_then(|connection| connection.history.as_ref())
        .map(|history| words::progress(history.percent, history.records > 0));
    match (errors, percent) {
        (true, _) => format!("Error: {}", view.name),
        (false, Some(percent)) if arrives(view) => format!("Connecting {} {percent}", view.name),
        (false, _) if view.state == AdminState::NeedsAttention => {
            format!("{} needs attention", view.name)
        }
        (false, _) => view.name.clone(),
    }
}

/// What the status region says when it changes: quarters while history arrives, else the state.
fn announcement(view: &IntegrationView) -> String {
    match standing(view).and_then(|connection| connection.history.as_ref()) {
        Some(history) if arrives(view) => {
            format!("{} history: {} percent.", view.name, history.percent / 25 * 25)
        }
        _ => status::of_card(view.state, None)
            .map_or_else(String::new, |shown| format!("{}: {}.", view.name, shown.word)),
    }
}

/// Field and sentence of what was typed wrongly.
fn errors_of(view: &IntegrationView) -> Vec<(String, String)> {
    let params = view
        .params
        .iter()
        .filter_map(|param| Some((forms::field_id(&param.name), param.error.clone()?)));
    let key = view
        .key
        .iter()
        .filter_map(|key| Some((forms::KEY_ID.to_owned(), key.error.clone()?)));
    params.chain(key).collect()
}

/// Logo, name, state, account.
#[component]
fn Head(view: IntegrationView, page: Page) -> impl IntoView {
    let mark = view! { <LogoTile name=view.name.clone() logo=view.logo.clone() size=TileSize::Large/> };
    let shown = match &view.details {
        _ if !page.company => standing(&view)
            .map(|connection| status::of_health(connection.health))
            .filter(|_| !arrives(&view))
            .or_else(|| status::of_card(view.state, percent(&view))),
        Some(details) => Some(status::of_status(details.board.status)),
        None => None,
    };
    let account = standing(&view).map(|connection| connection.account.clone());
    let attention = view.state == AdminState::NeedsAttention;
    let under = view! {
        <p class="head-state" data-live="state">
            {shown.map(|shown| view! { <StatusWord shown=shown tinted=attention/> })}
            {account.map(|account| view! { <span class="text-text-2">{account}</span> })}
        </p>
    };
    view! {
        <PageHead title=view.name line=view.summary mark=mark.into_any() under=under.into_any()/>
    }
}

fn percent(view: &IntegrationView) -> Option<u8> {
    let history = standing(view)?.history.as_ref()?;
    arrives(view).then_some(history.percent)
}

/// What is to do, what is there, what happened.
#[component]
fn Left(view: IntegrationView, page: Page) -> impl IntoView {
    let now = page.now;
    let connections = view
        .connections
        .iter()
        .map(|connection| {
            view! { <Connection view=view.clone() connection=connection.clone() page=page.clone()/> }
        })
        .collect_view();
    let open = (standing(&view).is_none() || view.choosing) && !page.company;
    let gates = view
        .details
        .clone()
        .map(|details| view! { <GatePart board=details.board now=now/> });
    let addresses = view.details.clone();
    let addresses = addresses.map(|details| view! { <AddressPart details=details id=view.id.clone()/> });
    view! {
        {connections}
        {(open && view.key.is_none()).then(|| view! { <ConnectPart view=view.clone() page=page.clone()/> })}
        {(!page.company).then(|| view! { <KeyPart view=view.clone() page=page.clone()/> })}
        <CompanyPart view=view.clone() page=page.clone()/>
        {gates}
        <ProvePart view=view.clone() page=page.clone()/>
        {(!view.scopes.is_empty()).then(|| view! { <ScopeList view=view.clone()/> })}
        <Section title="Recent activity">
            <div data-live="activity"><ActivityList rows=view.activity now=now/></div>
        </Section>
        {addresses}
    }
}

/// What the company's people read in place of connections: counts, never content.
#[component]
fn CompanyPart(view: IntegrationView, page: Page) -> impl IntoView {
    if !page.company {
        return None;
    }
    let used = match view.details.as_ref().map(|details| details.usage) {
        Some((0, _)) => "No tenant uses it yet.".to_owned(),
        Some((connections, tenants)) => format!(
            "{} in {}.",
            words::count(connections.into(), "healthy connection", "healthy connections"),
            words::count(tenants.into(), "tenant", "tenants")
        ),
        None => "Connections belong to tenants.".to_owned(),
    };
    let missing = match &view.offer {
        Offer::NotOffered { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    Some(view! {
        <section class="panel" data-live="use">
            <h2 class="text-name">"In use"</h2>
            <p>{used}</p>
            {missing.map(|missing| view! { <p class="mt-2">{missing}</p> })}
            <p class="mt-2 text-text-2">
                "You see counts only. Accounts and content stay with the tenants."
            </p>
        </section>
    })
}

/// Facts beside the text.
#[component]
fn Right(view: IntegrationView, page: Page) -> impl IntoView {
    let now = page.now;
    let common = vec![
        Fact::new("Category", view.category.label()),
        Fact::new(
            "Access",
            if view.key.is_some() {
                "API key"
            } else {
                "Sign-in at the provider"
            },
        ),
    ];
    let connection = standing(&view).cloned();
    view! {
        <aside aria-label="Facts" data-live="facts">
            <div class="panel">
                {connection
                    .map(|connection| {
                        view! { <ConnectionFacts connection=connection now=now/> }
                    })}
                <FactList facts=common/>
            </div>
        </aside>
    }
}
