//! Every way in which a provider goes wrong, at the call that makes access and at a call with it: each ends in plain words
//! or is tried again, nothing is half-stored, no token is lost or shown.

use std::time::Duration;

use patchbay_hub::tokens::worker;
use patchbay_simulator::{Fault, FaultKind};
use patchbay_store::{
    Scope,
    connections::{Connection, ConnectionState},
    records,
    sync::{self, RunState},
};

use crate::support::{Browser, Decision, START, TestApp};

/// Three months, as the history is brought.
const SPAN: Duration = Duration::from_hours(90 * 24);

/// One integration of each kind of authorization, with the call that makes access of an approval.
const TOKEN_CALLS: [(&str, &str, &str); 3] = [
    ("asana", "app.asana.com", "/-/oauth_token"),
    ("jira", "auth.atlassian.com", "/oauth/token"),
    ("trello", "trello.com", "/1/OAuthGetAccessToken"),
];

/// What no page may show of a provider's answer.
const THEIRS: [&str; 5] = [
    "Maintenance",
    "Too many requests",
    "169.254",
    "xxxxxxxx",
    "CANARY",
];

/// The faults after which there is no answer that could be used.
fn failures() -> Vec<FaultKind> {
    vec![
        FaultKind::Status {
            code: 500,
            body: Some("CANARY".to_owned()),
        },
        FaultKind::Html200,
        FaultKind::DropBeforeAnswer,
        FaultKind::CutAfterProcessing,
        FaultKind::HalfBody,
        // More than an answer, or a page of records, may have.
        FaultKind::HugeBody(17 * 1024 * 1024),
        FaultKind::RedirectTo("http://169.254.169.254/latest/meta-data/".to_owned()),
        FaultKind::RetryAfter("120".to_owned()),
        FaultKind::RetryDateIn(120),
        FaultKind::ResetIn(120),
    ]
}

/// The next request to this address goes wrong in this way; the one after it does not.
fn once(app: &TestApp, host: &str, path: &str, kind: FaultKind) {
    app.simulator().set_fault(Fault {
        host: host.to_owned(),
        path_prefix: path.to_owned(),
        times: 1,
        kind,
    });
}

/// Approved, just before the callback.
async fn approved(browser: &mut Browser, integration: &str) -> String {
    let leaving = browser.leave_for(integration).await;
    browser.consent(&leaving, Decision::Approve(0)).await
}

async fn of(app: &TestApp, integration: &str) -> Connection {
    let mut all = app.connections().await;
    all.retain(|found| found.integration_id == integration);
    all.remove(0)
}

/// What the admin's test of the connection says.
async fn tested(browser: &mut Browser, connection: &Connection) -> String {
    let answer = browser
        .post_form(&format!("/connections/{}/test", connection.id), &[])
        .await;
    let (_, notice) = answer.location().split_once("notice=").unwrap();
    notice.to_owned()
}

/// What a page says, once it is sure that nothing of the provider's own stands in it.
async fn said(browser: &mut Browser, path: &str, case: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{case}");
    for theirs in THEIRS {
        assert!(!page.body.contains(theirs), "{case}: {theirs}");
    }
    page.text()
}

on_both! {
    async fn no_fault_at_the_token_call_leaves_half_a_connection(app: &TestApp) {
        let mut ana = app.ana().await;
        for (integration, host, path) in TOKEN_CALLS {
            let before = app.connected_rows().await;
            for fault in failures() {
                let case = format!("{integration} {}", fault.name());
                let back = approved(&mut ana, integration).await;
                once(app, host, path, fault);
                // When
                let answer = ana.get(&back).await;
                // Then
                let refused = format!("/integrations/{integration}?notice=exchange-");
                assert!(answer.location().starts_with(&refused), "{case}: {}", answer.location());
                let words = said(&mut ana, answer.location(), &case).await;
                assert!(words.contains("hand over access"), "{case}: {words}");
                assert!(words.contains("Nothing was connected"), "{case}: {words}");
                assert_eq!(app.connected_rows().await, before, "{case}: nothing is half-stored");
                app.simulator().clear_faults();
            }
            let elsewhere = app.simulator().log().into_iter().filter(|entry| entry.host.contains("169.254"));
            assert_eq!(elsewhere.count(), 0, "S36: redirects are not followed");
            let back = approved(&mut ana, integration).await;
            assert_eq!(
                ana.get(&back).await.location(),
                format!("/integrations/{integration}?notice=connected"),
                "and it heals"
            );
        }
    }

    async fn a_slow_answer_and_one_under_a_wrong_name_connect_all_the_same(app: &TestApp) {
        let mut ana = app.ana().await;
        for (integration, host, path) in TOKEN_CALLS {
            for fault in [FaultKind::Hang(80), FaultKind::ContentType("application/octet-stream".to_owned())] {
                let case = format!("{integration} {}", fault.name());
                let back = approved(&mut ana, integration).await;
                once(app, host, path, fault);
                let answer = ana.get(&back).await;
                // The media type of a form is what tells it from any other text, so it is needed where there is no JSON.
                let unreadable = integration == "trello" && case.ends_with("content_type");
                let notice = if unreadable { "exchange-failed" } else { "connected" };
                let renewed = answer.location().ends_with("notice=renewed");
                assert!(renewed || answer.location().contains(notice), "{case}: {}", answer.location());
            }
        }
    }

    async fn no_fault_at_the_test_of_a_key_stores_it(app: &TestApp) {
        const KEY: &str = "SG.sample-key-for-demo-2.accepted-by-the-simulated-sendgrid-only-2";
        let mut ana = app.ana().await;
        let before = app.connected_rows().await;
        for fault in failures() {
            let case = fault.name();
            once(app, "api.sendgrid.com", "/v3/scopes", fault);
            let answer = ana.post_form("/integrations/sendgrid/key", &[("key", KEY)]).await;
            assert_eq!(answer.status, 422, "{case}: {}", answer.location());
            let words = answer.text();
            assert!(words.contains("SendGrid did not answer, so the key could not be tested"), "{case}: {words}");
            assert!(!answer.body.contains(KEY), "{case}: never shown again");
            assert_eq!(app.connected_rows().await, before, "{case}");
            app.simulator().clear_faults();
        }
        let saved = ana.post_form("/integrations/sendgrid/key", &[("key", KEY)]).await;
        assert_eq!(saved.location(), "/integrations/sendgrid?notice=key-saved");
    }

    async fn no_fault_at_an_api_call_costs_the_connection_its_access(app: &TestApp) {
        let mut ana = app.ana().await;
        for (integration, host, path) in [
            ("asana", "app.asana.com", "/api/1.0/users/me"),
            ("trello", "api.trello.com", "/1/members/me"),
        ] {
            ana.connect(integration, Decision::Approve(0)).await;
            let connection = of(app, integration).await;
            let grants = app.rows(&["grants"]).await;
            for fault in failures() {
                let case = format!("{integration} {}", fault.name());
                once(app, host, path, fault);
                assert_eq!(tested(&mut ana, &connection).await, "test-unreachable", "{case}");
                assert_eq!(of(app, integration).await.state, ConnectionState::Degraded, "{case}");
                let page = format!("/integrations/{integration}");
                let words = said(&mut ana, &page, &case).await;
                assert!(words.contains("did not answer when we last asked; we retry"), "{case}: {words}");
                assert_eq!(app.rows(&["grants"]).await, grants, "{case}: no token is lost");
                app.simulator().clear_faults();
                assert_eq!(tested(&mut ana, &connection).await, "tested-ok", "{case}: and it heals");
            }
            assert_eq!(of(app, integration).await.state, ConnectionState::Healthy);
        }
    }

    /// All of them one after the other in the middle of an import: it takes longer, and everything arrives once.
    async fn an_import_survives_every_fault(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        for fault in failures() {
            once(app, "app.asana.com", "/api/1.0/tasks", fault);
        }
        let state = async || {
            let mut tx = app.hub.store.read(Scope::System).await.unwrap();
            sync::latest_run(&mut tx, &connection.id).await.unwrap().unwrap().state
        };
        for _ in 0..60 {
            app.work_history().await;
            if !state().await.is_open() {
                break;
            }
            app.wait(Duration::from_mins(20));
        }
        assert_eq!(state().await, RunState::Done, "without gaps");
        let mut tx = app.hub.store.read(Scope::System).await.unwrap();
        let mut arrived = records::ids(&mut tx, &connection.id, "tasks", START.minus(SPAN), START).await.unwrap();
        drop(tx);
        let (from, to) = (START.minus(SPAN).0, START.0);
        let mut held = app.simulator().truth("asana", "ana@acme.example", "tasks", from, to).unwrap();
        arrived.sort();
        held.sort();
        assert_eq!(arrived, held);
        assert_eq!(app.the_connection().await.account_label, "ana@acme.example");
    }

    /// Less than was asked for is said, and what was allowed works.
    async fn a_scope_that_was_taken_away_limits_the_connection(app: &TestApp) {
        let mut ana = app.ana().await;
        let back = approved(&mut ana, "github").await;
        once(app, "github.com", "/login/oauth/access_token", FaultKind::FewerScopes);
        let answer = ana.get(&back).await;
        assert_eq!(answer.location(), "/integrations/github?notice=connected");
        let connection = of(app, "github").await;
        assert_eq!(connection.state, ConnectionState::Limited);
        let words = said(&mut ana, "/integrations/github", "fewer scopes").await;
        assert!(words.contains("Less was allowed at GitHub than we asked for. Missing: "), "{words}");
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
        assert_eq!(of(app, "github").await.state, ConnectionState::Limited, "it stays so");
    }

    /// An approval that turns out to be another account's is that account's connection, by its name.
    async fn another_accounts_approval_is_a_connection_of_that_account(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let first = app.the_connection().await;
        let grants = app.rows(&["grants"]).await;
        // The page names the newest, so that one must be newer.
        app.wait(Duration::from_mins(1));
        let back = approved(&mut ana, "asana").await;
        once(app, "app.asana.com", "/-/oauth_token", FaultKind::OtherAccount);
        let answer = ana.get(&back).await;
        assert_eq!(answer.location(), "/integrations/asana?notice=connected", "not the same one renewed");
        let words = said(&mut ana, answer.location(), "other account").await;
        assert!(words.contains("Asana is connected as “ops@acme.example”."), "{words}");
        let mut all = app.connections().await;
        all.retain(|found| found.id == first.id);
        assert_eq!(all[0].account_label, "ana@acme.example", "the first one is as it was");
        let now = app.rows(&["grants"]).await;
        assert!(grants["grants"].iter().all(|row| now["grants"].contains(row)), "with its tokens");
    }

    /// Access that answers about another account brings nothing of it into the connection.
    async fn access_that_became_another_accounts_is_found_out(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let connection = app.the_connection().await;
        once(app, "app.asana.com", "/api/1.0/users/me", FaultKind::OtherAccount);
        // When
        assert_eq!(tested(&mut ana, &connection).await, "test-other-account");
        // Then
        let found = app.the_connection().await;
        assert_eq!(found.state, ConnectionState::NeedsReconnect);
        assert_eq!(found.account_label, "ana@acme.example");
        let words = said(&mut ana, "/integrations/asana?notice=test-other-account", "other account").await;
        for sentence in [
            "Asana answered about another account than “ana@acme.example”.",
            "Asana answers about another account now. Your data is kept. Any admin can reconnect.",
            "Reconnect Asana",
        ] {
            assert!(words.contains(sentence), "{sentence}: {words}");
        }
        assert!(!words.contains("ops@acme.example"), "whose it is now is nobody's business here");
        assert_eq!(app.work_history().await, 0, "its import has stopped");
        // A renewal of the same access does not mend it; an approval does.
        app.wait(Duration::from_hours(2));
        let mut ana = app.ana().await;
        assert_eq!(tested(&mut ana, &connection).await, "test-other-account");
        assert_eq!(app.the_connection().await.state, ConnectionState::NeedsReconnect);
        let again = ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(again.location(), "/integrations/asana?notice=renewed");
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
    }

    /// A refresh token that is spent and not replaced: what came is used to its end, then a person is asked. Nothing else is
    /// lost.
    async fn a_rotation_that_hands_over_nothing_ends_in_a_reconnect(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("calendly", Decision::Approve(0)).await;
        app.wait(Duration::from_hours(12));
        let connection = of(app, "calendly").await;
        once(app, "auth.calendly.com", "/oauth/token", FaultKind::NoNewRefreshToken);
        let mut ana = app.ana().await;
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok", "what came works");
        app.wait(Duration::from_hours(12));
        worker::work_once(&app.hub).await.unwrap();
        let mut ana = app.ana().await;
        assert_eq!(tested(&mut ana, &connection).await, "test-refused");
        assert_eq!(of(app, "calendly").await.state, ConnectionState::NeedsReconnect);
        let words = said(&mut ana, "/integrations/calendly", "no new token").await;
        assert!(words.contains("Your data is kept."), "{words}");
        assert!(words.contains("Reconnect Calendly"), "{words}");
        let again = ana.connect("calendly", Decision::Approve(0)).await;
        assert_eq!(again.location(), "/integrations/calendly?notice=renewed");
        assert_eq!(tested(&mut ana, &connection).await, "tested-ok");
    }
}
