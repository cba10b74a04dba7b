//! Signing in and out, and how long it lasts.

use std::time::Duration;

use crate::support::{Browser, TestApp};

const MINUTE: Duration = Duration::from_mins(1);

/// Whether this browser is signed in, as a page tells it.
async fn is_in(browser: &mut Browser) -> bool {
    let answer = browser.get("/integrations").await;
    match answer.status.as_u16() {
        200 => true,
        303 => {
            assert_eq!(answer.location(), "/sign-in?return_to=%2Fintegrations");
            false
        }
        other => panic!("status {other}"),
    }
}

on_both! {
    async fn s57_signing_in_gives_a_new_session_and_ends_the_one_before(app: &TestApp) {
        let mut browser = app.ana().await;
        let mut before = browser.clone();
        // When
        browser.sign_in("ben@globex.example").await;
        // Then
        assert_ne!(browser.session(), before.session());
        assert!(is_in(&mut browser).await);
        assert!(!is_in(&mut before).await, "the old one is dead on the server");
    }

    /// A session id that someone planted in the browser is not taken over.
    async fn s57_a_planted_session_is_not_adopted(app: &TestApp) {
        let mut browser = app.browser();
        let planted = "A".repeat(43);
        browser.cookies.insert("__Host-patchbay_session".to_owned(), planted.clone());
        browser.sign_in("ana@acme.example").await;
        assert_ne!(browser.session(), Some(&planted));
        let mut attacker = app.browser();
        attacker.cookies.insert("__Host-patchbay_session".to_owned(), planted);
        assert!(!is_in(&mut attacker).await);
    }

    async fn s57_signing_out_ends_the_session_on_the_server(app: &TestApp) {
        let mut browser = app.ana().await;
        let mut kept = browser.clone();
        let answer = browser.post_form("/sign-out", &[("return_to", "https://evil.tld")]).await;
        assert_eq!(answer.location(), "/sign-in?notice=signed-out", "S18: and goes nowhere else");
        assert_eq!(browser.session(), None, "the cookie is taken out");
        assert!(!is_in(&mut kept).await, "and is worth nothing to whoever kept it");
        assert!(kept.listen(None).await.is_err());
    }

    async fn s58_half_an_hour_without_a_request_ends_it(app: &TestApp) {
        let mut ana = app.ana().await;
        for _ in 0..3 {
            app.wait(Duration::from_millis(30 * 60 * 1000 - 1));
            assert!(is_in(&mut ana).await, "each request keeps it");
        }
        app.wait(30 * MINUTE);
        assert!(!is_in(&mut ana).await);
    }

    async fn s58_eight_hours_end_it_whatever_happens(app: &TestApp) {
        let mut ana = app.ana().await;
        for _ in 0..23 {
            app.wait(20 * MINUTE);
            assert!(is_in(&mut ana).await);
        }
        app.wait(20 * MINUTE);
        assert!(!is_in(&mut ana).await);
    }

    async fn s58_signing_in_again_comes_back_to_the_same_page(app: &TestApp) {
        let mut ana = app.ana().await;
        app.wait(31 * MINUTE);
        // When she opens a page
        let asked = ana.get("/integrations?q=asana&state=not-connected").await;
        let page = ana.get(asked.location()).await;
        let back = crate::support::forms(&page.body)
            .into_iter()
            .find(|form| form.action == "/sign-in")
            .and_then(|form| form.inner.split("name=\"return_to\" value=\"").nth(1).map(str::to_owned))
            .expect("the form knows the page");
        let back = back[..back.find('"').unwrap()].replace("&amp;", "&");
        let person = app.person("ana@acme.example").await;
        let answer = ana.post_form("/sign-in", &[("person", &person), ("return_to", &back)]).await;
        // Then
        assert_eq!(answer.location(), "/integrations?q=asana&state=not-connected");
        assert_eq!(ana.get(answer.location()).await.status, 200);
    }

    /// S49: only hashes are stored, and what they are of can't be guessed.
    async fn s49_no_token_is_in_the_database(app: &TestApp) {
        let mut ana = app.ana().await;
        ana.leave_for("asana").await;
        let dump = format!("{:?}", app.rows_but(&[]).await);
        let files = app.files();
        assert_eq!(app.rows(&["sessions"]).await["sessions"].len(), 1);
        for (name, value) in &ana.cookies {
            assert!(value.len() >= 43, "{name}: 256 bits in base64url");
            assert!(!dump.contains(value.as_str()), "{name} is in the database");
            let bytes = value.as_bytes();
            let found = files.iter().any(|file| file.windows(bytes.len()).any(|window| window == bytes));
            assert!(!found, "{name} is in the database's files");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s18_signing_in_returns_to_pages_of_ours_only() {
    let app = TestApp::start().await;
    let person = app.person("ana@acme.example").await;
    for (wish, end) in [
        ("/integrations/asana", "/integrations/asana"),
        ("https://evil.tld", "/"),
        ("//evil", "/"),
        ("/\\evil", "/"),
        ("%2f%2fevil", "/"),
        ("/%2f%2fevil", "/"),
        ("javascript:alert(1)", "/"),
        ("/callback/asana?state=1", "/"),
        ("/sign-in\r\nSet-Cookie: a=b", "/"),
    ] {
        let mut browser = app.browser();
        let asked: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", wish)
            .finish();
        let page = browser.get(&format!("/sign-in?{asked}")).await;
        assert!(
            !crate::support::links(&page.body)
                .iter()
                .any(|link| link.contains("evil")),
            "{wish:?}"
        );
        let answer = browser
            .post_form("/sign-in", &[("person", &person), ("return_to", wish)])
            .await;
        assert_eq!(answer.location(), end, "{wish:?}");
        let theme = browser
            .post_form("/theme", &[("theme", "dark"), ("return_to", wish)])
            .await;
        assert_eq!(theme.location(), end, "{wish:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn someone_who_is_no_sample_person_is_told_so() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let answer = browser.post_form("/sign-in", &[("person", "nobody")]).await;
    assert_eq!(answer.location(), "/sign-in?notice=unknown-person");
    assert_eq!(browser.session(), None);
    let page = browser.get(answer.location()).await.text();
    assert!(page.contains("There is no such person here."), "{page}");
}

/// Live mode has no sample people, whatever is posted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_live_mode_signs_nobody_in_without_a_password() {
    let app = TestApp::with(crate::support::Setup {
        mode: patchbay_hub::Mode::Live,
        ..crate::support::Setup::default()
    })
    .await;
    let person = app.person("ana@acme.example").await;
    let mut browser = app.browser();
    browser.post_form("/sign-in", &[("person", &person)]).await;
    assert_eq!(browser.session(), None);
    assert!(!is_in(&mut browser).await);
}
