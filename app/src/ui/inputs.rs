//! Further fields: a day, some lines, a box to tick, a file.

use leptos::prelude::*;

use super::{FieldText, field::Around};

/// A day of the calendar. Where a browser has no calendar it is typed: 2026-11-12.
#[component]
pub fn DateField(
    /// Label, help, error.
    text: FieldText,
    /// The day as `2026-11-12`; empty: none. What was typed and is none is shown again.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let described_by = text.described_by();
    let invalid = text.invalid();
    let (id, name) = (text.id.clone(), text.name.clone());
    // A calendar field shows nothing of a text that is no day: a plain one keeps what was typed.
    let kind = if text.error.is_some() { "text" } else { "date" };
    view! {
        <Around text=text class="field-day">
            <input
                class="input"
                type=kind
                id=id
                name=name
                value=value
                autocomplete="off"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        </Around>
    }
}

/// Some lines of text.
#[component]
pub fn LinesField(
    /// Label, help, error.
    text: FieldText,
    /// What stands in it.
    #[prop(into)]
    value: String,
    /// How many lines are seen.
    rows: u32,
) -> impl IntoView {
    let described_by = text.described_by();
    let invalid = text.invalid();
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text>
            <textarea
                class="input input-lines"
                id=id
                name=name
                rows=rows
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {value}
            </textarea>
        </Around>
    }
}

/// A box to tick, with its label behind it.
#[component]
pub fn TickField(
    /// Posted name.
    #[prop(into)]
    name: String,
    /// What ticking it says.
    #[prop(into)]
    label: String,
    /// Whether it is ticked.
    ticked: bool,
) -> impl IntoView {
    view! {
        <p class="field">
            <label class="check">
                <input type="checkbox" name=name value="yes" checked=ticked/>
                <span>{label}</span>
            </label>
        </p>
    }
}

/// A file to be read. A browser never fills it in again.
#[component]
pub fn FileField(
    /// Label, help, error.
    text: FieldText,
    /// Ends of names that the browser offers first: ".toml,.json".
    accept: &'static str,
) -> impl IntoView {
    let described_by = text.described_by();
    let invalid = text.invalid();
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text>
            <input
                class="input input-file"
                type="file"
                id=id
                name=name
                accept=accept
                aria-describedby=described_by
                aria-invalid=invalid
            />
        </Around>
    }
}

/// A text to copy: selectable and read-only. With scripts a button copies it.
#[component]
pub fn CopyField(
    /// Label, help, error.
    text: FieldText,
    /// What to copy.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let described_by = text.described_by();
    let (id, label) = (text.id.clone(), text.label.clone());
    view! {
        <Around text=text class="field-copy">
            <div class="copy">
                <input
                    class="input"
                    type="text"
                    id=id.clone()
                    value=value
                    readonly=true
                    aria-describedby=described_by
                />
                <button type="button" class="btn btn-line" data-copy=id hidden=true>
                    "Copy"
                    <span class="sr-only">" " {label}</span>
                </button>
            </div>
        </Around>
    }
}
