//! Provider apps as a checklist: what is to be done with each, the most pressing first.

use leptos::prelude::*;
use patchbay_hub::{
    apps::AppNext,
    view::{AppRow, AppsView},
};
use patchbay_store::{app_progress::Stage, time::Millis};

use super::{
    super::{for_viewer, query},
    words as own,
};
use crate::{
    ui::{
        EmptyState, Layout, LinkButton, LogoTile, Notice, PageHead, Place, RelativeTime, Shown, StatusWord,
        TableBox, TileSize, Tone,
    },
    words,
};

/// `/settings/apps`
#[component]
pub fn ProviderApps() -> impl IntoView {
    let notice = query("notice");
    let shown = query("stage").and_then(|word| Stage::parse(&word).ok());
    for_viewer(move |asked| async move {
        let view = asked.hub.apps(&asked.viewer, shown).await?;
        Ok(view.map(|view| view! { <AppsPage view=view now=asked.now notice=notice/> }.into_any()))
    })
}

/// What the notice in the address says; an unknown one says nothing.
fn said(code: Option<&str>) -> Option<(&'static str, &'static str)> {
    match code? {
        "set-up" => Some((
            "You are the owner.",
            "Next: register an app at a provider and save its client id and secret here. Then connect.",
        )),
        "imported" => Some((
            "Every app of the file is stored.",
            "Its secrets are sealed and never shown again. Delete the file.",
        )),
        _ => None,
    }
}

#[component]
fn AppsPage(view: AppsView, now: Millis, notice: Option<String>) -> impl IntoView {
    let line = format!(
        "{} for {}",
        words::count(u64::from(view.all), "app", "apps"),
        words::count(u64::from(view.integrations), "integration", "integrations")
    );
    let loud = view
        .rows
        .iter()
        .filter(|row| Group::of(row.next) == Group::Mend)
        .count();
    let title = match loud {
        0 => "Provider apps".to_owned(),
        1 => "1 needs attention – Provider apps".to_owned(),
        more => format!("{more} need attention – Provider apps"),
    };
    view! {
        <Layout title=title here=Place::Settings live=true>
            <PageHead title="Provider apps" line=line>
                <LinkButton href="/settings/apps/import" label="Import from a file"/>
            </PageHead>
            {said(notice.as_deref())
                .map(|(title, text)| {
                    view! { <Notice tone=Tone::Good title=title text=text focus=true/> }
                })}
            <p class="prose mb-4">
                "Patchbay connects through apps that your company registers at each provider, once. Open one for the addresses to copy, the way there and what the provider limits."
            </p>
            <div data-live="apps">
                <Stages stages=view.stages all=view.all shown=view.shown/>
                <Rows rows=view.rows now=now/>
            </div>
        </Layout>
    }
}

/// How many apps are at each stage, each a link to them.
#[component]
fn Stages(stages: Vec<(Stage, u32)>, all: u32, shown: Option<Stage>) -> impl IntoView {
    let each = stages.into_iter().map(|(stage, count)| {
        let href = format!("/settings/apps?stage={stage}");
        (own::stage(stage).word, count, href, shown == Some(stage))
    });
    let links: Vec<_> = std::iter::once((
        "All".to_owned(),
        all,
        "/settings/apps".to_owned(),
        shown.is_none(),
    ))
    .chain(each)
    .collect();
    view! {
        <nav class="tabs" aria-label="By stage">
            <ul>
                {links
                    .into_iter()
                    .map(|(label, count, href, here)| {
                        view! {
                            <li>
                                <a href=href aria-current=here.then_some("page")>
                                    {label}
                                    " "
                                    <span class="num ml-1">{count}</span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

/// Who acts next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    /// A person, and soon: something is broken or ends.
    Mend,
    /// A person.
    ToDo,
    /// The provider.
    Waits,
    /// Nobody.
    Done,
}

impl Group {
    const ALL: [Self; 4] = [Self::Mend, Self::ToDo, Self::Waits, Self::Done];

    fn of(next: AppNext) -> Self {
        match next {
            AppNext::ReplaceNow(_)
            | AppNext::Mend
            | AppNext::ReplaceBefore(_)
            | AppNext::PasteAgain
            | AppNext::AskAgain(_) => Self::Mend,
            AppNext::Paste | AppNext::Register | AppNext::Open | AppNext::AskForReview => Self::ToDo,
            AppNext::Wait(_) => Self::Waits,
            AppNext::Nothing => Self::Done,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Mend => "Needs attention",
            Self::ToDo => "To do",
            Self::Waits => "With the provider",
            Self::Done => "In order",
        }
    }
}

#[component]
fn Rows(rows: Vec<AppRow>, now: Millis) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <EmptyState text="No app is at this stage.">
                <LinkButton href="/settings/apps" label="Show all apps"/>
            </EmptyState>
        }
        .into_any();
    }
    let groups: Vec<(Group, Vec<AppRow>)> = Group::ALL
        .into_iter()
        .map(|group| {
            (
                group,
                rows.iter()
                    .filter(|row| Group::of(row.next) == group)
                    .cloned()
                    .collect(),
            )
        })
        .collect();
    view! {
        <TableBox label="Provider apps">
            <table class="table table-stack table-apps">
                <caption class="sr-only">"Provider apps, what needs attention first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Provider"</th>
                        <th scope="col">"Next"</th>
                        <th scope="col">"Stage"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Secret ends"</th>
                    </tr>
                </thead>
                {groups
                    .into_iter()
                    .filter(|(_, rows)| !rows.is_empty())
                    .map(|(group, rows)| view! { <GroupRows group=group rows=rows now=now/> })
                    .collect_view()}
            </table>
        </TableBox>
    }
    .into_any()
}

#[component]
fn GroupRows(group: Group, rows: Vec<AppRow>, now: Millis) -> impl IntoView {
    let heading = format!("{} ({})", group.heading(), rows.len());
    view! {
        <tbody>
            <tr class="table-group">
                <th scope="rowgroup" colspan="5">{heading}</th>
            </tr>
            {rows.into_iter().map(|row| view! { <Row row=row now=now/> }).collect_view()}
        </tbody>
    }
}

#[component]
fn Row(row: AppRow, now: Millis) -> impl IntoView {
    let used_by = (row.integrations.len() > 1).then(|| words::list(&row.integrations, "and"));
    let next = own::next(row.next, now);
    let loud = matches!(next.tone, Tone::Critical | Tone::Attention);
    let ends = match (row.secret_ends, row.two_secrets) {
        (Some(day), true) => format!("{}, two held", own::day(day)),
        (Some(day), false) => own::day(day),
        (None, true) => "Two held".to_owned(),
        (None, false) => String::new(),
    };
    view! {
        <tr>
            <th scope="row">
                <div class="app-name">
                    <LogoTile name=row.name.clone() logo=row.logo size=TileSize::Small/>
                    <div>
                        <a class="link" href=format!("/settings/apps/{}", row.id)>{row.name}</a>
                        {used_by.map(|names| view! { <span class="app-used">{names}</span> })}
                    </div>
                </div>
            </th>
            <td data-label="Next"><Next shown=next loud=loud/></td>
            <td data-label="Stage" class="nowrap">
                <div>
                    <StatusWord shown=own::stage(row.stage)/>
                    {row.checked
                        .map(|(at, _)| {
                            view! { <span class="app-used">"Checked " <RelativeTime at=at now=now/></span> }
                        })}
                </div>
            </td>
            <td data-label="Owner" class="owner" class:not-phone=row.owner.is_empty()>{row.owner.clone()}</td>
            <td data-label="Secret ends" class="nowrap" class:not-phone=ends.is_empty()>{ends.clone()}</td>
        </tr>
    }
}

/// Loud where something is broken or ends; plain words for the rest.
#[component]
fn Next(shown: Shown, loud: bool) -> impl IntoView {
    if loud {
        view! { <StatusWord shown=shown tinted=true/> }.into_any()
    } else {
        view! { <span>{shown.word}</span> }.into_any()
    }
}
