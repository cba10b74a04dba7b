//! The page's one polite status region: speaks what changed, at most once in ten seconds.

use std::{cell::RefCell, time::Duration};

use leptos::prelude::set_timeout;

const PAUSE_MS: f64 = 10_000.0;

#[derive(Default)]
struct Spoken {
    last: String,
    at: f64,
    waiting: bool,
}

thread_local! {
    static SPOKEN: RefCell<Spoken> = RefCell::default();
}

/// The sentence that the page itself offers, in `data-announce`.
pub(super) fn offered() -> Option<String> {
    let document = web_sys::window()?.document()?;
    let place = document.query_selector("[data-announce]").ok()??;
    place.get_attribute("data-announce")
}

/// Takes the page's sentence as known, so that only a change is spoken.
pub(super) fn known() {
    SPOKEN.with_borrow_mut(|spoken| spoken.last = offered().unwrap_or_default());
}

/// Speaks the page's sentence if it has changed; soon, if something was spoken just before.
pub(super) fn speak_change() {
    let Some(sentence) = offered() else {
        return;
    };
    let now = js_sys::Date::now();
    let wait = SPOKEN.with_borrow_mut(|spoken| {
        if spoken.waiting || spoken.last == sentence {
            return None;
        }
        let rest = spoken.at + PAUSE_MS - now;
        if rest <= 0.0 {
            spoken.last.clone_from(&sentence);
            spoken.at = now;
            return Some(0);
        }
        spoken.waiting = true;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10,000"
        )]
        Some(rest as u64)
    });
    match wait {
        None => {}
        Some(0) => say(&sentence),
        Some(rest) => set_timeout(
            || {
                SPOKEN.with_borrow_mut(|spoken| spoken.waiting = false);
                speak_change();
            },
            Duration::from_millis(rest + 1),
        ),
    }
}

/// Puts a sentence into the region, where it is read out.
pub(super) fn say(sentence: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(region) = document.and_then(|document| document.get_element_by_id("status")) {
        region.set_text_content(Some(sentence));
    }
}
