//! Many provider apps at once, from a file.

use leptos::prelude::*;
use patchbay_hub::{
    Typed,
    access::Permission,
    apps::import::{Imported, RefusedRow},
};

use super::super::for_viewer;
use crate::{
    ui::{
        Breadcrumb, Button, ErrorSummary, FieldText, FileField, Layout, LinkButton, Look, Notice, PageHead,
        Place, Section, TableBox, Tone,
    },
    words,
};

/// `/settings/apps/import`
#[component]
pub fn ImportApps() -> impl IntoView {
    let typed = use_context::<Typed>().unwrap_or_default();
    let imported = use_context::<Imported>();
    for_viewer(move |asked| async move {
        let may = asked.viewer.may(Permission::ManageApps);
        Ok(may.then(|| view! { <ImportPage typed=typed imported=imported/> }.into_any()))
    })
}

#[component]
fn ImportPage(typed: Typed, imported: Option<Imported>) -> impl IntoView {
    let above = vec![("Provider apps".to_owned(), "/settings/apps".to_owned())];
    let error = typed.errors.get("file").cloned();
    let errors: Vec<_> = error
        .iter()
        .map(|why| ("field-file".to_owned(), why.clone()))
        .collect();
    let title = if errors.is_empty() && imported.is_none() {
        "Import provider apps"
    } else {
        "Error: Import provider apps"
    };
    let text = FieldText {
        id: "field-file".to_owned(),
        name: "file".to_owned(),
        label: "File".to_owned(),
        help: "TOML or JSON, 60 KB at most.".to_owned(),
        error,
        ..FieldText::default()
    };
    view! {
        <Layout title=title here=Place::Settings width="main-sheet">
            <Breadcrumb above=above/>
            <PageHead title="Import provider apps" line="From one file, as many as you like"/>
            <ErrorSummary errors=errors/>
            {imported.map(|imported| view! { <Outcome imported=imported/> })}
            <p class="prose mb-4">
                "Start from a template: it names every app with its redirect URIs and holds what is known so far, but no secret. What is left empty stays as it is. Secrets are sealed when they arrive and never shown again."
            </p>
            <p class="flex flex-wrap gap-3">
                <LinkButton href="/settings/apps/import/template?format=toml" label="Template as TOML" download=true/>
                <LinkButton href="/settings/apps/import/template?format=json" label="Template as JSON" download=true/>
            </p>
            <Section title="Import a file">
                <form method="post" action="/settings/apps/import" enctype="multipart/form-data">
                    <FileField text=text accept=".toml,.json"/>
                    <p class="form-foot">
                        <Button label="Import the apps of this file" look=Look::Primary busy_verb="Importing…"/>
                    </p>
                </form>
                <p class="mt-4 text-text-2">
                    "On the server, the same: " <code>"patchbay apps import FILE"</code>
                </p>
            </Section>
        </Layout>
    }
}

/// What became of a file of which something was refused: what is stored, and what to mend.
#[component]
fn Outcome(imported: Imported) -> impl IntoView {
    let refused = u64::try_from(imported.refused.len()).unwrap_or_default();
    let title = format!(
        "{} could not be used; the rest is stored.",
        words::count(refused, "line", "lines")
    );
    let (tone, title, text) = if imported.stored.is_empty() {
        let title = "Nothing was stored.".to_owned();
        (
            Tone::Critical,
            title,
            "Mend what is named below and import the file again.".to_owned(),
        )
    } else {
        let names = words::list(&imported.stored, "and");
        (
            Tone::Attention,
            title,
            format!("Stored: {names}. Mend what is named below and import the file again."),
        )
    };
    view! {
        <Notice tone=tone title=title text=text focus=true/>
        <TableBox label="What could not be used">
            <table class="table table-stack">
                <caption class="sr-only">"What could not be used, in the order of the file"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="right">"Line"</th>
                        <th scope="col">"App"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>
                    {imported.refused.into_iter().map(|row| view! { <RefusedLine row=row/> }).collect_view()}
                </tbody>
            </table>
        </TableBox>
        <div class="mb-5"></div>
    }
}

#[component]
fn RefusedLine(row: RefusedRow) -> impl IntoView {
    view! {
        <tr>
            <td class="right" data-label="Line">{row.line}</td>
            <td data-label="App" class="nowrap">{row.app.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="Why">{row.reason}</td>
        </tr>
    }
}
