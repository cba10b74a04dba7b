//! The forms of an app's page: client id and secret, a new secret beside the old one, and how far the app is.

use leptos::prelude::*;
use patchbay_hub::view::{AppSecrets, AppView};
use patchbay_store::app_progress::Stage;

use super::words as own;
use crate::{
    ui::{
        ActionForm, Button, DateField, Details, FieldText, LinesField, Look, SecretField, SelectField,
        TextField, TickField,
    },
    words,
};

/// A field of the page, with what is wrong with it.
fn field(view: &AppView, name: &str, label: &str, help: &str) -> FieldText {
    FieldText {
        id: format!("field-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        error: view.errors.get(name).cloned(),
        ..FieldText::default()
    }
}

/// The same for one that may be left empty.
fn optional(view: &AppView, name: &str, label: &str, help: &str) -> FieldText {
    FieldText {
        optional: true,
        ..field(view, name, label, help)
    }
}

/// Client id and secret; the secret goes one way.
#[component]
pub(super) fn Credentials(view: AppView) -> impl IntoView {
    let rotating = view.secrets.is_some().then(|| view.clone());
    let two = view
        .secrets
        .clone()
        .filter(|secrets| secrets.other.is_some())
        .map(|secrets| view! { <Two view=view.clone() secrets=secrets/> });
    view! {
        {view.from_settings
            .then(|| {
                view! {
                    <p class="mb-3">
                        "The settings of this deployment set this app: they win again at the next start."
                    </p>
                }
            })}
        {two}
        <Paste view=view/>
        {rotating.map(|view| view! { <Rotation view=view/> })}
    }
}

/// Paste form: the whole of step 4 before anything is saved, and the way to change the client id afterwards.
#[component]
fn Paste(view: AppView) -> impl IntoView {
    let kept = view.saved.as_ref().map(|(at, by)| {
        format!(
            "Saved on {} by {by}. It can’t be shown; leave the field empty to keep it.",
            words::exact(at.0)
        )
    });
    let ends = (view.connections > 0).then(|| {
        format!(
            "Another client id ends {}; another secret ends none.",
            words::count(u64::from(view.connections), "connection", "connections")
        )
    });
    let months = view
        .secret_max_months
        .map(|months| format!("{} ends secrets after {months} months at most.", view.name));
    let named = |name: &Option<String>, help: String| match name {
        Some(name) => format!("“{name}” at {}. {help}", view.name),
        None => help,
    };
    let help = named(&view.client_id_name, ends.unwrap_or_default());
    let id = field(&view, "client_id", "Client id", help.trim());
    let help = kept.unwrap_or_else(|| "Sealed when you save it, and never shown again.".to_owned());
    let secret = field(
        &view,
        "client_secret",
        "Client secret",
        &named(&view.client_secret_name, help),
    );
    let last = optional(
        &view,
        "secret_ends",
        "Last day of the secret",
        &months.unwrap_or_default(),
    );
    let look = if view.saved.is_some() {
        Look::Secondary
    } else {
        Look::Primary
    };
    view! {
        <ActionForm action=format!("/settings/apps/{}", view.id)>
            <TextField text=id value=view.form.text("client_id")/>
            <SecretField text=secret/>
            <DateField text=last value=view.form.text("secret_ends")/>
            <p class="form-foot">
                <Button label=format!("Save the app for {}", view.name) look=look busy_verb="Saving…"/>
            </p>
        </ActionForm>
    }
}

/// Two secrets are held: which is which, and how the other one goes.
#[component]
fn Two(view: AppView, secrets: AppSecrets) -> impl IntoView {
    let accepted = secrets.accepted.map_or_else(
        || "No call has shown yet that it is accepted.".to_owned(),
        |at| format!("It was accepted on {}.", own::day(at)),
    );
    let in_use = format!("In use: the one of {}. {accepted}", own::day(secrets.since));
    let (since, ends) = secrets.other.unwrap_or_default();
    let since = since.map_or_else(|| "an earlier day".to_owned(), own::day);
    let until = ends.map_or_else(
        || "until it is removed".to_owned(),
        |day| format!("until {}", own::day(day)),
    );
    let other =
        format!("The other one: of {since}, kept {until}. It is tried where the first is not accepted.");
    view! {
        <div class="panel mb-4">
            <h3>"Two secrets are held"</h3>
            <p>{in_use}</p>
            <p>{other}</p>
            <ActionForm action=format!("/settings/apps/{}/forget", view.id)>
                <p class="form-foot">
                    <Button label="Remove the other secret" small=true busy_verb="Removing…"/>
                    <span class="text-text-2">"Calls then depend on the one in use. Adding it again brings it back."</span>
                </p>
            </ActionForm>
        </div>
    }
}

/// A new secret, with the old one kept beside it. Folded away: it is needed once in a while.
#[component]
fn Rotation(view: AppView) -> impl IntoView {
    let name = &view.name;
    let about = match view.two_secrets {
        Some(true) => format!(
            "{name} lets two secrets be valid at once. Make a new one there, add it here, and delete the old one there after its last day here."
        ),
        Some(false) => format!(
            "{name} ends the old secret the moment a new one is made. Add the new one right after: until then calls fail and are tried again."
        ),
        None => format!(
            "It is not known whether {name} lets two secrets be valid at once. Both are held until the old one’s last day, and the one that works is used."
        ),
    };
    let secret = field(
        &view,
        "new_secret",
        "New secret",
        "Sealed when you add it, and never shown again.",
    );
    let ends = optional(&view, "new_ends", "Last day of the new secret", "");
    let keep = field(
        &view,
        "keep_until",
        "Keep the old secret until",
        "It is removed here after that day.",
    );
    let wrong = [&secret, &ends, &keep].iter().any(|text| text.error.is_some());
    view! {
        <div class="mt-5">
            <Details summary="Replace the secret without a gap" id="rotate" open=wrong>
                <div class="panel">
                    <p class="mb-4">{about}</p>
                    <ActionForm action=format!("/settings/apps/{}/rotate", view.id)>
                        <SecretField text=secret/>
                        <DateField text=ends value=view.form.text("new_ends")/>
                        <DateField text=keep value=view.form.text("keep_until")/>
                        <p class="form-foot">
                            <Button label=format!("Add the new secret of {}", view.name) busy_verb="Adding…"/>
                        </p>
                    </ActionForm>
                </div>
            </Details>
        </div>
    }
}

/// How far the app is, who looks after it, and what is to be remembered.
#[component]
pub(super) fn Progress(view: AppView) -> impl IntoView {
    let options = Stage::ALL
        .iter()
        // What is saved here is registered.
        .filter(|stage| view.saved.is_none() || **stage != Stage::NotRegistered)
        .map(|stage| (stage.as_str().to_owned(), own::stage(*stage).word))
        .collect();
    let stage = field(
        &view,
        "stage",
        "Stage",
        "Approved: every customer may connect, whether by review, by a switch or from the start.",
    );
    let owner = optional(
        &view,
        "owner",
        "Owner",
        "Who looks after it and has access to the provider’s console.",
    );
    let since = optional(&view, "review_since", "Review asked for on", "");
    let expected = optional(&view, "review_expected", "Answer expected by", "");
    let notes = optional(
        &view,
        "notes",
        "Notes",
        "For the next person: whose account it is, what was asked. Never a password or a secret.",
    );
    let tick = format!("The redirect URIs of step 2 stand at {}", view.name);
    view! {
        <ActionForm action=format!("/settings/apps/{}/progress", view.id)>
            <SelectField text=stage options=options value=view.form.text("stage")/>
            <TextField text=owner value=view.form.text("owner")/>
            <div class="field-pair">
                <DateField text=since value=view.form.text("review_since")/>
                <DateField text=expected value=view.form.text("review_expected")/>
            </div>
            <LinesField text=notes value=view.form.text("notes") rows=4/>
            <TickField name="uris_registered" label=tick ticked=view.form.uris_registered/>
            <p class="form-foot">
                <Button label=format!("Save how far {} is", view.name) busy_verb="Saving…"/>
            </p>
        </ActionForm>
    }
}
