//! Reads a page again and replaces, in place, the parts that differ.

use js_sys::futures::JsFuture;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, DomParser, Element, HtmlElement, RequestInit, Response, SupportedType};

/// Which parts are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// `data-live`: states, bars and figures. Nothing is re-ordered, nothing under a hand or the focus moves.
    Live,
    /// `data-region`: whole lists, after the person changed a filter.
    Regions,
}

impl Parts {
    fn attribute(self) -> &'static str {
        match self {
            Self::Live => "data-live",
            Self::Regions => "data-region",
        }
    }
}

/// How a reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Everything is as the server has it.
    Whole,
    /// A part is in use and was left as it is: read again soon.
    Held,
    /// The page could not be read.
    Failed,
}

/// Reads `address` and replaces what differs.
pub(super) async fn refresh(address: &str, parts: Parts) -> Read {
    match fetch(address).await {
        Ok(Some(html)) => swap(&html, parts).unwrap_or(Read::Failed),
        _ => Read::Failed,
    }
}

/// The page as text; none where the server answered with anything but a page.
async fn fetch(address: &str) -> Result<Option<String>, JsValue> {
    let Some(window) = web_sys::window() else {
        return Ok(None);
    };
    let headers = web_sys::Headers::new()?;
    headers.set("X-Patchbay-Live", "1")?;
    let with = RequestInit::new();
    with.set_headers(&headers);
    let answer = JsFuture::from(window.fetch_with_str_and_init(address, &with)).await?;
    let answer: Response = answer.dyn_into()?;
    // A redirect means that the session is over: the page as it stands is better than the sign-in page in its place.
    if !answer.ok() || answer.redirected() {
        return Ok(None);
    }
    let text = JsFuture::from(answer.text()?).await?;
    Ok(text.as_string())
}

/// Replaces what differs between the open document and `html`.
fn swap(html: &str, parts: Parts) -> Option<Read> {
    let document = web_sys::window()?.document()?;
    let next = DomParser::new()
        .ok()?
        .parse_from_string(html, SupportedType::TextHtml)
        .ok()?;
    document.set_title(&next.title());
    let name = parts.attribute();
    let fresh = next.query_selector_all(&format!("[{name}]")).ok()?;
    let mut read = Read::Whole;
    for index in 0..fresh.length() {
        let Some(fresh) = fresh.get(index).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        let key = fresh.get_attribute(name).unwrap_or_default();
        let stale = document.query_selector(&format!("[{name}=\"{key}\"]"));
        let held = matches!(stale, Ok(Some(stale)) if !replace(&document, &stale, &fresh, parts));
        if held {
            read = Read::Held;
        }
    }
    Some(read)
}

/// Replaces one part unless it is the same. False: it is in use and was left as it is.
fn replace(document: &Document, stale: &Element, fresh: &Element, parts: Parts) -> bool {
    if stale.outer_html() == fresh.outer_html() {
        return true;
    }
    if parts == Parts::Live && in_use(stale) {
        return false;
    }
    keep_open(stale, fresh);
    let focus = focused_inside(document, stale);
    let flash = stale.has_attribute("data-flash");
    let Ok(fresh) = document.import_node_with_deep(fresh, true) else {
        return true;
    };
    if stale.replace_with_with_node_1(&fresh).is_err() {
        return true;
    }
    if let Some(focus) = focus.and_then(|id| document.get_element_by_id(&id)) {
        let _ = focus.unchecked_into::<HtmlElement>().focus();
    }
    if flash {
        let _ = fresh.unchecked_into::<Element>().class_list().add_1("changed");
    }
    true
}

/// A list may come back in another order, so it waits until neither pointer nor focus is on a thing in it.
fn in_use(part: &Element) -> bool {
    let on = "a:hover, button:hover, summary:hover, :focus";
    part.has_attribute("data-hold") && matches!(part.query_selector(on), Ok(Some(_)))
}

/// What the person opened stays open.
fn keep_open(stale: &Element, fresh: &Element) {
    let Ok(open) = stale.query_selector_all("details[open][id]") else {
        return;
    };
    for index in 0..open.length() {
        let Some(details) = open.get(index).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        if let Ok(Some(twin)) = fresh.query_selector(&format!("details[id=\"{}\"]", details.id())) {
            let _ = twin.set_attribute("open", "");
        }
    }
}

/// The id of the focused element, where it is inside.
fn focused_inside(document: &Document, part: &Element) -> Option<String> {
    let focused = document.active_element()?;
    (part.contains(Some(&focused)) && !focused.id().is_empty()).then(|| focused.id())
}

/// Path and query of the open page.
pub(super) fn here() -> Option<String> {
    let location = web_sys::window()?.location();
    Some(format!(
        "{}{}",
        location.pathname().ok()?,
        location.search().ok()?
    ))
}
