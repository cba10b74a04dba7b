//! The first page: is anything wrong, what is next.

use leptos::{either::Either, prelude::*};
use patchbay_hub::{
    access::Permission,
    view::{ActivityRow, AdminOverview, CardView, CompanyOverview, ConnectionView, OverviewView},
};
use patchbay_store::time::Millis;

use super::for_viewer;
use crate::{
    ui::{
        ActivityList, EmptyState, HistoryBar, IntegrationRow, Layout, LinkButton, LogoTile, Look, PageHead,
        PhaseTable, Place, Section, ThreeCounts, TileSize, VerificationLine,
    },
    words,
};

/// `/`
#[component]
pub fn Overview() -> impl IntoView {
    for_viewer(|asked| async move {
        let (now, all) = (asked.now, asked.viewer.may(Permission::SeeActivity));
        Ok(Some(match asked.hub.overview(&asked.viewer).await? {
            OverviewView::Tenant(view) => view! { <TenantPage view=view all=all now=now/> }.into_any(),
            OverviewView::Company(view) => view! { <CompanyPage view=*view all=all now=now/> }.into_any(),
        }))
    })
}

/// For a tenant's people: needs attention, arriving now, connected, connect another.
#[component]
fn TenantPage(view: AdminOverview, all: bool, now: Millis) -> impl IntoView {
    let nothing = view.attention.is_empty() && view.arriving.is_empty() && view.connected.is_empty();
    let title = match view.attention.len() {
        0 => format!("Overview of {}", view.tenant),
        1 => "1 needs attention – Overview".to_owned(),
        more => format!("{more} need attention – Overview"),
    };
    let announce = announcement(&view);
    view! {
        <Layout title=title here=Place::Overview live=true reload=true>
            <PageHead title="Overview" line=state_line(&view)>
                {(!nothing)
                    .then(|| view! { <LinkButton href="/integrations" label="Connect another"/> })}
            </PageHead>
            <span hidden=true data-announce=announce data-live="announce"></span>
            <div data-live="overview" data-hold="">
                {if nothing {
                    Either::Left(view! { <FirstUse/> })
                } else {
                    Either::Right(
                        view! {
                            <Attention cards=view.attention/>
                            <Arriving rows=view.arriving now=now/>
                            <Connected cards=view.connected/>
                        },
                    )
                }}
            </div>
            <Latest rows=view.activity all=all now=now/>
        </Layout>
    }
}

/// The line under the heading: only where all is well.
fn state_line(view: &AdminOverview) -> String {
    if view.attention.is_empty() && !view.connected.is_empty() && view.arriving.is_empty() {
        "Everything that is connected works.".to_owned()
    } else {
        format!("{}’s connections", view.tenant)
    }
}

/// What the status region says when it changes.
fn announcement(view: &AdminOverview) -> String {
    let arriving = view.arriving.iter().map(|(card, _)| {
        let quarter = card.percent.unwrap_or_default() / 25 * 25;
        format!("{} history: {quarter} percent.", card.name)
    });
    let attention = view
        .attention
        .iter()
        .map(|card| format!("{} needs attention.", card.name));
    attention.chain(arriving).collect::<Vec<_>>().join(" ")
}

#[component]
fn FirstUse() -> impl IntoView {
    let text = "Connect your first account. It takes about a minute; you approve at the provider and come back here.";
    view! {
        <EmptyState text=text>
            <LinkButton href="/integrations" label="Browse integrations" look=Look::Primary/>
        </EmptyState>
    }
}

#[component]
fn Attention(cards: Vec<CardView>) -> impl IntoView {
    (!cards.is_empty()).then(|| {
        view! {
            <Section title="Needs attention">
                <Rows cards=cards/>
            </Section>
        }
    })
}

#[component]
fn Rows(cards: Vec<CardView>) -> impl IntoView {
    view! {
        <ul class="panel panel-flush rows">
            {cards
                .into_iter()
                .map(|card| view! { <li><IntegrationRow card=card/></li> })
                .collect_view()}
        </ul>
    }
}

#[component]
fn Arriving(rows: Vec<(CardView, ConnectionView)>, now: Millis) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <Section title="Arriving now">
                <ul class="panel panel-flush rows">
                    {rows
                        .into_iter()
                        .map(|(card, connection)| {
                            view! { <ArrivingRow card=card connection=connection now=now/> }
                        })
                        .collect_view()}
                </ul>
            </Section>
        }
    })
}

#[component]
fn ArrivingRow(card: CardView, connection: ConnectionView, now: Millis) -> impl IntoView {
    let name = card.name.clone();
    view! {
        <li data-live=format!("arriving-{}", card.id)>
            <LogoTile name=card.name logo=card.logo size=TileSize::Small/>
            <div class="row-text">
                <h3>
                    <a class="link" href=format!("/integrations/{}", card.id)>{name.clone()}</a>
                </h3>
                <p>{connection.account}</p>
            </div>
            <div class="row-bar">
                {connection
                    .history
                    .map(|history| view! { <HistoryBar name=name history=history now=now/> })}
            </div>
        </li>
    }
}

#[component]
fn Connected(cards: Vec<CardView>) -> impl IntoView {
    if cards.is_empty() {
        return None;
    }
    let count = u64::try_from(cards.len()).unwrap_or_default();
    let label = format!(
        "Show {}",
        words::count(count, "connected integration", "connected integrations")
    );
    let all = view! { <a class="link" href="/integrations?state=connected">{label}</a> };
    Some(view! {
        <Section title="Connected" beside=all.into_any()>
            <Rows cards=cards/>
        </Section>
    })
}

/// For the company's people: the three counts, the plan, what happened.
#[component]
fn CompanyPage(view: CompanyOverview, all: bool, now: Millis) -> impl IntoView {
    let built = view.counts.built;
    let announce = format!("Built: {} of {}.", built.complete, built.total);
    view! {
        <Layout title=format!("{} of {} built – Overview", built.complete, built.total) here=Place::Overview live=true reload=true>
            <PageHead title="Overview">
                <LinkButton href="/rollout" label="Open rollout"/>
            </PageHead>
            <span hidden=true data-announce=announce data-live="announce"></span>
            <VerificationLine verification=view.verification now=now/>
            <ThreeCounts counts=view.counts now=now/>
            <Section title="Phases">
                <PhaseTable rows=view.phases total=built.total/>
            </Section>
            <Latest rows=view.activity all=all now=now/>
        </Layout>
    }
}

#[component]
fn Latest(rows: Vec<ActivityRow>, all: bool, now: Millis) -> impl IntoView {
    let beside = all
        .then(|| view! { <a class="link" href="/activity">"Show all"</a> })
        .into_any();
    view! {
        <Section title="Latest activity" beside=beside>
            <div data-live="activity">
                <ActivityList rows=rows now=now/>
            </div>
        </Section>
    }
}
