//! Buttons that copy the text beside them. Without scripts they are not there, and the text is selected by hand.

use std::time::Duration;

use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Element, Event, HtmlInputElement};

use super::status;

/// How long a button says that it has copied.
const SAID: Duration = Duration::from_secs(2);

/// Shows the buttons and makes them work, where the browser lets pages copy.
pub(super) fn watch() {
    let navigator = JsValue::from(window().navigator());
    let may_copy = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if may_copy.is_ok_and(|clipboard| clipboard.is_object()) {
        show_buttons();
        let on_click = Closure::<dyn FnMut(Event)>::new(|event: Event| clicked(&event));
        let _ = document().add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
        // The listener lives as long as the page.
        on_click.forget();
    }
}

fn show_buttons() {
    while let Ok(Some(button)) = document().query_selector("[data-copy][hidden]") {
        if button.remove_attribute("hidden").is_err() {
            return;
        }
    }
}

fn clicked(event: &Event) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let button = target.and_then(|target| target.closest("[data-copy]").ok().flatten());
    if let Some(button) = button {
        copy(&button);
    }
}

fn copy(button: &Element) {
    let field = button
        .get_attribute("data-copy")
        .and_then(|id| document().get_element_by_id(&id))
        .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    let Some(field) = field else {
        return;
    };
    // Selected as well, so that the keyboard can do it where the browser refuses.
    field.select();
    let _ = window().navigator().clipboard().write_text(&field.value());
    let label = button.first_child();
    let Some(label) = label else {
        return;
    };
    label.set_text_content(Some("Copied"));
    status::say("Copied");
    set_timeout(move || label.set_text_content(Some("Copy")), SAID);
}
