//! One connection: how it is, what may be done with it, and how far its history is.

use leptos::prelude::*;
use patchbay_hub::view::{ConnectionView, Health, HistoryState, HistoryView, IntegrationView, StreamView};
use patchbay_store::time::Millis;

use super::{Page, standing};
use crate::{
    notices,
    ui::{
        ActionForm, Button, ExactTime, Fact, FactList, HistoryBar, LinkButton, Look, PlainList, RelativeTime,
        Section, StatusWord, TableBox, status,
    },
    words,
};

/// State panel and history.
#[component]
pub(super) fn Connection(view: IntegrationView, connection: ConnectionView, page: Page) -> impl IntoView {
    let key = format!("connection-{}", connection.id);
    let history = connection.history.clone().filter(|_| !connection.ended);
    let later = view.history_later && history.is_none() && !connection.ended;
    let now = page.now;
    let name = view.name.clone();
    // The head of the page has said it already for the connection that it names.
    let told = standing(&view).is_some_and(|told| told.id == connection.id);
    let by_hand = connection.revoke_by_hand.clone();
    let by_hand = by_hand.map(|how| format!("To end it at {name} yourself: {how}"));
    let actions = page.may_connect && !connection.ended;
    view! {
        <section class="panel" data-live=key>
            <h2 class="text-name">{heading(&view, &connection)}</h2>
            {(!told)
                .then(|| {
                    view! {
                        <StatusWord
                            shown=status::of_health(connection.health)
                            tinted=connection.health == Health::NeedsReconnect
                        />
                    }
                })}
            <p class="mt-1">{sentence(&connection, now)}</p>
            {by_hand.map(|by_hand| view! { <p class="mt-2">{by_hand}</p> })}
            {actions.then(|| view! { <Actions view=view.clone() connection=connection/> })}
        </section>
        {later.then(|| view! { <p class="panel">{words::history_later(&view.name)}</p> })}
        {history.map(|history| view! { <History name=name history=history now=now/> })}
    }
}

/// "Connection", with the account where there are several.
fn heading(view: &IntegrationView, connection: &ConnectionView) -> String {
    let kind = if connection.uses_key { "Key" } else { "Connection" };
    if view.connections.len() > 1 {
        format!("{kind} to {}", connection.account)
    } else {
        kind.to_owned()
    }
}

/// Cause, since, who, next; of a connection that works, when it last did.
fn sentence(connection: &ConnectionView, now: Millis) -> String {
    match connection.health {
        Health::Healthy => notices::checked(connection, now.0).map_or_else(
            || "It works. Not tested since it was made.".to_owned(),
            |checked| format!("Checked {checked}."),
        ),
        _ => connection.sentence.clone(),
    }
}

/// One primary at most: what mends it. The rest stands beside it.
#[component]
fn Actions(view: IntegrationView, connection: ConnectionView) -> impl IntoView {
    let mend = connection.health == Health::NeedsReconnect && !connection.uses_key;
    let limited = connection.health == Health::Limited && !connection.uses_key;
    let id = connection.id.to_string();
    // A key stands for no account.
    let other = (!connection.uses_key).then(|| format!("/connections/{id}/other-account"));
    let reconnect = format!("/integrations/{}/connect", view.id);
    // The same account is connected again, so what was typed for it goes along.
    let typed = connection.typed.clone();
    let name = view.name;
    let end = if connection.uses_key {
        format!("Remove the {name} key")
    } else {
        format!("Disconnect {name}")
    };
    view! {
        <div class="form-foot">
            {(mend || limited)
                .then(|| {
                    let label = if mend { format!("Reconnect {name}") } else { "Allow the rest".to_owned() };
                    view! {
                        <ActionForm action=reconnect>
                            {typed
                                .into_iter()
                                .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                                .collect_view()}
                            <Button label=label look=Look::Primary busy_verb="Starting…"/>
                        </ActionForm>
                    }
                })}
            {(!mend)
                .then(|| {
                    view! {
                        <ActionForm action=format!("/connections/{id}/test")>
                            <Button label="Test now" busy_verb="Testing…"/>
                        </ActionForm>
                    }
                })}
            {(!mend && rests(&connection))
                .then(|| {
                    view! {
                        <ActionForm action=format!("/connections/{id}/sync")>
                            <Button label="Sync again" busy_verb="Starting…"/>
                        </ActionForm>
                    }
                })}
            {other
                .map(|href| view! { <LinkButton href=href label="Not this account?" look=Look::Quiet/> })}
            <LinkButton href=format!("/connections/{id}/disconnect") label=end look=Look::Quiet/>
        </div>
    }
}

/// Whether there is an import and it has ended: only then another one can be asked for.
fn rests(connection: &ConnectionView) -> bool {
    let ended = |state| !matches!(state, HistoryState::Queued | HistoryState::Running);
    connection
        .history
        .as_ref()
        .is_some_and(|history| ended(history.state))
}

/// The bar and what arrived, by stream.
#[component]
fn History(name: String, history: HistoryView, now: Millis) -> impl IntoView {
    let streams = history.streams.clone();
    let notes: Vec<_> = streams.iter().filter_map(|stream| stream.note.clone()).collect();
    let unit = history.unit.clone();
    view! {
        <Section title="History">
            <div class="panel" data-live="history">
                <HistoryBar name=name history=history now=now/>
            </div>
            {(!streams.is_empty())
                .then(|| view! { <div class="mt-4"><Streams streams=streams unit=unit now=now/></div> })}
            {(!notes.is_empty())
                .then(|| view! { <div class="mt-3 text-text-2"><PlainList items=notes/></div> })}
        </Section>
    }
}

#[component]
fn Streams(streams: Vec<StreamView>, unit: String, now: Millis) -> impl IntoView {
    let heading = unit
        .chars()
        .next()
        .map(|first| first.to_uppercase().to_string() + &unit[first.len_utf8()..]);
    let heading = heading.unwrap_or_default();
    view! {
        <TableBox label="What arrived, by kind">
            <table class="table table-stack">
                <caption class="sr-only">"What arrived, by kind"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Kind"</th>
                        <th scope="col" class="right">{heading.clone()}</th>
                        <th scope="col" class="right">"Set aside"</th>
                        <th scope="col" class="right">"Records"</th>
                        <th scope="col">"Newest record"</th>
                    </tr>
                </thead>
                <tbody data-live="streams">
                    {streams
                        .into_iter()
                        .map(|stream| view! { <Stream stream=stream heading=heading.clone() now=now/> })
                        .collect_view()}
                </tbody>
            </table>
        </TableBox>
    }
}

#[component]
fn Stream(stream: StreamView, heading: String, now: Millis) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{stream.label}</th>
            <td class="right nowrap" data-label=heading>{format!("{} of {}", stream.done, stream.total)}</td>
            <td class="right" data-label="Set aside">{stream.aside}</td>
            <td class="right" data-label="Records">{words::thousands(stream.records)}</td>
            <td class="nowrap" data-label="Newest record">
                {match stream.newest {
                    Some(at) => view! { <RelativeTime at=at now=now/> }.into_any(),
                    None => "–".into_any(),
                }}
            </td>
        </tr>
    }
}

/// Who, when, until when, where.
#[component]
pub(super) fn ConnectionFacts(
    /// The connection.
    connection: ConnectionView,
    /// The present.
    now: Millis,
) -> impl IntoView {
    let by = format!(
        "{}, {}",
        connection.connected_by,
        words::date(now.0, connection.connected_at.0)
    );
    let checked = notices::checked(&connection, now.0).unwrap_or_else(|| "Not yet".to_owned());
    let mut facts = vec![
        Fact::new("Account", connection.account),
        Fact::new(
            if connection.uses_key {
                "Added by"
            } else {
                "Connected by"
            },
            by,
        ),
        Fact::new("Last check", checked),
    ];
    if let Some(at) = connection.access_ends {
        let next = if connection.refreshes {
            ", renewed by itself before"
        } else {
            ", not renewed by itself"
        };
        facts.push(Fact::new("Access ends", view! { <ExactTime at=at/>{next} }));
    }
    facts.push(Fact::new("Data is read from", connection.data_host));
    view! { <div class="mb-3"><FactList facts=facts/></div> }
}
