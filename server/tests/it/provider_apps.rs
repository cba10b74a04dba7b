//! Provider apps as a checklist: what is shown of them, what is refused, two secrets at a time, checks and files.

use std::{collections::BTreeSet, time::Duration};

use patchbay_catalog::{Integration, TEMPLATE};
use patchbay_hub::{Mode, tokens::worker};
use patchbay_simulator::{App, FaultKind};
use patchbay_store::{
    Scope,
    app_progress::{self, AppProgress, Stage},
    audit::{self, AuditFilter, AuditRow},
    connections::ConnectionState,
    provider_apps,
};
use secrecy::SecretString;

use crate::{
    setup::owner,
    support::{Answer, Browser, Decision, Setup, TestApp, fields_of, forms, links, title},
};

const DAY: Duration = Duration::from_hours(24);
const NEW: &str = "a-new-secret-of-ours-that-nobody-must-read";

async fn erin(app: &TestApp) -> Browser {
    app.signed_in("erin@patchbay.example").await
}

/// Adds a new secret beside the one that is held.
async fn rotate(browser: &mut Browser, id: &str, keep_until: &str) -> Answer {
    let fields = [("new_secret", NEW), ("keep_until", keep_until)];
    browser
        .post_form(&format!("/settings/apps/{id}/rotate"), &fields)
        .await
}

/// Presses the check's button and reads the page that follows.
async fn check(browser: &mut Browser, id: &str) -> String {
    let answer = browser
        .post_form(&format!("/settings/apps/{id}/check"), &[])
        .await;
    assert_eq!(
        answer.location(),
        format!("/settings/apps/{id}?notice=app-checked")
    );
    browser.get(answer.location()).await.text()
}

/// What was done to provider apps, newest first: action and app.
async fn done_to_apps(app: &TestApp) -> Vec<(String, String)> {
    let all = AuditFilter {
        limit: 1_000,
        ..AuditFilter::default()
    };
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    let rows = audit::list(&mut tx, &all).await.unwrap();
    let about = |row: &AuditRow| row.target_kind == "provider_app";
    rows.into_iter()
        .filter(about)
        .map(|row| (row.action, row.target_id))
        .collect()
}

async fn count_done(app: &TestApp, action: &str) -> usize {
    done_to_apps(app)
        .await
        .iter()
        .filter(|(done, _)| done == action)
        .count()
}

fn no_answer_holds(app: &TestApp, secret: &str) {
    for answer in app.answers() {
        assert!(!answer.body.contains(secret), "the answer to {}", answer.asked);
        assert!(
            !format!("{:?}", answer.headers).contains(secret),
            "{}",
            answer.asked
        );
    }
}

/// The provider's own list of what it accepts, with another secret.
fn register(app: &TestApp, client_id: &str, secret: &str) {
    let registered = App {
        profile: "asana".to_owned(),
        client_id: client_id.to_owned(),
        client_secret: SecretString::from(secret),
        redirect_uris: vec![app.hub.redirect_uri("asana")],
    };
    app.simulator().register_app(&registered).unwrap();
}

async fn client_id(app: &TestApp, id: &str) -> String {
    let mut tx = app.hub.store.read(Scope::System).await.unwrap();
    provider_apps::get(&mut tx, id).await.unwrap().unwrap().client_id
}

/// Integrations that are connected through a provider app.
fn connected_through_an_app(app: &TestApp) -> impl Iterator<Item = &Integration> {
    app.hub.catalog().iter().filter(|found| !found.is_api_key())
}

/// The apps of these, each once, by id.
fn apps_of(integrations: &[&Integration]) -> Vec<String> {
    let ids: BTreeSet<String> = integrations
        .iter()
        .map(|found| found.provider_app.clone())
        .collect();
    ids.into_iter().collect()
}

/// Adds a secret that no provider knows to every app, beside the one that works.
async fn rotate_all(app: &TestApp) {
    let mut erin = erin(app).await;
    let integrations: Vec<_> = connected_through_an_app(app).collect();
    for id in apps_of(&integrations) {
        let secret = format!("{NEW}-{}", app.hub.now().0);
        let fields = [("new_secret", secret.as_str()), ("keep_until", "2026-05-15")];
        let answer = erin
            .post_form(&format!("/settings/apps/{id}/rotate"), &fields)
            .await;
        assert_eq!(answer.status, 303, "{id}: {}", answer.text());
        app.wait(Duration::from_millis(10));
    }
}

/// Apps that turned to their other secret, as often as they did, by id.
async fn turned(app: &TestApp) -> Vec<String> {
    let mut ids: Vec<String> = done_to_apps(app)
        .await
        .into_iter()
        .filter(|(action, _)| action == "app.secret_turned")
        .map(|(_, id)| id)
        .collect();
    ids.sort();
    ids
}

on_both! {
    async fn every_app_is_in_the_checklist_with_what_is_next(app: &TestApp) {
        let mut erin = erin(app).await;
        let page = erin.get("/settings/apps").await;
        assert!(page.text().contains("32 apps for 36 integrations"), "{}", page.text());
        let listed: Vec<String> = links(&page.body)
            .into_iter()
            .filter(|link| link.strip_prefix("/settings/apps/").is_some_and(|id| id != "import"))
            .collect();
        assert_eq!(listed.len(), 32, "{listed:?}");
        for id in ["google", "microsoft", "trello", "plaid"] {
            assert!(listed.contains(&format!("/settings/apps/{id}")), "{id}");
        }
        assert!(!listed.contains(&"/settings/apps/stripe".to_owned()), "a key needs no app");

        // Given a secret that ends in nine days: it stands first, and loudly.
        let fields = [("client_id", "our-id"), ("client_secret", "a-secret"), ("secret_ends", "2026-04-24")];
        erin.post_form("/settings/apps/zoom", &fields).await;
        let page = erin.get("/settings/apps").await;
        let text = page.text();
        assert!(title(&page.body).starts_with("1 needs attention"), "{}", title(&page.body));
        assert!(text.contains("Replace the secret: it ends in 9 days"), "{text}");
        let place = |what: &str| page.body.find(what).unwrap_or_else(|| panic!("{what}"));
        assert!(place("Needs attention (1)") < place("/settings/apps/zoom"));
        assert!(place("/settings/apps/zoom") < place("/settings/apps/canva"));

        // Each count leads to its rows.
        let said = [("stage", "in_review"), ("review_since", "2026-04-01")];
        erin.post_form("/settings/apps/canva/progress", &said).await;
        let some = erin.get("/settings/apps?stage=in_review").await;
        assert!(some.body.contains("/settings/apps/canva") && !some.body.contains("/settings/apps/zoom"));
        let none = erin.get("/settings/apps?stage=not_registered").await;
        assert!(none.text().contains("No app is at this stage."), "{}", none.text());
    }

    async fn a_refused_form_comes_again_with_what_was_typed_and_no_secret(app: &TestApp) {
        let mut erin = erin(app).await;
        let secret = "a secret with spaces that was typed";
        let saved = [("client_id", "an id of ours"), ("client_secret", secret), ("secret_ends", "next year")];
        let rotated = [("new_secret", secret), ("new_ends", "2020-01-01"), ("keep_until", "a while")];
        let said = [
            ("stage", "in_review"),
            ("owner", "Ben Cole"),
            ("review_since", ""),
            ("review_expected", "31.12."),
            ("notes", "Ask for the video"),
            ("uris_registered", "yes"),
        ];
        for (path, fields, wrong) in [
            ("/settings/apps/asana", &saved[..], &["client_id", "client_secret", "secret_ends"][..]),
            ("/settings/apps/asana/rotate", &rotated[..], &["new_secret", "new_ends", "keep_until"][..]),
            ("/settings/apps/asana/progress", &said[..], &["review_since", "review_expected"][..]),
        ] {
            let answer = erin.post_form(path, fields).await;
            assert_eq!(answer.status, 422, "{path}");
            assert!(title(&answer.body).starts_with("Error: Asana"), "{path}");
            for field in wrong {
                assert!(answer.body.contains(&format!("href=\"#field-{field}\"")), "{path} names {field}");
            }
            for (name, value) in fields {
                let kept = answer.body.contains(value) || value.is_empty();
                assert_eq!(kept, !name.contains("secret") || *name == "secret_ends", "{path} {name}");
            }
        }
        let answer = erin.post_form("/settings/apps/asana/progress", &said).await;
        let form = forms(&answer.body).into_iter().find(|form| form.action.ends_with("/progress")).unwrap();
        assert!(form.inner.contains("checked"), "the box stays ticked");
        no_answer_holds(app, secret);
        assert!(done_to_apps(app).await.is_empty(), "nothing was changed");
    }

    /// What one of the providers calls things, and what stands on its list.
    async fn a_page_speaks_the_providers_language(app: &TestApp) {
        let mut erin = erin(app).await;
        let trello = erin.get("/settings/apps/trello").await;
        let text = trello.text();
        assert!(text.contains("“API key” at Trello.") && text.contains("“Secret” at Trello."), "{text}");
        assert!(trello.body.contains("value=\"http://localhost:3000\""), "an origin");
        assert!(!trello.body.contains("/callback/trello"));
        let plaid = erin.get("/settings/apps/plaid").await;
        assert!(plaid.body.contains("value=\"http://localhost:3000/callback/plaid\""));
        assert!(plaid.text().contains("transactions") && !plaid.text().contains("at Plaid."), "{}", plaid.text());
        // A request token tells whether Trello knows key and secret; for Plaid no call is known that would.
        let text = check(&mut erin, "trello").await;
        assert!(text.contains("Trello accepts client id and secret"), "{text}");
        let text = check(&mut erin, "plaid").await;
        assert!(text.contains("was not asked: no call is known"), "{text}");
        rotate(&mut erin, "trello", "2026-05-15").await;
        let text = check(&mut erin, "trello").await;
        assert!(text.contains("the other one is: it is used from now on"), "{text}");
    }

    async fn while_two_secrets_are_held_the_one_that_works_is_used(app: &TestApp) {
        let mut erin = erin(app).await;
        // Given a new secret that the provider does not know yet, beside the old one
        app.wait(Duration::from_secs(1));
        let answer = rotate(&mut erin, "asana", "2026-05-15").await;
        assert_eq!(answer.location(), "/settings/apps/asana?notice=app-secret-added");
        assert!(erin.get("/settings/apps/asana").await.text().contains("Two secrets are held"));
        // When a code is exchanged, then the old one is tried too, and used from then on
        let mut ana = app.ana().await;
        let connected = ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(connected.location(), "/integrations/asana?notice=connected");
        assert_eq!(app.token_requests(), 2);
        assert_eq!(count_done(app, "app.secret_turned").await, 1);
        let again = ana.connect("asana", Decision::Approve(1)).await;
        assert_eq!(again.location(), "/integrations/asana?notice=connected");
        assert_eq!(app.token_requests(), 3, "the one that works comes first now");
        assert_eq!(count_done(app, "app.secret_turned").await, 1, "written down once");
        let text = erin.get("/settings/apps/asana").await.text();
        assert!(text.contains("accepts the older of two secrets only"), "{text}");

        // And when the provider stops to accept the old one, a refresh turns to the new one
        register(app, &client_id(app, "asana").await, NEW);
        app.wait(Duration::from_mins(61));
        let mut ana = app.ana().await;
        let id = app.connections().await[0].id.clone();
        let tested = ana.post_form(&format!("/connections/{id}/test"), &[]).await;
        assert_eq!(tested.location(), "/integrations/asana?notice=tested-ok");
        assert_eq!(count_done(app, "app.secret_turned").await, 2);
        no_answer_holds(app, NEW);
    }

    /// A new secret that was copied wrongly is replaced without losing the old one, as long as nothing has shown that it
    /// works.
    async fn the_secret_that_works_is_never_the_one_that_goes(app: &TestApp) {
        let mut erin = erin(app).await;
        let mut ana = app.ana().await;
        app.wait(Duration::from_secs(1));
        rotate(&mut erin, "asana", "2026-05-15").await;
        let text = erin.get("/settings/apps/asana").await.text();
        assert!(text.contains("No call has shown yet that it is accepted"), "{text}");
        app.wait(Duration::from_secs(1));
        let better = "copied-as-it-is";
        let fields = [("new_secret", better), ("keep_until", "2026-05-15")];
        erin.post_form("/settings/apps/asana/rotate", &fields).await;
        let answer = ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(answer.location(), "/integrations/asana?notice=connected", "the first one is still held");

        // Given that the new one works, and that this was seen
        rotate(&mut erin, "asana", "2026-05-15").await;
        register(app, &client_id(app, "asana").await, NEW);
        let answer = ana.connect("asana", Decision::Approve(1)).await;
        assert_eq!(answer.location(), "/integrations/asana?notice=connected");
        let text = erin.get("/settings/apps/asana").await.text();
        assert!(text.contains("It was accepted on 15 Apr 2026."), "{text}");
        // Then it is the one that stays beside the next.
        let fields = [("new_secret", "the-next-one"), ("keep_until", "2026-05-15")];
        erin.post_form("/settings/apps/asana/rotate", &fields).await;
        let answer = ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(answer.location(), "/integrations/asana?notice=renewed");
        // One that is held already is not a new one.
        let twice = rotate(&mut erin, "asana", "2026-05-15").await;
        assert_eq!(twice.status, 422);
        assert!(twice.text().contains("This secret is held already"), "{}", twice.text());
    }

    /// Every provider's way of saying "I do not know this secret" is known, and the other one is tried: before anyone
    /// leaves, on the way back, when access is renewed and when it is ended.
    async fn at_every_provider_the_other_secret_is_tried(app: &TestApp) {
        let mut ana = app.ana().await;
        rotate_all(app).await;
        let integrations: Vec<_> = connected_through_an_app(app).collect();
        for integration in &integrations {
            let leaving = ana.leave_for_with(&integration.id, &fields_of(integration)).await;
            let back = ana.consent(&leaving, Decision::Approve(0)).await;
            let answer = ana.get(&back).await;
            let connected = format!("/integrations/{}?notice=connected", integration.id);
            assert_eq!(answer.location(), connected, "{}", answer.text());
        }
        // Shopify signs with the secret that works, but the token call is made with the one in use.
        assert_eq!(turned(app).await, apps_of(&integrations), "each app turned once");

        rotate_all(app).await;
        app.wait(DAY * 2);
        worker::work_once(&app.hub).await.unwrap();
        for connection in app.connections().await {
            assert_eq!(connection.state, ConnectionState::Healthy, "{}", connection.integration_id);
        }
        let failed = app.audit().await.into_iter().find(|row| row.action == "connection.refresh");
        assert!(failed.is_none(), "{failed:?}");
        let renewed = turned(app).await.len() - apps_of(&integrations).len();
        assert!(renewed >= 20, "{renewed} apps turned to renew access");

        rotate_all(app).await;
        let mut ana = app.ana().await;
        for connection in app.connections().await {
            ana.post_form(&format!("/connections/{}/disconnect", connection.id), &[]).await;
        }
        app.work_revocations().await;
        let mut waits = Vec::new();
        for connection in app.connections().await {
            if !["done", "no_call"].contains(&app.revocation_of(&connection).await.as_str()) {
                waits.push(connection.integration_id);
            }
        }
        assert!(waits.is_empty(), "access did not end: {waits:?}");
    }

    async fn either_of_two_secrets_may_sign_a_callback(app: &TestApp) {
        let mut erin = erin(app).await;
        rotate(&mut erin, "shopify", "2026-05-15").await;
        let mut ana = app.ana().await;
        let leaving = ana.leave_for_with("shopify", &[("shop", "acme.myshopify.com")]).await;
        let back = ana.consent(&leaving, Decision::Approve(0)).await;
        let answer = ana.get(&back).await;
        assert_eq!(answer.location(), "/integrations/shopify?notice=connected", "{}", answer.text());
    }

    async fn the_other_secret_is_gone_after_its_last_day(app: &TestApp) {
        let mut erin = erin(app).await;
        rotate(&mut erin, "asana", "2026-04-20").await;
        app.wait(DAY * 6);
        // Before anyone tidied up: it is not tried any more.
        let mut ana = app.ana().await;
        let refused = ana.connect("asana", Decision::Approve(0)).await;
        assert!(refused.location().contains("notice=app-config"), "{}", refused.location());
        assert_eq!(app.token_requests(), 1);
        app.hub.forget_ended_secrets().await.unwrap();
        app.hub.forget_ended_secrets().await.unwrap();
        assert_eq!(count_done(app, "app.secret_ended").await, 1);
        let rows = app.rows(&["provider_apps"]).await;
        assert!(rows["provider_apps"].iter().any(|row| row.contains("asana")));
        let mut erin = self::erin(app).await;
        assert!(!erin.get("/settings/apps/asana").await.text().contains("Two secrets are held"));
        // And one that a person removes is gone at once.
        rotate(&mut erin, "slack", "2026-05-15").await;
        let answer = erin.post_form("/settings/apps/slack/forget", &[]).await;
        assert_eq!(answer.location(), "/settings/apps/slack?notice=app-secret-forgotten");
        assert_eq!(erin.post_form("/settings/apps/slack/forget", &[]).await.status, 404);
    }

    async fn a_check_tells_a_wrong_secret_from_a_right_one(app: &TestApp) {
        let mut erin = erin(app).await;
        for id in ["asana", "github", "google", "notion", "slack"] {
            let text = check(&mut erin, id).await;
            assert!(text.contains("accepts client id and secret"), "{id}: {text}");
            assert!(text.contains("Checked just now"), "{id}");
        }
        assert!(app.connections().await.is_empty(), "nothing came of it");
        // One question to each provider.
        assert_eq!(app.token_requests(), 2, "asana and github");

        let fields = [("client_id", client_id(app, "asana").await), ("client_secret", NEW.to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        erin.post_form("/settings/apps/asana", &fields).await;
        let text = erin.get("/settings/apps/asana").await.text();
        assert!(text.contains("Not checked since the last change."), "{text}");
        let text = check(&mut erin, "asana").await;
        assert!(text.contains("does not accept client id and secret"), "{text}");
        assert!(erin.get("/settings/apps").await.text().contains("Mend what the check found"));
        no_answer_holds(app, NEW);
    }

    async fn a_check_says_what_it_could_not_learn(app: &TestApp) {
        let mut erin = erin(app).await;
        let text = check(&mut erin, "airtable").await;
        assert!(text.contains("Airtable was not asked: no call is known"), "{text}");
        app.break_provider("app.asana.com", "/-/oauth_token", FaultKind::DropBeforeAnswer);
        let text = check(&mut erin, "asana").await;
        assert!(text.contains("Asana did not answer, so nothing is proven"), "{text}");
        app.simulator().clear_faults();
        // A provider is not asked again and again.
        let soon = erin.post_form("/settings/apps/asana/check", &[]).await;
        assert_eq!(soon.status, 429);
        assert!(!soon.header("retry-after").is_empty());
        app.wait(Duration::from_secs(11));
        let fault = FaultKind::Status { code: 400, body: Some("{\"error\":\"redirect_uri_mismatch\"}".to_owned()) };
        app.break_provider("github.com", "/login/oauth/access_token", fault);
        let text = check(&mut erin, "github").await;
        assert!(text.contains("Compare the redirect URIs with step 2"), "{text}");
        app.simulator().clear_faults();
    }

    async fn a_check_shows_that_a_new_secret_is_accepted(app: &TestApp) {
        let mut erin = erin(app).await;
        rotate(&mut erin, "asana", "2026-05-15").await;
        register(app, &client_id(app, "asana").await, NEW);
        let text = check(&mut erin, "asana").await;
        assert!(text.contains("Asana does not accept the other secret."), "{text}");
        assert!(text.contains("It was accepted on 15 Apr 2026."), "{text}");
        assert_eq!(count_done(app, "app.secret_turned").await, 0);
    }

    async fn a_check_turns_to_the_other_secret_too(app: &TestApp) {
        let mut erin = erin(app).await;
        rotate(&mut erin, "asana", "2026-05-15").await;
        let text = check(&mut erin, "asana").await;
        assert!(text.contains("the other one is: it is used from now on"), "{text}");
        assert_eq!(count_done(app, "app.secret_turned").await, 1);
        let mut ana = app.ana().await;
        ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(app.token_requests(), 3, "two by the check, one by the connect");
    }

    async fn a_file_goes_in_but_for_the_rows_that_are_broken(app: &TestApp) {
        let mut erin = erin(app).await;
        let file = format!(
            "[apps.figma]\nclient_id = \"figma-id\"\nclient_secret = \"{NEW}\"\nsecret_ends = 2027-01-31\nstage = \
             \"approved\"\n\n[apps.nowhere]\nclient_id = \"x\"\n\n[apps.box]\nclient_id = \"box id\"\nclient_secret = \
             \"{NEW}\"\n\n[apps.zoom]\nclient_secret = \"{NEW}\n\n[apps.jira]\nowner = \"Ben Cole\"\n"
        );
        let answer = erin.post_file("/settings/apps/import", &file).await;
        assert_eq!(answer.status, 422);
        let text = answer.text();
        assert!(text.contains("Stored: Figma and Jira"), "{text}");
        for named in [
            "7 nowhere there is no such app; there are",
            "10 box client_id: A client id has no spaces",
            "15 zoom this line can’t be read as TOML",
        ] {
            assert!(text.contains(named), "{named} in {text}");
        }
        let figma = erin.get("/settings/apps/figma").await;
        assert!(figma.body.contains("figma-id") && figma.text().contains("31 Jan 2027"), "{}", figma.text());
        assert!(figma.text().contains("Approved"));
        assert!(erin.get("/settings/apps/jira").await.text().contains("Ben Cole"));
        assert_eq!(count_done(app, "app.imported").await, 2);
        no_answer_holds(app, NEW);
        for (table, rows) in app.rows_but(&[]).await {
            assert!(!rows.join("\n").contains(NEW), "{table}");
        }

        // JSON as well; a whole file that is right leads back to the list.
        let json = "{\"apps\": {\"box\": {\"client_id\": \"box-id\", \"client_secret\": \"s\", \"owner\": \"\"}}}";
        let answer = erin.post_file("/settings/apps/import", json).await;
        assert_eq!(answer.location(), "/settings/apps?notice=imported", "{}", answer.text());
        for (file, words) in [("", "Choose the file to import"), ("GIF89a", "can’t be read as TOML")] {
            let answer = erin.post_file("/settings/apps/import", file).await;
            assert_eq!(answer.status, 422);
            assert!(answer.text().contains(words), "{}", answer.text());
        }
    }

    async fn the_template_can_be_imported_as_it_is(app: &TestApp) {
        let mut erin = erin(app).await;
        erin.post_form("/settings/apps/jira/progress", &[("stage", "registered"), ("owner", "Ben “B” Cole\\")]).await;
        let before = app.rows(&["provider_apps"]).await;
        for format in ["toml", "json"] {
            let path = format!("/settings/apps/import/template?format={format}");
            let template = erin.get(&path).await;
            assert_eq!(template.status, 200);
            assert!(template.header("content-disposition").contains(&format!("provider-apps.{format}")));
            assert!(template.body.contains("Ben “B” Cole"), "what is known stands in it");
            let answer = erin.post_file("/settings/apps/import", &template.body).await;
            assert_eq!(answer.location(), "/settings/apps?notice=imported", "{format}: {}", answer.text());
        }
        let after = app.rows(&["provider_apps"]).await;
        assert_eq!(before["provider_apps"].len(), after["provider_apps"].len(), "no app came of it");
        // Nothing of the secrets was lost: people still connect.
        let mut ana = app.ana().await;
        let answer = ana.connect("asana", Decision::Approve(0)).await;
        assert_eq!(answer.location(), "/integrations/asana?notice=connected");
        assert!(erin.get("/settings/apps/import/template?format=xlsx").await.status == 404);
    }

    async fn a_shared_app_says_what_each_integration_needs(app: &TestApp) {
        let mut erin = erin(app).await;
        let google = erin.get("/settings/apps/google").await;
        let text = google.text();
        for id in ["google-calendar", "gmail", "google-chat", "google-drive"] {
            assert!(google.body.contains(&format!("/callback/{id}")), "{id}");
        }
        for word in [
            "Gmail: Cloud project: API Library > enable Gmail API",
            "Google Drive: Cloud project",
            "demo video",
            "their access ends after 7 days",
            "Source:",
        ] {
            assert!(text.contains(word), "{word} in {text}");
        }
        assert_eq!(text.matches("their access ends after 7 days").count(), 1, "what holds for all is said once");
        let microsoft = erin.get("/settings/apps/microsoft").await.text();
        assert!(microsoft.contains("24 months"), "{microsoft}");
    }
}

/// One that nobody registered yet, of an integration of this deployment's own, about which its file says little.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_far_an_app_is_can_be_said_before_it_is_registered() {
    let app = TestApp::with(Setup {
        own: vec![("acme-crm.toml", little_known())],
        ..Setup::default()
    })
    .await;
    let mut erin = erin(&app).await;
    let said = [
        ("stage", "in_review"),
        ("owner", "Ben Cole"),
        ("review_since", "2026-04-01"),
        ("review_expected", "2026-05-01"),
        ("notes", "The video is with legal"),
    ];
    let answer = erin.post_form("/settings/apps/acme-crm/progress", &said).await;
    assert_eq!(answer.location(), "/settings/apps/acme-crm?notice=app-progress");
    let text = erin.get("/settings/apps/acme-crm").await.text();
    for word in [
        "In review",
        "Ben Cole",
        "1 Apr 2026",
        "1 May 2026",
        "The video is with legal",
        "No limits are known.",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    // Client id and secret are still missing here: that is next, not waiting.
    assert!(text.contains("Paste client id and secret in step 4"), "{text}");
    let text = check(&mut erin, "acme-crm").await;
    assert!(text.contains("Client id and secret are missing"), "{text}");
    let fields = [("client_id", "our-id"), ("client_secret", "a-secret")];
    erin.post_form("/settings/apps/acme-crm", &fields).await;
    let text = erin.get("/settings/apps/acme-crm").await.text();
    assert!(
        text.contains("an answer is expected by 1 May 2026, in 16 days"),
        "{text}"
    );
    app.wait(Duration::from_secs(11));
    let text = check(&mut erin, "acme-crm").await;
    assert!(text.contains("was not asked: no call is known"), "{text}");
    // What is saved can't be called "not registered".
    let back = erin
        .post_form("/settings/apps/acme-crm/progress", &[("stage", "not_registered")])
        .await;
    assert_eq!(back.status, 422);
    app.wait(DAY * 17);
    let mut erin = self::erin(&app).await;
    let text = erin.get("/settings/apps").await.text();
    assert!(text.contains("33 apps for 37 integrations"), "{text}");
    assert!(
        text.contains("Ask the provider: an answer was due on 1 May 2026"),
        "{text}"
    );
    let done = ["app.checked", "app.saved", "app.checked", "app.stage"]
        .map(|action| (action.to_owned(), "acme-crm".to_owned()));
    assert_eq!(done_to_apps(&app).await, done);
}

/// The facts that the template asks for, and of the app no more than that it exists.
fn little_known() -> String {
    let (facts, _) = TEMPLATE.split_once("\n[setup]\n").unwrap();
    let facts = facts.replace("\"ID\"", "\"acme-crm\"");
    format!("{facts}\n[setup]\n")
}

/// A live deployment on this machine, and one that moved to another address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_knows_the_rules_of_redirect_uris() {
    let app = TestApp::with(Setup {
        mode: Mode::Live,
        samples: false,
        ..Setup::default()
    })
    .await;
    let mut olga = owner(&app).await;
    let text = check(&mut olga, "canva").await;
    assert!(text.contains("Client id and secret are missing"), "{text}");
    assert!(
        text.contains(
            "Canva refuses redirect URIs on localhost. Serve Patchbay under https, or for a first try under \
             http://127.0.0.1."
        ),
        "{text}"
    );
    let text = check(&mut olga, "asana").await;
    assert!(
        text.contains("The redirect URIs lead to this machine") && !text.contains("Asana refuses"),
        "{text}"
    );
    let text = check(&mut olga, "slack").await;
    assert!(
        text.contains("It is not known whether Slack accepts redirect URIs on localhost"),
        "{text}"
    );
    let moved = AppProgress {
        id: "notion".to_owned(),
        stage: Stage::Registered,
        owner: String::new(),
        review_since: None,
        review_expected: None,
        notes: String::new(),
        uris_at: Some("https://old.example".to_owned()),
        checked_at: None,
        check_grade: None,
        check_findings: None,
        updated_at: app.hub.now(),
        updated_by: "test".to_owned(),
    };
    let mut tx = app.hub.store.write(Scope::System).await.unwrap();
    app_progress::put(&mut tx, &moved).await.unwrap();
    tx.commit().await.unwrap();
    let text = check(&mut olga, "notion").await;
    assert!(
        text.contains("The redirect URIs that stand at Notion are those of https://old.example"),
        "{text}"
    );
}

/// A secret that a provider ends must have its day, and can't outlive what the provider allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_that_a_provider_ends_need_a_day() {
    let app = TestApp::start().await;
    let mut erin = erin(&app).await;
    let save = async |browser: &mut Browser, ends: &str| {
        let fields = [
            ("client_id", "our-id"),
            ("client_secret", "a-secret"),
            ("secret_ends", ends),
        ];
        browser.post_form("/settings/apps/microsoft", &fields).await
    };
    assert_eq!(save(&mut erin, "").await.status, 303);
    let text = check(&mut erin, "microsoft").await;
    assert!(text.contains("nobody said when this one does"), "{text}");
    let late = save(&mut erin, "2028-04-20").await;
    assert_eq!(late.status, 422);
    assert!(
        late.text().contains("ends after 24 months at most"),
        "{}",
        late.text()
    );
    assert_eq!(save(&mut erin, "2026-05-01").await.status, 303);
    app.wait(Duration::from_secs(11));
    assert!(
        check(&mut erin, "microsoft")
            .await
            .contains("The secret ends on 1 May 2026, in 16 days")
    );
    app.wait(DAY * 17);
    let mut erin = self::erin(&app).await;
    assert!(
        check(&mut erin, "microsoft")
            .await
            .contains("The last day of the secret was 1 May 2026")
    );
    // The page can be saved with the day as it stands, and with no day before today.
    let fields = [("client_id", "our-id"), ("secret_ends", "2026-05-01")];
    assert_eq!(
        erin.post_form("/settings/apps/microsoft", &fields).await.status,
        303
    );
}
