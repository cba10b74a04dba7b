//! Filters a list while the person types: the address follows, the list is replaced, the focus stays.

use std::{cell::RefCell, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, FormData, HtmlFormElement, UrlSearchParams};

use super::{
    refresh::{Parts, Read, here, refresh},
    status,
};

/// How long after the last key the list is read.
const PAUSE: Duration = Duration::from_millis(300);

thread_local! {
    static DUE: RefCell<Option<TimeoutHandle>> = const { RefCell::new(None) };
}

/// Makes the form `filters` filter as it is changed, and hides its Apply button. Takes no properties: they would bring
/// a JSON reader into the WASM.
#[island]
pub fn FilterForm() -> impl IntoView {
    Effect::new(move |_| {
        let found = document().get_element_by_id("filters");
        if let Some(form) = found.and_then(|found| found.dyn_into::<HtmlFormElement>().ok()) {
            listen(&form);
        }
    });
}

fn listen(form: &HtmlFormElement) {
    // Hides Apply; see the style sheet.
    let _ = form.set_attribute("data-scripted", "");
    status::known();
    let typed = form.clone();
    let on_input = Closure::<dyn FnMut()>::new(move || later(&typed));
    let sent = form.clone();
    let on_submit = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        event.prevent_default();
        show(&sent);
    });
    let _ = form.add_event_listener_with_callback("input", on_input.as_ref().unchecked_ref());
    let _ = form.add_event_listener_with_callback("submit", on_submit.as_ref().unchecked_ref());
    // What was chosen before this island was at work.
    later(form);
    // The form lives as long as the page.
    on_input.forget();
    on_submit.forget();
}

fn later(form: &HtmlFormElement) {
    let form = form.clone();
    let due = set_timeout_with_handle(move || show(&form), PAUSE).ok();
    if let Some(before) = DUE.replace(due) {
        before.clear();
    }
}

/// Reads the list for what the form says now.
fn show(form: &HtmlFormElement) {
    let Some(address) = address_of(form) else {
        return;
    };
    if here().as_deref() == Some(&address) {
        return;
    }
    spawn_local(async move {
        if refresh(&address, Parts::Regions).await != Read::Failed {
            let history = window().history();
            let _ = history.map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
            status::speak_change();
        }
    });
}

/// The form's address with what is filled in; what is empty is left out.
fn address_of(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let query = UrlSearchParams::new().ok()?;
    for pair in data.entries() {
        let pair = js_sys::Array::from(&pair.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        if !value.trim().is_empty() {
            query.append(&name, value.trim());
        }
    }
    let path = window().location().pathname().ok()?;
    let query = String::from(query.to_string());
    Some(if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    })
}
