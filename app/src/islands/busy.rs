//! A button that was pressed says after a second what it is doing: it keeps its width and shows its verb.

use std::time::Duration;

use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, SubmitEvent};

/// Under a second nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches every form of the page.
pub(super) fn watch() {
    let on_submit = Closure::<dyn FnMut(SubmitEvent)>::new(|event: SubmitEvent| {
        if let Some(button) = event.submitter() {
            let button: Element = button.into();
            set_timeout(move || mark(&button), PATIENCE);
        }
    });
    // Coming back to the page as it was left, the browser shows it with the buttons still busy.
    let on_return = Closure::<dyn FnMut()>::new(release);
    let _ = document().add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref());
    let _ = window().add_event_listener_with_callback("pageshow", on_return.as_ref().unchecked_ref());
    on_submit.forget();
    on_return.forget();
}

fn mark(button: &Element) {
    let _ = button.set_attribute("aria-busy", "true");
}

fn release() {
    while let Ok(Some(button)) = document().query_selector("button[aria-busy]") {
        if button.remove_attribute("aria-busy").is_err() {
            return;
        }
    }
}
