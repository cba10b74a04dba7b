//! Before a connection ends: what stops, what stays, what happens at the provider.

use leptos::prelude::*;
use patchbay_hub::view::DisconnectView;

use super::{for_viewer, param};
use crate::{
    ui::{Breadcrumb, ConfirmPage, Layout, PageHead, Place},
    words,
};

/// `/connections/{id}/disconnect`
#[component]
pub fn Disconnect() -> impl IntoView {
    let id = param("id");
    for_viewer(|asked| async move {
        let question = asked.hub.disconnect_question(&asked.viewer, &id).await?;
        Ok(question.map(|view| view! { <DisconnectPage view=view/> }.into_any()))
    })
}

#[component]
fn DisconnectPage(view: DisconnectView) -> impl IntoView {
    let page = format!("/integrations/{}", view.integration);
    let (title, verb, busy) = if view.uses_key {
        let title = format!("Remove the {} key from {}?", view.name, view.tenant);
        (title, format!("Remove the {} key", view.name), "Removing…")
    } else {
        let title = format!("Disconnect {} from {}?", view.name, view.tenant);
        (title, format!("Disconnect {}", view.name), "Disconnecting…")
    };
    let effects = vec![
        ("Stops now".to_owned(), view.stops),
        (format!("At {}", view.name), vec![view.at_provider]),
    ];
    let above = vec![
        ("Integrations".to_owned(), "/integrations".to_owned()),
        (view.name.clone(), page.clone()),
    ];
    let line = if view.uses_key {
        String::new()
    } else {
        format!("Account: {}", view.account)
    };
    view! {
        <Layout title=title.clone() here=Place::Integrations width="main-narrow">
            <Breadcrumb above=above/>
            <PageHead title=title line=line/>
            <ConfirmPage
                action=format!("/connections/{}/disconnect", view.connection)
                verb=verb
                busy_verb=busy
                keep=("Keep it".to_owned(), page)
                effects=effects
            >
                {(view.records > 0).then(|| view! { <Records records=view.records/> })}
            </ConfirmPage>
        </Layout>
    }
}

/// What stays, unless it is deleted too.
#[component]
fn Records(records: u64) -> impl IntoView {
    let stays = format!(
        "{}, until you delete them.",
        words::count(records, "record", "records")
    );
    view! {
        <section class="mb-5">
            <h2 class="text-name">"Stays"</h2>
            <p class="mt-1">{stays}</p>
            <label class="check mt-2">
                <input type="checkbox" name="delete_records" value="yes"/>
                "Delete them too"
            </label>
        </section>
    }
}
