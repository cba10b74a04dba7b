//! A key that the admin copied from the provider: SendGrid.

use patchbay_store::{Scope, grants};

use crate::support::{TestApp, forms};

/// Sample keys of the demo, which the simulated SendGrid accepts.
const FIRST: &str = "SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1";
const SECOND: &str = "SG.sample-key-for-demo-2.accepted-by-the-simulated-sendgrid-only-2";
/// It has the shape of a key, but SendGrid does not know it.
const UNKNOWN: &str = "SG.a-key-of-nobody-at-all.which-has-the-right-shape-and-is-not-known-there";
const PATH: &str = "/integrations/sendgrid/key";

on_both! {
    async fn a_key_is_saved_replaced_and_removed(app: &TestApp) {
        let mut ana = app.ana().await;
        // Saved
        let saved = ana.post_form(PATH, &[("region", "global"), ("key", FIRST)]).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, "/integrations/sendgrid?notice=key-saved"));
        let page = ana.get(saved.location()).await.text();
        assert!(page.contains("The SendGrid key works and is sealed."), "{page}");
        // Replaced
        let replaced = ana.post_form(PATH, &[("region", "global"), ("key", SECOND)]).await;
        assert_eq!(replaced.location(), "/integrations/sendgrid?notice=key-replaced");
        let id = app.the_connection().await.id;
        let mut tx = app.hub.store.read(Scope::System).await.unwrap();
        let sealed = grants::all(&mut tx, &id).await.unwrap();
        drop(tx);
        assert_eq!(sealed.len(), 2);
        assert_eq!(sealed.iter().filter(|grant| grant.access.is_some()).count(), 1, "the first key is wiped");
        // Works
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/sendgrid?notice=tested-ok");
        // Removed
        let question = ana.get(&format!("/connections/{id}/disconnect")).await.text();
        assert!(question.contains("Remove the SendGrid key from Acme?"), "{question}");
        ana.post_form(&format!("/connections/{id}/disconnect"), &[]).await;
        let mut tx = app.hub.store.read(Scope::System).await.unwrap();
        let left = grants::all(&mut tx, &id).await.unwrap();
        assert!(left.iter().all(|grant| grant.access.is_none()), "the sealed key is wiped at once");
        drop(tx);
        let page = ana.get("/integrations/sendgrid").await.text();
        assert!(page.contains("Add a SendGrid key"), "{page}");
    }

    /// S29: tested before it is stored, never echoed; what else was typed is kept.
    async fn s29_a_refused_key_is_said_so_and_not_stored_or_shown(app: &TestApp) {
        let mut ana = app.ana().await;
        let before = app.connected_rows().await;
        // When
        let answer = ana.post_form(PATH, &[("region", "eu"), ("key", UNKNOWN)]).await;
        // Then
        assert_eq!(answer.status, 422);
        let page = answer.text();
        assert!(page.contains("SendGrid refused this key."), "what happened: {page}");
        assert!(page.contains("Check that the key was copied whole"), "what to do: {page}");
        assert!(!answer.body.contains(UNKNOWN), "the key is not in the page");
        assert!(answer.body.contains("value=\"eu\" selected"), "the region stays chosen");
        assert_eq!(app.connected_rows().await, before, "nothing is half-stored");
        let row = &app.audit().await[0];
        assert_eq!((row.action.as_str(), row.outcome.as_str()), ("key.tested", "refused"));
    }

    async fn s29_a_key_of_the_wrong_shape_is_sent_nowhere(app: &TestApp) {
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for typed in ["", "   ", "SG.short", "sk_live_something-of-another-provider"] {
            let answer = ana.post_form(PATH, &[("region", "global"), ("key", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?}");
            assert!(typed.trim().is_empty() || !answer.body.contains(typed), "{typed:?} is not echoed");
            assert!(answer.body.contains("aria-invalid=\"true\""), "{typed:?}: the field is marked");
        }
        assert_eq!(app.simulator().log(), [], "nothing was sent");
        assert_eq!(app.connections().await, [], "nothing was stored");
    }

    /// A refused replacement leaves the stored key in use.
    async fn a_refused_replacement_leaves_the_key_that_works(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.post_form(PATH, &[("region", "global"), ("key", FIRST)]).await;
        let before = app.connected_rows().await;
        let answer = ana.post_form(PATH, &[("region", "global"), ("key", UNKNOWN)]).await;
        assert_eq!(answer.status, 422);
        assert_eq!(app.connected_rows().await, before);
    }

    async fn a_wrong_region_is_said_at_its_field(app: &TestApp) {
        let mut ana = app.ana().await;
        let answer = ana.post_form(PATH, &[("region", "mars"), ("key", SECOND)]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("Choose one of the values for Region"), "{}", answer.text());
        assert!(!answer.body.contains(SECOND));
    }
}

/// S29: POST only, field of type password, nothing filled in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s29_the_form_hides_what_is_typed() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let page = ana.get("/integrations/sendgrid").await;
    let form = forms(&page.body)
        .into_iter()
        .find(|form| form.action == PATH)
        .expect("a form for the key");
    assert_eq!(form.method, "post");
    assert!(
        form.fields.contains(&("password".to_owned(), "key".to_owned())),
        "{:?}",
        form.fields
    );
    let field = form
        .inner
        .split("<input")
        .find(|tag| tag.contains("password"))
        .unwrap();
    let field = &field[..field.find('>').unwrap()];
    assert!(!field.contains(" value="), "{field}");
    assert!(field.contains("autocomplete=\"off\""), "{field}");
    // A key in an address is not taken.
    let answer = ana.get(&format!("{PATH}?key={FIRST}")).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert_eq!(app.connections().await, []);
}
