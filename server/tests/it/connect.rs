//! The main job: connect, see the account, history arrives, disconnect.

use std::time::Duration;

use patchbay_store::{Scope, grants, records};

use crate::support::{Browser, Decision, START, TestApp, text};

/// Three months, as the history is brought.
const SPAN: Duration = Duration::from_hours(90 * 24);

/// What the provider holds of a stream for the last 90 days.
fn held(app: &TestApp, profile: &str, account: &str, stream: &str) -> Vec<String> {
    let mut ids = app
        .simulator()
        .truth(profile, account, stream, START.minus(SPAN).0, START.0)
        .unwrap();
    ids.sort();
    ids
}

/// What arrived of it.
async fn arrived(app: &TestApp, stream: &str) -> Vec<String> {
    let connection = app.the_connection().await;
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let mut ids = records::ids(&mut tx, &connection.id, stream, START.minus(SPAN), START)
        .await
        .unwrap();
    ids.sort();
    ids
}

/// Connects and lets history arrive; the page says so.
async fn connects(app: &TestApp, browser: &mut Browser, integration: &str, account: &str, stream: &str) {
    let answer = browser.connect(integration, Decision::Approve(0)).await;
    assert_eq!(
        answer.location(),
        format!("/integrations/{integration}?notice=connected")
    );
    let page = browser.get(answer.location()).await;
    assert!(
        page.text().contains(&format!("is connected as “{account}”")),
        "{}",
        page.text()
    );
    assert!(app.work_history().await > 0, "windows were due");
    let held = held(app, integration, account, stream);
    assert!(held.len() > 100, "the provider holds enough to tell");
    assert_eq!(
        arrived(app, stream).await,
        held,
        "everything arrived, and nothing else"
    );
    let page = browser.get(&format!("/integrations/{integration}")).await;
    assert!(page.text().contains("Connected"), "{}", page.text());
}

on_both! {
    async fn asana_connects_and_brings_ninety_days(app: &TestApp) {
        let mut ana = app.ana().await;
        connects(app, &mut ana, "asana", "ana@acme.example", "tasks").await;
    }

    async fn github_connects_and_brings_ninety_days(app: &TestApp) {
        let mut ana = app.ana().await;
        let account = app.simulator().accounts("github").unwrap()[0].label;
        connects(app, &mut ana, "github", account, "issues").await;
    }

    /// The same account again renews its connection; another account is a second one.
    async fn connecting_again_renews_and_another_account_is_another_connection(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        // When
        let again = ana.connect("asana", Decision::Approve(0)).await;
        let other = ana.connect("asana", Decision::Approve(1)).await;
        // Then
        assert_eq!(again.location(), "/integrations/asana?notice=renewed");
        assert_eq!(other.location(), "/integrations/asana?notice=connected");
        let mut labels: Vec<_> = app.connections().await.into_iter().map(|c| c.account_label).collect();
        labels.sort();
        assert_eq!(labels, ["ana@acme.example", "ops@acme.example"]);
    }

    /// S76: unusable at once, before the provider was told; and the provider is told.
    async fn s76_a_disconnected_connection_is_unusable_at_once_and_then_revoked_there(app: &TestApp) {
        // Given
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let id = app.the_connection().await.id;
        let question = ana.get(&format!("/connections/{id}/disconnect")).await;
        assert!(question.text().contains("Disconnect Asana from Acme?"), "{}", question.text());
        // When
        let answer = ana.post_form(&format!("/connections/{id}/disconnect"), &[]).await;
        // Then
        assert_eq!(answer.location(), "/integrations/asana?notice=disconnected");
        assert_eq!(app.requests_to("/-/oauth_revoke").len(), 0, "the provider has not been told yet");
        for action in ["test", "sync", "disconnect"] {
            let refused = ana.post_form(&format!("/connections/{id}/{action}"), &[]).await;
            assert_eq!(refused.status, 404, "{action}");
        }
        assert!(app.the_connection().await.ended_at.is_some());
        let page = ana.get(answer.location()).await.text();
        assert!(page.contains("Asana is disconnected."), "{page}");
        assert!(page.contains("Connect Asana"), "it can be connected again: {page}");
        // And when
        assert_eq!(app.work_revocations().await, 1);
        // Then
        let told = app.requests_to("/-/oauth_revoke");
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].status, 200, "{told:?}");
        let mut tx = app.hub.store.read(Scope::System).await.unwrap();
        for grant in grants::all(&mut tx, &id).await.unwrap() {
            assert!(grant.access.is_none() && grant.refresh.is_none(), "the sealed tokens are wiped");
        }
    }

    async fn disconnecting_keeps_records_unless_they_are_to_be_deleted_too(app: &TestApp) {
        let mut ana = app.ana().await;
        for (fields, kept) in [(&[][..], true), (&[("delete_records", "yes")][..], false)] {
            ana.connect("github", Decision::Approve(0)).await;
            app.work_history().await;
            let living = app.connections().await.into_iter().find(|c| c.ended_at.is_none()).unwrap();
            // When
            ana.post_form(&format!("/connections/{}/disconnect", living.id), fields).await;
            // Then
            let mut tx = app.hub.store.read(Scope::System).await.unwrap();
            let counts = records::counts(&mut tx, &living.id).await.unwrap();
            let records: u64 = counts.iter().map(|count| count.records).sum();
            assert_eq!(records > 0, kept, "{records} records");
        }
    }

    /// A disconnect in the middle of an import cancels what is left of it (S76).
    async fn s76_disconnecting_cancels_the_import(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let id = app.the_connection().await.id;
        ana.post_form(&format!("/connections/{id}/disconnect"), &[]).await;
        app.simulator().clear_log();
        assert_eq!(app.work_history().await, 0, "nothing is left to bring");
        assert_eq!(app.simulator().log(), [], "and the provider is not asked");
    }

    async fn a_connection_is_tested_and_read_again(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let id = app.the_connection().await.id;
        // When it works
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
        // When it is read again
        let again = ana.post_form(&format!("/connections/{id}/sync"), &[]).await;
        assert_eq!(again.location(), "/integrations/asana?notice=sync-started");
        app.work_history().await;
        assert_eq!(arrived(app, "tasks").await, held(app, "asana", "ana@acme.example", "tasks"), "once, not twice");
        // When access was withdrawn at the provider
        app.simulator().revoke_grants("asana", "ana@acme.example").unwrap();
        let refused = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(refused.location(), "/integrations/asana?notice=test-refused");
        let page = ana.get("/integrations/asana").await;
        assert!(text(&page.body).contains("Reconnect Asana"), "{}", page.text());
        assert!(app.the_connection().await.ended_at.is_none(), "nothing is thrown away");
    }

    /// An access token lives an hour; the connection does not end with it.
    async fn access_is_renewed_when_it_has_run_out(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let id = app.the_connection().await.id;
        app.wait(Duration::from_hours(2));
        let mut ana = app.ana().await;
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
        let refreshed = app.requests_to("/-/oauth_token");
        assert_eq!(refreshed.last().unwrap().value("grant_type"), Some("refresh_token"));
    }
}
