//! A provider that names itself in its answers (RFC 9207), and answers of others.

use url::form_urlencoded;

use crate::support::{Browser, Decision, Setup, TestApp};

const ISSUER: &str = "https://app.asana.com";

/// This deployment knows that Asana names itself.
async fn app() -> TestApp {
    TestApp::with(Setup {
        own: vec![("asana.toml", format!("[oauth2]\nissuer = \"{ISSUER}\"\n"))],
        ..Setup::default()
    })
    .await
}

/// Ana is back from Asana, with an answer that names this issuer.
async fn back(app: &TestApp, decision: Decision, issuer: Option<&str>) -> (Browser, String) {
    let mut ana = app.ana().await;
    let leaving = ana.leave_for("asana").await;
    let mut back = ana.consent(&leaving, decision).await;
    if let Some(issuer) = issuer {
        let iss: String = form_urlencoded::byte_serialize(issuer.as_bytes()).collect();
        back = format!("{back}&iss={iss}");
    }
    (ana, back)
}

/// It ends as an answer that the provider did not write, and nothing was asked of the provider.
async fn is_refused(decision: Decision, issuer: Option<&str>) {
    let app = app().await;
    let (mut ana, back) = back(&app, decision, issuer).await;
    let answer = ana.get(&back).await;
    assert_eq!(answer.status, 403, "{issuer:?}: {}", answer.body);
    let row = app
        .audit()
        .await
        .into_iter()
        .find(|row| row.action == "connect.callback");
    assert_eq!(
        row.expect("it is written down").reason.as_deref(),
        Some("forged"),
        "{issuer:?}"
    );
    assert_eq!(app.token_requests(), 0, "{issuer:?}");
    assert!(app.connections().await.is_empty(), "{issuer:?}");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_names_its_provider_connects() {
    let app = app().await;
    let (mut ana, back) = back(&app, Decision::Approve(0), Some(ISSUER)).await;
    assert_eq!(
        ana.get(&back).await.location(),
        "/integrations/asana?notice=connected"
    );
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s09_an_answer_that_names_nobody_is_refused() {
    is_refused(Decision::Approve(0), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s10_an_issuer_is_compared_letter_by_letter() {
    for other in [
        "https://app.asana.com/",
        "https://APP.asana.com",
        "http://app.asana.com",
        "https://evil.example",
        "",
    ] {
        is_refused(Decision::Approve(0), Some(other)).await;
    }
}

/// Who said no is not shown as having done so where somebody else says it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s11_a_refusal_in_anothers_name_is_not_the_providers() {
    is_refused(Decision::Deny, Some("https://evil.example")).await;
    let app = app().await;
    let (mut ana, back) = back(&app, Decision::Deny, Some(ISSUER)).await;
    let page = ana.get(&back).await;
    assert!(page.location().contains("notice=declined"), "{}", page.location());
    app.close().await;
}
