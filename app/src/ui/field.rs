//! Fields: label above, help under it, the error at the field. Further kinds are in `inputs.rs`.

use leptos::prelude::*;

use super::FieldError;

/// What every field has.
#[derive(Debug, Clone, Default)]
pub struct FieldText {
    /// Its id, also the anchor of the error summary.
    pub id: String,
    /// The posted name.
    pub name: String,
    /// Its label.
    pub label: String,
    /// Help; empty: none.
    pub help: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Whether it may be left empty.
    pub optional: bool,
    /// What a browser or password manager may fill in: "username", "new-password"; empty: nothing.
    pub fill: &'static str,
}

impl FieldText {
    /// Ids of help and error, for `aria-describedby`.
    pub(super) fn described_by(&self) -> Option<String> {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.id));
        let ids: Vec<_> = [help, error].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn fill(&self) -> &'static str {
        if self.fill.is_empty() { "off" } else { self.fill }
    }

    pub(super) fn invalid(&self) -> Option<&'static str> {
        self.error.as_ref().map(|_| "true")
    }
}

/// Label, help and error round a control.
#[component]
pub(super) fn Around(
    text: FieldText,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let help_id = format!("{}-help", text.id);
    let error_id = format!("{}-error", text.id);
    view! {
        <div class=format!("field {class}")>
            <label class="field-label" for=text.id>
                {text.label}
                {text.optional.then(|| view! { <span class="field-optional">" (optional)"</span> })}
            </label>
            {(!text.help.is_empty())
                .then(|| view! { <p class="field-help" id=help_id>{text.help}</p> })}
            {children()}
            {text.error.map(|error| view! { <FieldError id=error_id text=error/> })}
        </div>
    }
}

/// A line of text, with fixed text before or behind it.
#[component]
pub fn TextField(
    /// Label, help, error.
    text: FieldText,
    /// What stands in it.
    #[prop(optional, into)]
    value: String,
    /// Fixed text behind it: ".zendesk.com"; empty: none.
    #[prop(optional, into)]
    suffix: String,
) -> impl IntoView {
    let described_by = text.described_by();
    let (invalid, fill) = (text.invalid(), text.fill());
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text>
            <div class="field-box">
                <input
                    class="input"
                    type="text"
                    id=id
                    name=name
                    value=value
                    autocomplete=fill
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=invalid
                />
                {(!suffix.is_empty()).then(|| view! { <span class="field-fix">{suffix}</span> })}
            </div>
        </Around>
    }
}

/// A secret: never filled in by us, never shown again.
#[component]
pub fn SecretField(
    /// Label, help, error.
    text: FieldText,
) -> impl IntoView {
    let described_by = text.described_by();
    let (invalid, fill) = (text.invalid(), text.fill());
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text>
            <input
                class="input"
                type="password"
                id=id
                name=name
                autocomplete=fill
                aria-describedby=described_by
                aria-invalid=invalid
            />
        </Around>
    }
}

/// A search box.
#[component]
pub fn SearchField(
    /// Label, help, error.
    text: FieldText,
    /// What stands in it.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text class="field-search">
            <input
                class="input"
                type="search"
                id=id
                name=name
                value=value
                autocomplete="off"
                spellcheck="false"
            />
        </Around>
    }
}

/// A choice of one.
#[component]
pub fn SelectField(
    /// Label, help, error.
    text: FieldText,
    /// Value and label.
    options: Vec<(String, String)>,
    /// The chosen value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let described_by = text.described_by();
    let invalid = text.invalid();
    let (id, name) = (text.id.clone(), text.name.clone());
    view! {
        <Around text=text>
            <select class="select" id=id name=name aria-describedby=described_by aria-invalid=invalid>
                {options
                    .into_iter()
                    .map(|(option, label)| {
                        let selected = option == value;
                        view! { <option value=option selected=selected>{label}</option> }
                    })
                    .collect_view()}
            </select>
        </Around>
    }
}
