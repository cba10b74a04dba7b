//! Keeps the open page current and says whether it is.

use std::{cell::RefCell, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::EventSource;

use super::{
    busy, copy,
    refresh::{Parts, Read, here, refresh},
    status,
};

/// At most one reading of the page in this time.
const PACE: Duration = Duration::from_secs(1);

/// How long a stream may be cut before the page says so: servers end streams now and then on purpose.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait before asking again for a stream that the server refused.
const AGAIN: Duration = Duration::from_secs(10);

/// Whether the page is current.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Link {
    /// Not connected yet.
    Waiting,
    /// Every change arrives.
    Live,
    /// Cut off; the clock time of the last update.
    Cut(String),
}

impl Link {
    fn mark(&self) -> &'static str {
        match self {
            Self::Waiting => "",
            Self::Live => "●",
            Self::Cut(_) => "◌",
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Waiting => String::new(),
            Self::Live => "Live".to_owned(),
            Self::Cut(last) => format!("Reconnecting, last update {last}"),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Cut(_) => "cut",
        }
    }
}

/// "● Live", "◌ Reconnecting, last update 14:02:31".
///
/// Listens to `/events`; on a message the page is read again and what differs is replaced in place. A page may hold
/// several indicators, one for each width: they share one stream.
#[island]
pub fn Live() -> impl IntoView {
    let link = RwSignal::new(Link::Waiting);
    Effect::new(move |_| join(link));
    view! {
        <p class="live" data-link=move || link.with(Link::name)>
            <span class="live-mark" aria-hidden="true">
                {move || link.with(Link::mark)}
            </span>
            <span>{move || link.with(Link::words)}</span>
        </p>
    }
}

/// The page's one stream, and what is under way.
#[derive(Default)]
struct Work {
    /// The indicators.
    links: Vec<RwSignal<Link>>,
    /// One reading at a time …
    reading: bool,
    /// … and one more after it if something changed meanwhile.
    again: bool,
    /// Whether the stream is cut.
    cut: bool,
    /// When the page was last read, by the person's clock.
    last: String,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::default();
}

/// Adds an indicator; the first one opens the stream.
fn join(link: RwSignal<Link>) {
    let first = WORK.with_borrow_mut(|work| {
        work.links.push(link);
        work.links.len() == 1
    });
    if first {
        WORK.with_borrow_mut(|work| {
            work.last = clock();
            // What happened between the page and its stream has to be read too: a small import ends in that time.
            work.cut = true;
        });
        status::known();
        busy::watch();
        copy::watch();
        open();
    }
}

/// Tells every indicator.
fn show(state: &Link) {
    let links = WORK.with_borrow(|work| work.links.clone());
    for link in links {
        link.set(state.clone());
    }
}

/// Opens the stream and keeps it open.
fn open() {
    let Ok(source) = EventSource::new("/events") else {
        return;
    };
    let on_open = Closure::<dyn FnMut()>::new(move || {
        // What happened while the stream was cut is read now.
        if WORK.with_borrow_mut(|work| std::mem::take(&mut work.cut)) {
            changed();
        }
        show(&Link::Live);
    });
    let on_change = Closure::<dyn FnMut()>::new(changed);
    let stream = source.clone();
    let on_error = Closure::<dyn FnMut()>::new(move || cut(&stream));
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let _ = source.add_event_listener_with_callback("changed", on_change.as_ref().unchecked_ref());
    // The stream lives as long as the page: so do its three listeners.
    on_open.forget();
    on_change.forget();
    on_error.forget();
}

/// The stream ended or could not be opened.
fn cut(stream: &EventSource) {
    WORK.with_borrow_mut(|work| work.cut = true);
    set_timeout(
        || {
            if WORK.with_borrow(|work| work.cut) {
                show(&Link::Cut(WORK.with_borrow(|work| work.last.clone())));
            }
        },
        PATIENCE,
    );
    // The browser tries again by itself unless the server refused the stream.
    if stream.ready_state() == EventSource::CLOSED {
        set_timeout(open, AGAIN);
    }
}

/// Something changed: read the page now, or once more after the reading that runs.
fn changed() {
    let start = WORK.with_borrow_mut(|work| {
        work.again = work.reading;
        !std::mem::replace(&mut work.reading, true)
    });
    if start {
        spawn_local(read());
    }
}

async fn read() {
    let read = match here() {
        Some(address) => refresh(&address, Parts::Live).await,
        None => Read::Failed,
    };
    if read != Read::Failed {
        WORK.with_borrow_mut(|work| work.last = clock());
        status::speak_change();
    }
    set_timeout(
        move || {
            let again = WORK.with_borrow_mut(|work| {
                work.reading = false;
                std::mem::take(&mut work.again)
            });
            if again || read == Read::Held {
                changed();
            }
        },
        PACE,
    );
}

/// "14:02:31", by the person's own clock.
fn clock() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{:02}:{:02}:{:02}",
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds()
    )
}
