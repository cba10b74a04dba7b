//! The click on Connect, up to the provider.

use patchbay_store::{FlowId, Place, Scope, flows};
use secrecy::ExposeSecret as _;

use crate::support::{Answer, Decision, TestApp};

fn flow_of(start: &Answer) -> FlowId {
    FlowId::from(
        start
            .location()
            .strip_prefix("/connect/")
            .expect("the leaving page"),
    )
}

/// The PKCE verifier of a flow, opened.
async fn verifier(app: &TestApp, flow: &FlowId) -> String {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let row = flows::get(&mut tx, flow).await.unwrap().unwrap();
    let place = Place {
        table: "flows",
        row: flow.as_str(),
        tenant: Some(&row.tenant_id),
        connection: None,
        field: "verifier",
    };
    let opened = tx.open(&place, &row.verifier.unwrap()).await.unwrap();
    opened.expose_secret().to_owned()
}

on_both! {
    async fn s15_every_flow_has_a_fresh_s256_challenge(app: &TestApp) {
        let mut ana = app.ana().await;
        for integration in ["asana", "github"] {
            let mut seen = Vec::new();
            for _ in 0..2 {
                let start = ana.post_form(&format!("/integrations/{integration}/connect"), &[]).await;
                let leaving = ana.get(start.location()).await;
                assert_eq!(leaving.asked_for("code_challenge_method").as_deref(), Some("S256"));
                let challenge = leaving.asked_for("code_challenge").unwrap();
                let verifier = verifier(app, &flow_of(&start)).await;
                assert_eq!(challenge.len(), 43, "SHA-256 in base64url (RFC 7636 section 4.2)");
                assert!((43..=128).contains(&verifier.len()), "RFC 7636 section 4.1");
                assert_ne!(challenge, verifier, "never plain");
                assert_eq!(leaving.asked_for("state").unwrap().len(), 43, "256 bits of state");
                seen.extend([challenge, verifier, leaving.asked_for("state").unwrap()]);
            }
            let all = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), all, "fresh for each flow");
        }
    }

    /// S64 in passing: the redirect URI does not follow what a request says about its host.
    async fn s64_the_redirect_uri_is_not_built_from_the_request(app: &TestApp) {
        let ana = app.ana().await;
        let mut request = ana.request(http::Method::POST, "/integrations/asana/connect", "");
        for (name, value) in [
            ("host", "evil.tld"),
            ("x-forwarded-host", "evil.tld"),
            ("forwarded", "host=evil.tld;proto=https"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let mut ana = ana;
        let start = ana.send(request).await;
        let leaving = ana.get(start.location()).await;
        assert_eq!(leaving.asked_for("redirect_uri").as_deref(), Some("http://localhost:3000/callback/asana"));
        assert!(!leaving.body.contains("evil.tld"));
    }

    async fn s19_the_way_to_the_provider_starts_with_303(app: &TestApp) {
        let mut ana = app.ana().await;
        let start = ana.post_form("/integrations/asana/connect", &[]).await;
        assert_eq!(start.status, 303);
        assert!(start.location().starts_with("/connect/"), "a page of ours, {}", start.location());
    }

    /// The leaving page goes on by itself and by link, with scripts off.
    async fn the_leaving_page_names_the_provider_and_goes_there(app: &TestApp) {
        let mut ana = app.ana().await;
        let leaving = ana.leave_for("asana").await;
        assert!(leaving.text().contains("Taking you to Asana"), "{}", leaving.text());
        assert!(leaving.text().contains("You leave Patchbay for app.asana.com"), "{}", leaving.text());
        assert!(leaving.body.contains("http-equiv=\"refresh\""), "{}", leaving.body);
        assert_eq!(leaving.header("referrer-policy"), "no-referrer");
        // Used up, it is gone.
        let path = leaving.asked.strip_prefix("GET ").unwrap().to_owned();
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        ana.get(&back).await;
        assert_eq!(ana.get(&path).await.status, 404);
    }

    /// S56: what an image on another site can send starts nothing.
    async fn s56_a_get_starts_no_flow(app: &TestApp) {
        let mut ana = app.ana().await;
        let answer = ana.get("/integrations/asana/connect").await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(app.rows(&["flows"]).await["flows"].is_empty());
    }

    async fn s18_a_flow_returns_to_pages_of_ours_only(app: &TestApp) {
        let mut ana = app.ana().await;
        for (wish, end) in [
            ("/", "/?notice="),
            ("/integrations", "/integrations?notice="),
            ("https://evil.tld", "/integrations/asana?notice="),
            ("//evil", "/integrations/asana?notice="),
            ("/\\evil", "/integrations/asana?notice="),
            ("%2f%2fevil", "/integrations/asana?notice="),
            ("/%2fevil", "/integrations/asana?notice="),
            ("javascript:alert(1)", "/integrations/asana?notice="),
            ("/\tevil", "/integrations/asana?notice="),
        ] {
            let start = ana.post_form("/integrations/asana/connect", &[("return_to", wish)]).await;
            let leaving = ana.get(start.location()).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let answer = ana.get(&back).await;
            assert!(answer.location().starts_with(end), "{wish:?} ended at {}", answer.location());
        }
    }

    /// S70: one tenant can't start without end, and the other is not held up by it.
    async fn s70_too_many_flows_are_refused_with_a_page(app: &TestApp) {
        let (mut ana, mut ben) = (app.ana().await, app.ben().await);
        let mut refused = None;
        for _ in 0..101 {
            let answer = ana.post_form("/integrations/asana/connect", &[]).await;
            if answer.status != 303 {
                refused = Some(answer);
            }
        }
        let refused = refused.expect("the 101st is one too many");
        assert_eq!(refused.status, 429);
        assert!(refused.text().contains("Try again in a minute"), "{}", refused.text());
        assert_eq!(refused.header("retry-after"), "60");
        assert_eq!(ben.post_form("/integrations/asana/connect", &[]).await.status, 303);
    }

    /// Two tabs at once: each flow keeps working, because they share the browser's cookie.
    async fn two_tabs_can_connect_at_the_same_time(app: &TestApp) {
        let mut ana = app.ana().await;
        let first = ana.leave_for("asana").await;
        let second = ana.leave_for("github").await;
        let (back_first, back_second) =
            (ana.consent(&first, Decision::Approve(0)).await, ana.consent(&second, Decision::Approve(0)).await);
        assert_eq!(ana.get(&back_second).await.location(), "/integrations/github?notice=connected");
        assert_eq!(ana.get(&back_first).await.location(), "/integrations/asana?notice=connected");
    }
}
