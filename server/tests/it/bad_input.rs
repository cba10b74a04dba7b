//! What goes wrong at the provider, and on our side: each ends on a page that says what happened and what to do.

use std::time::Duration;

use http::Method;
use patchbay_simulator::FaultKind;
use tower::ServiceExt as _;

use crate::support::{Answer, Decision, TestApp};

/// The ways in which a provider fails.
fn failures() -> [(&'static str, FaultKind); 6] {
    [
        ("html", FaultKind::Html200),
        (
            "500",
            FaultKind::Status {
                code: 500,
                body: Some("<h1>Traceback: CANARY-of-a-provider</h1>".to_owned()),
            },
        ),
        ("nothing", FaultKind::DropBeforeAnswer),
        ("half a body", FaultKind::CutAfterProcessing),
        (
            "a redirect",
            FaultKind::RedirectTo("http://169.254.169.254/".to_owned()),
        ),
        ("429", FaultKind::RetryAfter("120".to_owned())),
    ]
}

/// A connection that was made before, and an approval for a second one.
async fn given(app: &TestApp) -> (crate::support::Browser, String) {
    let mut ana = app.ana().await;
    ana.connect("asana", Decision::Approve(0)).await;
    let leaving = ana.leave_for("asana").await;
    let back = ana.consent(&leaving, Decision::Approve(1)).await;
    (ana, back)
}

/// It ended on the integration's page with this notice, and the audit row is the one that the page names.
async fn ends_with(app: &TestApp, answer: &Answer, notice: &str, case: &str) {
    let start = format!("/integrations/asana?notice={notice}&ref=");
    assert_eq!(answer.status, 303, "{case}");
    let reference = answer
        .location()
        .strip_prefix(&start)
        .unwrap_or_else(|| panic!("{case}: {}", answer.location()));
    let row = app.audit().await.remove(0);
    assert_eq!(row.action, "connect.callback", "{case}");
    assert_eq!(row.reason.as_deref(), Some(notice), "{case}");
    assert_eq!(row.reference.as_deref(), Some(reference), "{case}");
}

/// The provider fails under this path, in every way: nothing is stored, the earlier connection is untouched and works.
async fn fails_cleanly(app: &TestApp, path: &str) {
    let (mut ana, mut back) = given(app).await;
    let before = app.connected_rows().await;
    for (case, kind) in failures() {
        app.break_provider("app.asana.com", path, kind);
        let answer = ana.get(&back).await;
        app.simulator().clear_faults();
        ends_with(app, &answer, "exchange-failed", case).await;
        let page = ana.get(answer.location()).await;
        let said = page.text();
        assert!(
            said.contains("You approved, but Asana then failed to hand over access."),
            "{case}: {said}"
        );
        assert!(
            said.contains("Nothing was connected. Start again"),
            "{case}: {said}"
        );
        assert!(
            !page.body.contains("CANARY"),
            "{case}: a provider's own text is never shown"
        );
        assert_eq!(
            app.connected_rows().await,
            before,
            "{case}: nothing is half-stored"
        );
        let leaving = ana.leave_for("asana").await;
        back = ana.consent(&leaving, Decision::Approve(1)).await;
    }
    let id = app.the_connection().await.id;
    let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
    assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
    assert_eq!(
        ana.get(&back).await.location(),
        "/integrations/asana?notice=connected",
        "and it heals"
    );
}

on_both! {
    async fn a_provider_that_fails_on_the_token_call_leaves_nothing_behind(app: &TestApp) {
        fails_cleanly(app, "/-/oauth_token").await;
        let to_nowhere = app.simulator().log().into_iter().filter(|entry| entry.host.contains("169.254"));
        assert_eq!(to_nowhere.count(), 0, "S36: redirects are not followed");
    }

    async fn a_provider_that_fails_on_whoami_gets_its_access_back(app: &TestApp) {
        fails_cleanly(app, "/api/1.0/users/me").await;
        let given_back = app.requests_to("/-/oauth_revoke");
        assert_eq!(given_back.len(), failures().len(), "once for each token that could not be used");
    }

    async fn a_browser_that_goes_away_during_the_callback_loses_no_token(app: &TestApp) {
        let mut ana = app.ana().await;
        let leaving = ana.leave_for("asana").await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        // Given a provider that takes its time
        app.break_provider("app.asana.com", "/-/oauth_token", FaultKind::Hang(300));
        // When the connection closes while the code is being exchanged: the server drops the request's future
        let callback = app.router().oneshot(ana.request(Method::GET, &back, ""));
        assert!(tokio::time::timeout(Duration::from_millis(100), callback).await.is_err(), "it was still under way");
        assert_eq!(app.connections().await.len(), 0);
        // Then what the provider handed over is stored all the same
        for _ in 0..100 {
            if app.connections().await.len() == 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let id = app.the_connection().await.id;
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
    }

    async fn a_declined_consent_connects_nothing(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let (before, asked) = (app.connected_rows().await, app.token_requests());
        // When
        let answer = ana.connect("asana", Decision::Deny).await;
        // Then
        ends_with(app, &answer, "declined", "declined").await;
        let page = ana.get(answer.location()).await.text();
        assert!(page.contains("The request was declined at Asana."), "{page}");
        assert!(page.contains("Nothing was connected and nothing was read."), "{page}");
        assert_eq!(app.token_requests(), asked);
        assert_eq!(app.connected_rows().await, before);
    }

    async fn github_too_can_decline_and_refuse(app: &TestApp) {
        let mut ana = app.ana().await;
        let declined = ana.connect("github", Decision::Deny).await;
        assert!(declined.location().starts_with("/integrations/github?notice=declined&ref="), "{declined:?}");
        // GitHub says no to a code with status 200.
        let leaving = ana.leave_for("github").await;
        let state = leaving.asked_for("state").unwrap();
        let refused = ana.get(&format!("/callback/github?code=not-one-of-theirs&state={state}")).await;
        assert!(refused.location().starts_with("/integrations/github?notice=exchange-refused&ref="), "{refused:?}");
        assert_eq!(app.connections().await, []);
    }

    async fn a_code_that_the_provider_refuses_connects_nothing(app: &TestApp) {
        let (mut ana, _) = given(app).await;
        let leaving = ana.leave_for("asana").await;
        let state = leaving.asked_for("state").unwrap();
        let before = app.connected_rows().await;
        let answer = ana.get(&format!("/callback/asana?code=not-one-of-theirs&state={state}")).await;
        ends_with(app, &answer, "exchange-refused", "refused").await;
        let page = ana.get(answer.location()).await.text();
        assert!(page.contains("You approved, but Asana then refused to hand over access."), "{page}");
        assert_eq!(app.connected_rows().await, before);
    }

    /// Errors of the provider's own that are not a person's no: a known word, and one that nobody knows.
    async fn an_error_of_the_providers_own_is_not_called_a_no(app: &TestApp) {
        let mut ana = app.ana().await;
        for (error, notice) in [
            ("server_error", "provider-error"),
            ("<script>alert(1)</script>", "provider-error"),
            ("unauthorized_client", "app-config"),
        ] {
            let leaving = ana.leave_for("asana").await;
            let query: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("error", error)
                .append_pair("error_description", "CANARY-of-a-provider")
                .append_pair("state", &leaving.asked_for("state").unwrap())
                .finish();
            let answer = ana.get(&format!("/callback/asana?{query}")).await;
            ends_with(app, &answer, notice, error).await;
            let page = ana.get(answer.location()).await;
            assert!(!page.body.contains("CANARY") && !page.body.contains("alert(1)"), "{error}");
        }
    }

    /// Someone without access to the provider's side must not be able to make the test of a connection lie.
    async fn a_provider_that_is_away_degrades_a_connection_and_keeps_it(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let id = app.the_connection().await.id;
        app.break_provider("app.asana.com", "/", FaultKind::Status { code: 503, body: None });
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=test-unreachable");
        let page = ana.get(tested.location()).await.text();
        assert!(page.contains("The connection is kept"), "{page}");
        app.simulator().clear_faults();
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
    }
}

/// A panic ends one request, with a page and a reference, and nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_500_page_with_a_reference() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    // When
    app.clock.break_once();
    let answer = browser.get("/sign-in").await;
    // Then
    assert_eq!(answer.status, 500);
    let page = answer.text();
    assert!(page.contains("There is a problem on our side"), "{page}");
    let reference = page
        .split("Reference ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    assert_eq!(reference.len(), 8, "{page}");
    assert!(
        !answer.body.contains("CANARY"),
        "a panic's message may hold anything"
    );
    assert!(
        answer.header("content-security-policy").contains("'nonce-"),
        "it is a page like all others"
    );
    // And the next request is none the worse for it.
    assert_eq!(browser.get("/sign-in").await.status, 200);
}

/// An action that panics: same page, and the transaction that was open is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_before_a_session_is_known_is_a_500_page_too() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    app.clock.break_once();
    let answer = ana.get("/integrations").await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(answer.text().contains("Reference "), "{}", answer.text());
    assert_eq!(ana.get("/integrations").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_page_is_a_real_404_page() {
    let app = TestApp::start().await;
    for mut browser in [app.browser(), app.ana().await] {
        for path in ["/no-such-page", "/integrations/no-such-thing", "/api/v1/nothing"] {
            let answer = browser.get(path).await;
            if path.starts_with("/integrations") && browser.session().is_none() {
                assert_eq!(
                    answer.status, 303,
                    "whether there is one is not for the signed out"
                );
                continue;
            }
            assert_eq!(answer.status, 404, "{path}");
            assert!(
                answer.text().contains("Page not found"),
                "{path}: {}",
                answer.text()
            );
        }
    }
}

/// A page that a form was posted to, opened by its address: a person must not see an empty window.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_of_a_form_opened_by_hand_is_a_page_with_words() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    for path in [
        "/integrations/sendgrid/key",
        "/integrations/asana/connect",
        "/sign-out",
        "/rollout/verify",
    ] {
        let answer = ana.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(
            answer.text().contains("Page not found"),
            "{path}: {:?}",
            answer.text()
        );
    }
}

/// More than any form of ours can hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let mut ana = app.ana().await;
    let answer = ana
        .post_form("/integrations/sendgrid/key", &[("key", &"x".repeat(70_000))])
        .await;
    assert_eq!(answer.status, 413);
    assert_eq!(app.connections().await, []);
}
