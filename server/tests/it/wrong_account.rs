//! "Not this account?": what came is gone, access there ends, and the next departure asks which account.

use patchbay_store::{
    Scope,
    connections::Connection,
    records,
    sync::{self, RunState},
};

use crate::support::{Answer, Browser, Decision, TestApp};

/// How many records a connection has.
async fn records_of(app: &TestApp, connection: &Connection) -> u64 {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let counts = records::counts(&mut tx, &connection.id).await.unwrap();
    counts.iter().map(|count| count.records).sum()
}

/// The click on the confirm page.
async fn let_go(browser: &mut Browser, connection: &Connection) -> Answer {
    let path = format!("/connections/{}/other-account", connection.id);
    browser.post_form(&path, &[]).await
}

/// Clicks the connect form of the page that follows, with its hidden field as it stands there.
async fn choose(browser: &mut Browser, page: &Answer, integration: &str) -> Answer {
    assert!(page.body.contains("name=\"choose_account\""), "{}", page.text());
    browser
        .leave_for_with(integration, &[("choose_account", "yes")])
        .await
}

/// How often something was written down.
async fn audited(app: &TestApp, action: &str) -> usize {
    let audit = app.audit().await;
    audit.iter().filter(|row| row.action == action).count()
}

on_both! {
    async fn a_wrong_account_leaves_nothing_behind(app: &TestApp) {
        // Given
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let connection = app.the_connection().await;
        let came = records_of(app, &connection).await;
        assert!(came > 100, "{came}");
        // When asked
        let page = ana.get("/integrations/asana").await.text();
        assert!(page.contains("Not this account?"), "{page}");
        let question = ana.get(&format!("/connections/{}/other-account", connection.id)).await.text();
        // Then it says what will happen
        assert!(question.contains("Connected now: ana@acme.example"), "{question}");
        assert!(question.contains("This stops the import, deletes the "), "{question}");
        assert!(question.contains(" records that came and ends the access at Asana."), "{question}");
        assert!(question.contains("once you have signed out at Asana"), "Asana documents no chooser: {question}");
        // When confirmed
        let answer = let_go(&mut ana, &connection).await;
        // Then
        assert_eq!(answer.location(), "/integrations/asana?notice=other-account");
        assert_eq!(records_of(app, &connection).await, 0, "the records are gone");
        assert!(app.the_connection().await.ended_at.is_some());
        assert_eq!(app.requests_to("/-/oauth_revoke").len(), 0, "not within the click");
        assert_eq!(app.work_revocations().await, 1);
        assert_eq!(app.requests_to("/-/oauth_revoke")[0].status, 200);
        assert_eq!(app.revocation_of(&connection).await, "done");
        assert_eq!(audited(app, "connection.wrong_account").await, 1);
        let page = ana.get(answer.location()).await.text();
        for words in [
            "That Asana account is disconnected.",
            "Connect another Asana account",
            "Sign out at app.asana.com first, or Asana goes on with the account that is signed in there.",
            "Ana Ruiz let go of the wrong Asana account; its records were deleted",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }

    /// An import that runs, and the one that connecting again began besides: neither goes on (S76).
    async fn s76_the_imports_of_a_wrong_account_are_cancelled(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        // When
        let_go(&mut ana, &connection).await;
        // Then
        app.simulator().clear_log();
        assert_eq!(app.work_history().await, 0, "no window is left");
        assert_eq!(app.simulator().log(), [], "and the provider is not asked");
        let mut tx = app.hub.store.read(Scope::System).await.unwrap();
        let latest = sync::latest_run(&mut tx, &connection.id).await.unwrap().unwrap();
        assert_eq!(latest.state, RunState::Cancelled);
        let open = sync::open_runs(&mut tx, &connection.tenant_id).await.unwrap();
        assert_eq!(open.len(), 0, "nor another one");
        drop(tx);
        assert_eq!(records_of(app, &connection).await, 0);
    }

    async fn twice_is_harmless(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        let_go(&mut ana, &connection).await;
        let before = app.rows_but(&["sessions"]).await;
        // When
        let again = let_go(&mut ana, &connection).await;
        // Then
        assert_eq!(again.location(), "/integrations/asana?notice=other-account");
        assert_eq!(app.rows_but(&["sessions"]).await, before, "nothing is written a second time");
        app.work_revocations().await;
        assert_eq!(app.requests_to("/-/oauth_revoke").len(), 1);
        let question = ana.get(&format!("/connections/{}/other-account", connection.id)).await;
        assert_eq!(question.status, 404, "and is not asked again");
    }

    /// Two clicks at the same moment, or one that is sent twice: one end, one call to the provider.
    async fn two_clicks_at_once_end_it_once(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        let (mut first, mut second) = (ana.clone(), ana.clone());
        // When
        let (one, other) = tokio::join!(let_go(&mut first, &connection), let_go(&mut second, &connection));
        // Then
        for answer in [one, other] {
            assert_eq!(answer.location(), "/integrations/asana?notice=other-account");
        }
        assert_eq!(audited(app, "connection.wrong_account").await, 1);
        app.work_revocations().await;
        assert_eq!(app.requests_to("/-/oauth_revoke").len(), 1);
    }

    /// A colleague disconnected it meanwhile and kept the records: what the page promised is done.
    async fn what_a_disconnect_kept_is_deleted(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let connection = app.the_connection().await;
        let mut mia = app.signed_in("mia@acme.example").await;
        mia.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
        assert!(records_of(app, &connection).await > 0);
        // When
        let_go(&mut ana, &connection).await;
        // Then
        assert_eq!(records_of(app, &connection).await, 0);
        let ended_by = app.the_connection().await.ended_by.unwrap().to_string();
        assert_eq!(ended_by, app.person("mia@acme.example").await, "it ended once");
        app.work_revocations().await;
        assert_eq!(app.requests_to("/-/oauth_revoke").len(), 1);
    }

    /// S66: an id of another tenant and one that never was look the same, and nothing happens.
    async fn s66_another_tenants_account_can_not_be_let_go_of(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        app.work_history().await;
        let connection = app.the_connection().await;
        let (before, came) = (app.connected_rows().await, records_of(app, &connection).await);
        let mut ben = app.ben().await;
        let mut told = Vec::new();
        for id in [connection.id.as_str(), "no-such-connection"] {
            let path = format!("/connections/{id}/other-account");
            for answer in [ben.get(&path).await, ben.post_form(&path, &[]).await] {
                assert_eq!(answer.status, 404, "{id}");
                told.push(answer.text().replace(id, "ID"));
            }
        }
        assert_eq!(told[..2], told[2..]);
        assert_eq!(app.connected_rows().await, before);
        assert_eq!(records_of(app, &connection).await, came);
        assert!(app.the_connection().await.ended_at.is_none());
    }

    /// A key stands for no account: there is nothing to let go of.
    async fn a_key_is_no_account(app: &TestApp) {
        let mut ana = app.ana().await;
        let key = "SG.sample-key-for-demo-1.accepted-by-the-simulated-sendgrid-only-1";
        ana.post_form("/integrations/sendgrid/key", &[("key", key)]).await;
        let connection = app.the_connection().await;
        assert_eq!(let_go(&mut ana, &connection).await.status, 404);
        assert!(app.the_connection().await.ended_at.is_none());
        let page = ana.get("/integrations/sendgrid").await.text();
        assert!(!page.contains("Not this account?"), "{page}");
    }
}

/// What the address at each provider carries when another account is wanted, and does not carry else: as documented there.
const CHOOSERS: &[(&str, &str, &str)] = &[
    ("gmail", "prompt", "consent select_account"),
    ("google-calendar", "prompt", "consent select_account"),
    ("google-chat", "prompt", "consent select_account"),
    ("google-drive", "prompt", "consent select_account"),
    ("outlook", "prompt", "select_account"),
    ("microsoft-teams", "prompt", "select_account"),
    ("github", "prompt", "select_account"),
    ("dropbox", "force_reauthentication", "true"),
    ("linear", "prompt", "consent"),
    ("salesforce", "prompt", "login"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_departure_asks_the_provider_for_the_choice() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    for (integration, name, value) in CHOOSERS {
        let usual = ana.leave_for(integration).await;
        assert_ne!(usual.asked_for(name).as_deref(), Some(*value), "{integration}");
        let back = ana.consent(&usual, Decision::Approve(0)).await;
        ana.get(&back).await;
        let mut all = app.connections().await;
        all.retain(|found| found.integration_id == *integration && found.ended_at.is_none());
        // When
        let answer = let_go(&mut ana, &all[0]).await;
        let page = ana.get(answer.location()).await;
        let leaving = choose(&mut ana, &page, integration).await;
        // Then
        assert!(
            page.text().contains("Choose another account at "),
            "{integration}: {}",
            page.text()
        );
        assert_eq!(leaving.asked_for(name).as_deref(), Some(*value), "{integration}");
        // A second account that signs in at the same host: Salesforce's other one is a sandbox.
        let other = if *integration == "salesforce" { 2 } else { 1 };
        let back = ana.consent(&leaving, Decision::Approve(other)).await;
        let connected = ana.get(&back).await;
        assert_eq!(
            connected.location(),
            format!("/integrations/{integration}?notice=connected")
        );
    }
    let offered: Vec<&str> = CHOOSERS.iter().map(|(integration, ..)| *integration).collect();
    for integration in app.hub.catalog.iter() {
        let has = integration
            .oauth2()
            .is_some_and(|dialect| dialect.choose_account.is_some());
        assert_eq!(
            has,
            offered.contains(&integration.id.as_str()),
            "{}",
            integration.id
        );
    }
}

/// Google ends all access that the account gave: said before, as when disconnecting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_other_connections_of_the_account_end_is_said_before() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    ana.connect("gmail", Decision::Approve(0)).await;
    let id = app.the_connection().await.id;
    let question = ana.get(&format!("/connections/{id}/other-account")).await.text();
    let words =
        "Google ends all access that this account gave us: for Gmail, Calendar, Chat and Drive alike.";
    assert!(question.contains(words), "{question}");
    assert!(
        question.contains("Then you can choose another account."),
        "{question}"
    );
    let disconnect = ana.get(&format!("/connections/{id}/disconnect")).await.text();
    assert!(disconnect.contains(words), "{disconnect}");
}

/// A second account of the same integration stands: the first one is let go of, and another one can be connected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_account_that_stands_is_left_alone() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    let right = app.the_connection().await;
    ana.connect("asana", Decision::Approve(1)).await;
    let mut all = app.connections().await;
    all.retain(|found| found.id != right.id);
    // When
    let answer = let_go(&mut ana, &all[0]).await;
    // Then
    let page = ana.get(answer.location()).await;
    assert!(
        page.text().contains("Connect another Asana account"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("ana@acme.example"), "{}", page.text());
    choose(&mut ana, &page, "asana").await;
    app.work_history().await;
    assert!(records_of(&app, &right).await > 0, "its import goes on");
    assert_eq!(records_of(&app, &all[0]).await, 0);
}

/// What was typed wrongly on the way to another account: the form comes back and still leads there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_was_filled_in_wrongly_still_leads_to_another_account() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let fields = [("hostname", "evil.example"), ("choose_account", "yes")];
    let refused = ana.post_form("/integrations/salesforce/connect", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("Connect another Salesforce account"),
        "{}",
        refused.text()
    );
    let fields = [("hostname", "login.salesforce.com"), ("choose_account", "yes")];
    assert!(refused.body.contains("name=\"choose_account\""));
    let leaving = ana.leave_for_with("salesforce", &fields).await;
    assert_eq!(leaving.asked_for("prompt").as_deref(), Some("login"));
}
