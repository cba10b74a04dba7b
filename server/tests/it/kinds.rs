//! The two authorizations that are not OAuth 2.0, request tokens (Trello) and links (Plaid), through the real router: what
//! must hold for every callback holds for theirs, and what only they can get wrong is refused.

use futures::future::join_all;
use patchbay_hub::connect::Refusal;
use patchbay_simulator::FaultKind;
use secrecy::SecretString;
use serde_json::json;

use crate::support::{Answer, Browser, Decision, TestApp};

/// An integration, what has to be typed, and the call that makes access of an answer.
type Kind = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// One of each kind.
const KINDS: [Kind; 2] = [
    ("trello", &[], "/1/OAuthGetAccessToken"),
    (
        "plaid",
        &[("environment", "production")],
        "/item/public_token/exchange",
    ),
];

const GET: &str = "/link/token/get";

/// Makes another way back of a good one, and of another's request token and verifier.
type Tamper = fn(&str, Option<&str>, Option<&str>) -> String;

/// Approved, just before the callback.
async fn approved(browser: &mut Browser, id: &str, fields: &[(&str, &str)]) -> String {
    let leaving = browser.leave_for_with(id, fields).await;
    browser.consent(&leaving, Decision::Approve(0)).await
}

/// Fails where anything was asked of any provider, or stored.
async fn nothing_happened(app: &TestApp, answer: &Answer) {
    assert_eq!(app.simulator().log(), [], "{answer:?}");
    assert_eq!(app.connections().await, []);
}

async fn reason(app: &TestApp) -> Option<String> {
    app.audit().await[0].reason.clone()
}

fn parameter(path: &str, name: &str) -> Option<String> {
    let query = path.split_once('?').unwrap().1;
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// A path with another value for one parameter of its query; none leaves it out.
fn with(path: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = path.split_once('?').unwrap();
    let kept = url::form_urlencoded::parse(query.as_bytes()).filter_map(|(key, old)| match value {
        _ if key != name => Some((key.into_owned(), old.into_owned())),
        value => Some((key.into_owned(), value?.to_owned())),
    });
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    format!("{path}?{query}")
}

fn body(text: impl Into<String>) -> FaultKind {
    FaultKind::Status {
        code: 200,
        body: Some(text.into()),
    }
}

/// A start that comes to nothing: the admin is told on the integration's page, no flow is there, an audit row is.
async fn not_started(app: &TestApp, browser: &mut Browser, id: &str, fields: &[(&str, &str)], notice: &str) {
    let answer = browser
        .post_form(&format!("/integrations/{id}/connect"), fields)
        .await;
    let page = format!("/integrations/{id}?notice={notice}&ref=");
    assert!(answer.location().starts_with(&page), "{answer:?}");
    assert!(app.rows(&["flows"]).await["flows"].is_empty());
    let row = &app.audit().await[0];
    assert_eq!(
        (row.action.as_str(), row.outcome.as_str(), row.reason.as_deref()),
        ("connect.started", "failed", Some(notice))
    );
    let reference = row.reference.clone().unwrap();
    assert!(answer.location().ends_with(&reference), "the audit row's own");
    let shown = browser.get(answer.location()).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains(&reference), "{}", shown.text());
}

on_both! {
    async fn both_kinds_connect_renew_or_add_and_end(app: &TestApp) {
        let mut ana = app.ana().await;
        for (id, fields, exchange) in KINDS {
            let leaving = ana.leave_for_with(id, fields).await;
            assert_eq!(leaving.asked_for("state"), None, "{id}: the state is in the way back, not in this address");
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            assert_eq!(parameter(&back, "state").unwrap().len(), 43, "{id}");
            let answer = ana.get(&back).await;
            assert_eq!(answer.location(), format!("/integrations/{id}?notice=connected"));
            assert_eq!(app.requests_to(exchange).len(), 1, "{id}");
            let again = approved(&mut ana, id, fields).await;
            let again = ana.get(&again).await;
            // The same Trello account renews; a bank that is linked again is another Item, so it is another connection.
            let word = if id == "trello" { "renewed" } else { "connected" };
            assert_eq!(again.location(), format!("/integrations/{id}?notice={word}"));
        }
        let all = app.connections().await;
        let labels: Vec<_> = all.iter().map(|found| found.account_label.as_str()).collect();
        assert_eq!(labels.iter().filter(|label| **label == "anaruiz").count(), 1, "{labels:?}");
        assert_eq!(labels.iter().filter(|label| **label == "First Platypus Bank").count(), 2, "{labels:?}");
        for connection in all {
            let tested = ana.post_form(&format!("/connections/{}/test", connection.id), &[]).await;
            assert!(tested.location().ends_with("?notice=tested-ok"), "{tested:?}");
            let question = ana.get(&format!("/connections/{}/disconnect", connection.id)).await.text();
            assert!(question.contains("to end our access and show you the answer"), "{question}");
            ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
        }
        assert_eq!(app.work_revocations().await, 3);
        let ended = [app.requests_to("/1/tokens/…"), app.requests_to("/item/remove")].concat();
        assert!(ended.len() == 3 && ended.iter().all(|entry| entry.status == 200), "{ended:?}");
        assert!(ended.iter().any(|entry| entry.host == "production.plaid.com"));
    }

    /// S01 to S05, S14, S21: the same as for a code, and nothing is asked of the provider.
    async fn s01_to_s05_hold_for_both_kinds(app: &TestApp) {
        let (mut ana, mut other) = (app.ana().await, app.ana().await);
        let (mut mia, mut ben) = (app.signed_in("mia@acme.example").await, app.ben().await);
        let mut nobody = app.browser();
        for (id, fields, _) in KINDS {
            for who in [&mut other, &mut mia, &mut ben, &mut nobody] {
                let back = approved(&mut ana, id, fields).await;
                app.simulator().clear_log();
                let answer = who.get(&back).await;
                assert!(answer.status.is_client_error(), "{id}: {answer:?}");
                nothing_happened(app, &answer).await;
                // Whoever brought it, it is used up.
                let late = ana.get(&back).await;
                assert_eq!((late.status.as_u16(), reason(app).await.as_deref()), (409, Some("used")), "{id}");
            }
            let back = approved(&mut ana, id, fields).await;
            app.simulator().clear_log();
            for (path, status, why) in [
                (with(&back, "state", Some(&"A".repeat(43))), 400, "unknown-state"),
                (with(&back, "state", Some("short")), 400, "malformed"),
                (with(&back, "state", None), 400, "malformed"),
                (format!("{back}&{}", back.split_once('?').unwrap().1), 400, "malformed"),
                (back.replace(&format!("/callback/{id}"), "/callback/asana"), 403, "other-integration"),
            ] {
                let answer = ana.get(&path).await;
                assert_eq!((answer.status.as_u16(), reason(app).await.as_deref()), (status, Some(why)), "{id}");
                nothing_happened(app, &answer).await;
            }
            let back = approved(&mut ana, id, fields).await;
            app.wait(std::time::Duration::from_mins(10));
            app.simulator().clear_log();
            let answer = ana.get(&back).await;
            assert_eq!(answer.status, 410, "{id}");
            nothing_happened(app, &answer).await;
        }
    }

    async fn s12_of_fifty_at_once_exactly_one_connects_for_both_kinds(app: &TestApp) {
        let mut ana = app.ana().await;
        for (id, fields, exchange) in KINDS {
            let back = approved(&mut ana, id, fields).await;
            let replays = (0..50).map(|_| {
                let (mut browser, back) = (ana.clone(), back.clone());
                tokio::spawn(async move { browser.get(&back).await })
            });
            let answers: Vec<Answer> = join_all(replays).await.into_iter().map(Result::unwrap).collect();
            let connected = answers.iter().filter(|answer| answer.location().ends_with("?notice=connected")).count();
            let refused = answers.iter().filter(|answer| answer.status == 409).count();
            assert_eq!((connected, refused), (1, 49), "{id}");
            assert_eq!(app.requests_to(exchange).len(), 1, "{id}: exactly one exchange ever left");
        }
    }

    /// S22: an approval could come back elsewhere.
    async fn s22_a_request_token_without_a_confirmed_callback_starts_nothing(app: &TestApp) {
        let mut ana = app.ana().await;
        for unconfirmed in ["", "&oauth_callback_confirmed=false"] {
            let fault = body(format!("oauth_token=t&oauth_token_secret=s{unconfirmed}"));
            app.break_provider("trello.com", "/1/OAuthGetRequestToken", fault);
            not_started(app, &mut ana, "trello", &[], "not-started").await;
            app.simulator().clear_faults();
        }
        let page = ana.get("/integrations/trello").await.text();
        assert!(page.contains("Trello did not let Ana Ruiz begin to connect it"), "{page}");
    }

    /// S23: only the flow's own request token with its own verifier.
    async fn s23_another_request_token_or_no_verifier_is_refused(app: &TestApp) {
        let (mut ana, mut ben) = (app.ana().await, app.ben().await);
        let theirs = approved(&mut ben, "trello", &[]).await;
        let token = parameter(&theirs, "oauth_token");
        let verifier = parameter(&theirs, "oauth_verifier");
        let (token, verifier) = (token.as_deref(), verifier.as_deref());
        let tampered: [(Tamper, u16, &str); 5] = [
            (|back, token, _| with(back, "oauth_token", token), 403, "forged"),
            (|back, _, _| with(back, "oauth_token", Some("not-one-of-theirs")), 403, "forged"),
            (
                |back, token, verifier| with(&with(back, "oauth_token", token), "oauth_verifier", verifier),
                403,
                "forged",
            ),
            (|back, _, _| with(back, "oauth_token", None), 400, "malformed"),
            (|back, _, _| with(back, "oauth_verifier", None), 303, "declined"),
        ];
        for (case, (tamper, status, why)) in tampered.into_iter().enumerate() {
            let back = approved(&mut ana, "trello", &[]).await;
            app.simulator().clear_log();
            let answer = ana.get(&tamper(&back, token, verifier)).await;
            assert_eq!((answer.status.as_u16(), reason(app).await.as_deref()), (status, Some(why)), "case {case}");
            nothing_happened(app, &answer).await;
        }
        // Another's verifier for the own request token: the provider knows that they do not belong together.
        let back = approved(&mut ana, "trello", &[]).await;
        let answer = ana.get(&with(&back, "oauth_verifier", verifier)).await;
        assert!(answer.location().starts_with("/integrations/trello?notice=exchange-refused&ref="), "{answer:?}");
        assert_eq!(app.connections().await, []);
    }

    /// What a link came to is asked of the provider: what the browser says is not even looked at.
    async fn a_link_that_was_not_finished_connects_nothing(app: &TestApp) {
        let mut ana = app.ana().await;
        let leaving = ana.leave_for_with("plaid", KINDS[1].1).await;
        let back = ana.consent(&leaving, Decision::Deny).await;
        let answer = ana.get(&format!("{back}&public_token=public-production-made-up&code=x")).await;
        assert!(answer.location().starts_with("/integrations/plaid?notice=unfinished&ref="), "{answer:?}");
        let page = ana.get(answer.location()).await.text();
        assert!(page.contains("You left Plaid before finishing."), "{page}");
        assert!(page.contains("Ana Ruiz left Plaid before finishing"), "{page}");
        let at = "2026-04-15T12:00:00Z";
        let early = json!({"item_add_results": [{"public_token": "public-production-too-early"}]});
        let left = |word: &str| json!([{"finished_at": at, "exit": {"error": {"error_code": word}}}]);
        for (sessions, notice) in [
            (json!([]), "unfinished"),
            (json!([{"finished_at": null, "results": early}]), "unfinished"),
            (left("INSTITUTION_DOWN"), "provider-error"),
            (left("INSTITUTION_REGISTRATION_REQUIRED"), "app-config"),
        ] {
            let back = approved(&mut ana, "plaid", KINDS[1].1).await;
            let found = json!({"link_sessions": sessions}).to_string();
            app.break_provider("production.plaid.com", GET, body(found));
            let answer = ana.get(&back).await;
            app.simulator().clear_faults();
            let ended = format!("/integrations/plaid?notice={notice}&ref=");
            assert!(answer.location().starts_with(&ended), "{sessions}: {answer:?}");
        }
        assert!(app.requests_to("/item/public_token/exchange").is_empty());
        assert_eq!(app.connections().await, []);
    }

    async fn a_links_page_on_another_host_is_not_gone_to(app: &TestApp) {
        let mut ana = app.ana().await;
        for page in ["https://secure.plaid.com.evil.example/hl/x", "http://secure.plaid.com/hl/x", "javascript:alert(1)"] {
            let made = json!({"link_token": "link-production-x", "hosted_link_url": page}).to_string();
            app.break_provider("production.plaid.com", "/link/token/create", body(made));
            not_started(app, &mut ana, "plaid", KINDS[1].1, "not-started").await;
            app.simulator().clear_faults();
        }
    }

    /// Where the provider is asked before anyone leaves, that is when a wrong secret or a provider that is away is found.
    async fn a_beginning_that_the_provider_refuses_is_said_before_anyone_leaves(app: &TestApp) {
        let mut ana = app.ana().await;
        for (id, fields, _) in KINDS {
            let host = if id == "trello" { "trello.com" } else { "production.plaid.com" };
            let down = FaultKind::Status { code: 503, body: None };
            for kind in [down, FaultKind::Html200, FaultKind::DropBeforeAnswer, FaultKind::CutAfterProcessing] {
                app.break_provider(host, "/", kind);
                not_started(app, &mut ana, id, fields, "not-started").await;
                app.simulator().clear_faults();
            }
            let wrong = SecretString::from("not-our-secret");
            let client_id = format!("demo-of-{id}");
            app.hub.put_app(id, &client_id, &wrong, "test").await.unwrap();
            not_started(app, &mut ana, id, fields, Refusal::AppConfig.code()).await;
        }
    }

    /// A failure after an approval stores nothing, and what was handed over is given back.
    async fn access_that_can_not_be_used_is_given_back(app: &TestApp) {
        let mut ana = app.ana().await;
        for (id, fields, exchange) in KINDS {
            let (api, who, end) = match id {
                "trello" => ("api.trello.com", "/1/members/me", "/1/tokens/…"),
                _ => ("production.plaid.com", "/item/get", "/item/remove"),
            };
            let back = approved(&mut ana, id, fields).await;
            app.break_provider(api, who, FaultKind::Status { code: 500, body: None });
            let answer = ana.get(&back).await;
            app.simulator().clear_faults();
            let failed = format!("/integrations/{id}?notice=exchange-failed&ref=");
            assert!(answer.location().starts_with(&failed), "{answer:?}");
            let given_back = app.requests_to(end);
            assert!(given_back.len() == 1 && given_back[0].status == 200, "{id}: {given_back:?}");
            // The exchange itself fails: there is nothing to give back.
            let web = if id == "trello" { "trello.com" } else { api };
            for kind in [FaultKind::Html200, FaultKind::CutAfterProcessing, FaultKind::Status { code: 502, body: None }] {
                let back = approved(&mut ana, id, fields).await;
                app.break_provider(web, exchange, kind);
                let answer = ana.get(&back).await;
                app.simulator().clear_faults();
                assert!(answer.location().starts_with(&failed), "{answer:?}");
            }
        }
        assert_eq!(app.connections().await, []);
    }

    async fn an_environment_is_one_of_two_and_its_host_is_spoken_to(app: &TestApp) {
        let mut ana = app.ana().await;
        app.simulator().clear_log();
        for typed in ["", "development", "Sandbox", "sandbox.evil.example", "https://sandbox.plaid.com"] {
            let answer = ana.post_form("/integrations/plaid/connect", &[("environment", typed)]).await;
            assert_eq!(answer.status, 422, "{typed:?} went to {}", answer.location());
        }
        assert_eq!(app.simulator().log(), []);
        for environment in ["sandbox", "production"] {
            let back = approved(&mut ana, "plaid", &[("environment", environment)]).await;
            assert_eq!(ana.get(&back).await.location(), "/integrations/plaid?notice=connected");
            let host = format!("{environment}.plaid.com");
            let hosts: Vec<_> = app.simulator().log().into_iter().map(|entry| entry.host).collect();
            assert!(hosts.iter().all(|found| *found == host || found == "secure.plaid.com"), "{hosts:?}");
            app.simulator().clear_log();
        }
        // Thirty days on an Item of the sandbox wants a new login; one of a real bank does not.
        app.wait(std::time::Duration::from_hours(30 * 24));
        let mut ana = app.ana().await;
        for connection in app.connections().await {
            let tested = ana.post_form(&format!("/connections/{}/test", connection.id), &[]).await;
            let notice = if connection.params.contains("sandbox") { "test-refused" } else { "tested-ok" };
            assert!(tested.location().ends_with(notice), "{}: {tested:?}", connection.params);
        }
    }

    /// A person who withdraws our access at the provider is asked to reconnect.
    async fn access_that_was_withdrawn_there_asks_for_a_reconnect(app: &TestApp) {
        let mut ana = app.ana().await;
        for ((id, fields, _), account) in KINDS.into_iter().zip(["anaruiz", "ins_109508"]) {
            let back = approved(&mut ana, id, fields).await;
            ana.get(&back).await;
            let connection = app.connections().await.into_iter().find(|found| found.integration_id == id).unwrap();
            app.simulator().revoke_grants(id, account).unwrap();
            let tested = ana.post_form(&format!("/connections/{}/test", connection.id), &[]).await;
            assert_eq!(tested.location(), format!("/integrations/{id}?notice=test-refused"));
            let page = ana.get(&format!("/integrations/{id}")).await.text();
            assert!(page.contains("Reconnect"), "{id}: {page}");
        }
    }
}
