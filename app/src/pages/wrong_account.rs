//! Before the account of a connection is let go of: what stops, what is deleted, what comes next.

use leptos::prelude::*;
use patchbay_hub::view::WrongAccountView;

use super::{for_viewer, param};
use crate::{
    ui::{Breadcrumb, ConfirmPage, Layout, PageHead, Place},
    words,
};

/// `/connections/{id}/other-account`
#[component]
pub fn WrongAccount() -> impl IntoView {
    let id = param("id");
    for_viewer(|asked| async move {
        let question = asked.hub.wrong_account_question(&asked.viewer, &id).await?;
        Ok(question.map(|view| view! { <WrongAccountPage view=view/> }.into_any()))
    })
}

#[component]
fn WrongAccountPage(view: WrongAccountView) -> impl IntoView {
    let page = format!("/integrations/{}", view.integration);
    let title = format!("Use another {} account?", view.name);
    let above = vec![
        ("Integrations".to_owned(), "/integrations".to_owned()),
        (view.name.clone(), page.clone()),
    ];
    let line = format!("Connected now: {}", view.account);
    let effects = vec![
        ("What happens".to_owned(), vec![sentence(&view), next(&view)]),
        (format!("At {}", view.name), vec![view.at_provider]),
    ];
    view! {
        <Layout title=title.clone() here=Place::Integrations width="main-narrow">
            <Breadcrumb above=above/>
            <PageHead title=title line=line/>
            <ConfirmPage
                action=format!("/connections/{}/other-account", view.connection)
                verb=format!("Let go of this {} account", view.name)
                busy_verb="Letting go…"
                keep=("Keep it".to_owned(), page)
                effects=effects
            />
        </Layout>
    }
}

/// "This stops the import, deletes the 12 records that came and ends the access at Asana."
fn sentence(view: &WrongAccountView) -> String {
    let records = match view.records {
        0 => None,
        1 => Some("deletes the 1 record that came".to_owned()),
        many => Some(format!(
            "deletes the {} records that came",
            words::thousands(many)
        )),
    };
    let ends = view
        .ends_access
        .then(|| format!("ends the access at {}", view.name));
    let parts: Vec<String> = std::iter::once("stops the import".to_owned())
        .chain(records)
        .chain(ends)
        .collect();
    format!("This {}.", words::list(&parts, "and"))
}

/// What the admin does then.
fn next(view: &WrongAccountView) -> String {
    if view.asks_which {
        "Then you can choose another account.".to_owned()
    } else {
        format!(
            "Then you can connect another account, once you have signed out at {}.",
            view.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(records: u64, ends_access: bool) -> WrongAccountView {
        WrongAccountView {
            connection: "c".into(),
            integration: "asana".to_owned(),
            name: "Asana".to_owned(),
            account: "ops@acme.example".to_owned(),
            records,
            ends_access,
            at_provider: String::new(),
            asks_which: false,
        }
    }

    #[test]
    fn only_what_will_happen_is_said() {
        for (records, ends_access, words) in [
            (
                12_408,
                true,
                "This stops the import, deletes the 12,408 records that came and ends the access at Asana.",
            ),
            (
                1,
                false,
                "This stops the import and deletes the 1 record that came.",
            ),
            (0, true, "This stops the import and ends the access at Asana."),
            (0, false, "This stops the import."),
        ] {
            assert_eq!(sentence(&view(records, ends_access)), words);
        }
    }
}
