//! Provider apps: which are registered, and which integrations wait for the others.

use leptos::prelude::*;
use patchbay_hub::view::{AppRow, AppsView};
use patchbay_store::time::Millis;

use super::super::{for_viewer, query};
use crate::{
    ui::{Glyph, Layout, Notice, PageHead, Place, RelativeTime, Shown, StatusWord, TableBox, Tone},
    words,
};

/// `/settings/apps`
#[component]
pub fn ProviderApps() -> impl IntoView {
    let welcome = query("notice").as_deref() == Some("set-up");
    for_viewer(move |asked| async move {
        let view = asked.hub.apps(&asked.viewer).await?;
        Ok(view.map(|view| view! { <AppsPage view=view now=asked.now welcome=welcome/> }.into_any()))
    })
}

#[component]
fn AppsPage(view: AppsView, now: Millis, welcome: bool) -> impl IntoView {
    let line = format!("{} of {} registered", view.saved, view.rows.len());
    view! {
        <Layout title="Provider apps" here=Place::Settings live=true>
            <PageHead title="Provider apps" line=line/>
            {welcome
                .then(|| {
                    view! {
                        <Notice
                            tone=Tone::Good
                            title="You are the owner."
                            text="Next: register an app at a provider and save its client id and secret here. Then connect."
                            focus=true
                        />
                    }
                })}
            <p class="prose mb-4">
                "Patchbay connects through apps that your company registers at each provider, once. Open one for the addresses to copy and the way there."
            </p>
            <div data-live="apps">
                <TableBox label="Provider apps">
                    <table class="table">
                        <caption class="sr-only">"Provider apps, those that are not registered first"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Provider"</th>
                                <th scope="col">"Used by"</th>
                                <th scope="col">"State"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {view.rows.into_iter().map(|row| view! { <Row row=row now=now/> }).collect_view()}
                        </tbody>
                    </table>
                </TableBox>
            </div>
        </Layout>
    }
}

#[component]
fn Row(row: AppRow, now: Millis) -> impl IntoView {
    let used_by = match row.integrations.as_slice() {
        [_] => "1 integration".to_owned(),
        more => format!("{} integrations: {}", more.len(), words::list(more, "and")),
    };
    let shown = match &row.saved {
        Some(_) => Shown::new(Tone::Neutral, Glyph::Ring, "Saved, not proven"),
        None => Shown::new(Tone::Neutral, Glyph::RingBar, "Not registered"),
    };
    view! {
        <tr>
            <th scope="row">
                <a class="link" href=format!("/settings/apps/{}", row.id)>{row.name}</a>
            </th>
            <td>{used_by}</td>
            <td>
                <StatusWord shown=shown/>
                {row.saved
                    .map(|(at, by)| {
                        view! {
                            <span class="block text-text-2"><RelativeTime at=at now=now/>" by "{by}</span>
                        }
                    })}
            </td>
        </tr>
    }
}
