//! One provider app: what to copy there, what to paste here.

use leptos::prelude::*;
use patchbay_hub::{
    Typed,
    view::{AppNeeds, AppView},
};

use super::super::{for_viewer, param, query};
use crate::{
    ui::{
        ActionForm, Breadcrumb, Button, CopyField, Details, ErrorSummary, FieldText, Layout, Look, Notice,
        PageHead, Place, PlainList, SecretField, Section, TextField, Tone,
    },
    words,
};

/// `/settings/apps/{id}`
#[component]
pub fn ProviderApp() -> impl IntoView {
    let id = param("id");
    let saved = query("notice").as_deref() == Some("app-saved");
    let typed = use_context::<Typed>().unwrap_or_default();
    for_viewer(move |asked| async move {
        let view = asked.hub.app_page(&asked.viewer, &id, &typed).await?;
        Ok(view.map(|view| view! { <AppPage view=view saved=saved/> }.into_any()))
    })
}

#[component]
fn AppPage(view: AppView, saved: bool) -> impl IntoView {
    let name = view.name.clone();
    let title = if view.errors.is_empty() {
        name.clone()
    } else {
        format!("Error: {name}")
    };
    let errors = view
        .errors
        .iter()
        .map(|(field, text)| (format!("field-{field}"), text.clone()))
        .collect();
    let above = vec![("Provider apps".to_owned(), "/settings/apps".to_owned())];
    let line = match view.needs.len() {
        1 => "Provider app".to_owned(),
        more => format!("Provider app of {more} integrations"),
    };
    let (register, uris, scopes) = (view.clone(), view.needs.clone(), view.needs.clone());
    view! {
        <Layout title=title here=Place::Settings width="main-narrow">
            <Breadcrumb above=above/>
            <PageHead title=name.clone() line=line/>
            <ErrorSummary errors=errors/>
            {saved
                .then(|| {
                    view! {
                        <Notice
                            tone=Tone::Good
                            title=format!("The app for {name} is saved.")
                            text="Its secret is sealed and never shown again. Whether the provider accepts it shows when someone connects."
                            focus=true
                        />
                    }
                })}
            <Section title="1. Register the app"><Register view=register/></Section>
            <Section title="2. Copy the redirect URIs"><Uris needs=uris/></Section>
            <Section title="3. Turn on these permissions"><Scopes needs=scopes/></Section>
            <Section title="4. Paste client id and secret"><Paste view=view/></Section>
        </Layout>
    }
}

/// The way to the provider's console, as researched.
#[component]
fn Register(view: AppView) -> impl IntoView {
    let facts: Vec<String> = [
        view.steps.clone(),
        view.redirect_rules.map(|rules| format!("Redirect URIs: {rules}")),
        view.review.map(|review| format!("Review: {review}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    view! {
        {view.console_url
            .map(|href| {
                view! {
                    <p class="mb-2">
                        "At " <a class="link" href=href.clone() rel="noreferrer">{href.clone()}</a>
                    </p>
                }
            })}
        <PlainList items=facts/>
        {(!view.sources.is_empty())
            .then(|| {
                view! {
                    <Details summary="Where this was read" id="app-sources"><PlainList items=view.sources/></Details>
                }
            })}
    }
}

/// One field each, to the letter.
#[component]
fn Uris(needs: Vec<AppNeeds>) -> impl IntoView {
    let all = (needs.len() > 1).then(|| format!("All {} must be registered.", needs.len()));
    view! {
        {all.map(|all| view! { <p class="mb-2">{all}</p> })}
        {needs
            .into_iter()
            .filter_map(|need| {
                let text = FieldText {
                    id: format!("uri-{}", need.id),
                    label: need.name,
                    ..FieldText::default()
                };
                Some(view! { <CopyField text=text value=need.redirect_uri?/> })
            })
            .collect_view()}
    }
}

/// The scopes of each integration, as the provider names them.
#[component]
fn Scopes(needs: Vec<AppNeeds>) -> impl IntoView {
    needs
        .into_iter()
        .map(|need| {
            let none = need.scopes.is_empty();
            view! {
                <h3 class="mt-3">{need.name}</h3>
                {none.then(|| view! { <p>"None: this provider has no scopes."</p> })}
                <ul class="plain-list">
                    {need.scopes.into_iter().map(|scope| view! { <li><code>{scope}</code></li> }).collect_view()}
                </ul>
            }
        })
        .collect_view()
}

/// Client id and secret; the secret goes one way.
#[component]
fn Paste(view: AppView) -> impl IntoView {
    let field = |name: &str, label: &str, help: String| FieldText {
        id: format!("field-{name}"),
        name: name.to_owned(),
        label: label.to_owned(),
        help,
        error: view.errors.get(name).cloned(),
        ..FieldText::default()
    };
    let kept = view.saved.as_ref().map(|(at, by)| {
        format!(
            "Secret saved on {} by {by}. It can’t be shown; leave the field empty to keep it.",
            words::exact(at.0)
        )
    });
    let ends = (view.connections > 0).then(|| {
        format!(
            "Another client id ends {}; another secret ends none.",
            words::count(u64::from(view.connections), "connection", "connections")
        )
    });
    let help = kept.unwrap_or_else(|| "Sealed when you save it, and never shown again.".to_owned());
    let (id, secret) = (
        field("client_id", "Client id", ends.unwrap_or_default()),
        field("client_secret", "Client secret", help),
    );
    view! {
        {view.from_settings
            .then(|| {
                view! {
                    <p class="mb-3">
                        "The settings of this deployment set this app: they win again at the next start."
                    </p>
                }
            })}
        <ActionForm action=format!("/settings/apps/{}", view.id)>
            <TextField text=id value=view.client_id/>
            <SecretField text=secret/>
            <p class="form-foot">
                <Button label=format!("Save the app for {}", view.name) look=Look::Primary busy_verb="Saving…"/>
            </p>
        </ActionForm>
    }
}
