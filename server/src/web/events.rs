//! Server-sent events: tells open pages that something of theirs changed. It carries no data, only which topic and
//! id; the page reads itself again with its own rights.

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    response::{
        IntoResponse as _, Response,
        sse::{Event as SseEvent, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use patchbay_hub::{Hub, live, view::Viewer};
use patchbay_store::events::Event;
use tokio::sync::{broadcast, watch};

use super::{identity::Identity, state::AppState};

/// How often a silent stream says that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream ends after this long, so that the browser comes again and its rights are looked at anew.
const LIFE: Duration = Duration::from_mins(5);

/// Opens a stream. `Last-Event-ID` brings what was missed since (L24).
pub(super) async fn stream(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
) -> Response {
    let Some(viewer) = identity.0 else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    // Subscribed before the gap is read, so that nothing falls between the two.
    let receiver = state.hub.live.subscribe();
    let missed = match last_seen(&headers) {
        Some(id) => state.hub.events_since(&viewer, id).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let after = missed.last().map_or(0, |event| event.id);
    let live = live_events(state.hub.clone(), viewer, receiver, after);
    let hello = stream::once(async { Ok(SseEvent::default().event("hello").data("live")) });
    let events = hello
        .chain(stream::iter(missed.into_iter().map(|event| Ok(encode(&event)))))
        .chain(live)
        .take_until(ended(state.stopping.clone()));
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

/// The id that the browser saw last.
fn last_seen(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// What this viewer may hear, as it happens. One that fell behind is told to read its page again.
fn live_events(
    hub: Hub,
    viewer: Viewer,
    receiver: broadcast::Receiver<Event>,
    after: i64,
) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    stream::unfold(
        (hub, viewer, receiver),
        move |(hub, viewer, mut receiver)| async move {
            loop {
                let event = match receiver.recv().await {
                    Ok(event) if event.id <= after => continue,
                    Ok(event) if live::may_hear(&viewer, event.tenant_id.as_ref()) => encode(&event),
                    Ok(_) => continue,
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        SseEvent::default().event("changed").data("all")
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                };
                return Some((Ok(event), (hub, viewer, receiver)));
            }
        },
    )
}

/// An event as it is sent.
fn encode(event: &Event) -> SseEvent {
    SseEvent::default()
        .id(event.id.to_string())
        .event("changed")
        .data(format!("{} {}", event.topic, event.subject))
}

/// Resolves when the server stops or the stream has lived long enough.
async fn ended(mut stopping: watch::Receiver<bool>) {
    let stop = async {
        while !*stopping.borrow_and_update() {
            if stopping.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = stop => {}
        () = tokio::time::sleep(LIFE) => {}
    }
}
