//! What can be connected, and what an admin sees where it can't.

use patchbay_hub::{Mode, verify};

use crate::support::{Browser, Setup, TestApp, fields_of, forms};

/// The forms of a page that post to this path.
async fn posts_to(browser: &mut Browser, page: &str, action: &str) -> usize {
    let page = browser.get(page).await;
    assert_eq!(page.status, 200);
    forms(&page.body)
        .iter()
        .filter(|form| form.action == action)
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_proven_is_not_offered_and_a_verification_changes_that() {
    let app = TestApp::with(Setup {
        proven: false,
        ..Setup::default()
    })
    .await;
    let mut ana = app.ana().await;
    // Given nothing is proven
    let page = ana.get("/integrations/asana").await.text();
    assert!(
        page.contains("Not offered yet") && page.contains("Erin Park can say when it will be."),
        "{page}"
    );
    assert_eq!(
        posts_to(&mut ana, "/integrations/asana", "/integrations/asana/connect").await,
        0,
        "no button"
    );
    let forced = ana.post_form("/integrations/asana/connect", &[]).await;
    assert_eq!(forced.location(), "/integrations/asana?notice=not-offered");
    assert!(app.rows(&["flows"]).await["flows"].is_empty());
    let page = ana.get(forced.location()).await.text();
    assert!(page.contains("Nothing was connected."), "{page}");
    // When
    let only = ["github".to_owned(), "sendgrid".to_owned()];
    verify::run(&app.hub, None, Some(&only)).await.unwrap();
    // Then
    for (id, offered) in [("github", 1), ("asana", 0)] {
        let action = format!("/integrations/{id}/connect");
        assert_eq!(
            posts_to(&mut ana, &format!("/integrations/{id}"), &action).await,
            offered,
            "{id}"
        );
    }
    assert_eq!(
        posts_to(&mut ana, "/integrations/sendgrid", "/integrations/sendgrid/key").await,
        1
    );
}

/// Pending integrations stand in the list, and never with a button that fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_has_a_button_that_fails() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    for integration in app.hub.catalog() {
        let path = format!("/integrations/{}", integration.id);
        let page = ana.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        let offered = !page.text().contains("Not offered yet");
        for form in forms(&page.body)
            .into_iter()
            .filter(|form| form.action.starts_with("/integrations/"))
        {
            assert!(offered, "{path} has a form to {}", form.action);
            if form.action.ends_with("/connect") {
                let answer = ana.post_form(&form.action, &fields_of(integration)).await;
                assert!(
                    answer.location().starts_with("/connect/"),
                    "{path}: {}",
                    answer.location()
                );
            }
        }
    }
}

/// Without a provider app there is no way to connect; registering one is seen at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_is_offered_as_soon_as_its_app_is_there() {
    let app = TestApp::with(Setup {
        mode: Mode::Live,
        samples: false,
        ..Setup::default()
    })
    .await;
    let mut owner = crate::setup::owner(&app).await;
    let tenant = app
        .hub
        .viewer(&secrecy::SecretString::from(owner.session().unwrap().as_str()))
        .await
        .unwrap()
        .unwrap();
    let own = tenant
        .hats
        .iter()
        .find_map(|hat| hat.tenant.clone())
        .expect("the first tenant");
    owner.post_form("/act-for", &[("tenant", own.as_str())]).await;
    let before = owner.get("/integrations/asana").await.text();
    assert!(before.contains("Not offered yet"), "{before}");
    // When
    owner.post_form("/act-for", &[("tenant", "")]).await;
    let saved = owner
        .post_form(
            "/settings/apps/asana",
            &[("client_id", "our-id"), ("client_secret", "a-secret-of-ours")],
        )
        .await;
    assert_eq!(saved.location(), "/settings/apps/asana?notice=app-saved");
    assert!(
        !owner
            .get(saved.location())
            .await
            .body
            .contains("a-secret-of-ours"),
        "never shown again"
    );
    // Then
    owner.post_form("/act-for", &[("tenant", own.as_str())]).await;
    let after = owner.get("/integrations/asana").await.text();
    assert!(after.contains("Continue to Asana"), "{after}");
}
