//! `/dev/components`, in demo mode only: every part in every state, in both themes.

mod samples;
mod shows;

use leptos::prelude::*;

use self::shows::{Bars, Boxes, Buttons, Cards, Counts, Fields, Gates, Marks, Notices, Tables, Words};
use crate::ui::{Layout, PageHead, Place};

/// The page.
#[component]
pub fn Components() -> impl IntoView {
    view! {
        <Layout title="Components" here=Place::Elsewhere>
            <PageHead title="Components" line="Every part in every state."/>
            <Show title="Buttons"><Buttons/></Show>
            <Show title="State words"><Words/></Show>
            <Show title="Logos and times"><Marks/></Show>
            <Show title="Cards and rows"><Cards/></Show>
            <Show title="Notices"><Notices/></Show>
            <Show title="Bars"><Bars/></Show>
            <Show title="Counts"><Counts/></Show>
            <Show title="Gates and evidence"><Gates/></Show>
            <Show title="Tables"><Tables/></Show>
            <Show title="Fields"><Fields/></Show>
            <Show title="Empty, confirm, facts, details"><Boxes/></Show>
        </Layout>
    }
}

/// A heading and what stands under it.
#[component]
fn Show(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="section">
            <h2 class="mb-3">{title}</h2>
            {children()}
        </section>
    }
}
