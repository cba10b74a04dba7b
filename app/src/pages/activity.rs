//! What happened: every connect, refusal, key and sign-in, in words.

use leptos::prelude::*;
use patchbay_hub::{
    activity::ActivityFormat,
    view::{ActivityEntry, ActivityFilter, ActivityKind, ActivityView, Outcome, TrailView},
};
use patchbay_store::time::Millis;

use super::{for_viewer, queries};
use crate::{
    ui::{
        Button, DateField, Details, EmptyState, Fact, FactList, FieldText, Icon, Layout, LinkButton, Notice,
        PageHead, Place, SearchField, SelectField, StatusWord, Tone, status,
    },
    words,
};

/// `/activity`
#[component]
pub fn Activity() -> impl IntoView {
    let filter = ActivityFilter::from_params(&queries());
    for_viewer(|asked| async move {
        let view = asked.hub.activity(&asked.viewer, &filter).await?;
        let now = asked.now;
        Ok(Some(view! { <ActivityPage view=view now=now/> }.into_any()))
    })
}

#[component]
fn ActivityPage(view: ActivityView, now: Millis) -> impl IntoView {
    let downloads = ActivityFormat::ALL.map(|format| {
        let href = address(
            "/activity/export",
            &view.filter,
            Some(("format", format.extension().to_owned())),
        );
        let label = format!("Download {}", format.name());
        view! { <LinkButton href=href label=label download=true/> }
    });
    let (entries, filter, details) = (view.entries.clone(), view.filter.clone(), view.details);
    view! {
        <Layout title="Activity" here=Place::Activity>
            <PageHead title="Activity" line="Who did what, to which integration, and how it ended. Times are UTC.">
                {downloads.collect_view()}
            </PageHead>
            {view.trail.clone().map(|trail| view! { <Trail trail=trail now=now/> })}
            <Filters view=view.clone()/>
            {if entries.is_empty() {
                view! { <Nothing filter=filter/> }.into_any()
            } else {
                view! { <Days entries=entries details=details now=now/> }.into_any()
            }}
            <Pages view=view/>
        </Layout>
    }
}

/// Whether the trail is whole: "Chain unbroken, checked 03:10, 18,204 entries."
#[component]
fn Trail(trail: TrailView, now: Millis) -> impl IntoView {
    let checked = words::ago(now.0, trail.at.0);
    match trail.broken {
        Some(broken) => view! {
            <Notice
                tone=Tone::Critical
                title="The audit trail is broken"
                text=format!(
                    "{broken} Someone changed the database past Patchbay. Checked {checked}; `patchbay audit verify` checks \
                     again."
                )
            />
        }
        .into_any(),
        None => view! {
            <p class="trail">
                <Icon of=Tone::Good.glyph()/>
                {format!(
                    "Chain unbroken, checked {checked}, {}.",
                    words::count(trail.entries, "entry", "entries"),
                )}
            </p>
        }
        .into_any(),
    }
}

/// What the list is narrowed to: a form whose values stay in the address.
#[component]
fn Filters(view: ActivityView) -> impl IntoView {
    let filter = view.filter;
    let narrowed = !filter.is_empty();
    let (from_error, to_error) = (filter.from_error(), filter.to_error());
    // What is wrong must be seen on a phone too, where the fields are folded away.
    let open = from_error.is_some() || to_error.is_some();
    let tenants = view.tenants;
    let tenant = filter
        .tenant
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    view! {
        <form class="filters" method="get" action="/activity" role="search" aria-label="Activity">
            <SearchField text=field("who", "Who", None) value=filter.who.clone()/>
            <input type="checkbox" id="filters-open" class="filters-open" checked=open/>
            <label for="filters-open" class="btn btn-line filters-label">"Filter"</label>
            <SelectField
                text=field("kind", "What", None)
                options=options("Everything", ActivityKind::ALL.map(|kind| (kind.slug(), kind.label())))
                value=filter.kind.map_or("", ActivityKind::slug)
            />
            <SelectField
                text=field("integration", "Integration", None)
                options=options("All integrations", view.integrations)
                value=filter.integration.clone().unwrap_or_default()
            />
            {(!tenants.is_empty())
                .then(|| {
                    let tenants = tenants.into_iter().map(|(id, name)| (id.to_string(), name));
                    view! {
                        <SelectField
                            text=field("tenant", "Tenant", None)
                            options=options("All tenants", tenants)
                            value=tenant
                        />
                    }
                })}
            <SelectField
                text=field("result", "Result", None)
                options=options("All results", [Outcome::Done, Outcome::Refused, Outcome::Failed].map(result))
                value=filter.outcome.map_or("", Outcome::slug)
            />
            <DateField text=field("from", "From", from_error) value=filter.from.clone()/>
            <DateField text=field("to", "To", to_error) value=filter.to.clone()/>
            <Button label="Apply" class="apply"/>
            {narrowed
                .then(|| {
                    view! {
                        <p class="filters-count">
                            <a class="link" href="/activity">"Clear filters"</a>
                        </p>
                    }
                })}
        </form>
    }
}

fn result(outcome: Outcome) -> (&'static str, String) {
    (outcome.slug(), status::of_outcome(outcome).word)
}

fn field(name: &str, label: &str, error: Option<String>) -> FieldText {
    FieldText {
        id: format!("filter-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        error,
        ..FieldText::default()
    }
}

/// "All …" and the choices.
fn options<V: Into<String>, L: Into<String>>(
    all: &str,
    each: impl IntoIterator<Item = (V, L)>,
) -> Vec<(String, String)> {
    std::iter::once((String::new(), all.to_owned()))
        .chain(
            each.into_iter()
                .map(|(value, label)| (value.into(), label.into())),
        )
        .collect()
}

/// The rows under their days.
#[component]
fn Days(entries: Vec<ActivityEntry>, details: bool, now: Millis) -> impl IntoView {
    let day = |entry: &ActivityEntry| words::day(now.0, entry.row.at.0);
    entries
        .chunk_by(|one, next| day(one) == day(next))
        .map(|of_day| {
            let title = of_day.first().map(day).unwrap_or_default();
            let rows = of_day.to_vec();
            view! {
                <section class="section">
                    <div class="section-head"><h2>{title}</h2></div>
                    <ol class="panel panel-flush activity">
                        {rows
                            .into_iter()
                            .map(|entry| view! { <Row entry=entry details=details/> })
                            .collect_view()}
                    </ol>
                </section>
            }
        })
        .collect_view()
}

#[component]
fn Row(entry: ActivityEntry, details: bool) -> impl IntoView {
    let row = entry.row.clone();
    view! {
        <li>
            <time datetime=words::machine(row.at.0) title=words::exact(row.at.0)>{words::clock(row.at.0)}</time>
            <div>
                {row.sentence.clone()}
                {details.then(|| view! { <RowDetails entry=entry/> })}
            </div>
            <StatusWord shown=status::of_outcome(row.outcome)/>
        </li>
    }
}

/// What stands behind a sentence, for engineers.
#[component]
fn RowDetails(entry: ActivityEntry) -> impl IntoView {
    let id = entry.id;
    let mut facts = vec![
        Fact::new("At", words::exact(entry.row.at.0)),
        Fact::new("Entry", view! { <code>{id}</code> }),
        Fact::new("Action", view! { <code>{entry.action}</code> }),
        Fact::new("Of", view! { <code>{entry.target}</code> }),
    ];
    facts.extend(
        entry
            .reason
            .map(|reason| Fact::new("Reason", view! { <code>{reason}</code> })),
    );
    facts.extend(
        entry
            .row
            .reference
            .map(|reference| Fact::new("Reference", view! { <code>{reference}</code> })),
    );
    view! { <Details summary="Details" id=format!("entry-{id}")><FactList facts=facts/></Details> }
}

/// Nothing, and what to do about it.
#[component]
fn Nothing(filter: ActivityFilter) -> impl IntoView {
    if filter.is_empty() && filter.before.is_none() && filter.after.is_none() {
        return view! { <EmptyState text="Nothing yet. Connects, refusals, keys and sign-ins appear here."/> }
            .into_any();
    }
    view! {
        <EmptyState text=no_match(&filter)>
            <LinkButton href="/activity" label="Clear filters"/>
        </EmptyState>
    }
    .into_any()
}

/// "Nothing refused by “Ana” between 2026-04-01 and 2026-04-15 fits these filters."
fn no_match(filter: &ActivityFilter) -> String {
    let what = match filter.outcome {
        Some(Outcome::Refused) => "Nothing refused",
        Some(Outcome::Failed) => "Nothing failed",
        _ => "Nothing",
    };
    let who = match filter.who.as_str() {
        "" => String::new(),
        who => format!(" by “{who}”"),
    };
    let kind = filter
        .kind
        .map_or_else(String::new, |kind| format!(" under {}", kind.label()));
    let when = match (filter.from.as_str(), filter.to.as_str()) {
        ("", "") => String::new(),
        (from, "") => format!(" since {from}"),
        ("", to) => format!(" until {to}"),
        (from, to) => format!(" between {from} and {to}"),
    };
    format!("{what}{who}{kind}{when} fits these filters.")
}

/// To newer and older rows.
#[component]
fn Pages(view: ActivityView) -> impl IntoView {
    let first = view.entries.first().map(|entry| entry.id);
    let last = view.entries.last().map(|entry| entry.id);
    let link = |label: &'static str, name: &'static str, id: Option<i64>| {
        id.map(|id| {
            let href = address("/activity", &view.filter, Some((name, id.to_string())));
            view! { <LinkButton href=href label=label/> }
        })
    };
    let newer = view.newer.then(|| link("Newer", "after", first)).flatten();
    let older = view.older.then(|| link("Older", "before", last)).flatten();
    (newer.is_some() || older.is_some())
        .then(|| view! { <nav class="pages" aria-label="Pages">{newer} {older}</nav> })
}

/// An address with the filter, and a pair besides.
fn address(path: &str, filter: &ActivityFilter, more: Option<(&str, String)>) -> String {
    let pairs: Vec<String> = filter
        .pairs()
        .into_iter()
        .chain(more)
        .map(|(name, value)| format!("{name}={}", words::form_encoded(&value)))
        .collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_travels_in_addresses() {
        let filter = ActivityFilter {
            who: "Ana & Ben".to_owned(),
            outcome: Some(Outcome::Refused),
            before: Some(9),
            ..ActivityFilter::default()
        };
        assert_eq!(
            address("/activity", &filter, Some(("after", "7".to_owned()))),
            "/activity?who=Ana%20%26%20Ben&result=refused&after=7"
        );
        assert_eq!(
            address("/activity", &ActivityFilter::default(), None),
            "/activity"
        );
    }

    #[test]
    fn no_match_says_what_was_asked() {
        let filter = ActivityFilter {
            who: "Ana".to_owned(),
            outcome: Some(Outcome::Refused),
            from: "2026-04-01".to_owned(),
            ..ActivityFilter::default()
        };
        assert_eq!(
            no_match(&filter),
            "Nothing refused by “Ana” since 2026-04-01 fits these filters."
        );
    }
}
