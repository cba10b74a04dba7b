//! The way back from the provider, and every way in which it is refused.

use std::{net::Ipv4Addr, time::Duration};

use futures::future::join_all;
use patchbay_store::audit::AuditRow;
use tokio::net::TcpListener;

use crate::support::{Answer, Browser, Decision, TestApp, exchange};

/// The audit row that the newest refusal wrote.
async fn refusal(app: &TestApp, reason: &str) -> AuditRow {
    let row = app
        .audit()
        .await
        .into_iter()
        .find(|row| row.action == "connect.callback")
        .expect("an audit row");
    assert_eq!(row.reason.as_deref(), Some(reason));
    assert_eq!(row.outcome.as_str(), "refused");
    row
}

/// What every refused answer has: its status, words for what happened, a way on, a reference that stands in the
/// audit row; no token request, nothing stored.
async fn is_refused(app: &TestApp, answer: &Answer, status: u16, words: &str, reason: &str) -> AuditRow {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let page = answer.text();
    assert!(page.contains(words), "“{words}” in: {page}");
    assert!(
        ["Try again", "Sign in", "Start your own"]
            .iter()
            .any(|way| page.contains(way)),
        "a way on: {page}"
    );
    assert_eq!(app.token_requests(), 0, "no token request leaves");
    assert_eq!(app.connections().await, [], "nothing is stored");
    let row = refusal(app, reason).await;
    let reference = row.reference.clone().expect("a reference");
    assert!(page.contains(&reference), "the page names the audit row");
    row
}

/// Approved as Ana, just before the callback.
async fn approved(app: &TestApp) -> (Browser, String) {
    let mut ana = app.ana().await;
    let leaving = ana.leave_for("asana").await;
    let back = ana.consent(&leaving, Decision::Approve(0)).await;
    (ana, back)
}

fn parameter(path: &str, name: &str) -> String {
    let query = path.split_once('?').unwrap().1;
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

on_both! {
    /// Given a flow of browser A, when the callback comes in browser B, signed in as the same person.
    async fn s01_another_browser_of_the_same_person_is_refused(app: &TestApp) {
        let (_, back) = approved(app).await;
        let mut other = app.ana().await;
        let answer = other.get(&back).await;
        is_refused(app, &answer, 403, "You came back in another browser than you left from.", "other-browser").await;
    }

    /// A flow cookie of one's own does not help: it must be the one that the flow was started with.
    async fn s01_a_cookie_of_another_flow_is_refused(app: &TestApp) {
        let (_, back) = approved(app).await;
        let mut other = app.ana().await;
        other.leave_for("github").await;
        let answer = other.get(&back).await;
        is_refused(app, &answer, 403, "another browser", "other-browser").await;
    }

    async fn s02_a_colleague_is_told_who_started_it(app: &TestApp) {
        let (ana, back) = approved(app).await;
        let mut mia = app.signed_in("mia@acme.example").await;
        // Even with Ana's flow cookie, as on a shared machine.
        mia.cookies.extend(ana.cookies.into_iter().filter(|(name, _)| name.contains("flow")));
        let answer = mia.get(&back).await;
        is_refused(app, &answer, 403, "Ana Ruiz started this, not you.", "other-person").await;
    }

    async fn s03_another_customer_is_refused_and_someone_is_alarmed(app: &TestApp) {
        let (_, back) = approved(app).await;
        let mut ben = app.ben().await;
        let answer = ben.get(&back).await;
        let row = is_refused(app, &answer, 403, "Someone else started this.", "other-tenant").await;
        assert_eq!(row.severity.as_deref(), Some("high"));
        assert_eq!(row.tenant_id, None, "the row is the company's: neither tenant reads the other's names in it");
        assert!(!answer.body.contains("Ana") && !answer.body.contains("Acme"), "nothing of the other tenant");
        let mut ana = app.ana().await;
        assert!(!ana.get("/").await.body.contains("Ben Cole"), "nor the other way round");
    }

    async fn s04_nobody_signed_in_is_refused_before_the_token_call(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        ana.post_form("/sign-out", &[]).await;
        let answer = ana.get(&back).await;
        is_refused(app, &answer, 401, "You are not signed in, so the approval was not used.", "signed-out").await;
        // There is no "complete, then sign in": the flow is over.
        ana.sign_in("ana@acme.example").await;
        assert_eq!(ana.get(&back).await.status, 409);
        assert_eq!(app.token_requests(), 0);
    }

    async fn s05_an_answer_at_another_integrations_address_is_refused(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        let elsewhere = back.replace("/callback/asana", "/callback/github");
        let answer = ana.get(&elsewhere).await;
        is_refused(app, &answer, 403, "was started for another integration", "other-integration").await;
        let nowhere = back.replace("/callback/asana", "/callback/no-such-thing");
        assert_eq!(ana.get(&nowhere).await.status, 409, "and it was used up by the first");
        assert_eq!(app.token_requests(), 0);
    }

    async fn s12_a_used_answer_is_refused(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        assert_eq!(ana.get(&back).await.location(), "/integrations/asana?notice=connected");
        let before = app.connected_rows().await;
        // When
        let replay = ana.get(&back).await;
        // Then
        assert_eq!(replay.status, 409);
        assert!(replay.text().contains("This approval was already used."), "{}", replay.text());
        assert!(replay.text().contains("An earlier connection is untouched."), "{}", replay.text());
        assert_eq!(app.token_requests(), 1);
        assert_eq!(app.connected_rows().await, before);
        refusal(app, "used").await;
    }

    async fn s12_of_fifty_at_once_exactly_one_connects(app: &TestApp) {
        let (ana, back) = approved(app).await;
        let replays = (0..50).map(|_| {
            let (mut browser, back) = (ana.clone(), back.clone());
            tokio::spawn(async move { browser.get(&back).await })
        });
        let answers: Vec<Answer> = join_all(replays).await.into_iter().map(Result::unwrap).collect();
        let connected = answers.iter().filter(|a| a.location() == "/integrations/asana?notice=connected").count();
        let refused = answers.iter().filter(|a| a.status == 409).count();
        assert_eq!((connected, refused), (1, 49));
        assert_eq!(app.token_requests(), 1, "exactly one token request ever left");
        assert_eq!(app.connections().await.len(), 1);
    }

    async fn s13_an_answer_after_ten_minutes_is_refused(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        app.wait(Duration::from_mins(10));
        let answer = ana.get(&back).await;
        is_refused(app, &answer, 410, "This approval is older than 10 minutes.", "late").await;
    }

    async fn s13_an_answer_just_before_is_taken(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        app.wait(Duration::from_millis(10 * 60 * 1000 - 1));
        assert_eq!(ana.get(&back).await.location(), "/integrations/asana?notice=connected");
    }

    async fn s14_a_state_that_is_not_ours_is_refused_without_a_trace_of_the_database(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        let state = parameter(&back, "state");
        let flipped = flip_a_bit(&state);
        for (wrong, reason) in [
            (flipped, "unknown-state"),
            ("A".repeat(43), "unknown-state"),
            (state[..42].to_owned(), "malformed"),
            (format!("{state}A"), "malformed"),
            ("x".repeat(50_000), "malformed"),
            ("%27%20OR%201=1--".to_owned(), "malformed"),
            ("%00".repeat(43), "malformed"),
            (String::new(), "malformed"),
        ] {
            let answer = ana.get(&format!("/callback/asana?code=anything&state={wrong}")).await;
            let words = if reason == "malformed" { "could not be read" } else { "does not belong to anything" };
            is_refused(app, &answer, 400, words, reason).await;
            let page = answer.body.to_lowercase();
            for leak in ["sqlite", "postgres", "sqlx", "select ", "constraint", "state_hash"] {
                assert!(!page.contains(leak), "“{leak}” in the page");
            }
        }
        // And the flow itself is none the worse for it.
        assert_eq!(ana.get(&back).await.location(), "/integrations/asana?notice=connected");
    }

    async fn s21_a_parameter_twice_is_refused(app: &TestApp) {
        let (mut ana, back) = approved(app).await;
        let state = parameter(&back, "state");
        for doubled in [format!("{back}&code=another"), format!("{back}&state={state}")] {
            let answer = ana.get(&doubled).await;
            is_refused(app, &answer, 400, "could not be read", "malformed").await;
        }
    }

    /// An attacker gets a code for his own account and has the victim's browser bring it with the victim's state. The
    /// provider knows whose challenge the code belongs to, so the verifier does not match.
    async fn s16_an_injected_code_does_not_match_the_verifier(app: &TestApp) {
        // Given the victim's connection, and both with a fresh approval
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        let mut ben = app.ben().await;
        let leaving = ben.leave_for("asana").await;
        let stolen = parameter(&ben.consent(&leaving, Decision::Approve(2)).await, "code");
        let leaving = ana.leave_for("asana").await;
        let state = parameter(&ana.consent(&leaving, Decision::Approve(0)).await, "state");
        let before = app.connected_rows().await;
        // When
        let answer = ana.get(&format!("/callback/asana?code={stolen}&state={state}")).await;
        // Then
        assert!(answer.location().starts_with("/integrations/asana?notice=exchange-refused&ref="), "{answer:?}");
        let asked = app.requests_to("/-/oauth_token").pop().unwrap();
        assert!(asked.refused.unwrap().contains("verifier"), "refused for the verifier, not for anything else");
        assert_eq!(app.connected_rows().await, before, "the old connection is untouched");
        let id = app.the_connection().await.id;
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
    }
}

/// The same text with one bit of one letter changed, still of the right alphabet.
fn flip_a_bit(state: &str) -> String {
    let mut letters = state.to_owned().into_bytes();
    let place = letters
        .iter()
        .position(|letter| (*letter ^ 1).is_ascii_alphanumeric())
        .unwrap();
    letters[place] ^= 1;
    String::from_utf8(letters).unwrap()
}

/// S14: a megabyte does not reach the router at all. That takes a socket, because no request of that size can even be
/// made in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_a_megabyte_of_state_is_refused() {
    let app = TestApp::start().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = app.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let state = "A".repeat(1024 * 1024);
    let request = format!(
        "GET /callback/asana?code=x&state={state} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    let answer = exchange(port, &request).await;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    assert!(["414", "431", "400"].contains(&status), "{answer}");
    assert!(!answer.contains("AAAA"), "nothing is echoed");
    // And the server goes on.
    let alive = exchange(
        port,
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(alive.ends_with("ok"), "{alive}");
    server.abort();
}
